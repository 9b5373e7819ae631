"""What the decoding benchmarks share: the embedded backbone twice, for our loop and for `generate`, and its texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import measure  # noqa: F401  - threads are set before torch is imported
import numpy as np
import torch

from glossator.content import weights
from glossator.generation.transformers_local import LocalGenerator, load_model

torch.set_num_threads(1)


class NeverEnds:
    """The part of a tokenizer that decoding needs; no token ends an answer, so that all have the same length."""

    eos_token_id, pad_token_id = -1, 0


class Ours:
    """Our loop."""

    def __init__(self) -> None:
        self.generator = LocalGenerator.load(str(weights()))
        self.tokenizer, self.generator.tokenizer = self.generator.tokenizer, NeverEnds()

    def __call__(self, prompts: Sequence[Sequence[int]], length: int, temperature: float | None = None) -> Any:
        return self.generator.generate(prompts, length, None, temperature)


class Theirs:
    """`generate` of transformers as TRL calls it: prompts of one length, each as often as it has samples."""

    def __init__(self) -> None:
        self.model = load_model(str(weights()))

    def __call__(self, prompts: Sequence[Sequence[int]], length: int, temperature: float | None = None) -> Any:
        ids = torch.tensor(prompts)
        how = (
            {"do_sample": False} if temperature is None else {"do_sample": True, "temperature": temperature, "top_k": 0}
        )
        with torch.inference_mode():
            out = self.model.generate(
                input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=length, pad_token_id=0, **how
            )
        return out[:, ids.shape[1] :]


def prompts_of(count: int, length: int) -> list[list[int]]:
    """Prompts of random tokens, always the same."""
    return np.random.default_rng(0).integers(10, 8192, (count, length)).tolist()


def parted(ours: Any, theirs: Any) -> str:
    """What is wrong with greedy answers that should be the same; empty where nothing is."""
    wrong = int((ours != theirs).any(1).sum())
    return f"{wrong} of {len(ours)} answers differ" if wrong else ""
