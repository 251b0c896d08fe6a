"""Metrics by task: a package a task, a module a family of metrics, found by their `METRICS`."""
