"""Metrics of two classes: confusion, ranking, probabilities, thresholds."""
