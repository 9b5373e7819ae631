"""What is trained on and test: no family, no question and no text on both sides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from glossator.gold import similarity
from glossator.recipe import ExamplesRecipe
from glossator.testing.material import TAUGHT, Material, Placed, Row
from glossator.testing.problem import Problem

WORDS = 5
"""Length of the runs of words by which documents are compared."""
ALIKE = 0.2
"""Share of common runs from which two documents are near-duplicates."""


def split_problems(material: Material) -> Iterator[Problem]:
    train, test = material.split(*TAUGHT), material.split("test")
    yield from _families(train, test, material)
    yield from _questions(train, test, ExamplesRecipe().near_duplicate)
    yield from _documents(test, material)


def _families(train: Sequence[Row], test: Sequence[Row], material: Material) -> Iterator[Problem]:
    seen = _by_family(train, material)
    for family, row in _by_family(test, material).items():
        if family in seen:
            what = f"rests on family {family!r}, as does {seen[family].place}"
            yield Problem(where=row.where, what=what, remedy="move each document family to one side")


def _by_family(rows: Sequence[Row], material: Material) -> dict[str, Row]:
    """Each document family with the first question that rests on it."""
    found: dict[str, Row] = {}
    for row in rows:
        for name in sorted(row.question.gold_documents & set(material.documents)):
            found.setdefault(material.documents[name].family, row)
    return found


def _questions(train: Sequence[Row], test: Sequence[Row], limit: float) -> Iterator[Problem]:
    for held in test:
        for seen in train:
            if similarity(held.question.text, seen.question.text) >= limit:
                what = f"nearly repeats {seen.where}: {held.question.text!r}"
                yield Problem(where=held.where, what=what, remedy="remove one of the two")


def _documents(test: Sequence[Row], material: Material) -> Iterator[Problem]:
    """Documents of test families against all others: those may be shown in training."""
    held = set(_by_family(test, material))
    sides: tuple[list[Placed], list[Placed]] = ([], [])
    for placed in material.placed:
        sides[placed.document.family in held].append(placed)
    for one, other, share in alike(*sides):
        what = f"shares {share:.0%} of its text with {one.where()}, which may be shown in training"
        remedy = "give both one `family:` and move its questions to one side"
        yield Problem(where=other.where(), what=what, remedy=remedy)


def alike(train: Sequence[Placed], test: Sequence[Placed]) -> Iterator[tuple[Placed, Placed, float]]:
    """Near-duplicates across the sides, with the Jaccard overlap of their runs of words.

    Only pairs with a common run are looked at: an index from runs to documents finds them.
    """
    runs = [_runs(placed.document.text) for placed in train]
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, known in enumerate(runs):
        for run in known:
            holders[run].append(number)
    for placed in test:
        mine = _runs(placed.document.text)
        common = Counter(number for run in mine for number in holders.get(run, ()))
        for number, shared in common.items():
            share = shared / (len(mine) + len(runs[number]) - shared)
            if share >= ALIKE:
                yield train[number], placed, share


def _runs(text: str) -> set[tuple[str, ...]]:
    words = text.casefold().split()
    return {tuple(words[start : start + WORDS]) for start in range(max(1, len(words) - WORDS + 1))} if words else set()
