"""Rules, a package per command, a file per rule; the docstring of a rule is its documentation."""
