"""Names and types that all values share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Scalar: TypeAlias = str | int | float | bool | None
Evidence: TypeAlias = Mapping[str, Scalar | tuple[Scalar, ...]]

Direction: TypeAlias = Literal["lower", "higher"]
Severity: TypeAlias = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")
EMPTY: Mapping[str, Scalar] = {}
"""Shared where nothing is known; not a mapping proxy, which cannot travel to another process."""
