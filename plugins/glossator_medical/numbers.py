"""Are the numbers of an answer those of its source? Doses, units, frequencies, ranges and comparators.

Typography is made one ("5 mg" = "5mg", "µg" = "micrograms", "two" = 2); nothing is ever converted: 0.5 g is not 500 mg
here, because a reader who checks the source must find what the answer says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from glossator import Answer, Question, Score, Statement, cited_words
from glossator_medical.quantities import Quantity, quantities, schedules

_SOFT = frozenset({"", "within", "after", "before", "over"})
"""Time words: an answer may leave one out, but not swap it for another."""
_LIST_NUMBER = re.compile(r"\s*(?:\d{1,2}[.)](?:\s+|$)|[-*•]\s+)")


def numbers_faithful(question: Question, answer: Answer) -> Score:
    """Share of the statements with a number whose every number stands, as it is, in the words they cite."""
    bearing = [(statement, claim) for statement in answer.statements if quantities(claim := _claim(statement))]
    if not bearing:
        return Score(name="numbers_faithful", value=None, why="no statement bears a number")
    faults = [fault for statement, claim in bearing if (fault := _fault(claim, cited_words(statement, answer)))]
    right = len(bearing) - len(faults)
    why = "; ".join([f"{right} of {len(bearing)} faithful", *(f"“{fault}” is not cited" for fault in faults[:3])])
    return Score(name="numbers_faithful", value=right / len(bearing), why=why)


def _claim(statement: Statement) -> str:
    return _LIST_NUMBER.sub("", statement.claim, count=1) if _LIST_NUMBER.match(statement.claim) else statement.claim


def _fault(claim: str, cited: Sequence[str]) -> str:
    """The first number, or dose with its frequency, that the cited words do not hold; empty when they hold all."""
    held: dict[str, set[str]] = {}
    shown = [quantity for text in cited for quantity in quantities(text)]
    for quantity in shown:
        held.setdefault(quantity.amount, set()).update([quantity.comparator, *(["<="] if quantity.lone else [])])
    missing = (q for q in quantities(claim) if not _agrees(q, held.get(q.amount, ())))
    if (first := next(missing, None)) is not None:
        return f"{first.comparator} {first.amount}".strip()
    known, alone = {pair for text in cited for pair in schedules(text)}, {q.amount for q in shown if q.lone}
    wrong = (pair for pair in sorted(schedules(claim) - known) if pair[0] not in alone)
    return next((", ".join(pair) for pair in wrong), "")


def _agrees(said: Quantity, comparators: Iterable[str]) -> bool:
    return any(
        said.comparator == other or (said.comparator in _SOFT and other in _SOFT and not (said.comparator and other))
        for other in comparators
    )
