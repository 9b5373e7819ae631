"""Decoding inside a constraint against free decoding by the same loop, both sampled, the same number of tokens.

    python tests/bench/constrained.py

The possible answers are the sentences of the passages, 4 of 200 tokens and 20 of 400, each longer than what is decoded.
"every token computed" hides that some tokens are certain, so that the model reads as many tokens one by one as in free
decoding: the cost of the constraint itself. At most 15 % slower is a ratio of 0.87. The other rows read certain runs in
one pass, and not at all where no choice comes after. The gate: every answer begins a possible one.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import partial

from decoders import Ours, prompts_of
from measure import in_turns, texts, verdict

from glossator import Passage
from glossator.generation.grounding import LEAST, NEVER, Choice, State, Tree, choices, tree_of
from glossator.prompting import encode_completion

SIZES = ((4, 200), (20, 400))
ROWS, BEFORE, AFTER, SENTENCE = (1, 8), 256, 32, 24
UNCERTAIN = 9
"""A token that is offered and never taken."""


class Uncertain:
    """A state that is never certain: beside a certain token another one is offered, which has no chance."""

    def __init__(self, state: State) -> None:
        self.state = state

    def gains(self) -> Mapping[int, float]:
        possible = self.state.gains()
        return {**possible, UNCERTAIN: NEVER} if len(possible) == 1 else possible

    def after(self, token: int) -> State:
        return Uncertain(self.state.after(token))


def passages(ours: Ours, count: int, tokens: int) -> list[Passage]:
    """Passages of so many tokens, of sentences of SENTENCE words."""
    rows = iter(texts(count * tokens // SENTENCE, SENTENCE))
    found = []
    for number in range(count):
        said = ""
        while len(ours.tokenizer.encode(said)) < tokens:
            said = f"{said} {next(rows).capitalize()}".strip()
        found.append(Passage(id=f"{number}", document_id=f"{number}", title="-", text=said, start=0, end=len(said)))
    return found


def tree_over(ours: Ours, shown: Sequence[Passage]) -> tuple[Tree, list[list[int]]]:
    """The tree of the quotes, and each one's tokens; the abstention is too unlikely to be drawn."""
    among = choices(shown, "Nothing.")
    among[0] = Choice(among[0].text, LEAST)
    spelt = [encode_completion(ours.tokenizer, choice.text) for choice in among]
    return tree_of(spelt, [choice.weight for choice in among]), [row for row in spelt if len(row) > AFTER]


def bench(count: int, tokens: int, rows: int) -> bool:
    ours = Ours()
    tree, spelt = tree_over(ours, passages(ours, count, tokens))
    asked = prompts_of(1, BEFORE) * rows

    def bound(state: State) -> list[list[int]]:
        return ours.generator.generate(asked, AFTER, [state] * rows, 1.0).tolist()

    begun = {tuple(row[:AFTER]) for row in spelt}
    wrong = sum(tuple(row) not in begun for row in bound(tree) + bound(Uncertain(tree)))
    free, slow, fast = in_turns(
        partial(ours, asked, AFTER, 1.0), partial(bound, Uncertain(tree)), partial(bound, tree), repetitions=7
    )
    good = True
    for how, spent in (("every token computed", slow), ("certain runs in one pass", fast)):
        name = f"constrained, {count} x {tokens}, {len(begun)} answers, {rows} samples, {how}"
        good &= verdict(name, "our loop, free", free, spent, wrong=f"{wrong} answers are not possible" if wrong else "")
    return good


if __name__ == "__main__":
    sys.exit(0 if min([bench(*size, rows) for size in SIZES for rows in ROWS]) else 1)
