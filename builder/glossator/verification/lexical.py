"""The level without a model: figures of shared words, weighed by a logistic regression; half a millisecond a claim."""

from __future__ import annotations

from collections.abc import Sequence

from glossator.claims import Claim, Verdict
from glossator.verification.features import lexical_features
from glossator.verification.levels import judge_by
from glossator.verification.logistic import shipped


class LexicalVerifier:
    """Shared words, their order, and missing numbers, names and negations."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        return judge_by(
            claims, lambda unsettled: [lexical_features(c.evidence, c.text) for c in unsettled], shipped("lexical")
        )
