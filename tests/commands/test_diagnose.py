"""The core of `diagnose`: many runs, several processes, an interruption that keeps what was done."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlcheck import registry
from mlcheck.commands import diagnose
from mlcheck.config import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlcheck.model import Subject


def write_runs(folder: Path, count: int) -> Path:
    """Write logs that differ from each other."""
    for n in range(count):
        rows = [f"{i},{2 / (i + n / 9):.5f},{2.1 / (i + n / 9) + 0.05:.5f}\n" for i in range(1, 31)]
        (folder / f"run{n:02}.csv").write_text("epoch,train_loss,val_loss\n" + "".join(rows))
    return folder


def interrupt_after(count: int) -> Callable[[int, int], None]:
    """Return a progress function during whose call Ctrl-C is pressed."""

    def advance(done: int, _total: int) -> None:
        if done == count:
            raise KeyboardInterrupt

    return advance


def test_processes_change_nothing_in_the_report(tmp_path: Path) -> None:
    """One process or two: the same bytes."""
    folder = write_runs(tmp_path, 12)
    texts = set()
    for jobs in (1, 2):
        settings = Settings(jobs=jobs)
        report = diagnose.diagnose(diagnose.read([str(folder)], settings), settings)
        assert len(report.subjects) == 12
        texts.add(registry.renderer("json").render(report))
    assert len(texts) == 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_judging_keeps_and_says_what_was_done(tmp_path: Path, jobs: int) -> None:
    """The subjects judged so far, how many there are in all, exit code 130."""
    settings = Settings(jobs=jobs)
    reading = diagnose.read([str(write_runs(tmp_path, 12))], settings)
    report = diagnose.diagnose(reading, settings, interrupt_after(5))
    assert [s.id[-5:] for s in report.subjects] == [f"run{n:02}" for n in range(5)]
    assert report.exit_code == 130
    (problem,) = report.problems
    assert problem.message == "5 of 12 runs were judged"


@pytest.mark.parametrize("jobs", [1, 2])
def test_interrupted_reading_judges_the_runs_read_whole(tmp_path: Path, jobs: int) -> None:
    """Files that are runs by themselves are whole as soon as they are read."""
    settings = Settings(jobs=jobs)
    reading = diagnose.read([str(write_runs(tmp_path, 12))], settings, progress=interrupt_after(7))
    assert reading.interrupted
    report = diagnose.diagnose(reading, settings)
    assert len(report.subjects) == 7
    assert report.exit_code == 130
    assert "7 of 12 files were read" in [p.message for p in report.problems]


def test_a_run_of_which_a_file_is_unread_is_not_judged(tmp_path: Path) -> None:
    """Half of a run may look like another verdict: checkpoints of one folder are one run, and one of them is missing."""
    for step in (10, 20):
        below = tmp_path / "run" / f"checkpoint-{step}"
        below.mkdir(parents=True)
        rows = ",".join(f'{{"step": {i}, "loss": {1 / i}}}' for i in range(1, step))
        (below / "trainer_state.json").write_text(f'{{"global_step": {step}, "log_history": [{rows}]}}')
    reading = diagnose.read([str(tmp_path)], Settings(), progress=interrupt_after(1))
    assert reading.interrupted
    assert not reading.runs
    assert len(diagnose.read([str(tmp_path)], Settings()).runs) == 1


def verdict_on(path: Path) -> Subject:
    """Return the judgement on the one run of a log."""
    (subject,) = diagnose.diagnose(diagnose.read([str(path)], Settings()), Settings()).subjects
    return subject


CASES = Path(__file__).parents[1] / "rules" / "diagnose"


@pytest.mark.parametrize(
    ("case", "verdict", "code"),
    [
        ("DIA601/good_learns", "healthy", None),
        ("DIA602/good_settles", "healthy", None),
        ("DIA601/bad_random", "inconclusive", "DIA601"),
        ("DIA602/bad_forgets", "optimization", "DIA602"),
        ("DIA602/bad_below_the_start", "optimization", "DIA602"),
        ("DIA603/bad_straight_line", "optimization", "DIA603"),
        ("DIA603/bad_slows_down", "healthy", "DIA603"),
        ("DIA604/bad_gan", "inconclusive", "DIA604"),
        ("DIA604/bad_speech", "inconclusive", "DIA604"),
    ],
)
def test_losses_that_mean_no_fit_are_not_judged_as_one(case: str, verdict: str, code: str | None) -> None:
    """Returns are judged by their trend, adversarial losses not at all; a value loss that grows with the return is no divergence."""
    subject = verdict_on(CASES / f"{case}.csv")
    assert subject.verdict == verdict
    assert (code in [f.code for f in subject.findings]) == (code is not None)
    told = {skip.code for skip in subject.skips}
    assert {"DIA102", "DIA103", "DIA301", "DIA406"} <= told
    if verdict == "optimization":
        assert not any("Adam" in action.why for action in subject.actions)


def test_what_holds_for_any_losses_is_still_found(tmp_path: Path) -> None:
    """A value loss that is no number ends a run of reinforcement learning, too."""
    rows = [f"{i},{i + i % 3},{'nan' if i > 50 else 1.0}\n" for i in range(60)]
    log = tmp_path / "progress.csv"
    log.write_text("time/total_timesteps,rollout/ep_rew_mean,train/loss\n" + "".join(rows))
    subject = verdict_on(log)
    assert subject.verdict == "optimization"
    assert "DIA101" in [f.code for f in subject.findings]


def test_what_of_a_log_could_not_be_read_is_said_with_the_run(tmp_path: Path) -> None:
    """Cells of a learning rate that are no numbers, with their line; the verdict stands on the rest."""
    write_runs(tmp_path, 2)
    lines = (tmp_path / "run00.csv").read_text().splitlines()
    odd = [f"{line},{'lr' if i == 0 else 'oops' if i == 4 else '0.1'}" for i, line in enumerate(lines)]
    (tmp_path / "run00.csv").write_text("\n".join(odd) + "\n")
    report = diagnose.diagnose(diagnose.read([str(tmp_path)], Settings()), Settings())
    assert [s.unread for s in report.subjects] == [("1 of 30 cells in column 'lr' (line 5)",), ()]
    assert not report.problems
    for form in ("rich", "markdown", "json"):
        text = registry.renderer(form).render(report)
        assert text.count("1 of 30 cells in column 'lr' (line 5)") == 1, form
