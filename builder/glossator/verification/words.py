"""Words of claims and evidence, stemmed, and how rare each is.

Rarity is the inverse document frequency `ln(N / n)` of a stem over N = 152,256 pieces of about 100 words of openly
licensed medical, legal, technical and general text (`builder/foundry/rarity.py`); a stem that is not in the table is
taken to be as rare as the rarest that is.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files

from glossator.citations.fold import fold

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+(?:[.,]\d+)*|[%°§]")
STOP = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her his i if in into is it its"
    " may might must of on or our shall she should so such than that the their them then there these they this those"
    " to was we were which while who will with would you your".split()
)


def words(text: str) -> list[str]:
    """Stems of the text's words and numbers, in order; `n't` is `not`, thousands separators are gone.

    >>> words("Doesn't it lower 1,500 levels? 12.50 mg/kg")
    ['do', 'not', 'it', 'lower', '1500', 'level', '12.5', 'mg', 'kg']
    """
    return [stem(word) for word in _WORD.findall(_unshortened(fold(text)))]


def content(text: str) -> list[str]:
    """The stems that carry meaning: no articles, pronouns, prepositions, auxiliaries; negations stay."""
    return [word for word in words(text) if word not in STOP]


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Plural and tense endings off, so that "lowers" meets "lower"; a number in one spelling.

    >>> [stem(word) for word in ("lowers", "increases", "increase", "studies", "1,000.50", "2.0")]
    ['lower', 'increas', 'increas', 'study', '1000.5', '2']
    """
    if word[0].isdigit():
        return _number(word)
    if word in ("does", "did"):
        return "do"
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return word[:-3] + "y"
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


def rarity(word: str) -> float:
    """Inverse document frequency of a stem, natural logarithm."""
    table, most = _table()
    return table.get(word, most)


def _number(word: str) -> str:
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", word)
    return plain.rstrip("0").rstrip(".") if re.fullmatch(r"\d+\.\d+", plain) else plain


def _unshortened(text: str) -> str:
    """`don't`, `cannot` and `won't` as words: `do not`."""
    text = text.replace("cannot", "can not").replace("won't", "will not").replace("can't", "can not")
    return text.replace("n't", " not")


@cache
def _table() -> tuple[dict[str, float], float]:
    lines = (files("glossator") / "weights" / "verifier" / "rarity.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split() for line in lines)
    table = {word: float(value) for word, value in pairs}
    return table, max(table.values())
