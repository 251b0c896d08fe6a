"""Renderers: `render(report) -> str`, one file per format, no decisions."""

COMMON = (
    "axes", "bars", "chart", "exhibits", "grids", "matrix", "measures", "overview", "phrases", "plot", "rungs", "tables",
    "verdicts",
)  # fmt: skip
"""Modules of this package that are shared parts, not formats."""
