"""Readers of predictions: what a model said, beside the truth."""
