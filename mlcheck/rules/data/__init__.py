"""What is wrong with a data set: one rule a module."""
