"""Whatever is fed to mlcheck, it keeps its promises: inputs built and damaged, the same every time.

FUZZ_INPUTS (in each process) and FUZZ_SEED (default 0) make the hunt longer and other.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from tests.fuzz import corpus, inputs

PROCESSES = 2
INPUTS = 800


def test_any_input_keeps_the_promises() -> None:
    """Nothing raises, hangs or eats the memory; what breaks a promise is kept and said how to repeat."""
    count = int(os.environ.get("FUZZ_INPUTS", str(INPUTS)))
    first = int(os.environ.get("FUZZ_SEED", "0"))
    keep = [tempfile.mkdtemp(prefix="mlcheck-fuzz-") for _ in range(PROCESSES)]
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.worker", f"--inputs={count}", f"--seed={first + i}", f"--keep={folder}"],
            cwd=corpus.ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(corpus.ROOT)},
        )
        for i, folder in enumerate(keep)
    ]  # fmt: skip
    told = [process.communicate()[0] for process in started]
    sys.stdout.write("".join(told))
    bad = [
        f"{text}\nexit code {process.returncode}; the last input is {folder}/current"
        for process, text, folder in zip(started, told, keep, strict=True)
        if process.returncode
    ]
    assert not bad, "\n".join(bad)


def test_every_fixture_is_something_to_start_from() -> None:
    """The sample runs and the readers' fixtures are found without a list of them."""
    names = {seed.path.relative_to(corpus.ROOT).parts[0] for f in corpus.folders() for seed in f if seed.path.is_relative_to(corpus.ROOT)}  # fmt: skip
    assert {"sample_runs", "tests"} <= names


def test_each_way_to_damage_a_file_changes_it() -> None:
    """A mutation that does nothing would look for nothing."""
    content = b"epoch,loss\n" + b"".join(b"%d,0.%d\n" % (i, 900 - i) for i in range(50))
    for kind in inputs.DAMAGE:
        assert inputs.damaged(content, kind, 0.3, 0.6, b"x" * 99, 3) != content, kind
