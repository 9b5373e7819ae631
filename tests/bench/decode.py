"""One answer: `generate` of transformers against our loop, 256 + 64 tokens, greedy.

    python tests/bench/decode.py

The gate: the same tokens. `reading` is the share of the prompt, the rest is token by token.
"""

from __future__ import annotations

import sys

from decoders import Ours, Theirs, parted, prompts_of
from measure import in_turns, release, verdict

BEFORE, AFTER = 256, 64


def bench() -> bool:
    ours, theirs = Ours(), Theirs()
    asked = prompts_of(1, BEFORE)
    wrong = parted(ours(asked, AFTER), theirs(asked, AFTER))
    good = True
    for what, length in ((f"{BEFORE} + {AFTER}", AFTER), ("reading", 1)):
        peer, mine = in_turns(lambda n=length: theirs(asked, n), lambda n=length: ours(asked, n), repetitions=5)
        good &= verdict(f"decode-1, {what}", release("transformers"), peer, mine, wrong=wrong)
    return good


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
