"""The default level: clause by clause against the sentences of the evidence, by words, meaning and signs of conflict.

Meaning is the cosine of MiniLM over the three sentences that share most with the claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from glossator.claims import Claim, Verdict
from glossator.verification.features import aligned_features, meant
from glossator.verification.levels import judge_by
from glossator.verification.logistic import shipped

if TYPE_CHECKING:
    from glossator.encoding.embedding import MiniLm

TOGETHER = 512
"""Claims whose vectors are computed at once; all of them are still remembered when they are read."""


class AlignedVerifier:
    """Words, meaning, and conflicts of numbers, units, dates, negation, strength, direction, names and order."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        return judge_by(claims, lambda unsettled: aligned_rows(unsettled, self._embedder), shipped("aligned"))

    @cached_property
    def _embedder(self) -> MiniLm:
        from glossator.encoding.embedding import load_embedder

        return load_embedder("minilm")


def aligned_rows(claims: Sequence[Claim], embedder: MiniLm) -> list[list[float]]:
    """The figures of ALIGNED of each claim; the vectors of TOGETHER claims are computed at once."""
    rows: list[list[float]] = []
    for start in range(0, len(claims), TOGETHER):
        part = claims[start : start + TOGETHER]
        embedder.embed_long([text for claim in part for text in meant(claim.evidence, claim.text)])
        rows += [aligned_features(claim.evidence, claim.text, embedder) for claim in part]
    return rows
