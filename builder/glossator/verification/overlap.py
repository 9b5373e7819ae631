"""A verifier without a model: share of the claim's content words that the evidence holds, with hard conflicts.

A number or a negation of the claim that the evidence does not hold means no support. Word
overlap cannot see roles or causes; the figure is a floor for better verifiers, not a judgement of truth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from glossator.claims import Claim, Verdict

_WORD = re.compile(r"[^\W\d_]{2,}|\d+(?:[.,]\d+)*")
_NOT = re.compile(r"n['’]t\b")
_CLAUSE = re.compile(r"[.;:,!?\n]+(?:\s|$)|\b(?:but|whereas|although|while)\b")
_NEGATION = frozenset("no not never none neither nor without cannot".split())
_STOP = frozenset(
    "a an and are as at be been but by can could did do does for from had has have if in into is it its may might must"
    " of on or shall should so such than that the their then there these they this those to was were which while who"
    " will with would you your".split()
)


class OverlapVerifier:
    """Support = recall of the claim's content words in the evidence; 0 on a conflict of numbers or negation."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        return [_judged(claim.text, claim.evidence) for claim in claims]


def _judged(claim: str, evidence: Sequence[str]) -> Verdict:
    claimed, held = _words(claim), set(_words(" ".join(evidence)))
    content = [word for word in claimed if word not in _STOP]
    if not content:
        return Verdict(full=None, reason="nothing is claimed")
    if any(word[0].isdigit() and word not in held for word in claimed):
        return Verdict(full=0.0, reason="a number that the evidence does not hold")
    if any(word in _NEGATION and word not in held for word in claimed):
        return Verdict(full=0.0, reason="a negation that the evidence does not hold")
    if not _NEGATION.intersection(claimed) and _negated(evidence, set(content)):
        return Verdict(full=0.0, reason="the evidence denies it")
    return Verdict(full=sum(word in held for word in content) / len(content))


def _negated(evidence: Sequence[str], content: set[str]) -> bool:
    """Whether the clause that holds most of the claim, and at least half of it, denies it."""
    clauses = [set(_words(clause)) for text in evidence for clause in _CLAUSE.split(text)]
    nearest = max(clauses, key=lambda words: len(words & content), default=set())
    return 2 * len(nearest & content) >= len(content) and bool(_NEGATION & nearest)


def _words(text: str) -> list[str]:
    return [_stem(word) for word in _WORD.findall(_NOT.sub(" not", text.casefold()))]


def _stem(word: str) -> str:
    """Plural and tense endings off, so that "lowers" meets "lower"."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
