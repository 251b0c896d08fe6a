"""deepchecks beside `mlcheck data`: its suites on the tables of benchmarks/data_bugs.py, by a Python of its own.

deepchecks 0.19 needs scikit-learn < 1.4 and NumPy < 2, so it runs apart: each pair is written as CSV, `PYTHON
data_peer.py FOLDER` runs the suites, and which checks failed is read from FOLDER/failed.json. Texts and images have other
suites there and are left out. Groups have no role in deepchecks; a column of row numbers is its index.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGE = 100_000
"""Samples that its suites look at."""


def suites(cases: Sequence[Any], python: str) -> dict[str, list[str]]:
    """Return which checks fail for each table among the cases, by the case's key; a suite that breaks is named so."""
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if case.source.kind != "table":
                continue
            for name, part in (("train", case.pair.train), ("test", case.pair.test)):
                part.to_csv(Path(folder) / f"{case.key}.{name}.csv", index=False)
            roles = {"time": case.pair.time, "group": case.pair.group, "goal": case.source.goal}
            (Path(folder) / f"{case.key}.json").write_text(json.dumps(roles), encoding="utf-8")
        subprocess.run(
            [python, "-W", "ignore", __file__, folder],
            check=True,
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        failed: dict[str, list[str]] = json.loads((Path(folder) / "failed.json").read_text(encoding="utf-8"))
    return failed


def _failed(where: Path) -> list[str]:
    """Return the names of the checks that fail for one pair."""
    import pandas as pd
    from deepchecks.tabular import Dataset  # type: ignore[import-not-found,unused-ignore]  # in a Python of its own
    from deepchecks.tabular.suites import (  # type: ignore[import-not-found,unused-ignore]  # likewise
        data_integrity,
        train_test_validation,
    )

    roles = json.loads(where.read_text(encoding="utf-8"))
    parts = []
    for name in ("train", "test"):
        frame = pd.read_csv(
            where.with_name(f"{where.stem}.{name}.csv"), keep_default_na=False, na_values=[""]
        )
        frame = frame.drop(columns=[roles["group"]] if roles["group"] else [])
        dates = [column for column in ("signup", roles["time"]) if column in frame]
        for column in dates:
            frame[column] = pd.to_datetime(frame[column])
        parts.append(
            Dataset(
                frame, label="target", datetime_name=roles["time"], index_name="id" if "id" in frame else None,
                label_type="regression" if roles["goal"] == "regression" else None,
            )
        )  # fmt: skip
    results = [
        train_test_validation(n_samples=LARGE).run(parts[0], parts[1], with_display=False),
        data_integrity(n_samples=LARGE).run(parts[0], with_display=False),
    ]
    return sorted(
        {
            type(r.check).__name__
            for result in results
            for r in result.get_not_passed_checks(fail_if_warning=True)
            if _fails(r)
        }
    )


def _fails(result: Any) -> bool:
    """Whether a condition of the check failed or warned, but for one that could not run."""
    return any(str(c.category.value) in ("FAIL", "WARN") for c in getattr(result, "conditions_results", ()))


def main(folder: Path) -> None:
    """Run the suites on every pair in the folder."""
    warnings.simplefilter("ignore")
    failed: dict[str, list[str]] = {}
    for where in sorted(folder.glob("*.json")):
        try:
            failed[where.stem] = _failed(where)
        except Exception as error:  # noqa: BLE001  (a peer that breaks is told, not followed)
            failed[where.stem] = [f"broke: {type(error).__name__}"]
    (folder / "failed.json").write_text(json.dumps(failed), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
