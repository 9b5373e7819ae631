"""Grounded decoding: an answer is one whole sentence of a shown passage with that passage's number, or the abstention.

The possible answers of a prompt are spelt out, tokenised exactly as in training and merged into a tree; while decoding,
only tokens that lead on in the tree are possible. So a quote is byte-exact, its marker is true, and a model too small
to start a sentence by heart can still choose one. One quote per answer, and sentences are the units: spans of free
length, several quotes and connecting words need a richer automaton.

Each answer may carry a weight, the log of how likely it is before the model has read anything. A token then gains the
log of the share of its node's mass (the sum of exp(weight) of the answers below it) that lies behind it, and the policy
is the softmax of those sums over the possible tokens: the product of model and prior, token by token.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from glossator.citations.parse import format_citation
from glossator.citations.quotable import pieces
from glossator.records import Passage

NEVER = -1e9
"""Logit of an impossible token: finite, so that no product of 0 and infinity spoils a gradient."""


LEAST = -60.0
"""Least log-prior beside the heaviest answer's: keeps every mass above zero."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A possible answer."""

    text: str
    weight: float = 0.0
    """Log-prior, up to a constant that all choices share."""


class State(Protocol):
    """How far a constrained answer has come."""

    def gains(self) -> Mapping[int, float]:
        """Each possible next token and what is added to its logit; empty where the answer has ended."""

    def after(self, token: int, /) -> State:
        """The state behind a possible token; an ended one behind any other."""


@dataclass(slots=True)
class Tree:
    """Possible answers merged by the tokens they begin with."""

    mass: float = 0.0
    """Sum of exp(weight) of the answers below."""
    then: dict[int, Tree] = field(default_factory=dict)

    def gains(self) -> dict[int, float]:
        """Each possible next token and the log of its share of the mass."""
        return {token: math.log(node.mass / self.mass) for token, node in self.then.items()}

    def after(self, token: int) -> Tree:
        """The node behind a token."""
        return self.then.get(token, Tree())


def choices(passages: Sequence[Passage], abstention: str, weights: Sequence[float] = ()) -> list[Choice]:
    """The abstention, then every answer that quotes one sentence or table row of one passage.

    `weights` are their log-priors in this order; left out, all weigh the same.
    """
    texts = [abstention, *(format_citation(piece.text, piece.number) for piece in pieces(passages))]
    return [Choice(text, weight) for text, weight in zip(texts, weights or [0.0] * len(texts), strict=True)]


def tree_of(rows: Sequence[Sequence[int]], weights: Sequence[float]) -> Tree:
    """Token rows merged by their beginnings; the heaviest has mass 1.

    >>> sorted(tree_of([[1, 2], [1, 3]], [0.0, 0.0]).then[1].then)
    [2, 3]
    """
    root, heaviest = Tree(), max(weights, default=0.0)
    for row, weight in zip(rows, weights, strict=True):
        node, mass = root, math.exp(max(weight - heaviest, LEAST))
        root.mass += mass
        for token in row:
            node = node.then.setdefault(token, Tree())
            node.mass += mass
    return root


def possible(start: State, tokens: Sequence[int]) -> bool:
    """Whether these tokens are an answer's.

    >>> possible(tree_of([[1, 2], [1, 3]], [0.0, 0.0]), [1, 4])
    False
    """
    state = start
    for token in tokens:
        if token not in state.gains():
            return False
        state = state.after(token)
    return not state.gains()


def keep_to(starts: Sequence[State], prompt_length: int, pad: int) -> Callable[[Any, Any], Any]:
    """A logits processor for one call of `generate`: row r of the batch walks on from state r * states / rows.

    Scores come back as log-probabilities of the constrained policy, so that beams compare what they should. A beam
    changes its row from token to token: a row is known by what it has said.
    """
    import torch

    states: dict[tuple[int, ...], State] = {}

    def processor(input_ids: Any, scores: Any) -> Any:
        nonlocal states
        copies = len(input_ids) // len(starts)
        rows = [(row // copies, *said) for row, said in enumerate(input_ids[:, prompt_length:].tolist())]
        states = {row: states[row[:-1]].after(row[-1]) if row[1:] else starts[row[0]] for row in rows}
        masked = torch.full_like(scores, float("-inf"))
        for place, row in enumerate(rows):
            gains = states[row].gains() or {pad: 0.0}
            allowed = list(gains)
            masked[place, allowed] = scores[place, allowed] + scores.new_tensor(list(gains.values()))
        return masked.log_softmax(-1)

    return processor


def gains(starts: Sequence[State], answers: Any, vocabulary: int) -> tuple[Any, Any]:
    """Where answers had a choice, (answers, places), and what is added to each logit there: (choices, vocabulary).

    `answers` holds token rows, padded on the right; an impossible token gets NEVER. Elsewhere a token was the only
    possible one, or the answer had ended.
    """
    import torch

    chose = torch.zeros(answers.shape, dtype=torch.bool)
    able: list[Mapping[int, float]] = []
    for row, (start, ids) in enumerate(zip(starts, answers.tolist(), strict=True)):
        state = start
        for place, token in enumerate(ids):
            possible = state.gains()
            if not possible:
                break
            if len(possible) > 1 or token not in possible:
                chose[row, place] = True
                able.append(possible)
            state = state.after(token)
    added = torch.full((len(able), vocabulary), NEVER)
    for row, possible in zip(added, able, strict=True):
        row[list(possible)] = added.new_tensor(list(possible.values()))
    return chose.to(answers.device), added.to(answers.device)
