"""Decoding without transformers' `generate`: prompts read once, tokens that were certain read in one pass.

A prompt is read once, whatever the number of its samples. An answer that has ended leaves the batch. Where a constraint
leaves one token, nothing is computed to choose it, and a run of such tokens is read in one pass, or not at all when the
answer ends with it; where it leaves several, only their logits are looked at.

Sampling draws one number of torch's default CPU generator for every token that is chosen among several: in each pass
one for each answer under way, in the order of the prompts given, those with fewer samples first. So a seed decides the
samples of a call, and they are not those of `generate` under the same seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from glossator.generation.attending import read_prompt
from glossator.generation.backbone import Backbone
from glossator.generation.grounding import State
from glossator.generation.slots import Slots

FEW = 16
"""Logits are computed for the possible tokens alone where they are fewer than the vocabulary divided by this."""

Possible = Mapping[int, float]


@dataclass(slots=True)
class Answer:
    """An answer under way."""

    prompt: tuple[int, ...]
    state: State | None
    """None = free text."""
    tokens: list[int] = field(default_factory=list)
    read: int = 0
    """How many of its tokens the model has read."""
    ended: bool = False
    possible: Possible | None = None
    """What may come next; None = everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """How one call decodes."""

    backbone: Backbone
    end: int
    """Token that ends an answer."""
    most: int
    """Most tokens of an answer."""
    temperature: float | None
    """None = always the likeliest token, the lowest of equals."""

    @torch.inference_mode()
    def run(self, prompts: Sequence[Sequence[int]], starts: Sequence[State] | None) -> list[list[int]]:
        """The answers to the prompts, in order, their end marks included; `starts` binds each of them."""
        states = [None] * len(prompts) if starts is None else list(starts)
        answers = [Answer(tuple(prompt), state) for prompt, state in zip(prompts, states, strict=True)]
        self._settle(answers)
        groups: dict[tuple[int, ...], list[Answer]] = {}
        for answer in answers:
            if not answer.ended:
                groups.setdefault(answer.prompt, []).append(answer)
        for samples in sorted({len(group) for group in groups.values()}):
            self._finish([group for group in groups.values() if len(group) == samples])
        return [answer.tokens for answer in answers]

    def _finish(self, groups: Sequence[Sequence[Answer]]) -> None:
        """Decode the answers to these prompts, equally many for each."""
        read = [read_prompt(self.backbone, group[0].prompt) for group in groups]
        live = [answer for group in groups for answer in group]
        hidden = torch.cat([last for last, _ in read]).repeat_interleave(len(groups[0]), dim=0)
        slots = Slots(self.backbone, [written for _, written in read], len(groups[0]), self.most)
        places = list(range(len(live)))
        del read
        while live:
            behind = [row for row, answer in enumerate(live) if answer.read < len(answer.tokens)]
            if behind:
                fed = slots.feed(
                    [places[row] for row in behind], [live[row].tokens[live[row].read :] for row in behind]
                )
                at = torch.tensor(behind, device=fed.device)
                hidden = fed if len(behind) == len(live) else hidden.index_copy(0, at, fed)
                for row in behind:
                    live[row].read = len(live[row].tokens)
            self._choose(live, hidden)
            self._settle(live)
            if any(answer.ended for answer in live):
                left = [row for row, answer in enumerate(live) if not answer.ended]
                live, places = [live[row] for row in left], [places[row] for row in left]
                places = slots.keep(places) if live else []

    def _settle(self, answers: Sequence[Answer]) -> None:
        """Let every answer say what it must say, up to its next choice."""
        known: dict[int, tuple[State, Possible]] = {}
        for answer in answers:
            while not answer.ended and answer.state is not None:
                state = answer.state
                if id(state) not in known:
                    known[id(state)] = state, state.gains()  # kept with it, so that its id is not used again
                _, possible = known[id(state)]
                if len(possible) > 1:
                    answer.possible = possible
                    break
                if not possible:
                    answer.ended = True
                for token in possible:
                    self._say(answer, token)

    def _say(self, answer: Answer, token: int) -> None:
        answer.tokens.append(token)
        answer.ended = token == self.end or len(answer.tokens) >= self.most
        if answer.state is not None:
            answer.state = answer.state.after(token)

    def _choose(self, answers: Sequence[Answer], hidden: Any) -> None:
        """Choose one token for each answer; `hidden` is (answers, width)."""
        chances = None if self.temperature is None else torch.rand(len(answers), dtype=torch.float64)
        bound = [answer.possible for answer in answers if answer.possible is not None]
        if len(bound) == len(answers):
            tokens = self._among(bound, hidden, chances)
        else:
            tokens = self._freely(hidden @ self.backbone.head, chances)
        for answer, token in zip(answers, tokens, strict=True):
            self._say(answer, token)

    def _freely(self, logits: Any, chances: Any) -> list[int]:
        if chances is None:
            return list(logits.argmax(-1).tolist())
        summed = (logits / self.temperature).softmax(-1).cumsum(-1, dtype=torch.float64)
        marks = chances.to(summed.device)[:, None] * summed[:, -1:]
        return list(torch.searchsorted(summed, marks, right=True)[:, 0].tolist())

    def _among(self, bound: Sequence[Possible], hidden: Any, chances: Any) -> list[int]:
        """One of the possible tokens of each answer, by the softmax of (logit + gain) / temperature over them."""
        known: dict[int, tuple[Any, Any]] = {}
        for possible in bound:
            if id(possible) not in known:
                tokens = np.fromiter(possible, dtype=np.int64, count=len(possible))
                known[id(possible)] = tokens, np.fromiter(possible.values(), dtype=np.float32, count=len(possible))
        union = np.unique(np.concatenate([tokens for tokens, _ in known.values()]))
        few = len(union) * FEW < self.backbone.head.shape[1]
        head = self.backbone.head
        logits = (hidden @ (head[:, torch.from_numpy(union).to(head.device)] if few else head)).cpu().numpy()
        chosen = []
        for row, possible in enumerate(bound):
            tokens, gains = known[id(possible)]
            scores = logits[row, np.searchsorted(union, tokens) if few else tokens] + gains
            chosen.append(self._pick(tokens, scores, None if chances is None else float(chances[row])))
        return chosen

    def _pick(self, tokens: Any, scores: Any, chance: float | None) -> int:
        highest = scores.max()
        if chance is None or self.temperature is None:
            return int(tokens[scores == highest].min())
        summed = np.exp((scores - highest).astype(np.float64) / self.temperature).cumsum()
        return int(tokens[np.searchsorted(summed, chance * summed[-1], side="right")])
