"""Where this machine keeps what can be computed again."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def cache() -> str:
    """Return the user's cache folder for mlcheck: MLCHECK_CACHE, else where the platform keeps caches."""
    chosen = os.environ.get("MLCHECK_CACHE")
    if chosen:
        return chosen
    if sys.platform == "win32":
        return str(Path(os.environ.get("LOCALAPPDATA") or Path.home(), "mlcheck", "Cache"))
    if sys.platform == "darwin":
        return str(Path.home() / "Library" / "Caches" / "mlcheck")
    return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "mlcheck"))
