"""The cases that need no model: nothing to read, and a claim that stands word for word in its evidence."""

from __future__ import annotations

from collections.abc import Sequence

from glossator.citations.fold import fold
from glossator.claims import WORD_FOR_WORD, Claim, Place, Verdict
from glossator.verification.words import content


def settled(claim: Claim) -> Verdict | None:
    """The verdict where it is plain: supported word for word, nothing claimed, or no evidence; else None.

    A claim stands word for word when it is one piece of the evidence, apart from typography and its last full stop, and
    the words before and behind it end or begin a sentence or clause, so that "is safe" is not found in "is safe only
    if".
    """
    if (verdict := empty(claim)) is not None:
        return verdict
    place = _verbatim(fold(claim.text).rstrip(". "), claim.evidence)
    return None if place is None else Verdict(full=1.0, best=(place,), reason=WORD_FOR_WORD)


def empty(claim: Claim) -> Verdict | None:
    """The verdict where there is nothing to read: nothing claimed, or no evidence; else None."""
    if not content(claim.text):
        return Verdict(full=None, reason="nothing is claimed")
    if not any(content(text) for text in claim.evidence):
        return Verdict(full=0.0, reason="no evidence")
    return None


def _verbatim(claim: str, evidence: Sequence[str]) -> Place | None:
    for number, text in enumerate(evidence):
        folded = fold(text)
        at = folded.find(claim)
        while at >= 0:
            if _borders(folded, at, at + len(claim)):
                return Place(evidence=number, start=0, end=len(text))
            at = folded.find(claim, at + 1)
    return None


def _borders(text: str, start: int, end: int) -> bool:
    before, after = text[:start].rstrip(), text[end:].lstrip(" \"'”’)]")
    return (not before or before[-1] in ".!?:;|•\"'(“") and (not after or after[0] in ".!?;:|•")
