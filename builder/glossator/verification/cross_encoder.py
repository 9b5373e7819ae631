"""The careful level: MiniLM reads claim and evidence together, and its verdict is weighed with the aligned figures.

MiniLM's weights come with the embedder; the adapter (LoRA, merged when loaded) and the head are shipped, see
`weights/verifier/README.md` and `foundry.verifier`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from glossator.claims import Claim, Verdict
from glossator.encoding.batching import read_in_batches
from glossator.encoding.embedding import MiniLm, load_embedder
from glossator.verification.aligned import aligned_rows
from glossator.verification.levels import judge_by
from glossator.verification.logistic import shipped
from glossator.verification.pairs import CLAIM, CLASSES, Joined, joined
from glossator.verification.verbatim import settled

BUDGET = 1024
"""Tokens of one pass."""


class CrossEncoderVerifier:
    """What the aligned level sees, and the cross-encoder's four probabilities."""

    def __init__(self, weights: Path | None = None) -> None:
        self._weights = weights

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        long = {claim: why for claim in dict.fromkeys(claims) if (why := self._too_long(claim))}
        judged = iter(judge_by([c for c in claims if c not in long], self._figures, shipped("cross_encoder")))
        return [Verdict(full=None, reason=long[claim]) if claim in long else next(judged) for claim in claims]

    def _too_long(self, claim: Claim) -> str:
        """Why the claim cannot be read as a whole; empty where it can, or need not be read."""
        if len(claim.text) <= CLAIM or settled(claim) is not None:
            return ""
        length = len(self._embedder.tokenizer.encode(claim.text, add_special_tokens=False).ids)
        return f"the claim has {length} tokens, and {CLAIM} can be read" if length > CLAIM else ""

    def _figures(self, claims: Sequence[Claim]) -> list[list[float]]:
        aligned = aligned_rows(claims, self._embedder)
        logits = self.logits([joined(c.evidence, c.text, self._embedder.tokenizer, self._embedder) for c in claims])
        return [[*row, *read] for row, read in zip(aligned, logits.tolist(), strict=True)]

    def logits(self, pairs: Sequence[Joined]) -> Any:
        """Log-probabilities of CLASSES, (pairs, 4)."""
        out = np.zeros((len(pairs), len(CLASSES)), dtype=np.float64)

        def read(batch: list[int]) -> Any:
            return self._model.read([pairs[i].ids for i in batch], [pairs[i].segments for i in batch])

        for batch, made in read_in_batches(read, [len(pair.ids) for pair in pairs], BUDGET):
            out[batch] = made
        return out

    @cached_property
    def _embedder(self) -> MiniLm:
        return load_embedder("minilm")

    @cached_property
    def _model(self) -> Any:
        from glossator.verification.reader import PairReader

        if self._weights is not None:
            return PairReader(self._embedder.folder, self._weights)
        with as_file(files("glossator") / "weights" / "verifier") as folder:
            return PairReader(self._embedder.folder, Path(folder))
