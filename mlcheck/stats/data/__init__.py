"""Mathematics of data sets."""
