"""MLflow's database (`mlflow.db`, `mlruns.db`): an SQLite file with the metrics, parameters and names of all runs.

Deleted runs and runs of final values only are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlcheck.readers.log import Log
    from mlcheck.readers.source import Source

NAME = "mlflow_db"
ORDER = 16
MAGIC = b"SQLite format 3\0"


def sniff(source: Source) -> bool:
    """Say whether the file is an SQLite database: its first bytes do."""
    return source.head.startswith(MAGIC)


def read(source: Source) -> Iterator[Log]:
    """Yield the runs in the order of their first value.

    Raises NothingToRead for a database of something else and one without curves, MlcheckError for a broken one.
    """
    from mlcheck.readers import mlflow_sql

    yield from mlflow_sql.read(source)
