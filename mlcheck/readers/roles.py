"""The one table that says which column name means train loss, validation loss, a metric, lr, step, epoch, ...

A name is cut into words ("train/box_loss" -> train, box, loss; "ValLoss" -> val, loss). The words say the split and
the quantity; what remains unexplained makes a name less likely to be the total ("loss_box_reg" is a component).
Whole words decide, never parts of words: `latest_loss` holds no "test" and `interval_loss` no "val".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlcheck.model import Direction, Quantity, Role, Split

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

SPLITS: Mapping[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "tr", "learn", "fit"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "va", "dev", "eval", "evaluation", "holdout", "heldout", "cv"), "validation"),
    **dict.fromkeys(("test", "testing", "tst"), "test"),
}  # fmt: skip

LOSSES: Mapping[str, int] = {
    **dict.fromkeys(("loss", "losses", "cost", "objective", "criterion"), 0),
    **dict.fromkeys(
        ("nll", "ce", "bce", "xent", "crossentropy", "logloss", "mlogloss", "multiclass", "deviance", "elbo"),
        1,
    ),
    **dict.fromkeys(("mse", "l2", "msle", "quantile", "poisson", "gamma", "huber"), 2),
    **dict.fromkeys(("rmse", "rmsle", "l1", "mae"), 3),
    **dict.fromkeys(("perplexity", "ppl", "bpc", "bpb", "bpt"), 4),
    **dict.fromkeys(("error", "err", "merror"), 5),
}
"""Words for a loss and how far each is from saying so: the lowest present is taken, for all splits alike."""
EXPONENTIALS = frozenset(("perplexity", "ppl"))

METRICS: Mapping[str, tuple[str, Direction]] = {
    **dict.fromkeys(("accuracy", "accuracies", "acc", "accs", "top1", "acc1", "bacc", "bas"), ("accuracy", "higher")),
    **dict.fromkeys(("top5", "acc5"), ("top5_accuracy", "higher")),
    **dict.fromkeys(("f1", "fscore", "f1score"), ("f1", "higher")),
    **dict.fromkeys(("precision", "prec"), ("precision", "higher")),
    **dict.fromkeys(("recall", "sensitivity"), ("recall", "higher")),
    **dict.fromkeys(("auc", "auroc", "rocauc"), ("roc_auc", "higher")),
    **dict.fromkeys(("map", "map50", "ap", "ap50", "auprc", "prauc"), ("average_precision", "higher")),
    **dict.fromkeys(("iou", "miou", "jaccard"), ("iou", "higher")),
    **dict.fromkeys(("em", "spearman", "pearson", "corr", "meteor", "cider", "hits", "specificity"), ("", "higher")),
    **dict.fromkeys(("ndcg", "mrr", "bleu", "chrf", "mcc", "kappa", "psnr", "ssim", "dice", "r2", "pck"), ("", "higher")),
    **dict.fromkeys(("rouge", "rougel", "rouge1", "rouge2"), ("rouge", "higher")),
    **dict.fromkeys(("reward", "rewards", "return", "returns", "rew", "epret", "ret"), ("return", "higher")),
    **dict.fromkeys(("wer", "cer", "ter", "mape", "smape", "ece", "nme", "eer", "fid"), ("", "lower")),
}  # fmt: skip

SCORES = frozenset(("metric", "score", "scores"))
"""Last words of a metric that the table does not know (`obj_metric`, `psds_score`)."""

STEPS = frozenset(
    ("step", "steps", "global step", "globalstep", "iter", "iters", "iteration", "iterations", "n iter", "num iter", "it",
     "trainer global step", "train step", "train global step", "train iter", "update", "updates", "num updates",
     "training iteration", "total steps", "timesteps", "timesteps total", "total timesteps", "time total timesteps",
     "time iterations", "total env interacts", "totalenvinteracts", "batches seen", "consumed samples", "current step")
)  # fmt: skip
EPOCHS = frozenset(
    (
        "epoch",
        "epochs",
        "ep",
        "training epochs",
        "train epoch",
        "trainer epoch",
        "current epoch",
        "epoch num",
        "num epoch",
    )
)
TIMES = frozenset(("time", "timestamp", "wall time", "walltime", "runtime", "elapsed", "elapsed time", "date", "datetime",
                   "created at", "relative time", "relative time process", "timestamps", "seconds", "duration", "eta"))  # fmt: skip
ROWS = frozenset(("", "index", "unnamed 0", "row", "idx"))
RATES = frozenset(("lr", "lrs", "learning rate", "learningrate", "learning rates"))

HARMLESS = frozenset(
    ("total", "epoch", "avg", "average", "mean", "running", "overall", "net", "output", "all", "combined", "full", "metrics",
     "metric", "history", "scalars", "log", "logs", "set", "data", "score", "rate", "model", "global", "s", "per", "main")
)  # fmt: skip
"""Words beside the split and the quantity that do not make a name a component of something larger."""

PARTIAL = frozenset(
    (
        "step",
        "batch",
        "iter",
        "iteration",
        "minibatch",
        "current",
        "latest",
        "interval",
        "smooth",
        "smoothed",
        "ema",
    )
)
"""Words of a finer or filtered form of the same quantity: taken only where the plain form is not logged."""

NOT_A_CURVE = frozenset(
    (
        "best",
        "min",
        "max",
        "final",
        "last",
        "std",
        "stdv",
        "stderr",
        "var",
        "delta",
        "diff",
        "count",
        "num",
        "weight",
        "scale",
        "coef",
    )
)
"""Words that make a name something else than the quantity at that step (a running best, a spread, a weight)."""

EPISODIC_PARTS = frozenset(
    ("pi", "v", "q", "q1", "q2", "qf", "vf", "pg", "policy", "value", "actor", "critic", "entropy", "alpha", "temperature")
)  # fmt: skip
"""Parts of what reinforcement learning minimises: beside a return none of them says how well the run does."""

GLUED = re.compile(
    r"^(train|training|val|valid|validation|test|eval|dev)(loss|losses|acc|accuracy|accuracies|error|err|f1|auc|mse|rmse|mae)$"
)
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
NOT_WORD = re.compile(r"[^a-z0-9]+")
JOINED = {"cross entropy": "crossentropy", "log loss": "logloss", "held out": "heldout", "f 1": "f1", "f score": "fscore",
          "m ap": "map", "m iou": "miou", "m ap50": "map50", "r 2": "r2", "hold out": "holdout", "top 1": "top1", "top 5": "top5",
          "roc auc": "rocauc", "io u": "iou", "mean absolute error": "mae", "root mean squared error": "rmse",
          "mean squared error": "mse", "multi class": "multiclass"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guess:
    """What a name alone says: a role, and how many words stay unexplained (0 = surely the plain quantity).

    `rank` is how far a loss word is from saying "loss" (see LOSSES); `bare` marks a name that is only a split.
    """

    role: Role
    unexplained: int = 0
    rank: int = 0
    bare: bool = False


OTHER = Guess(Role(quantity="other"), 99)


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Cut a column name into lower-case words."""
    text = NOT_WORD.sub(" ", CAMEL.sub(" ", name.strip()).lower()).strip()
    for apart, together in JOINED.items():
        if apart in text:
            text = re.sub(rf"\b{apart}\b", together, text)
    found: list[str] = []
    for word in text.split():
        glued = GLUED.match(word)
        found += glued.groups() if glued else (word,)
    return tuple(found)


@lru_cache(maxsize=8192)
def guess(name: str) -> Guess:
    """Say what a column name means by itself, without its neighbours."""
    all_words = words(name)
    joined = " ".join(all_words)
    for quantity, names in _WHOLE_NAMES:
        if joined in names:
            return Guess(Role(quantity=quantity, measure=quantity))
    if all_words[-1:] in (("epoch",), ("step",)) and set(all_words[:-1]) <= {
        "trainer",
        "train",
        "global",
        "log",
    }:
        return Guess(Role(quantity="epoch" if all_words[-1] == "epoch" else "step", measure=all_words[-1]))
    return _gradient(all_words) or _rate(all_words) or _loss_or_metric(all_words)


_WHOLE_NAMES: tuple[tuple[Quantity, frozenset[str]], ...] = (
    ("step", STEPS),
    ("epoch", EPOCHS),
    ("time", TIMES),
    ("lr", RATES),
)


def is_row_number(name: str) -> bool:
    """Whether a column only numbers the rows."""
    return " ".join(words(name)) in ROWS


def _gradient(all_words: tuple[str, ...]) -> Guess | None:
    """Gradient norms (global or of one layer), update-to-weight ratios, shares of dead units."""
    found = set(all_words)
    if (
        all_words == ("norm",)
        or found & {"gradnorm", "gnorm"}
        or (found & {"grad", "grads", "gradient", "gradients"} and "norm" in found)
    ):
        known = {"gradnorm", "gnorm", "grad", "grads", "gradient", "gradients", "norm", "total", "global", "l2", "2", "train",
                 "training", "overall", "metrics", "optim", "avg", "mean", "0", "preclip", "pre", "clip", "0 norm"}  # fmt: skip
        rest = [w for w in all_words if w not in known]
        measure = "grad_norm" if not rest else "grad_norm/" + ".".join(rest)
        return Guess(Role(quantity="grad_norm", measure=measure), len(rest))
    if "update" in found and found & {"ratio", "weight", "param"}:
        rest = [w for w in all_words if w not in {"update", "ratio", "weight", "param", "to"}]
        return Guess(
            Role(quantity="other", measure="update_ratio" + ("/" + ".".join(rest) if rest else "")), len(rest)
        )
    if "dead" in found and found & {"units", "fraction", "relu", "neurons", "share", "unit", "ratio"}:
        return Guess(Role(quantity="other", measure="dead_fraction"), len(found) - 2)
    return None


def _rate(all_words: tuple[str, ...]) -> Guess | None:
    if any(w in ("lr", "lrs") or re.fullmatch(r"lr\d+", w) for w in all_words) or "learning rate" in " ".join(
        all_words
    ):
        rest = [w for w in all_words if w not in ("lr", "learning", "rate", "train")]
        return Guess(Role(quantity="lr", measure="lr"), len(rest))
    return None


def _loss_or_metric(all_words: tuple[str, ...]) -> Guess:
    splits = [SPLITS[w] for w in all_words if w in SPLITS]
    split = splits[0] if splits else None
    rest = [w for w in all_words if w not in SPLITS]
    if not rest and split and len(all_words) == 1:
        return Guess(Role(quantity="loss", split=split, measure="loss"), 0, 0, bare=True)
    if NOT_A_CURVE.intersection(rest):
        return OTHER
    losses = [w for w in rest if w in LOSSES]
    metrics = [w for w in rest if w in METRICS]
    extra = sum(
        2 if w in PARTIAL else 3 for w in rest if w not in HARMLESS and w not in losses and w not in metrics
    )
    rank = min((LOSSES[w] for w in losses), default=9)
    if EXPONENTIALS.intersection(losses):  # "lm loss PPL" is the exponential of a loss
        losses, rank = [w for w in losses if w in EXPONENTIALS], LOSSES["ppl"]
    if losses and not (metrics and rank > 0):  # "dice_loss" is a loss, "acc_error" no more than a metric
        named = next(w for w in losses if LOSSES[w] == rank)
        return Guess(
            Role(quantity="loss", split=split, measure=named, better="lower"),
            extra + len(metrics) + len(losses) - 1,
            rank,
        )
    if metrics:
        measure, better = METRICS[metrics[0]]
        spread = 0 if all(w in HARMLESS or w in metrics for w in rest) else extra
        return Guess(
            Role(quantity="metric", split=split, measure=measure or metrics[0], better=better), spread
        )
    if rest and rest[-1] in SCORES:  # whatever it scores: more is better, or it would be called a loss
        return Guess(Role(quantity="metric", split=split, measure="_".join(rest), better="higher"), extra)
    return OTHER


def parse_role(text: str) -> Role | None:
    """Return the role that an option names (train_loss, val_accuracy, lr, grad_norm, step, epoch), or None."""
    if text in ("step", "epoch", "time", "lr", "grad_norm"):
        return Role(quantity=text, measure=text)  # type: ignore[arg-type]  # one of the Quantity literals, just tested
    prefix, _, measure = text.partition("_")
    split = SPLITS.get(prefix)
    if split is None or not measure:
        return None
    if measure == "loss":
        return Role(quantity="loss", split=split, measure="loss", better="lower")
    if measure not in METRICS and measure != "metric":
        return None
    known, better = METRICS.get(measure, ("metric", "higher"))
    return Role(quantity="metric", split=split, measure=known or measure, better=better)


def assign(
    names: Sequence[str],
    *,
    hints: Sequence[Split | None] | None = None,
    overrides: Mapping[str, str] | None = None,
) -> tuple[tuple[int, Role], ...]:
    """Say for each name what it is, given its neighbours: (index, role) pairs, primary series first.

    `hints` are splits known from outside the name (a folder, a line's heading). `overrides` maps role names to
    column names (`--column train_loss=NAME`) and wins. Names that mean nothing known come last as "other".
    """
    hints = hints or [None] * len(names)
    guesses = [_with_hint(guess(n), h) for n, h in zip(names, hints, strict=True)]
    if any(g.role.measure == "return" for g in guesses):
        guesses = [OTHER if _is_episodic_part(n, g) else g for n, g in zip(names, guesses, strict=True)]
    by_user = _chosen(names, hints, overrides or {})
    taken = [(r.quantity, r.split) for r in by_user.values() if r.quantity == "loss"]
    rank = _chosen_rank(guesses)
    roles = [_of_kept_split(_settle(g, rank, guesses), taken) for g in guesses]
    explicit = {r for r, g in zip(roles, guesses, strict=True) if g.role.split}
    order = sorted(
        range(len(names)), key=lambda i: (i not in by_user, _penalty(guesses[i], roles[i], explicit), i)
    )
    return tuple((i, by_user.get(i, roles[i])) for i in order)


def _chosen(
    names: Sequence[str], hints: Sequence[Split | None], overrides: Mapping[str, str]
) -> dict[int, Role]:
    """Return the roles that the user gave, by place; of a name logged for several splits the role's own is meant."""
    found: dict[int, Role] = {}
    for text, column in overrides.items():
        role = parse_role(text)
        places = [i for i, name in enumerate(names) if name == column]
        own = [i for i in places if role and hints[i] == role.split]
        if role:
            found.update(dict.fromkeys(own or places, role))
    return found


def _with_hint(found: Guess, hint: Split | None) -> Guess:
    if hint is None or found.role.quantity not in ("loss", "metric"):
        return found
    role = Role(
        quantity=found.role.quantity, split=hint, measure=found.role.measure, better=found.role.better
    )
    return Guess(role, found.unexplained, found.rank, found.bare)


def _chosen_rank(guesses: Sequence[Guess]) -> int:
    """Return the rank of the loss words that the run is judged by: the plainest that occurs."""
    ranks = [g.rank for g in guesses if g.role.quantity == "loss" and not g.bare]
    return min(ranks, default=0)


def _settle(found: Guess, rank: int, guesses: Sequence[Guess]) -> Role:
    """Turn a guess into a role: losses of another kind become metrics, unnamed splits are inferred."""
    role = found.role
    if role.quantity == "loss":
        if found.bare and _is_of_another_kind(role, guesses):
            return OTHER.role
        if found.rank != rank and not found.bare:
            return Role(
                quantity="metric", split=_metric_split(role, guesses), measure=role.measure, better="lower"
            )
        return Role(quantity="loss", split=role.split or "train", measure="loss", better="lower")
    if role.quantity == "metric":
        return Role(
            quantity="metric", split=_metric_split(role, guesses), measure=role.measure, better=role.better
        )
    return role


def _is_of_another_kind(role: Role, guesses: Sequence[Guess]) -> bool:
    """Whether names that are only splits mean something else: a loss is named beside them.

    In `Loss: 1.9, Train: 0.19, Val: 0.17` the loss is the training one, so the others are accuracies.
    """
    named: list[Split | None] = [g.role.split for g in guesses if g.role.quantity == "loss" and not g.bare]
    trains = any(g.bare and g.role.split == "train" for g in guesses)
    return role.split in named or (trains and None in named)


def _metric_split(role: Role, guesses: Sequence[Guess]) -> Split:
    """Return the split of a metric that names none: the training one in Keras's manner (`loss`, `val_loss`), else the held-out one.

    fastai and Detectron2 print `train_loss, valid_loss, accuracy`: there the metric is of the validation set.
    """
    if role.split:
        return role.split
    same = any(g.role.measure == role.measure and g.role.split in ("validation", "test") for g in guesses)
    plain = any(g.role.quantity == "loss" and g.role.split is None for g in guesses)
    held_out = any(g.role.quantity == "loss" and g.role.split in ("validation", "test") for g in guesses)
    return "validation" if held_out and not same and not plain else "train"


def _of_kept_split(role: Role, taken: Sequence[tuple[Quantity, Split | None]]) -> Role:
    """Demote the losses of a split for which the user has named the column."""
    return OTHER.role if (role.quantity, role.split) in taken else role


def _is_episodic_part(name: str, found: Guess) -> bool:
    return found.role.quantity == "loss" and not EPISODIC_PARTS.isdisjoint(words(name))


def _penalty(found: Guess, role: Role, explicit: Container[Role]) -> int:
    """Say how far a name is from saying its role plainly; of two alike the one that names its split comes first."""
    if role.quantity == "other":
        return 1000
    inferred = found.role.split is None and role in explicit
    return found.unexplained + inferred + (50 if found.bare else 0)
