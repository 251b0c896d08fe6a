"""What frameworks print."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.readers.printed import log, values

DATA = Path(__file__).parent / "data" / "text"


@pytest.mark.parametrize("framework", ["keras", "lightning", "trainer"])
def test_what_frameworks_print_agrees_with_what_they_recorded(framework: str) -> None:
    """Progress bars and dictionaries of the real libraries give the numbers of their own histories, as far as printed."""
    truth = json.loads((DATA / "truth.json").read_text())[framework]
    found = log((DATA / f"{framework}.log").read_bytes().decode())
    for name, expected in truth.items():
        np.testing.assert_allclose([float(v) for v in expected], values(found, name), rtol=6e-3)
