"""What an answer to a prompt may be built of: texts to choose from, or the grounds of a freer answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from glossator.citations.parse import format_citation
from glossator.citations.quotable import pieces
from glossator.generation.grounding import LEAST, Choice
from glossator.generation.stretches import Spans
from glossator.records import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What an answer to a prompt may be built of."""

    passages: tuple[Passage, ...]
    abstention: str
    weights: tuple[float, ...]
    """Log-priors of the abstention and of each piece of the passages, see `citations.quotable.pieces`."""
    prior: float = 1.0
    """How many times the prior's log-odds count beside the model's."""
    quotes: int = 1
    """Most quotes of an answer."""
    spans: Spans = "sentences"
    connect: int = 0
    """Most characters of own words before a quote."""

    @property
    def masses(self) -> list[float]:
        """The weights as masses, of which the heaviest is 1."""
        heaviest = max(self.weights)
        return [math.exp(max(weight - heaviest, LEAST)) for weight in self.weights]

    def likeliest(self) -> str:
        """What the prior alone answers in whole pieces, choice by choice; of equals the first."""
        silent, *masses = self.masses
        if silent >= sum(masses):
            return self.abstention
        order = sorted(range(len(masses)), key=lambda place: -masses[place])
        count = 1
        while count < min(self.quotes, len(order)):
            if further([masses[place] for place in order[:count]], masses[order[count]]) <= 1:
                break
            count += 1
        found = pieces(self.passages)
        return " ".join(format_citation(found[place].text, found[place].number) for place in order[:count])


def further(quoted: Sequence[float], heaviest: float) -> float:
    """The odds of one more piece, of this mass, behind those quoted: over 1 where F1 is expected to rise.

    Where one piece alone is right, k pieces that hold it have precision 1/k and F1 2/(k + 1). Their expectation,
    2 (mass quoted) / (k + 1), is raised by a piece whose mass exceeds the quoted mass over k + 1.
    """
    return (len(quoted) + 1) * heaviest / sum(quoted)


Possible = Sequence[Choice] | Grounds
"""What may be answered to a prompt: one of these texts, or what is built of these grounds."""
