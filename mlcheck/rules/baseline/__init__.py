"""The rules of `mlcheck baseline`: what the ladder says of the data and of the model."""
