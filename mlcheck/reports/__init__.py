"""Renderers: `render(report) -> str`, one file per format, no decisions."""

COMMON = ("plot", "phrases", "grids", "exhibits")
"""Modules of this package that are shared parts, not formats."""
