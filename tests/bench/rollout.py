"""Sampling for GRPO: `generate` of transformers against our loop, 4 prompts x 8 samples, 256 + 48 tokens.

    python tests/bench/rollout.py

The gate: greedy answers are the same, token for token. A rollout in training reads the weights anew for each call,
adapters merged in, so reading is counted here.
"""

from __future__ import annotations

import sys

from decoders import Ours, Theirs, parted, prompts_of
from measure import in_turns, release, verdict

from glossator.generation.backbone import read

PROMPTS, SAMPLES, BEFORE, AFTER = 4, 8, 256, 48


def bench() -> bool:
    ours, theirs = Ours(), Theirs()
    asked = [prompt for prompt in prompts_of(PROMPTS, BEFORE) for _ in range(SAMPLES)]

    def anew(temperature: float | None = None) -> object:
        ours.generator._read = read(theirs.model)
        return ours(asked, AFTER, temperature)

    wrong = parted(anew(), theirs(asked, AFTER))
    good, what = True, f"rollout, {PROMPTS} x {SAMPLES} x ({BEFORE} + {AFTER})"
    for how, temperature in (("greedy", None), ("sampled", 1.0)):
        peer, mine = in_turns(lambda t=temperature: theirs(asked, AFTER, t), lambda t=temperature: anew(t))
        good &= verdict(f"{what}, {how}", release("transformers"), peer, mine, wrong=wrong)
    return good


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
