"""Cores of the commands: pure functions from inputs to a `Report`."""
