"""What the suite finds: problems, each with a place and a remedy, and how often each spoil was caught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

NAMED = 4
"""Further places that a finding on many questions names."""


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
    references: int = 0
    """Gold questions with a reference answer."""
    cut: tuple[str, ...] = ()
    """Places of those whose reference the run-time check would cut: the default verifier cannot follow them. No
    problem, but an assistant that learns to say so will be cut too, unless its recipe names a better verifier."""

    def figures(self) -> Iterator[str]:
        """One line for each spoil that could be tried, and one for the references."""
        for count in self.spoils:
            if count.applied:
                yield f"spoil {count.spoil!r}: caught in {count.caught} of {count.applied} questions"
        if self.references:
            yield f"the run-time check cuts {len(self.cut)} of {self.references} reference answers"


def grouped(problems: Iterable[Problem], asked: int) -> Iterator[Problem]:
    """Equal findings on many questions as one, at the place of the first; the next places are named."""
    found: dict[tuple[str, str], list[Problem]] = {}
    for problem in problems:
        found.setdefault((problem.what, problem.remedy), []).append(problem)
    for same in found.values():
        places = ", ".join(problem.where.split(" ")[0] for problem in same[1 : NAMED + 1])
        also = f"; also {places}{', ...' * (len(same) > NAMED + 1)}" if places else ""
        yield replace(same[0], what=f"{same[0].what} ({len(same)} of {asked} questions{also})")
