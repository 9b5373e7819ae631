"""Where a system is strong and where it is weak: its figures on parts of the questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from glossator.evaluate import Row, cluster
from glossator.statistics.estimates import Estimate, estimate
from glossator.verification.conflicts import NEGATIONS
from glossator.verification.words import words

SHORT, LONG = 20, 60
"""Words of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The figures of the questions that have something in common."""

    name: str
    rows: int
    figures: Mapping[str, Estimate]


def slices(rows: Sequence[Row], metrics: Sequence[str]) -> dict[str, list[Slice]]:
    """Every part that holds a question, by group. A question is in one part of a group at most."""
    made = {group: _parts(rows, part_of, metrics) for group, part_of in GROUPS.items()}
    return {group: parts for group, parts in made.items() if parts}


def _parts(rows: Sequence[Row], part_of: Callable[[Row], str], metrics: Sequence[str]) -> list[Slice]:
    held: dict[str, list[Row]] = {}
    for row in rows:
        held.setdefault(part_of(row), []).append(row)
    return [
        Slice(name=name, rows=len(held[name]), figures=_figures(held[name], metrics)) for name in sorted(held) if name
    ]


def _figures(rows: Sequence[Row], metrics: Sequence[str]) -> dict[str, Estimate]:
    clusters = [cluster(row.asked) for row in rows]
    return {name: estimate([row.scores[name] for row in rows], clusters) for name in metrics}


def _length(row: Row) -> str:
    count = sum(len(said.claim.split()) for said in row.answer.statements)
    if row.answer.abstained:
        return ""
    return f"1 to {SHORT} words" if count <= SHORT else f"{SHORT + 1} to {LONG}" if count <= LONG else f"over {LONG}"


def _citations(row: Row) -> str:
    count = len(row.answer.citations)
    if row.answer.abstained:
        return ""
    return str(count) if count < 3 else "3 or more"


def _numbers(row: Row) -> str:
    if row.answer.abstained:
        return ""
    return "with" if any(word[0].isdigit() for word in _said(row)) else "without"


def _negations(row: Row) -> str:
    if row.answer.abstained:
        return ""
    return "without" if NEGATIONS.isdisjoint(_said(row)) else "with"


def _said(row: Row) -> list[str]:
    return [word for said in row.answer.statements for word in words(said.claim)]


GROUPS: Mapping[str, Callable[[Row], str]] = {
    "questions": lambda row: "answerable" if row.answerable else "unanswerable",
    "kind of question": lambda row: row.kind,
    "answers": lambda row: "abstained" if row.answer.abstained else "given",
    "words in the answer": _length,
    "citations in the answer": _citations,
    "numbers in the answer": _numbers,
    "negations in the answer": _negations,
}
"""What a question is sorted by; a part without name is left out."""
