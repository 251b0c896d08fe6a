"""Metrics of generated texts against their references."""
