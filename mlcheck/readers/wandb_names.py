"""What the names of the files that Weights & Biases leaves behind say: which run each belongs to.

`wandb/run-20240917_191001-i71hltro/` holds `run-i71hltro.wandb`, `files/output.log`, `files/wandb-summary.json`, ...;
people also put the files side by side and the run's ID into their names (`i71hltro_output.log`).
"""

from __future__ import annotations

import re

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
