"""Parallel text files: one text a line, line i of each reference belonging to line i of the hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlcheck.errors import MlcheckError
from mlcheck.model.predictions import Predictions, Texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlcheck.readers.source import Source

NAMED_LINES = 3
"""Of lines that are worth a word, the first ones are named."""


def read_parallel(hypothesis: Source, references: Sequence[Source]) -> Predictions:
    """Read generated texts and their references.

    Lines end at a line feed (a carriage return before it belongs to the end), never at U+2028 and the like; empty lines
    are texts. Raises MlcheckError for files of different numbers of lines, for empty ones and for what is no text.
    """
    if not references:
        raise MlcheckError(hypothesis.name, "expected a file of references, found none named")
    own = lines(hypothesis)
    theirs = [lines(source) for source in references]
    _check_counts(hypothesis, references, own, theirs)
    texts = Texts(hypotheses=tuple(own), references=tuple(tuple(reference) for reference in theirs))
    return Predictions(
        id=_stem(hypothesis.name),
        source=hypothesis.name,
        reader="parallel",
        task="generation",
        content=texts,
        rows=len(own),
        columns={"hypothesis": (hypothesis.name,), "reference": tuple(source.name for source in references)},
        repeated=repeated(texts),
        doubts=tuple(_doubts((hypothesis, *references), (own, *theirs))),
    )


def lines(source: Source) -> list[str]:
    """Return the lines of a text file, without their ends; raise MlcheckError where it is none or holds none."""
    if source.is_pointer:
        raise MlcheckError(
            source.name, "expected one text a line, found a Git-LFS pointer", "run git lfs pull"
        )
    if source.compressed and source.cut:
        raise MlcheckError(source.name, "expected a gzip file, found one cut short", "copy it again")
    text = source.read_text()
    if not text:
        raise MlcheckError(source.name, "expected one text a line, found an empty file")
    if "\0" in text:
        raise MlcheckError(source.name, "expected one text a line, found no plain text")
    end = "\n" if "\n" in text or "\r" not in text else "\r"
    found = text.split(end)
    if not found[-1]:
        found.pop()
    return [line.removesuffix("\r") for line in found]


def repeated(texts: Texts) -> int:
    """Return how many texts are copies of another, references included."""
    return len(texts.hypotheses) - len(set(zip(texts.hypotheses, *texts.references, strict=True)))


def _check_counts(
    hypothesis: Source, references: Sequence[Source], own: list[str], theirs: list[list[str]]
) -> None:
    """Raise MlcheckError for the first file whose lines are not as many as those of the first reference."""
    expected = len(theirs[0])
    for source, found in ((hypothesis, own), *zip(references, theirs, strict=True)):
        if len(found) == expected:
            continue
        by_text = len(own) == len(theirs) and len({len(reference) for reference in theirs}) == 1
        hint = (
            "there are as many files of references as texts: try a file for each set of references, a line for each text"
            if by_text and len(theirs) > 1
            else "try one text a line, all files in one order; a line break within a text makes it two"
        )
        raise MlcheckError(
            source.name,
            f"expected {expected:,} {_plural(expected)} as in {references[0].name}, found {len(found):,}",
            hint,
        )


def _plural(n: int, of: str = "line") -> str:
    return of if n == 1 else f"{of}s"


def _doubts(sources: Sequence[Source], all_lines: Sequence[list[str]]) -> Iterator[str]:
    """Yield what may be wrong with the files though they could be read."""
    for source, found in zip(sources, all_lines, strict=True):
        if source.encoding == "latin-1":
            yield f"{source.name} is not UTF-8 and was read as Latin-1"
        for what, at in (
            ("empty", [i for i, line in enumerate(found) if not line.strip()]),
            ("not valid UTF-8", [i for i, line in enumerate(found) if "\ufffd" in line]),
        ):
            if at:
                named = ", ".join(str(i + 1) for i in at[:NAMED_LINES]) + (
                    ", …" if len(at) > NAMED_LINES else ""
                )
                verb = "is" if len(at) == 1 else "are"
                yield f"{len(at):,} {_plural(len(at))} of {source.name} {verb} {what} ({_plural(len(at))} {named})"
    hypothesis, *references = all_lines
    for source, reference in zip(sources[1:], references, strict=True):
        if reference == hypothesis:
            yield f"every line of {sources[0].name} equals that of {source.name}"


def _stem(name: str) -> str:
    folder, slash, last = name.rpartition("/")
    bare = last.removesuffix(".gz")
    head = bare.rpartition(".")[0]
    return f"{folder}{slash}{head if head.strip('.') else bare}"
