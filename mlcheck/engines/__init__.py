"""Engines: the only doors out of the process. `parallel` runs a function over many items on several cores."""
