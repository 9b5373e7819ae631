"""Does an answer say what a right answer holds, and does it ground that? Nuggets are the facts somebody listed.

After AutoNuggetizer (Pradeep et al. 2024, 2025): a nugget is stated 1, in part 1/2 or not 0. Without nuggets there is
no figure, where its code gives 0. Grounded recall asks more: the statements that state it must be supported by what
they cite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glossator.citations.support import supported
from glossator.citations.tensor import Once, Tensor
from glossator.citations.views import Tally, graded, tally, wholly
from glossator.claims import Claim, Verdict, Verifier
from glossator.records import Kind

TELLING: frozenset[Kind] = frozenset({"factual", "derived", "code"})
"""Kinds of statements that tell something; an echo only repeats the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nugget:
    """One fact of a right answer."""

    text: str
    vital: bool = True
    """Whether an answer without it is incomplete; else it is good to have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What was found of one nugget."""

    nugget: Nugget
    said: Verdict | None
    """By all statements of the answer together, whether they need a citation or not; None where nothing is said."""
    grounded: Verdict | None
    """By those statements alone that their citations support."""


def stated(tensors: Sequence[Tensor], nuggets: Sequence[Sequence[Nugget]], verifier: Verifier) -> list[list[Stated]]:
    """Judge the nuggets of each answer's question against what the answer says, in one call for all."""
    once = Once(verifier)
    pairs = [
        [(nugget, _claim(nugget, _said(tensor)), _claim(nugget, _grounded(tensor))) for nugget in listed]
        for tensor, listed in zip(tensors, nuggets, strict=True)
    ]
    once.judge([claim for listed in pairs for _, *claims in listed for claim in claims if claim is not None])
    return [
        [Stated(nugget=nugget, said=once.one(said), grounded=once.one(grounded)) for nugget, said, grounded in listed]
        for listed in pairs
    ]


def nugget_views(found: Sequence[Stated], least: float) -> dict[str, Tally]:
    """Coverage: lenient (a part counts half) and strict, of all and of the vital; grounded recall is strict."""
    vital = [one for one in found if one.nugget.vital]
    return {
        "nugget_recall": tally(graded(one.said, least) for one in found),
        "nugget_recall_strict": tally(wholly(one.said, least) for one in found),
        "nugget_recall_vital": tally(graded(one.said, least) for one in vital),
        "nugget_recall_vital_strict": tally(wholly(one.said, least) for one in vital),
        "nugget_recall_grounded": tally(wholly(one.grounded, least) for one in found),
    }


def _said(tensor: Tensor) -> tuple[str, ...]:
    said = () if tensor.answer.abstained else tensor.answer.statements
    return tuple(one.claim for one in said if one.claim and one.kind in TELLING)


def _grounded(tensor: Tensor) -> tuple[str, ...]:
    return tuple(row.statement.claim for row in tensor.rows if supported(row.union, tensor.least))


def _claim(nugget: Nugget, evidence: tuple[str, ...]) -> Claim | None:
    return Claim(nugget.text, evidence) if evidence else None
