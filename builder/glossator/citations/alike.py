"""How like two stretches of words are, and whether what differs tells: numbers, units, negations, modals, signs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from glossator.citations.fold import fold

MOST_WORDS = 400
"""A longer quote is compared with nothing: it is true to the word or it is absent."""
SLACK = 4
"""Words by which the compared stretch of a passage is longer than the quote, and a fifth of the quote besides."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|[<>≤≥=%€$£±]|(?<![\w)])-(?=\d)")
_NEGATION = frozenset("not no never none nor neither without nothing nobody".split())
_MODAL = frozenset("may might must shall should can could will would ought need".split())
_UNIT = frozenset(
    "mg mcg µg μg g kg ng ml l dl mmol μmol mol iu unit units percent second seconds minute minutes hour hours day "
    "days week weeks month months year years °c mm cm m km".split()
)
_NUMBER = frozenset(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen twenty thirty forty "
    "fifty sixty seventy eighty ninety hundred thousand million billion half once twice double triple first third "
    "fourth fifth".split()
)
_TELLING = _NEGATION | _MODAL | _UNIT | _NUMBER
_SHORT = {"can't": ("can", "not"), "cannot": ("can", "not"), "won't": ("will", "not"), "shan't": ("shall", "not")}
_PREFIX = re.compile(r"^(?:un|in|im|il|ir|non|dis)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """A quote against the nearest stretch of a passage."""

    alike: float
    """Share of the letters that agree, 0 to 1."""
    telling: bool
    """Whether a number, unit, negation, modal or sign is another one, is missing or was added."""


def words(text: str) -> list[str]:
    """The folded words, numbers and telling signs of a text.

    >>> words("Don’t take ≥ 5mg.")
    ["don't", 'take', '≥', '5', 'mg']
    """
    return _TOKEN.findall(fold(text))


def likeness(quote: Sequence[str], passage: Sequence[str]) -> Likeness:
    """The quote against the stretch of the passage that shares most words with it.

    >>> likeness("take 50 mg of iron".split(), "you may take 5 mg of iron at night".split()).telling
    True
    """
    if not 0 < len(quote) <= MOST_WORDS or not passage:
        return Likeness(alike=0.0, telling=False)
    stretch = _nearest(quote, passage)
    blocks = SequenceMatcher(None, quote, stretch, autojunk=False).get_opcodes()
    ends = [place for tag, *place in blocks if tag == "equal"]
    if not ends:
        return Likeness(alike=0.0, telling=False)
    first, last = ends[0][2], ends[-1][3]
    first, last = max(0, first - ends[0][0]), min(len(stretch), last + len(quote) - ends[-1][1])
    near = stretch[first:last]
    blocks = SequenceMatcher(None, quote, near, autojunk=False).get_opcodes()
    differing = [(quote[a:b], near[c:d]) for tag, a, b, c, d in blocks if tag != "equal"]
    telling = [_telling(quote), _telling(near)]
    turned = any(_turned(a, b) for said, held in differing for a, b in zip(said, held, strict=False))
    return Likeness(alike=_alike(quote, near, differing), telling=telling[0] != telling[1] or turned)


def _nearest(quote: Sequence[str], passage: Sequence[str]) -> Sequence[str]:
    """The stretch of the passage, somewhat longer than the quote, that shares most words with it."""
    width = len(quote) + SLACK + len(quote) // 5
    if len(passage) <= width:
        return passage
    wanted, shared, best, at = Counter(quote), 0, -1, 0
    held: Counter[str] = Counter()
    for place, word in enumerate(passage):
        held[word] += 1
        shared += held[word] <= wanted[word]
        if place >= width:
            gone = passage[place - width]
            shared -= held[gone] <= wanted[gone]
            held[gone] -= 1
        if shared > best:
            best, at = shared, max(0, place - width + 1)
    return passage[at : at + width + SLACK]


def _alike(
    quote: Sequence[str], near: Sequence[str], differing: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> float:
    """Letters that agree, twice, of the letters of both; in words that differ, as their letters agree."""
    both = sum(map(len, quote)) + sum(map(len, near))
    lost = 0.0
    for said, held in differing:
        one, other = " ".join(said), " ".join(held)
        ratio = SequenceMatcher(None, one, other, autojunk=False).ratio() if len(said) == len(held) else 0.0
        lost += (sum(map(len, said)) + sum(map(len, held))) * (1 - ratio)
    return max(0.0, 1 - lost / both)


def _telling(stretch: Sequence[str]) -> list[str]:
    return list(_told(stretch))


def _told(stretch: Sequence[str]) -> Iterator[str]:
    for word in stretch:
        parts = _SHORT.get(word) or ((word[:-3], "not") if word.endswith("n't") else (word,))
        for part in parts:
            if part in _TELLING or not part[0].isalpha():
                yield part.replace(",", "") if re.fullmatch(r"\d{1,3}(?:,\d{3})+", part) else part


def _turned(said: str, held: str) -> bool:
    """Whether one word is the other with a prefix that negates it."""
    return said != held and (_PREFIX.sub("", said) == held or _PREFIX.sub("", held) == said)
