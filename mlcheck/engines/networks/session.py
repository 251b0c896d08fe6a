"""PyTorch and transformers kept quiet, seeded and on one core, and left as they were found."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator

INSTALL = 'pip install "mlcheck-runs[nn]", or pip install ".[nn]" in a checkout'


def missing(*, transformers: bool = False) -> str:
    """Return why no network can be trained here, "" where one can; nothing is imported for it."""
    absent = _absent(transformers)
    return f"{absent} is not installed (the extra `nn`): {INSTALL}" if absent else ""


def require(where: str, *, transformers: bool = False) -> None:
    """Raise MlcheckError with how to install what is missing for networks."""
    absent = _absent(transformers)
    if absent:
        raise MlcheckError(where, f"expected {absent} for networks, found it not installed", INSTALL)


def _absent(transformers: bool) -> str:
    """Return the first library that is missing, torch before transformers; "" where none is."""
    wanted = ("torch", "transformers") if transformers else ("torch",)
    return next((name for name in wanted if not _is_there(name)), "")


def _is_there(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ImportError, ValueError):  # a name that sys.modules holds as None, or without a spec
        return False


@contextmanager
def session(seed: int) -> Iterator[None]:
    """Seed PyTorch for the time of a `with` block: one thread, deterministic kernels, no warning shown.

    Afterwards its random state, number of threads and choice of kernels are what they were, whatever was raised. One
    thread, since sums over several differ in their last bits from machine to machine; folds run side by side instead.
    """
    import torch

    threads = torch.get_num_threads()
    strict = torch.are_deterministic_algorithms_enabled()
    lenient = torch.is_deterministic_algorithms_warn_only_enabled()
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.simplefilter("ignore")
        try:
            torch.set_num_threads(1)
            torch.use_deterministic_algorithms(True, warn_only=True)
            torch.random.default_generator.manual_seed(seed)
            yield
        finally:
            torch.use_deterministic_algorithms(strict, warn_only=lenient)
            torch.set_num_threads(threads)


@contextmanager
def silent_transformers() -> Iterator[None]:
    """Silence the reports, warnings and progress bars of transformers for the time of a `with` block."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    try:
        logging.set_verbosity(logging.CRITICAL)
        logging.disable_progress_bar()
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
