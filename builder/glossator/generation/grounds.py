"""What an answer to a prompt may be built of: texts to choose from, or the grounds of a freer answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glossator.generation.grounding import Choice, choices
from glossator.generation.stretches import Spans
from glossator.records import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an answer to a prompt may be built of."""

    passages: tuple[Passage, ...]
    abstention: str
    weights: tuple[float, ...]
    """Log-priors of the abstention and of each piece of the passages, see `citations.quotable.pieces`."""
    quotes: int = 1
    """Most quotes of an answer."""
    spans: Spans = "sentences"
    connect: int = 0
    """Most characters of own words before a quote."""

    def likeliest(self) -> str:
        """The abstention or the whole piece of most weight, the first of equals."""
        return max(choices(self.passages, self.abstention, self.weights), key=lambda choice: choice.weight).text


Possible = Sequence[Choice] | Grounds
"""What may be answered to a prompt: one of these texts, or what is built of these grounds."""
