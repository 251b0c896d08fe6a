"""What the names of columns say: the role of a column of predictions, and the class or target it belongs to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

Role: TypeAlias = Literal[
    "true", "pred", "score", "weight", "id", "group", "query", "document", "relevance", "rank",
    "hypothesis", "reference", "tokens", "input", "",
]  # fmt: skip
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+")

TRUTH = frozenset(
    ["true", "truth", "actual", "actuals", "gold", "golden", "gt", "observed", "expected", "real", "reality"]
)
PREDICTED = frozenset(
    [
        "pred",
        "preds",
        "predicted",
        "prediction",
        "predictions",
        "predict",
        "predicts",
        "hat",
        "yhat",
        "ypred",
        "estimated",
        "estimate",
        "estimates",
        "forecast",
        "forecasts",
        "fitted",
        "decision",
        "decisions",
    ]
)
SCORES = frozenset(
    [
        "score",
        "scores",
        "prob",
        "probs",
        "proba",
        "probas",
        "probability",
        "probabilities",
        "likelihood",
        "logit",
        "logits",
        "logprob",
        "logprobs",
        "confidence",
        "confidences",
        "conf",
        "margin",
        "softmax",
        "sigmoid",
        "yscore",
        "yprob",
        "yproba",
        "probabilty",
    ]
)
NEUTRAL = frozenset(
    [
        "label",
        "labels",
        "target",
        "targets",
        "class",
        "classes",
        "y",
        "outcome",
        "category",
        "value",
        "values",
        "answer",
        "id",
        "idx",
        "name",
        "test",
        "val",
        "valid",
        "oof",
        "raw",
        "final",
        "best",
        "top",
        "top1",
        "model",
        "str",
        "int",
        "text",
        "column",
        "col",
        "out",
        "cls",
        "data",
        "ground",
        "true_",
    ]
)
CENTRAL = frozenset(
    ["label", "labels", "target", "targets", "class", "classes", "y", "outcome", "category", "ytrue", "ytest"]
)
"""Words that alone mean the truth."""
LOGARITHMS = frozenset(["logprob", "logprobs", "loglik", "log", "logp"])

EXACT: dict[str, Role] = {}
for _role, _names in {
    "weight": "weight weights sample_weight sample_weights w wt instance_weight case_weight importance_weight",
    "id": "id idx index row row_id row_index row_number rowid example_id sample_id sample record_id uid uuid guid key image image_id "
    "image_name img img_id img_name filename file_name file filepath file_path path image_path unnamed_0 example item_index "
    "doc_hash sentence_id text_id obs_id case_id instance instance_id question_id utterance_id utt_id transaction_id "
    "data_id pair_id position prompt_id",
    "group": "group groups group_id cluster cluster_id user user_id patient patient_id patientid userid subject subject_id "
    "session session_id speaker speaker_id customer customer_id client_id subject_number scene scene_id video video_id",
    "query": "query query_id qid q_id topic topic_id queryid topicid",
    "document": "doc doc_id docid docno document document_id did d_id passage_id pid corpus_id documentid item_id product_id",
    "relevance": "relevance rel relevant qrel judgement judgment grade gain relevance_label is_relevant relevance_score",
    "rank": "rank ranking rnk",
    "hypothesis": "hypothesis hypotheses hyp hyps generated generation generations generated_text generated_answer output_text "
    "generated_output generated_summary predicted_text model_output model_answer model_response candidate candidates "
    "system mt translation decoded response completion output outputs predicted_answer predicted_summary pred_summary "
    "system_output resps pred_text prediction_text predicted_translation hypo llm_output answer_generated summary response_text model_summary",
    "reference": "reference references ref refs reference_summary gold_summary target_text tgt reference_text gold_text "
    "reference_answer ground_truth_answer true_text highlights expected_output expected_answer actual_answer ideal "
    "reference_translation ref_text target_summary actual_summary gold_answer correct_answer answers",
    "tokens": "token_logprobs token_logprob logprobs token_log_probs token_log_probabilities token_log_probability "
    "token_logits_logprob loglikelihood log_likelihood logprob_sum sum_logprobs sum_logprob token_logp nll token_nll",
    "true": "y_true ytrue y label labels target targets class true truth actual actuals gold golden ground_truth groundtruth gt "
    "true_label label_true true_labels targs true_class actual_class actual_label gold_label gold_labels y_test y_val y_valid "
    "y_actual target_label correct_label expected obs observed real outcome label_id labels_id true_value actual_value "
    "target_value true_y truth_label labelids label_ids class_label true_target real_value gt_label category classification_label "
    "class_true target_true annotation annotations reference_label test_labels",
    "pred": "y_pred ypred pred preds predicted prediction predictions predict y_hat yhat pred_label predicted_label "
    "predicted_labels pred_labels pred_class predicted_class pred_y predicted_value pred_value label_pred label_predicted "
    "estimate estimated forecast fitted predictedlabel predicted_target predicted_y y_predicted test_predictions "
    "oof oof_pred oof_preds predicted_category argmax prediction_label predicted_id filtered_resps pred_id pred_labels_id decision",
    "score": "score scores y_score y_scores prob probs proba probas probability probabilities p y_prob y_proba logit logits "
    "confidence confidences conf log_prob log_proba log_probability logprob pred_prob pred_proba pred_score prediction_score "
    "predicted_prob predicted_proba predicted_probability prediction_probability risk risk_score decision_function margin "
    "likelihood anomaly_score positive_probability prob_pos pred_probs predict_proba softmax sigmoid output_prob y_pred_proba "
    "y_pred_prob raw_score prediction_prob prob_positive p_positive probability_score scored_probabilities logits_score",
    "input": "text sentence sentences input inputs prompt question premise hypothesis_text source src document_text article "
    "content body title email tweet review context comment message sentence1 sentence2 instruction",
}.items():
    EXACT |= dict.fromkeys(_names.split(), _role)  # type: ignore[arg-type]  # the keys above are roles

COUNTS = frozenset(
    [
        "num_tokens",
        "n_tokens",
        "token_count",
        "tokens_count",
        "ntokens",
        "n_token",
        "tokens",
        "length",
        "seq_len",
    ]
)
"""Names of the number of tokens that a summed log-probability is of."""
NOT_PREDICTIONS = frozenset(
    [
        "time",
        "date",
        "timestamp",
        "ms",
        "seconds",
        "sec",
        "secs",
        "latency",
        "length",
        "len",
        "count",
        "version",
        "path",
        "file",
        "elapsed",
        "duration",
        "error",
        "loss",
        "correct",
        "match",
        "matched",
        "timing",
        "cost",
        "num",
        "metric",
        "metrics",
        "accuracy",
        "acc",
        "bleu",
        "rouge",
        "f1",
        "rank",
        "std",
        "var",
        "variance",
    ]
)
"""What stands beside a prediction without being one: `prediction_time`, `is_correct`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a name says: its role ("" for none), whether the whole name says so, what is left of it, in its own spelling.

    `part` is the class, label or target that the column belongs to ("cat" of `prob_cat`), "" for none. `sure` ranks
    names of one role: 3 for a name that means nothing else, 1 for one that often means something else. `begins` is where
    the part begins.
    """

    role: Role
    part: str = ""
    sure: int = 0
    begins: int = 0


def normal(name: str) -> str:
    """Return the words of a name in lower case, joined by _.

    >>> normal("Actual Answer"), normal("yPred"), normal("P(class=1)"), normal("Unnamed: 0")
    ('actual_answer', 'y_pred', 'p_class_1', 'unnamed_0')
    """
    return "_".join(word.lower() for word in WORD.findall(name))


@cache
def guess(name: str) -> Guess:
    """Return what a name says.

    >>> guess("Generated Answer").role, guess("prob_cat").part, guess("y_pred_2").role, guess("price").role
    ('hypothesis', 'cat', 'pred', '')
    """
    whole = normal(name)
    if whole in EXACT:
        role = EXACT[whole]
        return Guess(role=role, sure=2 if role == "true" and not set(whole.split("_")) & TRUTH else 3)
    words = [(match.group().lower(), match.start(), match.end()) for match in WORD.finditer(name)]
    plain = [word for word, _, _ in words]
    if not plain or len(plain) > 12:
        return Guess(role="")
    for size in range(len(plain) - 1, 0, -1):  # the longest known beginning, then the longest known end
        role = EXACT.get("_".join(plain[:size]), "")
        if role in ("true", "pred", "score", "reference") and not set(plain[size:]) & NOT_PREDICTIONS:
            return _with_part(role, name, words, size, len(plain))
    for size in range(len(plain) - 1, 0, -1):
        role = EXACT.get("_".join(plain[-size:]), "")
        if role in ("true", "pred", "score", "reference", "hypothesis") and not set(plain) & NOT_PREDICTIONS:
            return _with_part(role, name, words, 0, len(plain) - size)
    if set(plain) & NOT_PREDICTIONS:
        return Guess(role="")
    return _by_words(name, plain)


def _with_part(role: Role, name: str, words: Sequence[tuple[str, int, int]], first: int, last: int) -> Guess:
    """Return a role with what is left of the name; words of another kind of role in it decide: `label_prob` is a score."""
    rest = [word for word, _, _ in words[first:last]]
    part = name[words[first][1] : words[last - 1][2]]
    if role == "true" and set(rest) & (PREDICTED | SCORES):
        role = "score" if set(rest) & SCORES else "pred"
        said = [word for place, word in enumerate(words) if not first <= place < last]
        is_class = [word for word, _, _ in said] == [
            "true"
        ]  # as in True_probability beside False_probability
        if is_class:
            return Guess(role=role, part=name[said[0][1] : said[0][2]], sure=2, begins=said[0][1])
        return Guess(role=role, sure=2)
    if role == "pred" and set(rest) & SCORES:
        kept = [w for w in words[first:last] if w[0] not in SCORES | NEUTRAL]
        if not kept:
            return Guess(role="score", sure=2)
        return Guess(role="score", part=name[kept[0][1] : kept[-1][2]], sure=2, begins=kept[0][1])
    if set(rest) <= NEUTRAL:
        return Guess(role=role, sure=2)
    return Guess(role=role, part=part, sure=1, begins=words[first][1])


def _by_words(name: str, plain: Sequence[str]) -> Guess:
    """Return what single words say where no beginning or end of the name is known."""
    found = set(plain)
    for role, known in (("score", SCORES), ("pred", PREDICTED), ("true", TRUTH)):
        if found & known:
            return Guess(role=role, part=name, sure=1)  # type: ignore[arg-type]  # one of the three roles
    if plain[-1] == "id":
        return Guess(role="id", sure=1)
    return Guess(role="")


def without_prediction(name: str) -> str:
    """Return the words of a name without those that say that it is predicted: what a prediction is of.

    >>> without_prediction("y_pred"), without_prediction("SalePrice_pred")
    ('y', 'sale_price')
    """
    return "_".join(word for word in normal(name).split("_") if word not in PREDICTED)


def is_logarithm(name: str) -> bool:
    """Whether a name says that a score is a logarithm of a probability."""
    whole = normal(name)
    return any(word in LOGARITHMS for word in whole.split("_")) or "logprob" in whole.replace("_", "")


def is_logit(name: str) -> bool:
    """Whether a name says that a score is a logit or another margin without bounds."""
    return bool({"logit", "logits", "margin", "decision_function"} & {normal(name), *normal(name).split("_")})


def is_scaled(name: str) -> bool:
    """Whether a name says that a score without bounds is a logit, of which the sigmoid is a probability."""
    whole = normal(name)
    return "logit" in whole or "log_odds" in whole


def is_confidence(name: str) -> bool:
    """Whether a name says that a score belongs to the predicted class, whichever that is."""
    return bool({"confidence", "confidences", "conf", "certainty"} & set(normal(name).split("_")))
