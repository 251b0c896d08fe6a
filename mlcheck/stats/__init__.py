"""Pure mathematics over arrays; each function names its source."""
