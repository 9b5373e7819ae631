"""Search by meaning and by words: a passage scores `cosine + WORDS share`.

The share, 0 to 1, is the BM25 score over the most that the question's words could score, the sum of their inverse
document frequencies. Both parts are absolute, so a passage's score does not depend on what else was found (a convex
combination in the sense of Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
Reciprocal-rank fusion is no option: where one search is much better than the other it drags the better one down
(nDCG@10 0.57 against 0.67 on questions about the Python documentation, of which meaning alone finds 0.65).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from glossator.domain import RerankRecipe
from glossator.records import EVERYTHING, Document, Passage, Scope
from glossator.retrieval.embedding import MiniLm, Vectors
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.passages import Ids, Mask, PassageTable
from glossator.retrieval.relevance import narrow, rerank, sufficiency

WORDS, POOL = 0.5, 50
"""Weight of words beside meaning, from the fit described in retrieval.relevance, and how many hits of each search are
looked at."""
TWIN = 0.92
"""Cosine at which passages of two documents say the same: only the better one is shown, so that a source cannot fill
the answer's places by being copied (PoisonedRAG, Zou et al. 2024)."""


class Dense(Protocol):
    """Search by meaning. A place is the position of a passage among all passages of an index."""

    def search(self, query: Vectors, k: int, allowed: Mask | None = None, /) -> list[tuple[int, float]]:
        """Place and cosine of the `k` nearest passages, best first, among those where `allowed` is true."""

    def at(self, places: Sequence[int], /) -> Vectors:
        """The vectors of some passages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """What search found, and why."""

    row: int
    """Id of the passage in its index."""
    score: float
    cosine: float | None
    """None where meaning is not searched."""
    share: float | None
    """Share of the question's words, 0 to 1; None where words are not searched."""
    dense_rank: int | None
    """Rank by meaning, from 1; None when it is not among the POOL nearest."""
    lexical_rank: int | None
    """Rank by words, from 1; None when it is not among the POOL best."""
    twin: int | None = None
    """Row of a better hit of another document that says the same; such a hit is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A search, looked at."""

    hits: tuple[tuple[Hit, Passage], ...]
    evidence: float
    """Probability that an answer is among the passages found."""


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
        evidence: float = 0.0,
        reranking: RerankRecipe | None = None,
        scope: Scope = EVERYTHING,
    ) -> list[Passage]:
        """The `k` best passages that `scope` sees, or sentences when `reranking` shows those, best first, with the
        score of their passage; none when it is less likely than `evidence` that an answer is among them."""
        hits = [hit for hit in self.hits(question, scope) if hit.twin is None]
        found = self.fetch(hits[: max(k, reranking.pool if reranking else 0)], scope)
        if evidence and sufficiency(question, found) < evidence:
            return []
        if reranking is None:
            return found[:k]
        return (narrow if reranking.show == "sentences" else rerank)(question, found)[:k]

    def hits(self, question: str, scope: Scope = EVERYTHING) -> list[Hit]:
        """All that was found and that `scope` sees, best first; ties by row."""
        allowed, asked = self.table.seen(scope), self._vector(question)
        near = _ranks(self.dense.search(asked, POOL, allowed)) if self.dense else {}
        close = _ranks(self.lexical.search(question, POOL, allowed)) if self.lexical else {}
        places = sorted({*near, *close})
        made = self._scored(question, asked, places)
        order = np.argsort(-made.scores, kind="stable")
        twins = _twins(order, made.vectors, self.table.numbers[places])
        return [
            Hit(
                row=int(self._rows[places[i]]),
                score=float(made.scores[i]),
                cosine=None if made.cosines is None else float(made.cosines[i]),
                share=None if made.shares is None else float(made.shares[i]),
                dense_rank=near.get(places[i]),
                lexical_rank=close.get(places[i]),
                twin=int(self._rows[places[twins[i]]]) if i in twins else None,
            )
            for i in order.tolist()
        ]

    def explain(self, question: str, count: int, scope: Scope = EVERYTHING) -> Explained:
        """The `count` best hits with their passages, and how likely it is that an answer is among those shown."""
        hits = self.hits(question, scope)
        shown = self.fetch([hit for hit in hits if hit.twin is None][:POOL], scope)
        pairs = [(hit, passage) for hit in hits[:count] for passage in self.fetch([hit], scope)]
        return Explained(hits=tuple(pairs), evidence=sufficiency(question, shown))

    def scores(self, question: str) -> Vectors:
        """The score of every passage of the index, by place."""
        return self._scored(question, self._vector(question), range(len(self._rows))).scores

    def _scored(self, question: str, asked: Vectors, places: Sequence[int]) -> _Scored:
        vectors = self.dense.at(places) if self.dense else None
        cosines = None if vectors is None else vectors @ asked
        shares = self.lexical.shares(question, places) if self.lexical else None
        scores = _sum(cosines, shares, len(places))
        return _Scored(vectors=vectors, cosines=cosines, shares=shares, scores=scores)

    def _vector(self, question: str) -> Vectors:
        """What is compared with the passages; empty where meaning is not searched."""
        vector: Vectors = self.embedder.embed_long([question])[0] if self.embedder else np.zeros(0, np.float32)
        return vector

    def fetch(self, hits: Sequence[Hit], scope: Scope = EVERYTHING) -> list[Passage]:
        """The passages of hits; one that `scope` does not see is left out, whoever found it."""
        passages = [(hit, self.table.passage(hit.row, scope)) for hit in hits]
        return [replace(passage, score=hit.score) for hit, passage in passages if passage is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scored:
    """What some places score, and why: a row of each part for each place, None where it is not searched."""

    vectors: Vectors | None
    cosines: Vectors | None
    shares: Vectors | None
    scores: Vectors


def _sum(cosines: Vectors | None, shares: Vectors | None, count: int) -> Vectors:
    nothing = np.zeros(count, dtype=np.float32)
    total: Vectors = (nothing if cosines is None else cosines) + WORDS * (nothing if shares is None else shares)
    return total


def _twins(order: Ids, vectors: Vectors | None, documents: Ids) -> dict[int, int]:
    """Of each hit that says what a better one of another document says, that one."""
    if vectors is None:
        return {}
    alike = (vectors @ vectors.T >= TWIN) & (documents[:, None] != documents[None])
    if not alike.any():
        return {}
    kept: list[int] = []
    twins: dict[int, int] = {}
    for i in order.tolist():
        twin = next((better for better in kept if alike[i, better]), None)
        if twin is None:
            kept.append(i)
        else:
            twins[i] = twin
    return twins


def _ranks(found: Sequence[tuple[int, float]]) -> dict[int, int]:
    return {place: rank for rank, (place, _) in enumerate(found, 1)}
