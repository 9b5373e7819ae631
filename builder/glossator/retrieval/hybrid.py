"""Search by meaning and by words, fused by rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from glossator.domain import RerankRecipe
from glossator.records import EVERYTHING, Document, Passage, Scope
from glossator.retrieval.embedding import MiniLm, Vectors
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.passages import Ids, Mask, PassageTable
from glossator.retrieval.relevance import narrow, rerank

RRF, POOL = 60, 50
"""Constant of reciprocal-rank fusion (Cormack et al. 2009) and how many hits of each search are fused."""


class Dense(Protocol):
    """Search by meaning. A place is the position of a passage among all passages of an index."""

    def search(self, query: Vectors, k: int, allowed: Mask | None = None, /) -> list[tuple[int, float]]:
        """Place and cosine of the `k` nearest passages, best first, among those where `allowed` is true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What search found, and why."""

    row: int
    """Id of the passage in its index."""
    score: float
    """Fused score."""
    dense: tuple[int, float] | None
    """Rank by meaning, from 1, and cosine; None when it is not among the POOL nearest."""
    lexical: tuple[int, float] | None
    """Rank by words and BM25 score; None when it is not among the POOL best."""


@dataclass(slots=True, kw_only=True)
class Retriever:
    """An open index."""

    table: PassageTable
    embedder: MiniLm | None
    dense: Dense | None
    lexical: LexicalIndex | None
    _rows: Ids = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._rows = self.table.rows()

    @property
    def documents(self) -> Mapping[str, Document]:
        """Documents by id."""
        return self.table.documents

    @property
    def passages(self) -> list[Passage]:
        """All passages."""
        return list(self.table.passages())

    def search(
        self,
        question: str,
        k: int,
        floor: float = 0.0,
        reranking: RerankRecipe | None = None,
        scope: Scope = EVERYTHING,
    ) -> list[Passage]:
        """The `k` best passages that `scope` sees, or sentences when `reranking` shows those, best first, with the
        fused score of their passage; none when the most similar one, by cosine, is below `floor`."""
        hits = self.hits(question, scope)
        cosines = [hit.dense[1] for hit in hits if hit.dense]
        if cosines and max(cosines) < floor:
            return []
        found = self.fetch(hits[: max(k, reranking.pool if reranking else 0)], scope)
        if reranking is None:
            return found[:k]
        return (narrow if reranking.show == "sentences" else rerank)(question, found)[:k]

    def hits(self, question: str, scope: Scope = EVERYTHING) -> list[Hit]:
        """All that was found and that `scope` sees, best first."""
        allowed = self.table.seen(scope)
        meant = _ranks(self._by_meaning(question, allowed))
        said = _ranks(self.lexical.search(question, POOL, allowed) if self.lexical else [])
        return [
            Hit(row=int(self._rows[place]), score=score, dense=meant.get(place), lexical=said.get(place))
            for place, score in fuse([list(ranks) for ranks in (meant, said) if ranks])
        ]

    def fetch(self, hits: Sequence[Hit], scope: Scope = EVERYTHING) -> list[Passage]:
        """The passages of hits; one that `scope` does not see is left out, whoever found it."""
        passages = [(hit, self.table.passage(hit.row, scope)) for hit in hits]
        return [replace(passage, score=hit.score) for hit, passage in passages if passage is not None]

    def _by_meaning(self, question: str, allowed: Mask | None) -> list[tuple[int, float]]:
        if self.dense is None or self.embedder is None:
            return []
        return self.dense.search(self.embedder.embed_long([question])[0], POOL, allowed)


def fuse(rankings: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """Reciprocal-rank fusion: place and score, best first; ties by place.

    >>> [place for place, _ in fuse([[3, 1, 2], [1, 3]])]
    [1, 3, 2]
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, place in enumerate(ranking, 1):
            scores[place] = scores.get(place, 0.0) + 1 / (RRF + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def _ranks(found: Sequence[tuple[int, float]]) -> dict[int, tuple[int, float]]:
    return {place: (rank, score) for rank, (place, score) in enumerate(found, 1)}
