"""Metrics of more than two exclusive classes."""
