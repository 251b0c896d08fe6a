"""Renderers: `render(report) -> str`, one file per format, no decisions."""

COMMON = ("plot", "phrases")
"""Modules of this package that are shared parts, not formats."""
