"""The default level: clause by clause against the sentences of the evidence, by words, meaning and signs of conflict.

Meaning is the cosine of MiniLM over the three sentences that share most with the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from glossator.claims import Claim, Verdict
from glossator.verification.features import aligned_features
from glossator.verification.levels import judge_by
from glossator.verification.logistic import shipped

if TYPE_CHECKING:
    from glossator.encoding.embedding import MiniLm


class AlignedVerifier:
    """Words, meaning, and conflicts of numbers, units, dates, negation, strength, direction, names and order."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        return judge_by(claims, self._figures, shipped("aligned"))

    def _figures(self, claims: Sequence[Claim]) -> list[list[float]]:
        return [aligned_features(claim.evidence, claim.text, self._embedder) for claim in claims]

    @cached_property
    def _embedder(self) -> MiniLm:
        from glossator.encoding.embedding import load_embedder

        return load_embedder("minilm")
