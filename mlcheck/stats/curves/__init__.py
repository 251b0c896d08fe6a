"""Score against the number of training examples: what the curve is like, and where it goes."""
