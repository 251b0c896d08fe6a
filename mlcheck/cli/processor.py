"""What large arrays ask of the processor and of the C library, to be chosen before NumPy is imported."""

from __future__ import annotations

import os
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

DISABLED = "NPY_DISABLE_CPU_FEATURES"


TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""Names of mallopt's parameters (malloc.h of glibc)."""
LARGEST_KEPT = 32 << 20
"""Bytes of a block up to which it may come from the heap: glibc takes no more."""
KEPT = 256 << 20
"""Bytes that the heap keeps when they are freed."""


def keep_memory(library: Any = None) -> bool:
    """Have the C library keep what arrays of some MB leave, for the next ones: a page that is asked for anew costs more.

    Returns whether it does; one without `mallopt` (musl, macOS, Windows) is left as it is.
    """
    import ctypes

    try:
        library = library or ctypes.CDLL(None)
        return bool(library.mallopt(MMAP_THRESHOLD, LARGEST_KEPT) and library.mallopt(TRIM_THRESHOLD, KEPT))
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no library without a name
        return False


def choose_sort(cpuinfo: Path = Path("/proc/cpuinfo")) -> None:
    """Have NumPy sort with AVX2 on AMD's Zen 4, six times faster there than with AVX-512.

    Zen 4 takes over a hundred cycles to store a compressed vector, which is what that sort does at every step
    (github.com/numpy/x86-simd-sort/issues/6); its maintainers name this variable as the remedy. Does nothing where NumPy
    is loaded already, the variable is set, or the processor is another one.
    """
    if "numpy" in sys.modules or DISABLED in os.environ or sys.platform != "linux":
        return
    try:
        with cpuinfo.open("rb") as file:
            told = file.read(4096).decode("ascii", "replace")
    except OSError:
        return
    if is_zen4(told):
        os.environ[DISABLED] = features_to_disable(installed_version("numpy"))


def is_zen4(cpuinfo: str) -> bool:
    """Return whether the first processor of /proc/cpuinfo is of AMD's family 25 and has AVX-512 (Zen 3 has none)."""
    first = cpuinfo.split("\n\n", maxsplit=1)[0]
    told = {
        key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())
    }
    return (
        told.get("vendor_id") == "AuthenticAMD"
        and told.get("cpu family") == "25"
        and "avx512f" in told.get("flags", "").split()
    )


def installed_version(name: str) -> str:
    """Return the version that a package's version.py names, without importing it; what pip knows takes 40 ms to ask."""
    found = find_spec(name)
    if found is not None and found.origin:
        told = Path(found.origin).with_name("version.py")
        text = told.read_text(encoding="utf-8") if told.exists() else ""
        if written := re.search(r"""^version\s*=\s*["']([\d.]+)""", text, re.MULTILINE):
            return written[1]
    from importlib import metadata

    return metadata.version(name)


def features_to_disable(numpy: str) -> str:
    """Return what a version of NumPy calls the first of its AVX-512 features; those that build on it go with it.

    >>> features_to_disable("2.3.5"), features_to_disable("2.4.0")
    ('AVX512_SKX', 'X86_V4')
    """
    major, minor = (int(part) for part in numpy.split(".")[:2])
    return "X86_V4" if (major, minor) >= (2, 4) else "AVX512_SKX"
