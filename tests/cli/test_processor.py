"""NumPy's sort is chosen by the processor, before NumPy is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from mlcheck.cli.processor import DISABLED, features_to_disable, is_zen4

if TYPE_CHECKING:
    from pathlib import Path

ZEN4 = "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nflags\t\t: fpu avx2 avx512f\n\nprocessor\t: 1\n"


@pytest.mark.parametrize(
    ("told", "slow"),
    [
        (ZEN4, True),
        (ZEN4.replace(" avx512f", ""), False),
        (ZEN4.replace("25", "26"), False),
        (ZEN4.replace("AuthenticAMD", "GenuineIntel"), False),
        ("", False),
    ],
)
def test_zen_4_is_told_by_vendor_family_and_avx512(told: str, slow: bool) -> None:
    """Zen 3 has no AVX-512, Zen 5 is another family."""
    assert is_zen4(told) == slow


def test_the_feature_has_the_name_of_the_version() -> None:
    """NumPy 2.4 renamed its feature groups."""
    assert features_to_disable("1.26.4") == "AVX512_SKX"
    assert features_to_disable("2.10.0rc1") == "X86_V4"


@pytest.mark.parametrize(
    ("before", "told", "expected"),
    [("", ZEN4, "AVX512"), ("import numpy", ZEN4, "None"), ("", "vendor_id : GenuineIntel", "None")],
)
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_the_sort_is_chosen_once_and_early(tmp_path: Path, before: str, told: str, expected: str) -> None:
    """Only on Zen 4, and only while NumPy is not loaded; NumPy then takes what was set without a warning."""
    (tmp_path / "cpuinfo").write_text(told)
    code = (
        f"{before}\nimport os, pathlib\nfrom mlcheck.cli.processor import choose_sort\n"
        f"choose_sort(pathlib.Path({str(tmp_path / 'cpuinfo')!r}))\nprint(os.environ.get({DISABLED!r}))\n"
    )
    clean = {key: value for key, value in os.environ.items() if key != DISABLED}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean)
    assert (
        done.stdout.strip() in {"X86_V4", "AVX512_SKX"}
        if expected == "AVX512"
        else done.stdout.strip() == expected
    )
