"""Which column is what: by the names people give, then by content. One table of names for all tasks."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from mlcheck.errors import MlcheckError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlcheck.model.predictions import Wanted
    from mlcheck.readers.predictions.frames import Frame

Part: TypeAlias = Literal[
    "true", "pred", "score", "weight", "id", "query", "document", "relevance", "hypothesis", "reference", "logprob", "count", "text",
]  # fmt: skip

NAMES: dict[Part, tuple[str, ...]] = {
    "true": ("y_true", "ytrue", "true_label", "true_labels", "true_class", "true_value", "ground_truth", "groundtruth", "gold", "gold_label", "gold_labels", "actual", "actuals", "actual_label", "actual_class", "actual_value", "actual_answer", "truth", "true", "y_test", "ytest", "y_val", "y_actual", "correct_label", "correct_answer", "label", "labels", "target", "targets", "class", "expected", "observed", "observation", "gt", "y", "answer", "outcome", "real", "reference_label", "label_true", "label_id", "class_label", "is_positive", "is_fraud", "survived"),
    "pred": ("y_pred", "ypred", "y_hat", "yhat", "predicted", "predicted_label", "predicted_labels", "predicted_class", "predicted_value", "predicted_values", "pred_label", "pred_labels", "pred_class", "pred", "preds", "prediction", "predictions", "predict", "predicted_answer", "generated_answer", "model_prediction", "model_answer", "model_output", "label_pred", "prediction_label", "forecast", "fitted", "fit", "estimate", "estimated", "estimation", "output", "response", "y_predicted", "class_pred"),
    "score": ("y_score", "yscore", "y_prob", "y_proba", "yprob", "score", "scores", "prob", "proba", "probability", "probabilities", "probs", "pred_prob", "pred_proba", "pred_probs", "predicted_probability", "predicted_prob", "prediction_score", "predicted_score", "pred_score", "prob_positive", "positive_probability", "p_positive", "proba_1", "prob_1", "p_1", "p1", "score_1", "probability_1", "class_1", "positive", "pos_prob", "p", "logit", "logits", "decision", "decision_function", "margin", "model_score", "risk", "likelihood", "log_prob"),
    "weight": ("sample_weight", "sample_weights", "weight", "weights", "w", "instance_weight"),
    "id": ("id", "row_id", "rowid", "example_id", "sample_id", "item_id", "record_id", "uid", "uuid", "guid", "index", "idx", "image_id", "image", "filename", "file", "file_name", "path", "key", "question_id", "qid", "passengerid", "transaction_id", "doc_id", "unnamed_0", "name"),
    "query": ("query_id", "queryid", "query", "qid", "topic", "topic_id", "q_id", "search_id", "session_id"),
    "document": ("doc_id", "docid", "docno", "document_id", "document", "doc", "item_id", "item", "product_id", "passage_id", "pid"),
    "relevance": ("relevance", "rel", "relevance_label", "grade", "judgement", "judgment", "qrel", "relevance_score", "gain"),
    "hypothesis": ("hypothesis", "hypotheses", "hyp", "hyps", "generated", "generated_text", "generation", "generated_summary", "candidate", "candidates", "translation", "mt", "system", "system_output", "output_text", "predicted_text", "prediction_text", "pred_text", "summary_pred", "predicted_summary", "model_summary", "decoded", "summary",
        "summary", "response_text"),
    "reference": ("reference", "references", "ref", "refs", "reference_text", "target_text", "gold_text", "gold_summary", "reference_summary", "summary_ref", "highlights", "reference_translation", "expected_output", "target_summary", "ground_truth_text"),
    "logprob": ("token_logprobs", "token_log_probs", "logprobs", "log_probs", "token_logprob", "logprob", "log_probability", "log_probabilities", "token_log_probabilities", "log2_probs", "log2probs", "token_log2probs", "log10_probs", "log10probs", "token_log10probs", "logprob_sum", "text_logprob", "sum_logprob", "sum_logprobs", "total_logprob", "loglikelihood", "log_likelihood", "nll", "token_nll", "token_nlls", "nlls", "surprisal", "surprisals"),
    "count": ("num_tokens", "n_tokens", "token_count", "tokens_count", "ntokens", "length"),
    "text": ("text", "sentence", "content", "document_text", "prompt_text"),
}  # fmt: skip
FIRST_CLASS = frozenset(("proba_1", "prob_1", "p_1", "p1", "score_1", "probability_1"))
"""Scores of class 1: one column of two classes, or one of several."""
CLUSTERS = (
    "group",
    "group_id",
    "groups",
    "user",
    "user_id",
    "patient",
    "patient_id",
    "subject",
    "subject_id",
    "speaker",
    "speaker_id",
    "cluster",
)
PROBABILITY_OF = re.compile(
    r"(?:y_)?(?:pred_|predicted_)?(?:probability|probabilities|prob|proba|probs|score|scores|logit|logits|p|log_prob|logprob|conf|confidence)"
    r"(?:_(?:of_|class_|for_)?(?P<named>.+)|(?P<numbered>\d+))"
)
TRUE_OF = re.compile(
    r"(?:y_)?(?:true|truth|target|label|actual|gold|gt|test)(?:_(?P<named>.+)|(?P<numbered>\d+))"
)
PRED_OF = re.compile(
    r"(?:y_)?(?:pred|predicted|prediction|preds|hat|forecast|output)(?:_(?P<named>.+)|(?P<numbered>\d+))"
)
"""What comes one a class, label or target: its name stands behind."""


def words(name: str) -> str:
    """Return a name in lower case with underscores: "Actual Answer", "actualAnswer" and "actual-answer" alike.

    >>> words("Actual Answer"), words("yTrue"), words("P(spam)"), words("Unnamed: 0")
    ('actual_answer', 'y_true', 'p_spam', 'unnamed_0')
    """
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^0-9a-z\u0080-\uffff+]+", "_", split.lower()).strip("_")


@dataclass(slots=True, kw_only=True)
class Found:
    """The names of columns by their part; `several` holds columns that come one a class, label or target."""

    one: dict[Part, str] = field(default_factory=dict)
    several: dict[Part, dict[str, str]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)


def demand(frame: Frame, name: str, option: str) -> str:
    """Return a column that the user named; raises MlcheckError with what there is."""
    if name in frame.columns:
        return name
    same = [n for n in frame.columns if words(n) == words(name)]
    if len(same) == 1:
        return same[0]
    near = difflib.get_close_matches(name, list(frame.columns), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "the names are as in the file"
    raise MlcheckError(
        frame.source, f"expected a column {name!r} for {option}, found {listed(frame.columns)}", hint
    )


def listed(names: Iterable[str]) -> str:
    """Return the first names, and how many more there are."""
    all_names = list(names)
    more = f" and {len(all_names) - 8} more" if len(all_names) > 8 else ""
    return ", ".join(all_names[:8]) + more


def find(frame: Frame, wanted: Wanted) -> Found:
    """Return what each column is: as the user said, else by its name."""
    found = Found()
    _take_named(frame, wanted, found)
    free = [n for n in frame.columns if n not in _taken(found, wanted)]
    by_words = {words(n): n for n in reversed(free)}
    for part, names in NAMES.items():
        if part in found.one or part in found.several:
            continue
        match = [by_words[n] for n in names if n in by_words and by_words[n] not in found.one.values()]
        if not match:
            continue
        found.one[part] = match[0]
        if part in ("true", "pred") and len(match) > 1 and not _is_array(frame, match[0]):
            others = ", ".join(match[1:3])
            found.doubts.append(
                f"took {match[0]} for the {'truth' if part == 'true' else 'prediction'}, not {others}"
            )
    _find_numbered(frame, found, free)
    return found


def _is_array(frame: Frame, name: str) -> bool:
    return frame.columns[name].ndim == 2


def _take_named(frame: Frame, wanted: Wanted, found: Found) -> None:
    options: tuple[tuple[Part, tuple[str, ...], str], ...] = (
        ("true", wanted.true, "--true"),
        ("pred", wanted.pred, "--pred"),
        ("score", wanted.score, "--score"),
        ("weight", (wanted.weight,) if wanted.weight else (), "--weight"),
        ("id", (wanted.identifier,) if wanted.identifier else (), "--id"),
    )
    for part, names, option in options:
        columns = [demand(frame, name, option) for name in names]
        if len(columns) == 1:
            found.one[part] = columns[0]
        elif columns:
            found.several[part] = {_suffix(part, name): name for name in columns}
    for name, option in ((wanted.by, "--by"), (wanted.group, "--group")):
        if name:
            demand(frame, name, option)


def _suffix(part: Part, name: str) -> str:
    pattern = {"true": TRUE_OF, "pred": PRED_OF}.get(part, PROBABILITY_OF)
    match = pattern.fullmatch(words(name))
    return match["named"] or match["numbered"] if match else name


def _taken(found: Found, wanted: Wanted) -> set[str]:
    taken = set(found.one.values()) | {n for some in found.several.values() for n in some.values()}
    return taken | {n for n in (wanted.by, wanted.group) if n}


def _find_numbered(frame: Frame, found: Found, free: Sequence[str]) -> None:
    """Find columns that come one a class, label or target: prob_cat and prob_dog, true_a and true_b.

    A name that means something by itself (true_class) counts where its like is there, too (prob_class).
    """
    patterns: tuple[tuple[Part, re.Pattern[str]], ...] = (
        ("score", PROBABILITY_OF),
        ("true", TRUE_OF),
        ("pred", PRED_OF),
    )
    some: dict[Part, dict[str, str]] = {part: {} for part, _ in patterns}
    plain: dict[Part, dict[str, str]] = {part: {} for part, _ in patterns}
    for part, pattern in patterns:
        for name in free:
            match = pattern.fullmatch(words(name))
            if match and _is_numeric(frame, name):
                known = words(name) in NAMES[part] and words(name) not in FIRST_CLASS
                (plain if known else some)[part][_class_of(name, match)] = name
    for part, _ in patterns:
        others = {key for other, _ in patterns if other != part for key in (*some[other], *plain[other])}
        both = {key: name for key, name in plain[part].items() if key in others and len(some[part]) > 1}
        columns = {**some[part], **both}
        if len(columns) > 1 and part not in found.several:
            found.several[part] = {k: n for n in free for k, held in columns.items() if held == n}


def _class_of(name: str, match: re.Match[str]) -> str:
    """Return the class in a column's name, spelled as in the file where its end tells."""
    told: str = match["named"] or match["numbered"]
    end = name[-len(told) :] if name.lower().endswith(told) else told
    return end.strip(" ()[]")


def _is_numeric(frame: Frame, name: str) -> bool:
    column = frame.columns[name]
    return column.ndim == 1 and column.dtype.kind in "ifb"


def names_of_classes(frame: Frame, labels: Sequence[str], taken: Iterable[str]) -> dict[str, str] | None:
    """Return the columns named just like the classes, by class; None unless there is one of numbers for each."""
    held = set(taken)
    by_words = {words(n): n for n in frame.columns if n not in held and _is_numeric(frame, n)}
    found = {label: by_words[words(label)] for label in labels if words(label) in by_words}
    return found if len(found) == len(labels) and len(labels) > 1 else None


def looks_like_log(frame: Frame) -> bool:
    """Whether the columns are those of a training log rather than of predictions."""
    names = {words(n) for n in frame.columns}
    return bool(names & {"epoch", "step", "iteration", "global_step"}) and any("loss" in n for n in names)


def is_finite(
    column: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return (n,) whether a cell holds a value: no blank, NaN or infinity."""
    if column.dtype == object:
        return np.array([v is not None and v != [] for v in column.tolist()], dtype=bool)
    if column.dtype.kind == "f":
        finite: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.isfinite(column.reshape(len(column), -1)).all(
            axis=1
        )
        return finite
    return np.ones(len(column), dtype=bool)
