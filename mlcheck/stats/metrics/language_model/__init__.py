"""Metrics of a language model's log-probabilities."""
