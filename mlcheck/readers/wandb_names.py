"""What the names of files and columns say that Weights & Biases leaves behind: which run a file belongs to.

`wandb/run-20240917_191001-i71hltro/` holds `run-i71hltro.wandb`, `files/output.log`, `files/wandb-summary.json`, ...;
people also put the files side by side and the run's ID into their names (`i71hltro_output.log`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

RUN_FOLDER = re.compile(
    r"(?P<base>(?:.*/)?)(?:offline-)?run-\d{8}_\d{6}-(?P<id>[^/]+)/(?:(?:files|logs)/)?[^/]+"
)
RUN_FILE = re.compile(r"(?P<base>(?:.*/)?)(?:[^/]*[^\w/.-])?run-(?P<id>[^/]+)\.wandb(?:\.gz)?")
FLAT_FILE = re.compile(
    r"(?P<base>(?:.*/)?)(?:[^/]*[^a-z0-9/])?(?P<id>[a-z0-9]{8})[_.-](?:output\.log|wandb-summary\.json)(?:\.gz)?"
)
OWN_LOG = re.compile(
    r"(?:.*/)?(?:wandb|(?:offline-)?run-\d{8}_\d{6}-[^/]+/logs|latest-run/logs)/debug(?:-[\w.]+)*\.log"
)

RUN_FACTS = frozenset(
    ("State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep", "End Time", "Hostname", "Commit", "GitHub", "Group", "Job Type")
)  # fmt: skip
API_FACTS = frozenset(("name", "summary", "config"))


def run_of(name: str, run_id: str = "") -> str | None:
    """Return the key of the run that a file belongs to by its name (and the ID that it holds), None where neither says.

    >>> run_of("out/wandb/run-20240917_191001-i71hltro/files/output.log")
    'wandb:out/wandb/i71hltro'
    >>> run_of("logs/i71hltro_output.log"), run_of("logs/run-i71hltro.wandb")
    ('wandb:logs/i71hltro', 'wandb:logs/i71hltro')
    """
    for pattern in (RUN_FOLDER, RUN_FILE, FLAT_FILE):
        if found := pattern.fullmatch(name):
            return f"wandb:{found['base']}{run_id or found['id']}"
    if not run_id or "/" not in name:
        return f"wandb:{run_id}" if run_id else None
    return f"wandb:{name.rpartition('/')[0]}/{run_id}"


def is_summary(name: str) -> bool:
    """Whether a file is a run's summary, perhaps with the run's ID before its name: it holds the last values only."""
    return name.removesuffix(".gz").endswith("wandb-summary.json")


def is_own_log(name: str) -> bool:
    """Whether a file is where wandb logs its own doings: it speaks of the run's settings and errors, but is no log of it.

    >>> is_own_log("wandb/run-20240917_191001-i71hltro/logs/debug-internal.log"), is_own_log("out/debug.log")
    (True, False)
    """
    return OWN_LOG.fullmatch(name) is not None


def is_table_of_runs(columns: Collection[str]) -> bool:
    """Whether a table has one row per run: the export of a project's table, or the one that wandb's guide makes.

    >>> is_table_of_runs(["Name", "State", "Created", "loss"]), is_table_of_runs(["name", "loss"])
    (True, False)
    """
    return ("Name" in columns and len(RUN_FACTS.intersection(columns)) > 1) or API_FACTS.issubset(columns)


def is_history(columns: Collection[str]) -> bool:
    """Whether a table is an exported history, or the values of a chart with what they range over."""
    return ("_step" in columns and not {"_runtime", "_timestamp"}.isdisjoint(columns)) or any(
        name.endswith("__MIN") and name.removesuffix("MIN") + "MAX" in columns for name in columns
    )
