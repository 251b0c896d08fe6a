"""The rules of `metrics`, one a file; see the docstring of any for what it finds."""
