"""Whether other people's logs are read right: every file of a folder against what careful people read in it.

usage: python benchmarks/wild.py FOLDER [-v]

FOLDER holds the files and `expected.csv`: per file the group of files that make one run, the number of runs, the
columns of the training and validation loss (or the metric that stands for them), their finite values, the first and
last of them, and whether that leaves no doubt (`sure`). Each file is read alone; then the files of each group are put
into a folder of their own, which must be one run. Of several runs the last is compared. Exits 1 where a row without
doubt is read otherwise, a file without a curve is not refused in one line, or anything raises.
"""

from __future__ import annotations

import csv
import math
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mlcheck import registry
from mlcheck.commands import diagnose
from mlcheck.config import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mlcheck.model import Report, Scalar

CLOSE = 1e-4
"""Relative: expected.csv gives six digits."""
SPLITS = {"train": ("train_loss",), "val": ("val_loss", "test_loss")}


class Told(NamedTuple):
    """What is wrong with the reading of one file or group ("" if nothing), and whether the row leaves no doubt."""

    name: str
    sure: bool
    wrong: str


def main(arguments: Sequence[str]) -> int:
    """Compare, print what differs, return the exit code."""
    folders = [a for a in arguments if not a.startswith("-")]
    if len(folders) != 1 or not (Path(folders[0]) / "expected.csv").is_file():
        print(__doc__)
        return 2
    folder = Path(folders[0])
    with (folder / "expected.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    failed = False
    for title, told in (("files", list(files(folder, rows))), ("groups", list(groups(folder, rows)))):
        sure, doubtful = [t for t in told if t.sure], [t for t in told if not t.sure]
        right = sum(not t.wrong for t in sure)
        failed |= right < len(sure)
        print(f"{title}: {right} of {len(sure)} without doubt are read as expected; "
              f"{sum(not t.wrong for t in doubtful)} of {len(doubtful)} of the others")  # fmt: skip
        for t in sure + doubtful if "-v" in arguments else [t for t in sure + doubtful if t.wrong]:
            print(
                f"  {'WRONG' if t.sure and t.wrong else 'other' if t.wrong else 'right'}  {t.name}  {t.wrong}"
            )
    return int(failed)


def files(folder: Path, rows: Sequence[Mapping[str, str]]) -> Iterator[Told]:
    """Yield how each file is read by itself."""
    for row in rows:
        yield Told(row["file"], row["sure"] == "yes", _wrong(str(folder / row["file"]), row))


def groups(folder: Path, rows: Sequence[Mapping[str, str]]) -> Iterator[Told]:
    """Yield how the files of each group are read from one folder: as one run with the losses that its files hold."""
    by_name: dict[str, list[Mapping[str, str]]] = {}
    for row in rows:
        by_name.setdefault(row["group"], []).append(row)
    for name, some in by_name.items():
        curves = [r for r in some if r["runs"] == "1"]
        if len(some) < 2 or not curves:
            continue
        with tempfile.TemporaryDirectory() as place:
            run = Path(place) / "run"
            run.mkdir()
            for row in some:
                (run / Path(row["file"]).name).symlink_to((folder / row["file"]).resolve())
            sure = all(r["sure"] == "yes" for r in curves)
            yield Told(name, sure, _wrong(str(run), _whole(curves)))


def _whole(rows: Sequence[Mapping[str, str]]) -> Mapping[str, str]:
    """Return what the files of one run hold together: of each split the fullest record."""
    whole = {"runs": "1", "metric_name": "", "metric_last": ""}
    for split in SPLITS:
        fullest = max(rows, key=lambda r: int(r[f"{split}_n"]))
        keys = [f"{split}_{what}" for what in ("name", "n", "first", "last")]
        whole |= {key: fullest[key] for key in keys}
        if (
            sum(int(r[f"{split}_n"]) == 1 for r in rows) > 1
        ):  # a file for each epoch: their number is the run's
            whole[f"{split}_name"] = "*"
    return whole


def _wrong(path: str, row: Mapping[str, str]) -> str:
    """Read one path and say what differs from its row."""
    try:
        reading = registry.readers_room().read_inputs([path])
        report = diagnose.diagnose(reading, Settings())
    except Exception:  # noqa: BLE001  (whatever is raised is what is looked for)
        return traceback.format_exc(limit=-2)
    if len(report.subjects) != int(row["runs"]):
        told = "; ".join(f"{p.message}" for p in report.problems)
        return f"{len(report.subjects)} runs instead of {row['runs']} ({told})"
    if not report.subjects:
        return _unlike_one_line(report)
    measures = report.subjects[-1].measures
    return "; ".join(
        filter(None, [_series(measures, row, "train"), _series(measures, row, "val"), _metric(measures, row)])
    )


def _unlike_one_line(report: Report) -> str:
    lines = [p for p in report.problems if "\n" not in p.message + p.hint]
    return (
        ""
        if len(lines) == len(report.problems) == 1
        else f"{len(report.problems)} problems instead of one line"
    )


def _series(measures: Mapping[str, Mapping[str, Scalar]], row: Mapping[str, str], split: str) -> str:
    name, count = row[f"{split}_name"], int(row[f"{split}_n"])
    found = next((measures[n] for n in SPLITS[split] if n in measures), None)
    if found is None or not count:
        return (
            ""
            if found is None and not count
            else f"{split}: {found and found['column']!r} instead of {name!r}"
        )
    points, first, last = found["points"], found["first"], found["last"]
    if (found["column"] != name and name != "*") or points != count:
        return f"{split}: {found['column']!r} ({points}) instead of {name!r} ({count})"
    ends = [float(row[f"{split}_{end}"]) for end in ("first", "last")]
    same = all(
        isinstance(f, float) and math.isclose(f, e, rel_tol=CLOSE if name != "*" else 1e-2)
        for f, e in zip((first, last), ends, strict=True)
    )
    return "" if same else f"{split}: {first}..{last} instead of {ends}"


def _metric(measures: Mapping[str, Mapping[str, Scalar]], row: Mapping[str, str]) -> str:
    """Say that the metric which matters is none of those that were found, or ends elsewhere."""
    if not row["metric_name"]:
        return ""
    found = {str(m["column"]): m["last"] for m in measures.values()}
    last = found.get(row["metric_name"])
    same = isinstance(last, float) and math.isclose(last, float(row["metric_last"]), rel_tol=CLOSE)
    return (
        ""
        if same
        else f"metric {row['metric_name']!r}: {last} instead of {row['metric_last']}, found {list(found)}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
