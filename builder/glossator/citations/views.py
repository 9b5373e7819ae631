"""The metrics of an answer, each a view of its tensor. Higher is not always better here: rates of error are named so.

`support_recall` and `support_precision` are what ALCE calls citation recall and precision; in this house those two
names are taken by the figures against gold. Differences, all of them on purpose: a statement that needs no citation
(a refusal, a heading) is not asked for one; partial support counts for precision; invalid markers, repeats and the
fourth citation stay in the denominator; precision does not depend on recall. `alce` has the definition as published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from glossator.citations.support import supported
from glossator.citations.tensor import Row, Tensor
from glossator.claims import Verdict

MOST = 3
"""Citations that one statement may carry before the rest are over-citation (the limit of ALCE)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """So many of so many: `part` may be a fraction where a half counts."""

    part: float
    whole: int
    unjudged: int = 0
    """Those that should have been judged and could not: in neither `part` nor `whole`."""

    @property
    def share(self) -> float | None:
        """None where there is nothing to take a share of.

        >>> Tally(part=1, whole=4).share, Tally(part=0, whole=0).share
        (0.25, None)
        """
        return self.part / self.whole if self.whole else None


View = Callable[[Tensor], Tally]


def support_recall(tensor: Tensor) -> Tally:
    """Statements that all their citations together support, of those that need evidence."""
    return tally(wholly(row.union, tensor.least) for row in _needed(tensor))


def support_recall_graded(tensor: Tensor) -> Tally:
    """The same with 1/2 for support in part, as TREC RAG 2024 weighs it (Thakur et al. 2025)."""
    return tally(graded(row.union, tensor.least) for row in _needed(tensor))


def support_precision(tensor: Tensor) -> Tally:
    """Citations that support their statement alone, wholly or in part, of all that were made.

    One that names nothing shown and one that names a place again support nothing.
    """
    return tally(grade for row in tensor.rows for grade in _precise(row, tensor, partly))


def support_precision_strict(tensor: Tensor) -> Tally:
    """The same, only whole support counting."""
    return tally(grade for row in tensor.rows for grade in _precise(row, tensor, wholly))


def redundancy(tensor: Tensor) -> Tally:
    """Citations without any one of which the others still support the statement, of those on supported statements."""
    grades: list[float | None] = []
    for row in tensor.rows:
        if supported(row.union, tensor.least):
            grades += [wholly(verdict, tensor.least) for verdict in row.without] or [0.0] * len(row.alone)
    return tally(grades)


def misattribution(tensor: Tensor) -> Tally:
    """Statements that their citations do not support and another passage that was shown does, of those that need it."""
    return tally(_misattributed(row, tensor) for row in _needed(tensor))


def contradiction(tensor: Tensor) -> Tally:
    """Statements of whose contrary their citations rather speak, of those that need evidence and could be judged."""
    return tally(
        None if row.union.full is None else float(row.union.contradict >= tensor.least)
        for row in _needed(tensor)
        if row.union is not None
    )


def uncited(tensor: Tensor) -> Tally:
    """Statements without any citation, of those that need evidence."""
    return tally(float(not row.statement.citations) for row in _needed(tensor))


def fabricated(tensor: Tensor) -> Tally:
    """Citations that name nothing that was shown, of all that were made."""
    return tally(float(citation.passage_id is None) for citation in tensor.answer.citations)


def over_citation(tensor: Tensor) -> Tally:
    """Citations beyond the third of their statement, of all that were made."""
    return tally(float(place >= MOST) for row in tensor.rows for place in range(len(row.statement.citations)))


def gold_recall(tensor: Tensor) -> Tally:
    """Statements that the gold evidence supports, whatever they cite, of those that need evidence."""
    return tally(wholly(row.gold, tensor.least) for row in _needed(tensor) if row.gold is not None)


VIEWS: Mapping[str, View] = MappingProxyType(
    {
        "support_recall": support_recall,
        "support_recall_graded": support_recall_graded,
        "support_precision": support_precision,
        "support_precision_strict": support_precision_strict,
        "support_by_gold": gold_recall,
        "redundancy": redundancy,
        "misattribution": misattribution,
        "contradiction": contradiction,
        "uncited": uncited,
        "fabricated": fabricated,
        "over_citation": over_citation,
    }
)
"""Name -> view, in the order of a report."""


def f1(precision: float | None, recall: float | None) -> float | None:
    """Harmonic mean. Without recall there is none to be had; None where either could not be judged.

    >>> f1(0.5, 1.0), f1(None, 0.0), f1(None, 1.0)
    (0.6666666666666666, 0.0, None)
    """
    if not recall or precision is None:
        return recall if not recall else None
    return 2 * precision * recall / (precision + recall)


def _needed(tensor: Tensor) -> list[Row]:
    return [row for row in tensor.rows if row.needed]


def tally(grades: Iterable[float | None]) -> Tally:
    """Sum and count of what could be judged; None is counted apart.

    >>> tally([1.0, None, 0.5])
    Tally(part=1.5, whole=2, unjudged=1)
    """
    known = list(grades)
    judged = [grade for grade in known if grade is not None]
    return Tally(part=sum(judged), whole=len(judged), unjudged=len(known) - len(judged))


def wholly(verdict: Verdict | None, least: float) -> float | None:
    """1 for whole support; 0 also where there is nothing to rest on, None where it could not be judged."""
    return _reaches(verdict, None if verdict is None else verdict.full, least)


def partly(verdict: Verdict | None, least: float) -> float | None:
    """1 for support in whole or in part, 0 where there is nothing to rest on."""
    return _reaches(verdict, None if verdict is None else verdict.some, least)


def _reaches(verdict: Verdict | None, probability: float | None, least: float) -> float | None:
    if verdict is None:
        return 0.0
    return None if probability is None else float(probability >= least)


def graded(verdict: Verdict | None, least: float) -> float | None:
    """1 for whole support, 1/2 for support in part."""
    full, some = wholly(verdict, least), partly(verdict, least)
    return None if full is None or some is None else (full + some) / 2


def _precise(row: Row, tensor: Tensor, grade: Callable[[Verdict | None, float], float | None]) -> list[float | None]:
    """The grade of each citation of a row; a place that is named again earns nothing."""
    cited = [tensor.answer.citations[index] for index in row.statement.citations]
    places = [(citation.passage_id, citation.span) for citation in cited]
    return [
        0.0 if place in places[:number] else grade(verdict, tensor.least)
        for number, (place, verdict) in enumerate(zip(places, row.alone, strict=True))
    ]


def _misattributed(row: Row, tensor: Tensor) -> float | None:
    grade = wholly(row.union, tensor.least)
    if grade != 0 or not row.statement.citations:
        return None if grade is None else 0.0
    cited = {tensor.answer.citations[index].passage_id for index in row.statement.citations}
    others = [
        wholly(verdict, tensor.least)
        for passage, verdict in zip(tensor.answer.passages, row.shown, strict=True)
        if passage.id not in cited
    ]
    return 1.0 if 1.0 in others else None if None in others else 0.0
