"""Three logistic regressions over one row of figures: full, and of what is not full, partial and contradict.

Coefficients come from `foundry.levels` and are shipped as JSON. The bias of `full` is set so that 0.5 is the threshold
of docs/meta-evaluation.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict

HEADS: tuple[Literal["full", "partial", "contradict"], ...] = ("full", "partial", "contradict")
Figures = npt.NDArray[np.float64]


class Logistic(BaseModel):
    """Coefficients, in the order of `names`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    names: tuple[str, ...]
    """What the figures are."""
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    """Figures are centred and divided by these first."""
    weights: dict[str, tuple[float, ...]]
    """Of each head of HEADS."""
    bias: dict[str, float]

    def probabilities(self, rows: Sequence[Sequence[float]]) -> Figures:
        """Full, partial and contradict of each row, (rows, 3); the rest to 1 is no support."""
        figures = (np.asarray(rows, dtype=np.float64).reshape(-1, len(self.names)) - self.mean) / self.scale
        full, partial, contradict = (
            1 / (1 + np.exp(-(figures @ np.asarray(self.weights[head]) + self.bias[head]))) for head in HEADS
        )
        share = (1 - full) / np.maximum(1.0, partial + contradict)
        return np.stack([full, share * partial, share * contradict], axis=1)


@cache
def shipped(name: str) -> Logistic:
    """The coefficients of a level: `lexical`, `aligned` or `cross_encoder`."""
    folder = files("glossator") / "weights" / "verifier"
    return Logistic.model_validate_json((folder / f"{name}.json").read_bytes())
