"""BLEU, chrF, TER, ROUGE and short answers give the reference implementations' numbers, and intervals from texts."""

from __future__ import annotations

import gzip
import json
import math
import os
import string
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sacrebleu
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer
from sacrebleu.metrics.lib_ter import translation_edit_rate

from mlcheck import registry
from mlcheck.errors import MlcheckError
from mlcheck.model import Table
from mlcheck.model.predictions import Predictions, Texts
from mlcheck.stats.metrics.generation import (
    answers,
    bleu,
    chrf,
    edits,
    exhibits,
    lcs,
    porter,
    rouge,
    ter,
    view,
)
from mlcheck.stats.metrics.generation.words import words
from mlcheck.stats.metrics.metric import Metric, Undefined, compare, estimate
from mlcheck.stats.metrics.parameters import Parameters
from mlcheck.stats.metrics.resample import Sampling

METRICS = {metric.name: metric for metric in registry.metrics("generation")}
ALPHABET = [
    "the", "a", "cat", "dog", "sat", "on", "mat", ".", ",", "!", "run-in", "3.5", "x'y", "(he)", "Straße", "猫",
]  # fmt: skip
LINE = st.lists(st.sampled_from(ALPHABET), max_size=12).map(" ".join)


def bench(*parts: str) -> Path:
    """Return a file of the reference implementations' test vectors, or skip."""
    folder = os.environ.get("MLCHECK_BENCH")
    if not folder:
        pytest.skip("MLCHECK_BENCH does not name the folder of test vectors")
    return Path(folder, "vectors", *parts)


def manifest(section: str) -> Any:
    """Return a section of the vectors' manifest."""
    return json.loads(bench("manifest.json").read_text(encoding="utf-8"))[section]


def texts(hypotheses: list[str], *references: list[str | None] | list[str]) -> Texts:
    """Return texts with one or more streams of references."""
    return Texts(hypotheses=tuple(hypotheses), references=tuple(tuple(stream) for stream in references))


def viewed(
    content: Texts, sampling: Sampling | None = None, weight: list[float] | None = None, **chosen: Any
) -> view.TextsView:
    """Return the view of texts."""
    predictions = Predictions(
        id="a",
        source="a",
        reader="test",
        task="generation",
        content=content,
        rows=len(content.hypotheses),
        weight=None if weight is None else np.array(weight),
    )
    return view.view(predictions, sampling or Sampling(), Parameters(**chosen))


def value(name: str, content: Texts, **chosen: Any) -> float:
    """Return a metric of texts."""
    return float(METRICS[name].value(viewed(content, **chosen)))


def corpus(seed: int, n: int = 40, longest: int = 25) -> list[str]:
    """Return random sentences in which words and pairs recur."""
    chance = np.random.default_rng(seed)
    return [" ".join(chance.choice(ALPHABET, chance.integers(longest))) for _ in range(n)]


def wmt17() -> tuple[dict[str, list[str]], list[str]]:
    """Return the systems of WMT17 English-German by name, and the reference."""
    with gzip.open(bench("sacrebleu", "wmt17_en_de_systems.json.gz"), "rt", encoding="utf-8") as stream:
        *systems, (_, (reference,)) = json.load(stream)
    return dict(systems), reference


def test_every_named_metric_of_generated_texts_is_found() -> None:
    """The registry gives those of the contract in the order of their rank."""
    assert list(METRICS) == [
        "bleu", "chrf", "ter", "rouge1", "rouge2", "rougeL", "rougeLsum", "exact_match", "token_f1",
    ]  # fmt: skip


# BLEU


def test_bleu_has_the_numbers_of_sacrebleus_own_tests() -> None:
    """Two references, other tokenisers, no smoothing, other orders; empty hypotheses give 0."""
    case = manifest("sacrebleu")["corpus_bleu"]
    content = texts(case["hyps"], *case["refs"])
    for arguments, expected in case["cases"]:
        sums = bleu.statistics(content, arguments.get("tokenize", "13a")).sum(axis=0, keepdims=True)
        found = bleu.scores(sums, smoothing=arguments.get("smooth_method", "exp"))[0]
        assert found == pytest.approx(expected, abs=1e-6)
    for order, expected in case["max_ngram_order"].items():
        sums = bleu.statistics(content, order=int(order)).sum(axis=0, keepdims=True)
        assert bleu.scores(sums, int(order))[0] == pytest.approx(expected, abs=5e-3)
    assert value("bleu", texts(["", "", ""], *case["refs"])) == case["empty_hyps"]


def test_bleu_without_a_match_of_four_words_is_smoothed_as_sacrebleu_does() -> None:
    """Exponential smoothing gives 10.68 where unsmoothed BLEU is 0."""
    content = texts(["the cat is on the mat"], ["a cat sat on a mat"])
    sums = bleu.statistics(content).sum(axis=0, keepdims=True)
    assert sums[0, 5] == 0
    assert bleu.scores(sums, smoothing="none")[0] == 0
    assert value("bleu", content) == pytest.approx(10.682175, abs=1e-6)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_bleu_chrf_and_ter_equal_sacrebleu_on_any_texts(data: st.DataObject) -> None:
    """Empty lines, missing references and other scripts included."""
    n = data.draw(st.integers(1, 5))
    lines = st.lists(LINE, min_size=n, max_size=n)
    own, first = data.draw(lines), data.draw(lines)
    second: list[str | None] = [*data.draw(st.lists(st.none() | LINE, min_size=n, max_size=n))]
    content = texts(own, first, second)
    streams: Any = [first, second]
    if not any(text and text.strip() for stream in streams for text in stream):
        return
    assert value("bleu", content) == pytest.approx(sacrebleu.corpus_bleu(own, streams).score, rel=1e-12)
    assert value("chrf", content) == pytest.approx(sacrebleu.corpus_chrf(own, streams).score, rel=1e-12)
    assert value("ter", content) == pytest.approx(sacrebleu.corpus_ter(own, streams).score, rel=1e-12)


def test_the_bleu_of_every_bootstrap_sample_is_sacrebleus() -> None:
    """The formula over sums of samples is compute_bleu's, smoothing and brevity included."""
    sums = np.random.default_rng(0).integers(0, 4, (300, 10)).astype(np.float64)
    sums[:, 2:6] = np.minimum(sums[:, 2:6], sums[:, 6:])
    expected = [
        sacrebleu.BLEU.compute_bleu(
            list(map(int, row[2:6])), list(map(int, row[6:])), int(row[0]), int(row[1]), smooth_method="exp"
        ).score
        for row in sums
    ]
    assert bleu.scores(sums) == pytest.approx(expected, rel=1e-12)


def test_bleu_of_texts_in_blocks_is_that_of_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many texts are sorted together does not change the counts."""
    content = texts(corpus(1), corpus(2), corpus(3))
    whole = bleu.statistics(content)
    monkeypatch.setattr("mlcheck.stats.metrics.generation.ngrams.BLOCK_TOKENS", 7)
    assert np.array_equal(bleu.statistics(content), whole)


def test_ngrams_are_numbered_alike_where_numbers_are_too_large_to_be_packed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other way of sorting gives the same counts."""
    content = texts(corpus(1), corpus(2), corpus(3))
    whole = bleu.statistics(content)
    monkeypatch.setattr("mlcheck.stats.metrics.generation.ngrams.MOST_BITS", 0)
    assert np.array_equal(bleu.statistics(content), whole)


def test_texts_shorter_than_four_tokens_have_a_bleu_of_zero_that_is_explained() -> None:
    """Short answers that are all right: sacreBLEU's 0 comes with a note and exact_match is 1."""
    content = texts(["yes", "no"], ["yes", "no"])
    assert value("bleu", content) == 0
    assert value("exact_match", content) == 1
    (table, _) = exhibits.exhibits(viewed(content))
    assert isinstance(table, Table)
    assert "No hypothesis has four tokens" in table.note


def test_chinese_cut_at_spaces_and_tokenised_texts_are_pointed_out() -> None:
    """The notes below the table of n-grams say what spoils BLEU."""
    chinese = viewed(texts(["我喜欢猫。"] * 3, ["我喜欢狗。"] * 3))
    assert any("zh or char" in note for note in exhibits.notes(chinese))
    chosen = viewed(texts(["我喜欢猫。"] * 3, ["我喜欢狗。"] * 3), tokenizer="zh")
    assert not list(exhibits.notes(chosen))
    cut = viewed(texts(["a cat sat there ."] * 100, ["a cat sat there."] * 100))
    assert any("tokenised" in note for note in exhibits.notes(cut))


# chrF and TER


def test_chrf_has_the_numbers_of_sacrebleus_own_tests() -> None:
    """Character n-grams with beta 3 and epsilon smoothing, the arguments of those tests."""
    case = manifest("sacrebleu")["corpus_chrf"]
    chosen = {"beta": case["args"]["beta"], "eps_smoothing": case["args"]["eps_smoothing"]}
    for own, reference, expected in case["cases"]:
        sums = chrf.statistics(texts(own, reference), **chosen).sum(axis=0, keepdims=True)
        assert chrf.scores(sums, **chosen)[0] == pytest.approx(expected, abs=5e-5)


def test_chrf_is_chrf_and_not_chrf_with_words() -> None:
    """The number is sacreBLEU's with word order 0; order 2 would be another."""
    own, reference = corpus(1), corpus(2)
    plus = sacrebleu.corpus_chrf(own, [reference], word_order=2).score
    found = value("chrf", texts(own, reference))
    assert found == pytest.approx(sacrebleu.corpus_chrf(own, [reference]).score, rel=1e-12)
    assert abs(found - plus) > 0.5


NUMBERS = st.lists(st.integers(0, 5).map(str), max_size=14)


@settings(max_examples=300, deadline=None)
@given(NUMBERS, NUMBERS)
def test_edits_are_those_of_sacrebleu(own: list[str], reference: list[str]) -> None:
    """Few different words, many moves that are equally good: the preferences of Tercom decide."""
    assert edits.edits(own, reference) == translation_edit_rate(own, reference)[0]


@pytest.mark.parametrize(("words_own", "words_reference"), [(30, 30), (45, 40), (12, 150), (150, 12)])
def test_edits_of_long_texts_are_those_of_sacrebleu(words_own: int, words_reference: int) -> None:
    """Blocks that moved far, the bound on moves tried, lengths so different that the band around the diagonal decides."""
    chance = np.random.default_rng(5)
    for _ in range(3):
        reference = [f"w{number}" for number in chance.integers(60, size=words_reference)]
        third = words_reference // 3
        own = (reference[third : 2 * third] + reference[:third] + reference[2 * third :] + reference)[
            :words_own
        ]
        own = [word for word in own if chance.random() < 0.9]
        assert edits.edits(own, reference) == translation_edit_rate(own, reference)[0]


def test_the_number_of_moves_tried_is_bounded_as_in_sacrebleu() -> None:
    """A text of one word again and again has more moves than are tried."""
    own, reference = ["a", "b"] * 30, ["b", "a", "a"] * 20
    assert edits.edits(own, reference) == translation_edit_rate(own, reference)[0]


def test_a_path_outside_the_band_is_left_to_sacrebleu() -> None:
    """What the texts share lies further from the diagonal than the band reaches: the number is sacreBLEU's."""
    common = [str(i) for i in range(60)]
    own = common + [f"x{i}" for i in range(30)]
    reference = [f"y{i}" for i in range(30)] + common
    text, target = edits._characters(own, reference)
    assert edits._trace(text, target) is None
    assert edits.edits(own, reference) == translation_edit_rate(own, reference)[0]


def test_texts_too_long_for_edits_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """TER is undefined with the text's number."""
    monkeypatch.setattr(ter, "MOST_CELLS", 8)
    found = estimate(METRICS["ter"], viewed(texts(["a", "a b c"], ["a", "c b a"])))
    assert found.value is None
    assert "text 2 is too long" in found.reason


# ROUGE


def scored(target: str, prediction: str, *, stemmer: bool = False) -> rouge.Rouge:
    """Return ROUGE of one text."""
    return rouge.rouge(texts([prediction], [target]), stemmer=stemmer)


def test_rouge_has_the_numbers_of_rouge_155() -> None:
    """Precision, recall and F of the Perl program, with and without stems, to five digits."""
    anchors = manifest("rouge")
    targets = bench("rouge", "target.txt").read_text(encoding="utf-8").splitlines()
    predictions = bench("rouge", "prediction.txt").read_text(encoding="utf-8").splitlines()
    for line, (target, prediction) in enumerate(zip(targets, predictions, strict=True)):
        for name, expected in anchors[f"line{line}"].items():
            kind = rouge.NAMES.index(name.removesuffix("_stem"))
            made = scored(target, prediction, stemmer=name.endswith("_stem"))
            found = [made.precision[0, kind], made.recall[0, kind], made.f[0, kind]]
            assert found == pytest.approx(expected, abs=6e-6), name


def test_rouge_lsum_has_the_number_of_rouge_155() -> None:
    """A summary of four sentences, one a line, with stems."""
    anchor = manifest("rouge")["multi0_stem"]
    target, prediction = (bench(*file.split("/")).read_text(encoding="utf-8") for file in anchor["files"])
    made = scored(target, prediction, stemmer=True)
    found = [made.precision[0, 3], made.recall[0, 3], made.f[0, 3]]
    assert found == pytest.approx(anchor["rougeLsum"], abs=6e-6)


ASCII_TEXT = st.lists(
    st.sampled_from(
        ["the", "cats", "running", "ran", "Flies", "of", "3.5", "x_y", "-", "\n", "happy", "happily"]
    ),
    max_size=20,
).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.booleans())
def test_rouge_equals_rouge_score_on_ascii_text(data: st.DataObject, stemmer: bool) -> None:
    """Several lines, several references, stems, empty texts: all four kinds, value for value."""
    own, first, second = (data.draw(st.lists(ASCII_TEXT, min_size=3, max_size=3)) for _ in range(3))
    made = rouge.rouge(texts(own, first, second), stemmer=stemmer)
    scorer = rouge_scorer.RougeScorer(list(rouge.NAMES), use_stemmer=stemmer)
    for i, text in enumerate(own):
        expected = scorer.score_multi([first[i], second[i]], text)
        for kind, name in enumerate(rouge.NAMES):
            assert made.f[i, kind] == pytest.approx(expected[name].fmeasure, abs=1e-15)


@settings(max_examples=150, deadline=None)
@given(st.text(string.ascii_letters + string.digits + " .,'_-\n\t&", max_size=60))
def test_words_are_rouge_scores_on_ascii_text(text: str) -> None:
    """The tokeniser is that of rouge-score, stems included."""
    from rouge_score import tokenize

    assert words(text) == tokenize.tokenize(text, None)
    assert words(text, stemmer=True) == tokenize.tokenize(text, PorterStemmer())


@pytest.mark.parametrize(
    "text",
    [
        "猫が好きだ",
        "Это кошка",
        "हिन्दी में लिखा",
        "สวัสดีครับ",
        "한국어 문장",
        "مرحبا بالعالم",
        "👍🎉",
        "ĉu ĝi?",
        "cafe\u0301",
    ],
)
def test_identical_texts_of_any_script_have_a_rouge_of_one(text: str) -> None:
    """rouge-score gives 0.0 here, for it drops every letter outside a-z."""
    made = scored(text, text)
    assert made.f[0, [0, 2, 3]].tolist() == [1.0, 1.0, 1.0]


def test_words_keep_accents_marks_and_part_scripts_without_spaces() -> None:
    """A Hindi word keeps its vowel signs, Thai its tone marks; Chinese goes by characters."""
    assert words("naïve cafe\u0301 CAFÉ") == ["naïve", "café", "café"]
    assert words("हिन्दी में") == ["हिन्दी", "में"]
    assert words("今天 good天气") == ["今", "天", "good", "天", "气"]
    assert words("ดี") == ["ดี"]
    assert words("soft\u00adhyphen") == ["softhyphen"]


@settings(max_examples=300, deadline=None)
@given(st.text(string.ascii_lowercase + "123", min_size=4, max_size=10), st.sampled_from(
    ["", "s", "ies", "ied", "eed", "ed", "ing", "y", "ational", "alli", "bli", "logi", "fulli", "icate", "ness", "ion",
     "ement", "e", "ll", "yyy", "ative", "iviti", "sses"]
))  # fmt: skip
def test_stems_are_nltks(root: str, ending: str) -> None:
    """Porter's rules with NLTK's extensions, on any letters with any ending."""
    assert porter.stem(root + ending) == PorterStemmer().stem(root + ending)


def test_irregular_words_have_the_stems_of_nltk() -> None:
    """The words that NLTK lists, and the examples of the paper's steps."""
    stemmer = PorterStemmer()
    listed = [*porter.IRREGULAR, "caresses", "flies", "dies", "feed", "agreed", "hopping", "falling", "happy", "enjoy", "relational"]  # fmt: skip
    assert [porter.stem(word) for word in listed] == [stemmer.stem(word) for word in listed]


def test_the_common_subsequence_is_the_one_that_rouge_score_finds() -> None:
    """Of several of one length the union over sentences depends on which."""
    chance = np.random.default_rng(3)
    for _ in range(200):
        first, second = (chance.integers(4, size=chance.integers(1, 15)).tolist() for _ in range(2))
        assert sorted(lcs.positions(first, second)) == rouge_scorer.lcs_ind(first, second)


def test_a_text_too_long_to_compare_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """ROUGE-L is undefined with the text's number; ROUGE-1 is not touched."""
    monkeypatch.setattr(rouge, "MOST_CELLS_LENGTH", 8)
    content = texts(["a", "a b c d"], ["a", "a b c d"])
    with pytest.raises(Undefined, match="text 2 is too long"):
        value("rougeL", content)
    assert value("rouge1", content) == 1


def test_more_words_than_there_are_characters_are_numbered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A large corpus is compared in blocks of few words each; one text of too many says so."""
    content = texts(corpus(1), corpus(2))
    whole = rouge.rouge(content).f
    monkeypatch.setattr(rouge, "MOST_CODE_POINTS", 12)
    monkeypatch.setattr("mlcheck.stats.metrics.generation.ngrams.BLOCK_TOKENS", 1)
    with pytest.raises(Undefined, match="one text holds more than 12 different words"):
        rouge.rouge(texts(["a b c d e f g"], ["h i j k l m n"]))
    monkeypatch.setattr(rouge, "MOST_CODE_POINTS", 17)
    many = texts([*corpus(1), "x y z"], [*corpus(2), "p q r s t"])
    assert np.array_equal(rouge.rouge(many).f[:-1], whole)


def test_a_summary_of_sentences_too_long_to_compare_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of bits of two long sentences is not made."""
    monkeypatch.setattr(rouge, "MOST_CELLS", 8)
    with pytest.raises(Undefined, match="text 1 is too long"):
        value("rougeLsum", texts(["a b c d\ne"], ["a b c d\nf"]))


# Short answers


def squad_f1(prediction: str, truth: str) -> float:
    """SQuAD's own script (v2: answers without words are equal), word for word."""
    own, theirs = answers.normalised(prediction).split(), answers.normalised(truth).split()
    if not own or not theirs:
        return float(own == theirs)
    same = sum((Counter(own) & Counter(theirs)).values())
    if same == 0:
        return 0.0
    precision, recall = same / len(own), same / len(theirs)
    return 2 * precision * recall / (precision + recall)


def test_answers_are_compared_as_squad_does() -> None:
    """Case, articles, punctuation and spaces do not count; words within words do."""
    assert answers.normalised("  The\tEiffel-Tower, a landmark!  ") == "eiffeltower landmark"
    assert answers.normalised("An apple theory") == "apple theory"
    found = answers.answers(texts(["The cat.", "dog", "", "yes"], ["cat", "a big dog", "the", "no"]))
    assert found.tolist() == [[1, 1], [0, pytest.approx(2 / 3)], [1, 1], [0, 0]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(LINE, LINE, LINE | st.none()), min_size=1, max_size=6))
def test_the_f1_of_words_is_squads_for_the_best_reference(rows: list[tuple[str, str, str | None]]) -> None:
    """The maximum over references of the published script's F1 and exact match."""
    own, first, second = (list(column) for column in zip(*rows, strict=True))
    found = answers.answers(texts([a or "" for a in own], first, second))
    for i, (prediction, *truths) in enumerate(rows):
        there = [truth for truth in truths if truth is not None]
        assert found[i, 1] == pytest.approx(max(squad_f1(prediction, truth) for truth in there))
        equal = [answers.normalised(prediction) == answers.normalised(truth) for truth in there]
        assert found[i, 0] == max(equal)


# What is not there


@pytest.mark.parametrize("name", METRICS)
def test_without_anything_to_compare_with_a_metric_is_undefined(name: str) -> None:
    """Empty references, a text without any, no texts: a reason and no number."""
    for content, reason in (
        (texts(["a"], [""]), "every reference is empty"),
        (texts(["a", "b"], ["a", None]), "text 2 has no reference"),
        (texts([], []), "no texts"),
    ):
        found = estimate(METRICS[name], viewed(content))
        assert found.value is None
        assert reason in found.reason


@pytest.mark.parametrize(
    ("name", "module"),
    [("bleu", "sacrebleu"), ("ter", "sacrebleu"), ("ter", "rapidfuzz"), ("rouge1", "rapidfuzz")],
)
def test_a_missing_library_is_named_with_what_installs_it(
    name: str, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra is optional: without it the metric says which one it needs."""
    for loaded in [m for m in sys.modules if m.partition(".")[0] == module]:
        monkeypatch.setitem(sys.modules, loaded, None)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MlcheckError, match=rf'library {module} .*pip install "mlcheck-runs\[text\]"'):
        value(name, texts(["b a"], ["a b c"]))


def test_answers_and_chrf_need_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Question answering is judged with the core alone; the tables then leave out what is sacreBLEU's."""
    for module in ("sacrebleu", "rapidfuzz", "rapidfuzz.process", "rapidfuzz.distance"):
        monkeypatch.setitem(sys.modules, module, None)
    content = texts(["yes"], ["yes"])
    assert [value(name, content) for name in ("exact_match", "token_f1", "chrf")] == [1, 1, 100]
    assert [table.title for table in exhibits.exhibits(viewed(content)) if isinstance(table, Table)] == [
        "Worst texts by chrf"
    ]


def test_an_unknown_tokeniser_is_refused_with_the_known_ones() -> None:
    """Those that would download a model are not among them."""
    with pytest.raises(MlcheckError, match=r"expected one of 13a, .*found 'flores200'"):
        value("bleu", texts(["a"], ["a"]), tokenizer="flores200")


# Intervals and pairs


@pytest.mark.parametrize("name", METRICS)
def test_an_interval_holds_the_value_and_narrows_with_more_texts(name: str) -> None:
    """Four times the texts, about half the width."""
    few, many = (
        estimate(METRICS[name], viewed(texts(corpus(1, n, 6), corpus(2, n, 6)))) for n in (100, 1600)
    )
    for found in (few, many):
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
        assert METRICS[name].low <= found.low
        assert found.high <= METRICS[name].high
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert 0.1 < (many.high - many.low) / (few.high - few.low) < 0.5


def test_the_spread_of_bleu_is_that_of_sacrebleus_bootstrap() -> None:
    """The half width of 95 % of 1,000 samples, within what their chance explains."""
    own, reference = corpus(1, 300), corpus(2, 300)
    metric = sacrebleu.BLEU()
    score: Any = metric.corpus_score(own, [reference], n_bootstrap=1000)
    found = estimate(METRICS["bleu"], viewed(texts(own, reference)))
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(score._ci, rel=0.15)


@pytest.mark.parametrize("name", METRICS)
def test_one_text_has_a_value_and_no_interval(name: str) -> None:
    """Nothing varies between texts where there is one, whatever the number of samples."""
    found = estimate(METRICS[name], viewed(texts(["the cat sat on the mat"], ["the cat sat on the mat"])))
    assert found.value is not None
    assert found.low is None or found.method == "Wilson"
    assert found.low is not None or "one text alone" in found.reason


@pytest.mark.parametrize("name", METRICS)
def test_the_order_of_texts_and_whole_weights_do_not_change_a_value(name: str) -> None:
    """A text of weight 2 counts like two texts."""
    own, reference = corpus(1, 12), corpus(2, 12)
    expected = METRICS[name].value(viewed(texts(own + own[:3], reference + reference[:3])))
    weighted = viewed(texts(own[::-1], reference[::-1]), weight=[1.0] * 9 + [2.0] * 3)
    assert METRICS[name].value(weighted) == pytest.approx(expected)


def test_clusters_are_drawn_whole() -> None:
    """Ten copies of each text, one cluster: the interval is that of the texts without copies."""
    own, reference = corpus(1, 50, 8), corpus(2, 50, 8)
    alone = estimate(METRICS["chrf"], viewed(texts(own, reference)))
    clusters = np.repeat(np.arange(50, dtype=np.int32), 10)
    copies = texts([t for t in own for _ in range(10)], [t for t in reference for _ in range(10)])
    sampling = Sampling(clusters=clusters, cluster_name="document")
    together = estimate(METRICS["chrf"], viewed(copies, sampling))
    assert together.low == pytest.approx(alone.low)
    assert together.high == pytest.approx(alone.high)
    assert together.method.endswith("by document")


def test_paired_differences_of_wmt17_systems_agree_with_published_p_values() -> None:
    """MultEval's approximate randomisation of the same nine pairs, within what two kinds of resampling differ by."""
    systems, reference = wmt17()
    published = manifest("sacrebleu")["paired"]["multeval_ar_p"]
    baseline = "newstest2017.LIUM-NMT.4900.en-de"
    sampling = Sampling(replicates=2000)
    base = viewed(texts(systems[baseline], reference), sampling, tokenizer="none")
    for name in ("KIT.4950", "LMU-nmt-single.4893", "online-B.0", "FBK.4870"):
        full = f"newstest2017.{name}.en-de"
        other = viewed(texts(systems[full], reference), sampling, tokenizer="none")
        found = compare(METRICS["bleu"], base, other)
        assert found.p_value == pytest.approx(published[full], abs=0.05), name
        assert found.low is not None
        assert found.high is not None
        assert found.p_value is not None
        assert (found.low > 0 or found.high < 0) == (found.p_value < 0.05)


def test_our_statistics_give_the_p_values_of_moses() -> None:
    """The paired bootstrap of sacreBLEU, its seed and its centred definition of p, over our counts by sentence."""
    systems, reference = wmt17()
    published = manifest("sacrebleu")["paired"]["moses_bootstrap_p"]

    def counts(name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
        return bleu.statistics(texts(systems[name], reference), "none")

    base = counts("newstest2017.LIUM-NMT.4900.en-de")
    drawn = np.random.default_rng(12345).choice(len(reference), size=(2000, len(reference)), replace=True)
    times = np.stack([np.bincount(row, minlength=len(reference)) for row in drawn]).astype(np.float64)
    base_draws, base_score = bleu.scores(times @ base), bleu.scores(base.sum(axis=0)[None])[0]
    for name in ("KIT.4950", "LMU-nmt-single.4893", "xmu.4910"):
        full = f"newstest2017.{name}.en-de"
        other = counts(full)
        apart = np.abs(bleu.scores(times @ other) - base_draws)
        real = abs(bleu.scores(other.sum(axis=0)[None])[0] - base_score)
        p = (np.count_nonzero(apart - apart.mean() > real) + 1) / (len(apart) + 1)
        assert p == pytest.approx(published[full], abs=1e-2), name


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.name)
def test_equal_systems_do_not_differ(metric: Metric) -> None:
    """A system against itself: no difference, p-value 1."""
    same = viewed(texts(corpus(1, 30), corpus(2, 30)))
    found = compare(metric, same, same)
    assert (found.difference, found.p_value) == (0, 1)


# What is shown


def test_the_table_of_ngrams_has_sacrebleus_parts_and_signatures() -> None:
    """Precisions, lengths and the line that lets another get the same numbers."""
    own, reference = corpus(1), corpus(2)
    (table, worst) = exhibits.exhibits(viewed(texts(own, reference)))
    assert isinstance(table, Table)
    metric = sacrebleu.BLEU()
    score: Any = metric.corpus_score(own, [reference])
    assert [row[1] for row in table.rows[:4]] == pytest.approx(
        [100 * c / t for c, t in zip(score.counts, score.totals, strict=True)]
    )
    assert table.rows[4][1] == pytest.approx(100 * score.bp)
    assert table.rows[5][1:] == pytest.approx((100 * score.ratio, score.sys_len, score.ref_len))
    assert f"bleu: {metric.get_signature()}" in table.note
    assert "nc:6|nw:0|space:no" in table.note
    assert "tok:tercom" in table.note
    assert isinstance(worst, Table)
    assert worst.detail


def test_the_signature_counts_references_as_sacrebleu_does() -> None:
    """A fixed number, or var where texts have different numbers of references."""
    two = viewed(texts(["a", "b"], ["a", "b"], ["c", "d"]))
    assert "nrefs:2|" in exhibits.signatures(two)["bleu"]
    some = viewed(texts(["a", "b"], ["a", "b"], ["c", None]))
    assert all("nrefs:var|" in signature for signature in exhibits.signatures(some).values())


def test_the_worst_texts_come_first_and_short() -> None:
    """The lowest chrF first, each text on one line, cut where it is long; absent references are passed over."""
    long = "word " * 100
    content = texts(
        ["same text", long, "other\nthing"], ["same text", "xyz", None], [None, None, "other things"]
    )
    *_, table = exhibits.exhibits(viewed(content))
    assert isinstance(table, Table)
    assert [row[0] for row in table.rows] == [2, 3, 1]
    assert str(table.rows[0][2]).endswith("…")
    assert len(str(table.rows[0][2])) <= 72
    assert table.rows[1][2:] == ("other thing", "other things")
    assert math.isclose(float(table.rows[2][1] or 0), 100)


def test_a_view_of_other_predictions_is_refused() -> None:
    """Numbers are no texts."""
    content: Any = None
    with pytest.raises(TypeError, match="expected Texts"):
        view.view(
            Predictions(id="a", source="a", reader="t", task="binary", content=content, rows=0),
            Sampling(),
            Parameters(),
        )
