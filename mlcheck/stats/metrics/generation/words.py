"""Cuts texts into the words that ROUGE compares: rouge-score's on ASCII text, and letters of any script beyond it."""

from __future__ import annotations

import unicodedata
from functools import cache

from mlcheck.stats.metrics.generation.porter import stem

LEAST_STEMMED = 4
"""Letters of the shortest word that is stemmed, as in ROUGE-1.5.5."""
ALONE = ("CJK ", "HIRAGANA ", "KATAKANA", "HALFWIDTH KATAKANA ", "IDEOGRAPHIC ")
"""Names of characters begin so in scripts that leave no space between words: each is a word by itself."""
OPENING = ("THAI CHARACTER ", "LAO LETTER ", "KHMER LETTER ", "MYANMAR LETTER ")
"""So do letters of scripts without spaces whose marks belong to the letter before."""


class _Table(dict[int, str]):
    """What becomes of each character, found out when it is first met (see str.translate)."""

    def __missing__(self, code: int) -> str:
        made = self[code] = _becomes(chr(code))
        return made


def _becomes(character: str) -> str:
    """Return the character if it is part of a word, with spaces where words end; a space if not."""
    if character.isascii():
        return character if character.isalnum() else " "
    kind = unicodedata.category(character)
    if kind == "Cf":  # joiners and soft hyphens do not part words
        return ""
    name = unicodedata.name(character, "")
    if kind == "So" or (kind[0] == "L" and name.startswith(ALONE)):
        return f" {character} "
    if kind == "Lo" and name.startswith(OPENING):
        return f" {character}"
    return character if kind[0] in "LMN" else " "


_TABLE = _Table()
_stem = cache(stem)


def words(text: str, *, stemmer: bool = False) -> list[str]:
    """Return the words of a text in lower case.

    On ASCII text they are rouge-score's: runs of letters and digits; `stemmer` takes the stems of those of more than
    three. Beyond ASCII a word is a run of letters, marks and digits of any script, a single character where the script
    leaves no spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese), and a symbol such as an emoji.

    >>> words("The cat's 2 mats, Überfälle; 猫だ")
    ['the', 'cat', 's', '2', 'mats', 'überfälle', '猫', 'だ']
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    found = text.lower().translate(_TABLE).split()
    if not stemmer:
        return found
    return [_stem(word) if len(word) >= LEAST_STEMMED and word.isascii() else word for word in found]
