"""Porter's stemmer with NLTK's extensions, which rouge-score uses (Porter 1980, An algorithm for suffix stripping).

Letters are consonants (c) or vowels (v); the measure m of a stem counts the changes from vowel to consonant.
"""

from __future__ import annotations

IRREGULAR = {
    "sky": "sky", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "news": "news", "innings": "inning",
    "inning": "inning", "outings": "outing", "outing": "outing", "cannings": "canning", "canning": "canning",
    "howe": "howe", "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}  # fmt: skip
PLURALS = (("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", ""))
DOUBLE_SUFFIXES = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"),
    ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"),
    ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"), ("ousness", "ous"), ("aliti", "al"),
    ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
)  # fmt: skip
SUFFIXES = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", ""),
)  # fmt: skip
ENDINGS = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti",
    "ous", "ive", "ize",
)  # fmt: skip


def _shape(word: str) -> str:
    """Return c or v for each letter; y is a vowel after a consonant."""
    made = ""
    for letter in word:
        vowel = letter in "aeiou" or (letter == "y" and made.endswith("c"))
        made += "v" if vowel else "c"
    return made


def _measure(word: str) -> int:
    return _shape(word).count("vc")


def _ends_cvc(word: str) -> bool:
    """Whether a word ends consonant, vowel, consonant (not w, x, y), or is vowel and consonant."""
    shape = _shape(word)
    return shape == "vc" or (shape.endswith("cvc") and word[-1] not in "wxy")


def _plural(word: str) -> str:
    if len(word) == 4 and word.endswith("ies"):
        return word[:-1]
    return next((word.removesuffix(end) + new for end, new in PLURALS if word.endswith(end)), word)


def _past(word: str) -> str:
    """Take off -eed, -ed, -ing and restore the e that they replaced."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    base = next((word.removesuffix(end) for end in ("ed", "ing") if word.endswith(end)), "")
    if "v" not in _shape(base):
        return word
    if base.endswith(("at", "bl", "iz")):
        return base + "e"
    if len(base) >= 2 and base[-1] == base[-2] and _shape(base)[-1] == "c":
        return base if base[-1] in "lsz" else base[:-1]
    return base + "e" if _measure(base) == 1 and _ends_cvc(base) else base


def _final_y(word: str) -> str:
    stem = word[:-1]
    return stem + "i" if word.endswith("y") and len(stem) > 1 and _shape(stem)[-1] == "c" else word


def _double_suffix(word: str) -> str:
    if word.endswith("alli") and _measure(word[:-4]) > 0:
        return _double_suffix(word[:-2])
    for end, new in DOUBLE_SUFFIXES:
        if word.endswith(end):
            stem = word.removesuffix(end)
            return stem + new if _measure(stem) > 0 else word
    return word[:-1] if word.endswith("logi") and _measure(word[:-3]) > 0 else word


def _suffix(word: str) -> str:
    for end, new in SUFFIXES:
        if word.endswith(end):
            stem = word.removesuffix(end)
            return stem + new if _measure(stem) > 0 else word
    return word


def _ending(word: str) -> str:
    for end in ENDINGS:
        if word.endswith(end):
            stem = word.removesuffix(end)
            removed = _measure(stem) > 1 and (end != "ion" or stem[-1] in "st")
            return stem if removed else word
    return word


def _tidy(word: str) -> str:
    """Take off a final e, and one l of two."""
    if word.endswith("e"):
        m = _measure(word[:-1])
        word = word[:-1] if m > 1 or (m == 1 and not _ends_cvc(word[:-1])) else word
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


def stem(word: str) -> str:
    """Return the stem of a word in lower case.

    >>> [stem(word) for word in ("relational", "hopping", "flies", "happy")]
    ['relat', 'hop', 'fli', 'happi']
    """
    if word in IRREGULAR or len(word) <= 2:
        return IRREGULAR.get(word, word)
    for step in (_plural, _past, _final_y, _double_suffix, _suffix, _ending, _tidy):
        word = step(word)
    return word
