"""What a claim and its evidence have in common, as numbers: the lexical level reads the first part, the aligned level
all of it.

The claim is compared with the sentences of the evidence one by one, with the chosen ones together (see
verification.windows), and clause by clause, so that one unsupported clause sinks the claim.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from glossator.verification.alignment import CHANGES, changes
from glossator.verification.conflicts import NAMES, Held, conflicts
from glossator.verification.windows import Unit, choose, foremost, shares, units, weighed
from glossator.verification.words import STOP, words

if TYPE_CHECKING:
    from glossator.encoding.embedding import MiniLm

_CLAUSE = re.compile(
    r"[;:]\s+|,\s+(?:and|but|or|which|who|while|whereas|although|so)\s+|\s+(?:but|whereas|although|while)\s+|[.!?]\s+"
)
SHORTEST = 3
"""Content words of a clause that is looked at alone."""
LOOKED_AT = 3
"""Sentences whose meaning is compared: more than three cost more than 15 ms a claim on one core."""

LEXICAL = (
    "recall", "recall in best sentence", "recall in chosen", "recall of clause", "pairs", "triples", "longest run",
    "rarest missing", "numbers missing", "names missing", "denied or not", "claim words", "evidence words", "share all",
    "recall squared",
)  # fmt: skip
ALIGNED = (
    *LEXICAL, *(f"worst {name}" for name in NAMES), *(f"mean {name}" for name in NAMES), "cosine", "cosine of chosen",
    "cosine of clause", "cosine squared", "cosine times recall", *CHANGES, *(f"near {name}" for name in NAMES),
)  # fmt: skip


def lexical_features(evidence: Sequence[str], claim: str) -> list[float]:
    """The figures of LEXICAL."""
    return _lexical(units(evidence), claim)


def aligned_features(evidence: Sequence[str], claim: str, embedder: MiniLm) -> list[float]:
    """The figures of ALIGNED."""
    found = units(evidence)
    lexical, signs = _lexical(found, claim), _conflicts(found, claim)
    repeated = lexical[LEXICAL.index("pairs")]
    return [
        *lexical,
        *signs,
        *_nearness(found, claim, embedder),
        *changes(claim, found),
        *(sign * repeated for sign in signs[: len(NAMES)]),
    ]


def meant(evidence: Sequence[str], claim: str) -> list[str]:
    """The texts whose vectors `aligned_features` asks for: many claims' at once are computed faster."""
    found = units(evidence)
    return [claim, *clauses(claim), *_nearest(found, shares(weighed(words(claim)), found))]


def _lexical(found: Sequence[Unit], claim: str) -> list[float]:
    said, weight = words(claim), weighed(words(claim))
    held = frozenset(word for unit in found for word in unit.words)
    whole = sum(weight.values()) or 1.0
    share = shares(weight, found)
    chosen = [found[i] for i in choose(weight, found, [0.0] * len(found), room=60, most=3)]
    together = frozenset(word for unit in chosen for word in unit.words)
    recall = sum(value for word, value in weight.items() if word in held) / whole
    signs = conflicts(claim, _holder(found, share), Held.of([unit.words for unit in found]))
    worst = dict(zip(NAMES, signs, strict=True))
    return [
        recall,
        max(share, default=0.0),
        sum(value for word, value in weight.items() if word in together) / whole,
        min((max(shares(weighed(words(part)), found), default=0.0) for part in clauses(claim)), default=0.0),
        _runs(said, found, 2),
        _runs(said, found, 3),
        _longest(said, found),
        max((value for word, value in weight.items() if word not in held), default=0.0) / 8,
        worst["numbers missing"],
        worst["names missing"],
        worst["denied or not"],
        math.log1p(len(said)) / 4,
        math.log1p(sum(len(unit.words) for unit in found)) / 8,
        sum(word in held for word in said) / max(1, len(said)),
        recall * recall,
    ]


def _conflicts(found: Sequence[Unit], claim: str) -> list[float]:
    """Of every sign the worst clause and the mean."""
    held = Held.of([unit.words for unit in found])
    rows = []
    for part in clauses(claim):
        nearest = _holder(found, shares(weighed(words(part)), found))
        rows.append(conflicts(part, nearest, held))
    columns = list(zip(*rows, strict=True))
    return [*map(max, columns), *(sum(column) / len(column) for column in columns)]


def _nearness(found: Sequence[Unit], claim: str, embedder: MiniLm) -> list[float]:
    """Cosines of the claim and its clauses with the sentences that hold most of its words."""
    parts, share = clauses(claim), shares(weighed(words(claim)), found)
    texts = _nearest(found, share)
    vectors = embedder.embed_long([claim, *parts, *texts])
    claimed, clause, seen = vectors[0], vectors[1 : 1 + len(parts)], vectors[1 + len(parts) :]
    if not texts:
        return [0.0] * 5
    near = seen @ claimed
    order = near.argsort()[::-1][:3]
    mean = seen[order].mean(axis=0)
    together = float(mean @ claimed / max(1e-6, float((mean @ mean) ** 0.5)))
    best, recall = float(near.max()), max(share)
    return [best, together, float((clause @ seen.T).max(axis=1).min()), best * best, best * recall]


def _nearest(found: Sequence[Unit], share: Sequence[float]) -> list[str]:
    """The sentences that hold most of the claim's words."""
    return [found[i].text for i in foremost(share, LOOKED_AT)]


def clauses(claim: str) -> list[str]:
    """The parts of a claim that can be true or false apart; a short one stays with the one before.

    >>> clauses("The dose is 5 mg a day, and treatment must stop after 30 days.")
    ['The dose is 5 mg a day', 'treatment must stop after 30 days.']
    """
    parts: list[str] = []
    for part in filter(str.strip, _CLAUSE.split(claim)):
        if parts and sum(word not in STOP for word in words(part)) < SHORTEST:
            parts[-1] = f"{parts[-1]}, {part}"
        else:
            parts.append(part)
    return parts or [claim]


def _holder(found: Sequence[Unit], share: Sequence[float]) -> tuple[str, ...]:
    """Words of the sentence that holds most; none without evidence."""
    return next((found[i].words for i in foremost(share, 1)), ())


def _runs(said: Sequence[str], found: Sequence[Unit], length: int) -> float:
    """Share of the claim's runs of `length` words that some sentence holds."""
    runs = {tuple(said[i : i + length]) for i in range(len(said) - length + 1)}
    if not runs:
        return 0.0
    there = {unit.words[i : i + length] for unit in found for i in range(len(unit.words) - length + 1)}
    return len(runs & there) / len(runs)


def _longest(said: Sequence[str], found: Sequence[Unit]) -> float:
    """Length of the longest run of the claim's words that a sentence holds, as a share of the claim."""
    best = 0
    for unit in found:
        places: dict[str, list[int]] = {}
        for place, word in enumerate(unit.words):
            places.setdefault(word, []).append(place)
        last: dict[int, int] = {}
        for word in said:
            last = {place: last.get(place - 1, 0) + 1 for place in places.get(word, ())}
            best = max(best, max(last.values(), default=0))
    return best / max(1, len(said))
