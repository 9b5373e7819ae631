"""The cross-encoder itself: MiniLM with its adapter, and a linear head over the first and the mean state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from glossator.encoding.bert import BertEncoder, best_number


class PairReader:
    """Tokens and segments of pairs -> log-probabilities of pairs.CLASSES. Rows of a call have one length."""

    def __init__(self, base: Path, weights: Path) -> None:
        from safetensors.torch import load_file

        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._encoder = BertEncoder(base, best_number(device), device, adapter=weights)
        head = load_file(weights / "head.safetensors", device=str(device))
        self._weight, self._bias = head["weight"], head["bias"]

    @torch.inference_mode()
    def read(self, rows: list[list[int]], segments: list[list[int]]) -> Any:
        """Natural logarithms, (rows, classes), float32 numpy."""
        states = self._encoder.states(rows, segments)
        features = torch.cat([states[:, 0], states.mean(1)], dim=1)
        return torch.log_softmax(features @ self._weight.T + self._bias, dim=1).cpu().numpy()
