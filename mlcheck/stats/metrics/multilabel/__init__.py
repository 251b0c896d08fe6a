"""Metrics of examples that may carry several labels."""
