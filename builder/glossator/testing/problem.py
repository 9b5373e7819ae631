"""What the suite finds: problems, each with a place and a remedy, and how often each spoil was caught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding.

    >>> print(Problem(where="gold/train.jsonl:12 question 'x'", what="has no kind", remedy="give it one"))
    gold/train.jsonl:12 question 'x': has no kind; give it one
    """

    where: str
    """File below the content folder, with the line of the row, key or document; or the scorer or plugin."""
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.remedy}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoilCount:
    """How one way of spoiling the gold fared."""

    spoil: str
    applied: int
    """Gold questions that it could be done to."""
    caught: int
    """Those where the run-time check or a scorer gave every spoiled form of the answer less than the gold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that one examination of a domain found."""

    problems: tuple[Problem, ...]
    spoils: tuple[SpoilCount, ...] = ()


def grouped(problems: Iterable[Problem], asked: int) -> Iterator[Problem]:
    """Equal findings on many questions as one, at the place of the first."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.what, problem.remedy), []).append(problem)
    for same in found.values():
        yield replace(same[0], what=f"{same[0].what} ({len(same)} of {asked} questions)")
