"""NumPy's sort is chosen by the processor, before NumPy is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

from mlcheck.cli.processor import DISABLED, features_to_disable, installed_version, is_zen4, keep_memory

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


@pytest.mark.parametrize("name", ["numpy", "typer"])
def test_the_version_is_that_which_pip_knows(name: str) -> None:
    """Whether the package has a version.py or not."""
    assert metadata.version(name).startswith(installed_version(name))


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


class Library:
    """A C library that notes what is asked of it."""

    def __init__(self, answer: int) -> None:
        self.asked: list[tuple[int, int]] = []
        self.answer = answer

    def mallopt(self, name: int, value: int) -> int:
        """Note and answer."""
        self.asked.append((name, value))
        return self.answer


def test_what_arrays_leave_is_kept_for_the_next_ones() -> None:
    """By the two parameters of malloc.h that say so."""
    library = Library(1)
    assert keep_memory(library)
    assert library.asked == [(-3, 32 << 20), (-1, 256 << 20)]


def test_a_library_that_refuses_or_lacks_the_choice_is_left_as_it_is() -> None:
    """It is no more than a matter of speed."""
    assert not keep_memory(Library(0))
    assert not keep_memory(object())
