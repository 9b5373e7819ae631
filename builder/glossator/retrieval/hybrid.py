"""Search by meaning and by words, fused by rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from llama_index.core.vector_stores.types import VectorStoreQuery

from glossator.domain import RerankRecipe
from glossator.records import Document, Passage
from glossator.retrieval.dense import FaissStore
from glossator.retrieval.embedding import MiniLm
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.relevance import narrow, rerank

RRF, POOL = 60, 50
"""Constant of reciprocal-rank fusion (Cormack et al. 2009) and how many hits of each search are fused."""


@dataclass(slots=True, kw_only=True)
class Retriever:
    """An index in memory."""

    documents: dict[str, Document]
    passages: list[Passage]
    embedder: MiniLm | None
    dense: FaissStore | None
    lexical: LexicalIndex | None
    _rows: dict[str, int] = field(init=False, repr=False)
    """Passage id -> its row."""

    def __post_init__(self) -> None:
        self._rows = {passage.id: row for row, passage in enumerate(self.passages)}

    def search(self, question: str, k: int, floor: float = 0.0, reranking: RerankRecipe | None = None) -> list[Passage]:
        """The `k` best passages, or sentences when `reranking` shows those, best first, with the fused score of their
        passage; none when the most similar one, by cosine, is below `floor`."""
        meant = self._by_meaning(question)
        if meant and meant[0][1] < floor:
            return []
        rankings = [ranking for ranking in ([row for row, _ in meant], self._by_words(question)) if ranking]
        fused = fuse(rankings)[: max(k, reranking.pool if reranking else 0)]
        found = [replace(self.passages[row], score=score) for row, score in fused]
        if reranking is None:
            return found[:k]
        return (narrow if reranking.show == "sentences" else rerank)(question, found)[:k]

    def _by_meaning(self, question: str) -> list[tuple[int, float]]:
        if self.dense is None or self.embedder is None:
            return []
        vector = self.embedder.embed_long([question])[0].tolist()
        found = self.dense.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=POOL))
        return [
            (self._rows[name], score) for name, score in zip(found.ids or [], found.similarities or [], strict=True)
        ]

    def _by_words(self, question: str) -> list[int]:
        return [row for row, _ in self.lexical.search(question, POOL)] if self.lexical else []


def fuse(rankings: Sequence[Sequence[int]]) -> list[tuple[int, float]]:
    """Reciprocal-rank fusion: row and score, best first; ties by row.

    >>> [row for row, _ in fuse([[3, 1, 2], [1, 3]])]
    [1, 3, 2]
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1 / (RRF + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
