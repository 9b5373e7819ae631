"""Does this evidence support this claim: the question, the verdict, and who gives it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

WORD_FOR_WORD = "word for word"
"""Reason of the one verdict that cannot be wrong: the claim stands so in its evidence."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed, and the texts that it rests on."""

    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A stretch of one of the evidence texts, in code points."""

    evidence: int
    """Which text, from 0."""
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Probabilities that the evidence supports the claim wholly, in part, or says the contrary; the rest is none."""

    full: float | None
    """None: could not be judged, `reason` says why. Never 0 or 1 for "could not judge"."""
    partial: float = 0.0
    contradict: float = 0.0
    best: tuple[Place, ...] = ()
    """The sentences that decided."""
    reason: str = ""
    """Why it could not be judged, or the plainest sign for or against the claim."""

    @property
    def some(self) -> float | None:
        """Probability that at least a part is supported."""
        return None if self.full is None else min(1.0, self.full + self.partial)


class Verifier(Protocol):
    """Judges claims. A failure is a verdict with `full=None`, never an exception and never a number."""

    def judge(self, claims: Sequence[Claim], /) -> list[Verdict]:
        """One verdict for each claim, in order; what is judged together does not change what is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierSpec:
    """A verifier that can be chosen by name; `load` may be slow."""

    name: str
    summary: str
    load: LoadVerifier
    licence: str
    window: str = "any length"
    """How much evidence is read at once, and what becomes of the rest."""
    calibration: str = "none"
    """What its probabilities were fitted on; `full` >= 0.5 should mean "rather yes"."""


class LoadVerifier(Protocol):
    def __call__(self) -> Verifier: ...
