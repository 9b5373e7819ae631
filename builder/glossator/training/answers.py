"""Every answer that a bound policy may give to a prompt, and how likely each is, from one pass over one row.

A policy that quotes one or two of five sentences, or abstains, has 26 answers. They part before the first word and
behind each first quote. What leads to those places stands once in a row (see `prefix_tree`); the rest of an answer is
certain and need not be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from glossator.generation.grounding import NEVER, State
from glossator.training.prefix_tree import PROMPT, Run, logits_at, tree_of


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers to one prompt."""

    runs: list[Run] = field(default_factory=list)
    """What must be read behind the prompt."""
    forks: list[tuple[int, Mapping[int, float]]] = field(default_factory=list)
    """Where answers part: the segment behind which they do, and what is added to the logit of each possible token."""
    tokens: list[tuple[int, ...]] = field(default_factory=list)
    """Of each answer, its end mark included."""
    paths: list[tuple[tuple[int, int], ...]] = field(default_factory=list)
    """Of each answer, the forks that it comes by, and the token that it takes there."""

    @property
    def length(self) -> int:
        """Tokens that are read."""
        return sum(len(tokens) for _, tokens in self.runs)


def every_answer(start: State, most: int) -> Answers | None:
    """All that can be said from `start` on; None where that is more than `most` answers.

    >>> from glossator.generation.grounding import tree_of
    >>> found = every_answer(tree_of([[1, 2, 3], [1, 2, 4], [5]], [0.0, 0.0, 0.0]), 3)
    >>> found.tokens, found.runs, found.paths
    ([(1, 2, 3), (1, 2, 4), (5,)], [(0, (1, 2))], [((0, 1), (1, 3)), ((0, 1), (1, 4)), ((0, 5),)])
    """
    found = Answers()
    ahead: list[tuple[State, int, tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]]]
    ahead = [(start, PROMPT, (), (), ())]
    while ahead:
        if len(found.tokens) + len(ahead) > most:  # each of those ahead ends in an answer at least
            return None
        state, segment, unread, said, path = ahead.pop()
        able = state.gains()
        if not able:
            found.tokens.append(said)
            found.paths.append(path)
        if len(able) > 1:
            if unread:
                found.runs.append((segment, unread))
                segment, unread = len(found.runs), ()
            found.forks.append((segment, able))
        for token in reversed(list(able)):
            taken = (*path, (len(found.forks) - 1, token)) if len(able) > 1 else path
            ahead.append((state.after(token), segment, (*unread, token), (*said, token), taken))
    return found


def log_probabilities(
    model: Any, prompts: Sequence[Sequence[int]], answers: Sequence[Answers], heat: float = 1.0
) -> list[torch.Tensor]:
    """Of each answer to each prompt, (answers,); their probabilities sum to 1. `heat` is the policy's temperature."""
    tree = tree_of(prompts, [one.runs for one in answers], model.device)
    forks = [(row, *fork) for row, one in enumerate(answers) for fork in one.forks]
    sizes = [len(one.tokens) for one in answers]
    if not forks:
        return [torch.zeros(size, device=model.device) for size in sizes]
    places = [tree.places[row][segment][-1] for row, segment, _ in forks]
    logits = logits_at(model, tree, [row for row, _, _ in forks], places).float()
    added = torch.full(logits.shape, NEVER)
    for row, (_, _, able) in zip(added, forks, strict=True):
        row[list(able)] = torch.tensor(list(able.values()))
    logps = ((logits + added.to(logits.device)) / heat).log_softmax(-1)
    owners, where, tokens = _taken(answers)
    said = logps[where, tokens]
    return list(said.new_zeros(sum(sizes)).index_add(0, torch.tensor(owners, device=said.device), said).split(sizes))


def _taken(answers: Sequence[Answers]) -> tuple[list[int], list[int], list[int]]:
    """Of each token taken at a fork: the answer, the fork, both counted through all prompts, and the token."""
    owners, where, tokens = list[int](), list[int](), list[int]()
    answer = forks = 0
    for one in answers:
        for path in one.paths:
            owners += [answer] * len(path)
            where += [forks + fork for fork, _ in path]
            tokens += [token for _, token in path]
            answer += 1
        forks += len(one.forks)
    return owners, where, tokens
