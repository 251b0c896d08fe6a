"""mlcheck: the linter for training runs.

    >>> import mlcheck
    >>> runs = mlcheck.read("sample_runs")                # doctest: +SKIP
    >>> report = mlcheck.diagnose(runs)                   # doctest: +SKIP
    >>> [(s.id, s.verdict) for s in report.subjects]      # doctest: +SKIP

The values are those of `mlcheck.model`, frozen and typed; nothing is printed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError, MlcheckWarning

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from mlcheck.model import Report, Run

__all__ = ["MlcheckError", "MlcheckWarning", "__version__", "diagnose", "read"]
__version__ = "0.1.0"


def read(
    *paths: str | os.PathLike[str],
    columns: Mapping[str, str] | None = None,
    hparams: str | os.PathLike[str] | None = None,
) -> tuple[Run, ...]:
    """Return the training runs in files, folders and globs, in order.

    `columns` maps roles to column names where the names do not tell, such as {"train_loss": "my_loss"}; `hparams` is a
    YAML or JSON file of hyperparameters for all runs. Raises MlcheckError where nothing could be read; where some of it
    could, the rest is told by MlcheckWarning.
    """
    import os
    import warnings

    from mlcheck import registry

    given = None if hparams is None else os.fspath(hparams)
    reading = registry.readers_room().read_inputs(
        [os.fspath(p) for p in paths], columns=columns, hparams=given
    )
    problems = [MlcheckError(p.source, p.message, p.hint) for p in reading.problems]
    if not reading.runs:
        raise problems[0] if problems else MlcheckError("read", "expected at least one path, found none")
    for problem in problems:
        warnings.warn(str(problem), MlcheckWarning, stacklevel=2)
    return reading.runs


def diagnose(
    runs: Run | Sequence[Run],
    *,
    classes: int | None = None,
    val_size: int | None = None,
    target_loss: float | None = None,
    level: float = 0.95,
    limits: Mapping[str, Mapping[str, float]] | None = None,
) -> Report:
    """Return the report on runs: `report.subjects[i].verdict`, `.findings`, `.actions`, ... as on the command line.

    `classes` is the number of classes K, `val_size` the examples in the validation set, `target_loss` what a good model
    reaches, `level` (0..1) the confidence level of intervals, `limits` maps a rule's code to its limits. Raises
    MlcheckError for a limit or a value that does not exist.
    """
    from mlcheck import config
    from mlcheck.commands import diagnose as core
    from mlcheck.commands import limits as rule_limits
    from mlcheck.model import Reading, Run, digest

    given = {
        "classes": classes,
        "val_size": val_size,
        "target_loss": target_loss,
        "level": level,
        "limits": limits,
    }
    settings = config.with_flags(config.Settings(), given)
    rule_limits.check(settings)
    several = (runs,) if isinstance(runs, Run) else tuple(runs)
    return core.diagnose(Reading(runs=several, problems=(), passed_over=0, digest=digest(several)), settings)
