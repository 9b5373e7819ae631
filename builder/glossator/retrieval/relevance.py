"""How likely each quotable piece answers a question, before any model has read it.

It orders what search has found, and is the prior of grounded decoding. A piece weighs
`8 cos(question, title, heading: piece) + 7 overlap + 5 score`, the abstention 9; natural logarithms, up to a constant.
The overlap is the share of the question's words found in title, heading and piece, each word weighted by how few of the
pieces hold it; the score is what search gave the passage, see retrieval.hybrid.

The numbers are a rounded conditional logit (McFadden 1974) on the train questions of the legal, medical and code
domains together, over the pieces of the 20 passages found. `python -m foundry.prior` fits anew: weights fitted on two
of the domains choose as well on the third, and no better than these, so they are constants of the house and nothing
that a domain has to learn. What they are worth beside plain rules, and where they fail, is in docs/prior.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from operator import mul
from typing import Protocol

from glossator.citations.quotable import Piece, pieces
from glossator.encoding.embedding import load_embedder
from glossator.records import Passage
from glossator.retrieval.lexical import identifiers

FOUND = (6.3, 5.4, -3.9)
"""Logistic regression of "an answer is among the passages" on the nearest and on the most overlapping piece, fitted on
the same questions, one in five of which the documents do not answer."""
NEARNESS, OVERLAP, SCORE, SILENCE = 8.0, 7.0, 5.0, 9.0
WEIGHTS = (NEARNESS, OVERLAP, SCORE)


class Reranker(Protocol):
    """A model that orders in the place of the weights here, see retrieval.cross_encoder."""

    def scores(self, question: str, texts: Sequence[str], /) -> Sequence[float]:
        """How well each text answers the question; higher is better."""


def rerank(question: str, passages: Sequence[Passage], model: Reranker | None = None) -> list[Passage]:
    """The passages in the order of their best piece, those without any last; or in the order of the model."""
    texts = [_titled(passage, passage.text) for passage in passages]
    best = _best(question, passages) if model is None else model.scores(question, texts)
    return [passages[place] for place in sorted(range(len(passages)), key=lambda place: -best[place])]


def narrow(question: str, passages: Sequence[Passage], model: Reranker | None = None) -> list[Passage]:
    """The pieces of the passages, each as a passage of its own, the likeliest first; a repeated text stands once."""
    found = pieces(passages)
    weighed = weights(question, found)[1:] if model is None else model.scores(question, _texts(found))
    best: dict[str, Piece] = {}
    for place in sorted(range(len(found)), key=lambda place: -weighed[place]):
        best.setdefault(found[place].text, found[place])
    return [piece.alone for piece in best.values()]


def prior(question: str, passages: Sequence[Passage], scale: float) -> list[float]:
    """Log-priors times `scale` of the abstention and of each piece of the passages; nothing is embedded at 0."""
    found = pieces(passages)
    return [scale * weight for weight in weights(question, found)] if scale else [0.0] * (1 + len(found))


def sufficiency(question: str, passages: Sequence[Passage]) -> float:
    """How likely it is, 0 to 1, that the passages hold an answer; 0 when they hold nothing to quote."""
    found = pieces(passages)
    if not found:
        return 0.0
    near, shared = _likeness(question, found)
    return 1 / (1 + math.exp(-(FOUND[0] * max(near) + FOUND[1] * max(shared) + FOUND[2])))


def weights(question: str, found: Sequence[Piece]) -> list[float]:
    """Log-priors of the abstention, then of each piece."""
    return [SILENCE, *(sum(map(mul, WEIGHTS, row)) for row in features(question, found))]


def features(question: str, found: Sequence[Piece]) -> list[tuple[float, float, float]]:
    """What WEIGHTS weigh, of each piece: cosine, overlap, and the score of its passage, 0 where it has none."""
    near, shared = _likeness(question, found)
    return list(zip(near, shared, [piece.passage.score or 0.0 for piece in found], strict=True))


def _likeness(question: str, found: Sequence[Piece]) -> tuple[list[float], list[float]]:
    """Cosine and overlap of each piece under its title and heading."""
    embedder, texts = load_embedder("minilm"), _texts(found)
    asked = embedder.embed_long([question])[0]
    return [float(vector @ asked) for vector in embedder.embed_long(texts)], overlaps(question, texts)


def _best(question: str, passages: Sequence[Passage]) -> list[float]:
    """The weight of the best piece of each passage."""
    found, best = pieces(passages), [-math.inf] * len(passages)
    for piece, weight in zip(found, weights(question, found)[1:], strict=True):
        best[piece.number - 1] = max(weight, best[piece.number - 1])
    return best


def overlaps(question: str, texts: Sequence[str]) -> list[float]:
    """Share, 0 to 1, of the question's words in each text; a word counts the more, the fewer texts hold it.

    >>> overlaps("Which dose of warfarin?", ["Warfarin: 5 mg", "The dose of aspirin", "No"])
    [0.19..., 0.39..., 0.0]
    """
    asked, held = sorted(set(identifiers(question))), [set(identifiers(text)) for text in texts]
    counts = Counter(word for words in held for word in words)
    rare = {word: math.log(1 + (len(texts) - counts[word] + 0.5) / (counts[word] + 0.5)) for word in asked}
    whole = sum(rare.values()) or 1.0
    return [sum(rare[word] for word in asked if word in words) / whole for words in held]


def _texts(found: Sequence[Piece]) -> list[str]:
    return [_titled(piece.passage, piece.text) for piece in found]


def _titled(passage: Passage, text: str) -> str:
    return f"{passage.title}, {passage.locator}: {text}"
