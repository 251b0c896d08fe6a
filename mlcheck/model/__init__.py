"""The values that flow through mlcheck: frozen, built once, never patched.

A `Run` is made by a reader, `Finding`s and `Skip`s by rules, a `Report` of `Subject`s by a command, text by a
renderer. Nothing here opens a file, prints or decides. `mlcheck.model.predictions` holds what `metrics` reads.
"""

from __future__ import annotations

from mlcheck.model.common import EMPTY, SEVERITIES, Direction, Evidence, Floats, Scalar, Severity
from mlcheck.model.report import (
    Action,
    Bar,
    Curve,
    Exhibit,
    Finding,
    Line,
    Matrix,
    Picture,
    Plot,
    Problem,
    Report,
    Skip,
    Subject,
    Table,
)
from mlcheck.model.run import Event, Quantity, Reading, Role, Run, Series, Split, digest

__all__ = [
    "EMPTY", "SEVERITIES", "Action", "Bar", "Curve", "Direction", "Event", "Evidence", "Exhibit", "Finding", "Floats",
    "Line", "Matrix", "Picture", "Plot", "Problem", "Quantity", "Reading", "Report", "Role", "Run", "Scalar", "Series",
    "Severity", "Skip", "Split", "Subject", "Table", "digest",
]  # fmt: skip
