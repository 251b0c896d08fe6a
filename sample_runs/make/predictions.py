"""Make the sample predictions for `mlcheck metrics`: eight tasks, each by a model that was really trained.

usage: python sample_runs/make/predictions.py [FOLDER [NAME...]]   (scikit-learn only; sample_runs/predictions by default)

The data come with scikit-learn and Python, or from the generators below. Texts are cut from the reference documentation of
Python, so that another version of Python gives other texts. Everything else depends on the seeds alone.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
from sklearn.datasets import load_diabetes, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_predict
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MultiLabelBinarizer, StandardScaler
from sklearn.svm import SVC

CHANNELS = ("web", "phone", "shop")


def fraud(folder: Path) -> None:
    """Card payments of which 2 % are fraud, told by a logistic regression and by boosted trees.

    Fraud is likelier at night, for large amounts far from home and for new cards, in products that a linear model misses.
    Labels are of held-out payments. Telephone orders carry no distance, so they are told worse.
    """
    draw = np.random.default_rng(11)
    n = 30_000
    hour, amount = draw.uniform(0, 24, n), draw.lognormal(3.5, 1.0, n)
    distance, age = draw.exponential(20, n), draw.exponential(400, n)
    channel = draw.choice(3, n, p=[0.6, 0.15, 0.25])
    night = np.cos((hour - 3) / 24 * 2 * np.pi)
    reach = 0.035 * np.minimum(distance, 90) * (amount > 30)
    logit = -5.3 + 2.2 * night * (amount > 60) + reach + 1.6 * (age < 60)
    label = draw.random(n) < 1 / (1 + np.exp(-logit))
    seen = np.where(channel == 1, draw.exponential(20, n), distance)
    inputs = np.stack([hour, amount, seen, age, channel], axis=1)
    cut = 24_000
    for name, model in (
        ("fraud_linear", make_pipeline(StandardScaler(), LogisticRegression())),
        ("fraud_boosted", HistGradientBoostingClassifier(random_state=0, max_iter=80, learning_rate=0.06)),
    ):
        model.fit(inputs[:cut], label[:cut])
        score = model.predict_proba(inputs[cut:])[:, 1]
        rows = zip(range(cut, n), label[cut:], score, channel[cut:], strict=True)
        lines = [f"p{i},{int(y)},{s:.5f},{CHANNELS[c]}" for i, y, s, c in rows]
        write(folder / f"{name}.csv", ["payment_id,is_fraud,score,channel", *lines])


def digits(folder: Path) -> None:
    """Ten digits of 8 x 8 points by a linear model and by a support vector machine, each from folds it was not trained on."""
    inputs, truth = load_digits(return_X_y=True)
    for name, model in (
        ("digits_linear", LogisticRegression(max_iter=200, C=0.05)),
        ("digits_svm", SVC(gamma=0.02, C=5, random_state=0)),
    ):
        if name == "digits_linear":
            found = cross_val_predict(model, inputs / 16, truth, cv=5, method="predict_proba")
            head = "label," + ",".join(f"prob_{k}" for k in range(10))
        else:
            found = cross_val_predict(model, inputs / 4, truth, cv=5, method="decision_function")
            head = "label," + ",".join(f"logit_{k}" for k in range(10))
        write(
            folder / f"{name}.csv",
            [
                head,
                *(f"{y}," + ",".join(f"{v:.5f}" for v in row) for y, row in zip(truth, found, strict=True)),
            ],
        )


def sections() -> list[tuple[str, str]]:
    """Return (title, paragraph) of the reference documentation: plain prose of some length."""
    found = []
    for title, text in sorted(topics.items()):
        for part in re.split(r"\n\s*\n", text):
            plain = " ".join(part.split())
            if (
                len(plain) > 120
                and plain[:1].isupper()
                and not plain.startswith(("Note", "Changed", "Added"))
            ):
                found.append((title, re.sub(r"[*`\"]", "", plain)))
    return found


def tags(folder: Path) -> None:
    """Which of eight notions a paragraph of the documentation speaks of; the words themselves are hidden from the model."""
    notions = ("class", "function", "iterator", "exception", "import", "string", "number", "attribute")
    texts, truth = [], []
    for _, text in sections():
        words = set(re.findall(r"[a-z]+", text.lower()))
        here = [n for n in notions if n in words or f"{n}s" in words or f"{n}es" in words]
        if here:
            texts.append(re.sub("|".join(f"{n}(es|s)?" for n in notions), " ", text.lower()))
            truth.append(here)
    coded = MultiLabelBinarizer(classes=list(notions)).fit_transform(truth)
    model = make_pipeline(
        TfidfVectorizer(min_df=2, sublinear_tf=True), OneVsRestClassifier(LogisticRegression(C=20))
    )
    found = cross_val_predict(model, texts, coded, cv=5, method="predict_proba")
    head = ",".join([f"true_{n}" for n in notions] + [f"prob_{n}" for n in notions])
    rows = [
        ",".join([*map(str, y), *(f"{p:.4f}" for p in row)])
        for y, row in zip(coded.tolist(), found, strict=True)
    ]
    write(folder / "tags.csv", [head, *rows])


def diabetes(folder: Path) -> None:
    """Progression of diabetes by ridge regression; four predictions are five times too large, as after a slip of units."""
    inputs, truth = load_diabetes(return_X_y=True)
    found = cross_val_predict(Ridge(0.1), inputs, truth, cv=10)
    found[np.random.default_rng(5).choice(len(found), 4, replace=False)] *= 5
    write(
        folder / "diabetes.csv",
        ["y_true,y_pred", *(f"{a:.0f},{b:.2f}" for a, b in zip(truth, found, strict=True))],
    )


def search(folder: Path) -> None:
    """Sentences look for the topic of the documentation they come from: BM25 against TF-IDF, as TREC files.

    The topic itself is relevant (2), topics that it names with "see" or whose title it holds are somewhat (1).
    """
    draw = random.Random(3)  # noqa: S311
    documents = {
        t: re.findall(r"[a-z]{2,}", text.lower()) for t, text in sorted(topics.items()) if len(text) > 400
    }
    names = list(documents)
    queries = []
    for title in draw.sample(names, 60):
        sentences = [s for s in re.split(r"(?<=\.)\s+", " ".join(topics[title].split())) if 40 < len(s) < 200]
        if sentences:
            words = [
                w for w in re.findall(r"[a-z]{3,}", draw.choice(sentences).lower()) if draw.random() < 0.5
            ]
            queries.append((title, words[:8]))
    near = {
        t: [o for o in names if o != t and re.search(rf"\b{re.escape(o)}\b", topics[t].lower())]
        for t, _ in queries
    }
    qrels = [
        f"q{i} 0 {name} {grade}"
        for i, (t, _) in enumerate(queries, 1)
        for name, grade in [(t, 2), *((o, 1) for o in near[t][:6])]
    ]
    write(folder / "search.qrels", qrels)
    for tag, weigh in (("bm25", bm25), ("tfidf", tfidf)):
        lines = []
        for i, (_, words) in enumerate(queries, 1):
            ranked = sorted(((weigh(words, documents[n], documents), n) for n in names), reverse=True)[:20]
            lines += [f"q{i} Q0 {n} {r} {s:.4f} {tag}" for r, (s, n) in enumerate(ranked, 1) if s > 0]
        write(folder / f"search_{tag}.run", lines)


def frequency(word: str, documents: dict[str, list[str]], cache: dict[str, float] = {}) -> float:  # noqa: B006
    """Return the logarithm of how rare a word is among the documents."""
    if word not in cache:
        held = sum(word in set(d) for d in documents.values())
        cache[word] = math.log(1 + (len(documents) - held + 0.5) / (held + 0.5))
    return cache[word]


def bm25(words: list[str], document: list[str], documents: dict[str, list[str]]) -> float:
    """Return the score of Robertson & Zaragoza 2009, k1 = 1.2, b = 0.75."""
    mean = sum(map(len, documents.values())) / len(documents)
    counts = Counter(document)
    return sum(
        frequency(w, documents) * counts[w] * 2.2 / (counts[w] + 1.2 * (0.25 + 0.75 * len(document) / mean))
        for w in words
        if counts[w]
    )


def tfidf(words: list[str], document: list[str], documents: dict[str, list[str]]) -> float:
    """Return the plain product of frequency and rarity, which favours long documents."""
    counts = Counter(document)
    return sum(counts[w] * frequency(w, documents) for w in words)


SUBJECTS = {"der Hund": "the dog", "die Frau": "the woman", "das Kind": "the child", "der alte Mann": "the old man", "die Lehrerin": "the teacher",
            "mein Bruder": "my brother", "unsere Nachbarin": "our neighbour", "der Arzt": "the doctor"}  # fmt: skip
OBJECTS = {"den Ball": "the ball", "das Buch": "the book", "einen Apfel": "an apple", "die Zeitung": "the newspaper", "den roten Wagen": "the red car",
           "ein Bild": "a picture", "die Suppe": "the soup", "den Brief": "the letter", "das kleine Haus": "the small house"}  # fmt: skip
VERBS = {
    "sieht": "sees",
    "kauft": "buys",
    "sucht": "looks for",
    "findet": "finds",
    "verkauft": "sells",
    "nimmt": "takes",
    "zeigt": "shows",
}
PLACES = {"im Garten": "in the garden", "am Morgen": "in the morning", "auf dem Markt": "at the market", "heute": "today", "vor dem Haus": "in front of the house",
          "jeden Tag": "every day"}  # fmt: skip
MAINS = {"ich weiß": "I know", "sie sagt": "she says", "wir glauben": "we believe", "er hofft": "he hopes"}


def sentence(draw: random.Random) -> tuple[str, str]:
    """Return a German sentence and its translation; in a subordinate clause the verb goes to the end."""
    (s, se), (o, oe), (v, ve), (p, pe), (m, me) = (
        draw.choice(list(x.items())) for x in (SUBJECTS, OBJECTS, VERBS, PLACES, MAINS)
    )
    kind = draw.random()
    if kind < 0.45:
        return f"{s} {v} {o} {p}", f"{se} {ve} {oe} {pe}"
    if kind < 0.7:
        return f"{p} {v} {s} {o}", f"{pe} {se} {ve} {oe}"
    return f"{m} dass {s} {o} {v}", f"{me} that {se} {ve} {oe}"


def translation(folder: Path) -> None:
    """German to English by IBM model 1 (Brown et al. 1993), word by word, and with a bigram model that chooses and orders."""
    draw = random.Random(8)  # noqa: S311
    pairs = [tuple(x.split() for x in sentence(draw)) for _ in range(1500)]
    held_out = [tuple(x.split() for x in sentence(draw)) for _ in range(220)]
    table = model_1(pairs[:1200])
    bigrams = Counter(b for _, e in pairs for b in zip(["<s>", *e], [*e, "</s>"], strict=True))
    write(folder / "translation.de", [" ".join(g) for g, _ in held_out])
    write(folder / "translation.en", [" ".join(e) for _, e in held_out])
    write(folder / "translation_words.en", [" ".join(best(table, w) for w in g) for g, _ in held_out])
    write(folder / "translation_bigrams.en", [" ".join(beam(table, bigrams, g)) for g, _ in held_out])


def model_1(pairs: list[tuple[list[str], ...]], rounds: int = 12) -> dict[str, dict[str, float]]:
    """Return t(english | german) by expectation maximisation."""
    table: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(lambda: 1.0))
    for _ in range(rounds):
        counts: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for german, english in pairs:
            for e in english:
                total = sum(table[g][e] for g in german)
                for g in german:
                    counts[g][e] += table[g][e] / total
        for g, row in counts.items():
            whole = sum(row.values())
            table[g] = defaultdict(float, {e: c / whole for e, c in row.items()})
    return table


def best(table: dict[str, dict[str, float]], word: str) -> str:
    """Return the likeliest translation of one word."""
    return max(table[word].items(), key=lambda x: x[1])[0] if table.get(word) else word


def beam(
    table: dict[str, dict[str, float]], bigrams: Counter[tuple[str, str]], german: list[str], width: int = 40
) -> list[str]:
    """Return the best order and choice of words: a beam over what is translated, two words ahead at most."""
    states = [(0.0, "<s>", frozenset[int](), ())]
    for _ in german:
        grown = []
        for score, last, done, words in states:
            left = [i for i in range(len(german)) if i not in done]
            for i in left[:4]:
                for e, p in sorted(table.get(german[i], {german[i]: 1.0}).items(), key=lambda x: -x[1])[:3]:
                    step = math.log(p + 1e-9) + math.log(bigrams[(last, e)] + 0.05) - 0.4 * left.index(i)
                    grown.append((score + step, e, done | {i}, (*words, e)))
        states = sorted(grown, key=lambda s: s[0], reverse=True)[:width]
    return list(states[0][3])


def summaries(folder: Path) -> None:
    """Tell the first sentence of a passage of the documentation by what follows it, by TextRank (Mihalcea & Tarau 2004)."""
    rows = []
    for title, text in sections():
        sentences = [s for s in re.split(r"(?<=\.)\s+(?=[A-Z])", text) if len(s.split()) > 5]
        if len(sentences) >= 4:
            body = sentences[1:]
            rows.append({"id": f"{title}-{len(rows)}", "summary": text_rank(body), "reference": sentences[0]})
    write(folder / "summaries.jsonl", [json.dumps(row, ensure_ascii=False) for row in rows[:200]])


def text_rank(sentences: list[str]) -> str:
    """Return the sentence that the others resemble most."""
    words = [set(re.findall(r"[a-z]{3,}", s.lower())) for s in sentences]
    near = np.array(
        [[len(a & b) / (1 + math.log(1 + len(a)) + math.log(1 + len(b))) for b in words] for a in words]
    )
    np.fill_diagonal(near, 0.0)
    rank = np.ones(len(words))
    flow = near / np.maximum(near.sum(axis=1, keepdims=True), 1e-9)
    for _ in range(30):
        rank = 0.15 + 0.85 * flow.T @ rank
    return sentences[int(rank.argmax())]


def language_model(folder: Path) -> None:
    """Log-probabilities of the words of held-out sentences by an interpolated trigram model of the documentation."""
    sentences = [
        s for _, text in sections() for s in re.split(r"(?<=\.)\s+", text) if 4 < len(s.split()) < 40
    ]
    draw = random.Random(2)  # noqa: S311
    draw.shuffle(sentences)
    held_out, rest = sentences[:150], sentences[150:]
    grams = [Counter[tuple[str, ...]]() for _ in range(4)]
    for s in rest:
        words = ["<s>", "<s>", *s.split(), "</s>"]
        for i in range(2, len(words)):
            for n in range(4):
                grams[n][tuple(words[i - n + 1 : i + 1]) if n else ()] += 1
        grams[1][("<s>",)] += 0
    contexts = [Counter({c: 0}) for c in range(3)]
    for n in (2, 3):
        for gram, count in grams[n].items():
            contexts[n - 1][gram[:-1]] += count
    size = len(grams[1]) + 1
    rows = []
    for s in held_out:
        words = ["<s>", "<s>", *s.split(), "</s>"]
        logs = []
        for i in range(2, len(words)):
            p = 0.05 / size + 0.15 * grams[1][(words[i],)] / grams[0][()]
            for n, share in ((2, 0.4), (3, 0.4)):
                context = tuple(words[i - n + 1 : i])
                seen = contexts[n - 1][context]
                p += share * (
                    grams[n][(*context, words[i])] / seen if seen else grams[1][(words[i],)] / grams[0][()]
                )
            logs.append(round(math.log(p), 4))
        rows.append({"text": s, "token_logprobs": logs})
    write(folder / "language_model.jsonl", [json.dumps(row, ensure_ascii=False) for row in rows])


def write(path: Path, lines: list[str]) -> None:
    """Write lines."""
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


MADE = (fraud, digits, tags, diabetes, search, translation, summaries, language_model)


def main(folder: Path, names: list[str]) -> None:
    """Make what is named, everything by default."""
    folder.mkdir(parents=True, exist_ok=True)
    for make in MADE:
        if not names or make.__name__ in names:
            make(folder)
            print(make.__name__)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "predictions", sys.argv[2:])
