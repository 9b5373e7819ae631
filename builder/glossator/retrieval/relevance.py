"""How likely each quotable piece answers a question, before any model has read it.

It orders what search has found, and is the prior of grounded decoding. A piece weighs
`6 cos(question, title, heading: piece) + 3 overlap + 2 / rank`, the abstention 5.6; natural logarithms, up to a
constant. The overlap is the share of the question's words found in title, heading and piece, each word weighted by how
few of the pieces hold it.

The numbers are a conditional logit (McFadden 1974) fitted on the train questions of the legal, medical and code domains
together, five sentences shown, rounded. Fitted on two of the domains they choose as well on the third, so they are
constants of the house and nothing that a domain has to learn.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from glossator.citations.quotable import Piece, pieces
from glossator.records import Passage
from glossator.retrieval.embedding import load_embedder
from glossator.retrieval.lexical import identifiers

NEARNESS, OVERLAP, RANK, SILENCE = 6.0, 3.0, 2.0, 5.6


def rerank(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The passages in the order of their best piece; those without any come last."""
    best: dict[int, float] = {}
    for piece, weight in _weighed(question, pieces(passages)):
        best[piece.number] = max(weight, best.get(piece.number, -math.inf))
    order = sorted(range(len(passages)), key=lambda place: -best.get(place + 1, -math.inf))
    return [passages[place] for place in order]


def narrow(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The pieces of the passages, each as a passage of its own, the likeliest first; a repeated text stands once."""
    best: dict[str, Piece] = {}
    for piece, _ in sorted(_weighed(question, pieces(passages)), key=lambda item: -item[1]):
        best.setdefault(piece.text, piece)
    return [piece.alone for piece in best.values()]


def prior(question: str, passages: Sequence[Passage], scale: float) -> list[float]:
    """Log-priors times `scale` of the abstention and of each piece of the passages; nothing is embedded at 0."""
    found = pieces(passages)
    return [scale * weight for weight in weights(question, found)] if scale else [0.0] * (1 + len(found))


def weights(question: str, found: Sequence[Piece]) -> list[float]:
    """Log-priors of the abstention, then of each piece."""
    embedder, texts = load_embedder("minilm"), list(map(_titled, found))
    asked = embedder.embed_long([question])[0]
    near = [float(vector @ asked) for vector in embedder.embed_long(texts)]
    shared = overlaps(question, texts)
    ranks = [RANK / piece.number for piece in found]
    return [SILENCE, *(NEARNESS * a + OVERLAP * b + c for a, b, c in zip(near, shared, ranks, strict=True))]


def _weighed(question: str, found: Sequence[Piece]) -> list[tuple[Piece, float]]:
    return list(zip(found, weights(question, found)[1:], strict=True))


def overlaps(question: str, texts: Sequence[str]) -> list[float]:
    """Share, 0 to 1, of the question's words in each text; a word counts the more, the fewer texts hold it.

    >>> overlaps("Which dose of warfarin?", ["Warfarin: 5 mg", "The dose of aspirin", "No"])
    [0.25..., 0.49..., 0.0]
    """
    asked, held = sorted(set(identifiers(question))), [set(identifiers(text)) for text in texts]
    counts = Counter(word for words in held for word in words)
    rare = {word: math.log(1 + (len(texts) - counts[word] + 0.5) / (counts[word] + 0.5)) for word in asked}
    whole = sum(rare.values()) or 1.0
    return [sum(rare[word] for word in asked if word in words) / whole for words in held]


def _titled(piece: Piece) -> str:
    return f"{piece.passage.title}, {piece.passage.locator}: {piece.text}"
