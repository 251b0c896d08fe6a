"""What other tools get wrong on small files, from the file to the report: the numbers of the reference implementations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlcheck.commands.metrics import metrics, read
from mlcheck.config import Settings
from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Wanted
from mlcheck.stats.metrics.parameters import Parameters

if TYPE_CHECKING:
    from pathlib import Path

    from mlcheck.model import Subject


def judged(**wanted: Any) -> Subject:
    """Return what is said of some files."""
    (subject,) = metrics(read(Wanted(**wanted)), Settings(bootstrap=50), Parameters()).subjects
    return subject


def ranked(folder: Path, qrels: str, run: str) -> Subject:
    """Return what is said of a run: lines of (query, document, relevance) and of (query, document, score)."""
    judgements, results = folder / "a.qrels", folder / "a.run"
    judgements.write_text("".join("{} 0 {} {}\n".format(*line.split()) for line in qrels.split(",")))
    results.write_text("".join("{} Q0 {} 1 {} run\n".format(*line.split()) for line in run.split(",")))
    return judged(qrels=str(judgements), runs=(str(results),))


def table(path: Path, text: str) -> Subject:
    """Return what is said of a table."""
    path.write_text(text)
    return judged(files=(str(path),))


def test_relevant_documents_that_were_never_retrieved_count(tmp_path: Path) -> None:
    """One of three is found, first: 1/3 as in trec_eval, not 1."""
    found = ranked(tmp_path, "q a 1,q b 1,q c 1,q d 0", "q a 3.0,q d 2.0")
    assert found.measures["map"]["value"] == pytest.approx(1 / 3)


def test_scores_equal_as_float32_are_tied(tmp_path: Path) -> None:
    """The higher document id stands first among them, as in trec_eval."""
    found = ranked(tmp_path, "q a 1,q b 0", "q a 0.100000001,q b 0.1")
    assert found.measures["mrr"]["value"] == 0.5


def test_a_judged_query_missing_from_the_run_counts_zero(tmp_path: Path) -> None:
    """And is pointed out."""
    found = ranked(tmp_path, "q a 1,r b 1", "q a 1.0")
    assert found.measures["map"]["value"] == 0.5
    assert any("1 of 2" in f.message and f.severity == "warning" for f in found.findings)


def test_an_area_over_one_class_is_null_with_its_reason(tmp_path: Path) -> None:
    """Neither 0 nor 1."""
    found = table(tmp_path / "p.csv", "y_true,probability\n" + "0,0.2\n0,0.7\n" * 10)
    for name in ("roc_auc", "average_precision", "mcc"):
        assert found.measures[name]["value"] is None
        assert found.measures[name]["reason"] == "the truth holds one class only"


def test_a_constant_score_has_the_precision_of_the_share(tmp_path: Path) -> None:
    """Two of five: 0.4 by steps, where trapezoids give 0.7."""
    found = table(tmp_path / "p.csv", "y_true,probability\n1,0.5\n0,0.5\n1,0.5\n0,0.5\n0,0.5\n")
    assert found.measures["average_precision"]["value"] == pytest.approx(0.4)


def test_r2_of_float32_around_a_large_mean(tmp_path: Path) -> None:
    """Squares of 1e4 in float32 would leave nothing of a spread of 0.3."""
    random = np.random.default_rng(0)
    truth = (1e4 + 0.3 * random.normal(size=500)).astype(np.float32)
    said = (truth + 0.1 * random.normal(size=500)).astype(np.float32)
    np.savez(tmp_path / "p.npz", y_true=truth, y_pred=said)
    y, p = truth.astype(np.float64), said.astype(np.float64)
    expected = 1 - ((y - p) ** 2).sum() / ((y - y.mean()) ** 2).sum()
    found = judged(files=(str(tmp_path / "p.npz"),), task="regression")
    assert found.measures["r2"]["value"] == pytest.approx(expected, rel=1e-9)
    assert expected > 0.8


def test_references_turned_around_are_refused(tmp_path: Path) -> None:
    """A file for each text in place of one for each set: BLEU would be 61.9 for 48.5 in silence."""
    (tmp_path / "h.txt").write_text("the dog bit the man\nit was not unexpected\nthe man bit him first\n")
    for i in range(3):
        (tmp_path / f"r{i}.txt").write_text("the dog had bit the man\nthe dog bit a man\n")
    wanted = Wanted(
        hypotheses=(str(tmp_path / "h.txt"),), references=tuple(str(tmp_path / f"r{i}.txt") for i in range(3))
    )
    with pytest.raises(MlcheckError, match=r"h\.txt: expected 2 lines as in r0\.txt, found 3"):
        read(wanted)


def test_rouge_of_equal_texts_is_one_in_any_script(tmp_path: Path) -> None:
    """A tokeniser of a-z only would find no word in them."""
    text = "собака укусила человека\n他咬了那只狗\nο άνθρωπος έφυγε\n"
    for name in ("h.txt", "r.txt"):
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = judged(hypotheses=(str(tmp_path / "h.txt"),), references=(str(tmp_path / "r.txt"),))
    assert [found.measures[f"rouge{k}"]["value"] for k in ("1", "L", "Lsum")] == [1.0, 1.0, 1.0]


def test_a_perplexity_names_its_base_and_its_unit(tmp_path: Path) -> None:
    """By token, word, character and byte; the logarithms of an unnamed base are said to be taken as natural."""
    rows = [{"text": "ab cd", "token_logprobs": [-1.0, -2.0]}, {"text": "ef", "token_logprobs": [-0.5]}] * 5
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = judged(files=(str(tmp_path / "p.jsonl"),))
    assert found.measures["perplexity"]["value"] == pytest.approx(np.exp(3.5 / 3))
    assert found.measures["bits_per_byte"]["value"] == pytest.approx(3.5 / 7 / np.log(2))
    assert any("taken for natural" in fact for fact in found.facts)
