"""What the reports of all commands share: which verdict is worst, the order of findings, what to do, the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck import __version__
from mlcheck.model import SEVERITIES, Report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcheck.config import Settings
    from mlcheck.model import Action, Finding, Problem, Subject

ERRORS = (
    "overfit",
    "underfit",
    "optimization",
    "wrong",
    "broken",
    "no-better-than-baseline",
    "misleading-metric",
)
WARNINGS = ("widen", "keep-searching", "noise", "linear-suffices", "more-data-helps", "plateaued")
INCONCLUSIVE = "inconclusive"
INTERRUPTED = 130
"""The exit code where the user ended the work early."""


def report(
    command: str,
    subjects: Sequence[Subject],
    problems: Sequence[Problem],
    settings: Settings,
    digest: str,
    passed_over: int = 0,
) -> Report:
    """Put the subjects together: the report's own verdict is that of the worst one, the exit code follows."""
    signature = (
        f"mlcheck {__version__} | seed {settings.seed} | config sha {settings.digest()} | inputs sha {digest}"
    )
    return Report(
        command=command,
        version=__version__,
        verdict=_worst(subjects),
        exit_code=_exit_code(subjects, problems, settings),
        signature=signature,
        subjects=tuple(subjects),
        problems=tuple(problems),
        passed_over=passed_over,
    )


def _worst(subjects: Iterable[Subject]) -> str | None:
    """Return the worst verdict: one that comes with an error, inconclusive, with a warning, another, healthy."""

    def rank(subject: Subject) -> tuple[int, float]:
        verdict = subject.verdict
        order = (verdict in ERRORS, verdict == INCONCLUSIVE, verdict in WARNINGS, verdict != "healthy", True)
        return order.index(True), -(subject.confidence or 0.0)

    worst = min(subjects, key=rank, default=None)
    return worst.verdict if worst else None


def _exit_code(subjects: Sequence[Subject], problems: Sequence[Problem], settings: Settings) -> int:
    if problems or not subjects:
        return 2
    if settings.fail_on == "never":
        return 0
    least = SEVERITIES.index(settings.fail_on)
    return int(any(SEVERITIES.index(f.severity) >= least for s in subjects for f in s.findings))


def selected(code: str, settings: Settings) -> bool:
    """Whether findings of a code are shown and count."""
    wanted = not settings.select or any(code.startswith(prefix) for prefix in settings.select)
    return wanted and not any(code.startswith(prefix) for prefix in settings.ignore)


def gravest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by severity, those of one severity by their codes."""
    return tuple(sorted(findings, key=lambda f: (-SEVERITIES.index(f.severity), f.code)))


def actions_of(findings: Iterable[Finding]) -> dict[str, Action]:
    """Return what the findings would have the user do, by name, in their order, each once."""
    found: dict[str, Action] = {}
    for finding in findings:
        for action in finding.actions:
            found.setdefault(action.name, action)
    return found
