"""Search by meaning and by words: a passage scores `cosine + WORDS share`.

The share, 0 to 1, is the BM25 score over the most that the question's words could score, the sum of their inverse
document frequencies. Both parts are absolute, so a passage's score does not depend on what else was found (a convex
combination in the sense of Bruch, Gai, Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval").
Reciprocal-rank fusion is no option: where one search is much better than the other it drags the better one down
(nDCG@10 0.57 against 0.67 on questions about the Python documentation, of which meaning alone finds 0.65).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

import numpy as np

from glossator.domain import RerankRecipe
from glossator.encoding.embedding import MiniLm, Vectors
from glossator.errors import InputError
from glossator.records import EVERYTHING, Document, Passage, Scope
from glossator.retrieval.lexical import LexicalIndex, Said
from glossator.retrieval.passages import Ids, Mask, PassageTable
from glossator.retrieval.relevance import Reranker, narrow, rerank, sufficiency

WORDS, POOL = 0.5, 50
"""Weight of words beside meaning, from the fit described in retrieval.relevance, and how many hits of each search are
looked at."""
TWIN = 0.92
"""Cosine at which passages of two documents say the same: only the better one is shown, so that a source cannot fill
the answer's places by being copied (PoisonedRAG, Zou et al. 2024)."""


DEEPER = 4
"""How many times more hits are looked at when too many of them are of one document."""

T = TypeVar("T")
Find = Callable[[int], list[tuple[int, float]]]
"""Place and score of so many best passages."""


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
    reranker: Reranker | None = None
    """What orders in the place of retrieval.relevance."""
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
        per_document: int | None = None,
    ) -> list[Passage]:
        """The `k` best passages that `scope` sees, or sentences when `reranking` shows those, best first, with the
        score of their passage; none when it is less likely than `evidence` that an answer is among them.

        Of one document no more than `per_document` passages are found, and no more passages or sentences shown.
        """
        hits = [hit for hit in self.hits(question, scope, per_document) if hit.twin is None]
        found = self.fetch(hits[: max(k, reranking.pool if reranking else 0)], scope)
        if evidence and sufficiency(question, found) < evidence:
            return []
        if reranking is not None:
            order = narrow if reranking.show == "sentences" else rerank
            found = order(question, found, self._model(reranking))
        return capped(found, per_document, lambda passage: passage.document_id)[:k]

    def hits(self, question: str, scope: Scope = EVERYTHING, per_document: int | None = None) -> list[Hit]:
        """All that was found and that `scope` sees, best first; ties by row."""
        allowed, dense, asked, said = self.table.seen(scope), self.dense, self._vector(question), self._said(question)
        near = self._ranks(lambda count: dense.search(asked, count, allowed), per_document) if dense else {}
        close = self._ranks(lambda count: said.best(count, allowed), per_document) if said else {}
        places = sorted({*near, *close})
        made = self._scored(asked, said, places)
        order = np.argsort(-made.scores, kind="stable")
        twins = _twins(order, made.vectors, self.table.numbers[places], per_document)
        return [
            Hit(
                row=int(self._rows[places[i]]),
                score=float(made.scores[i]),
                cosine=None if made.cosines is None else float(made.cosines[i]),
                share=None if made.shares is None else float(made.shares[i]),
                dense_rank=near.get(places[i]),
                lexical_rank=close.get(places[i]),
                twin=None if twin is None else int(self._rows[places[twin]]),
            )
            for i, twin in twins.items()
        ]

    def explain(
        self, question: str, count: int, scope: Scope = EVERYTHING, per_document: int | None = None
    ) -> Explained:
        """The `count` best hits with their passages, and how likely it is that an answer is among those shown."""
        hits = self.hits(question, scope, per_document)
        shown = self.fetch([hit for hit in hits if hit.twin is None][:POOL], scope)
        pairs = [(hit, passage) for hit in hits[:count] for passage in self.fetch([hit], scope)]
        return Explained(hits=tuple(pairs), evidence=sufficiency(question, shown))

    def scores(self, question: str) -> Vectors:
        """The score of every passage of the index, by place."""
        return self._scored(self._vector(question), self._said(question), range(len(self._rows))).scores

    def _model(self, reranking: RerankRecipe) -> Reranker | None:
        if reranking.model is not None and self.reranker is None:
            raise InputError(
                f"retrieval.rerank.model is {reranking.model!r}, but this index was opened without it: "
                "load_index(folder, reranker=CrossEncoder.load(...))"
            )
        return self.reranker

    def _ranks(self, find: Find, most: int | None) -> dict[int, int]:
        """Rank by place of the POOL best, at most `most` of one document; `find` looks as deep as that takes."""
        count = POOL
        while True:
            found = [place for place, _ in find(count)]
            kept = capped(list(enumerate(found, 1)), most, lambda ranked: int(self.table.numbers[ranked[1]]))[:POOL]
            if len(kept) == POOL or len(found) < count:
                return {place: rank for rank, place in kept}
            count *= DEEPER

    def _scored(self, asked: Vectors, said: Said | None, places: Sequence[int]) -> _Scored:
        vectors = self.dense.at(places) if self.dense else None
        cosines = None if vectors is None else vectors @ asked
        shares = said.shares(places) if said else None
        scores = _sum(cosines, shares, len(places))
        return _Scored(vectors=vectors, cosines=cosines, shares=shares, scores=scores)

    def _vector(self, question: str) -> Vectors:
        """What is compared with the passages; empty where meaning is not searched."""
        vector: Vectors = self.embedder.embed_long([question])[0] if self.embedder else np.zeros(0, np.float32)
        return vector

    def _said(self, question: str) -> Said | None:
        return self.lexical.ask(question) if self.lexical else None

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


def _twins(order: Ids, vectors: Vectors | None, documents: Ids, most: int | None) -> dict[int, int | None]:
    """Of each hit, in order, the better one of another document that says the same, if there is one.

    What follows `most` hits of its document is left out before it can hide a hit of another one.
    """
    alike: Mask = np.zeros((len(order), len(order)), dtype=np.bool_)
    if vectors is not None:
        alike = (vectors @ vectors.T >= TWIN) & (documents[:, None] != documents[None])
    has_twin, owners = set(np.flatnonzero(alike.any(axis=1)).tolist()), documents.tolist()
    kept, had = list[int](), Counter[int]()
    twins: dict[int, int | None] = {}
    for i in order.tolist():
        twin = next((better for better in kept if alike[i, better]), None) if i in has_twin else None
        if twin is None and had[owners[i]] == most:
            continue
        if twin is None:
            kept.append(i)
            had[owners[i]] += 1
        twins[i] = twin
    return twins


def capped(items: Sequence[T], most: int | None, owner: Callable[[T], object]) -> list[T]:
    """The items in order, without those whose owner has `most` before them; all when there is no bound.

    >>> capped("abacada", 2, str)
    ['a', 'b', 'a', 'c', 'd']
    """
    if most is None:
        return list(items)
    had, kept = Counter[object](), list[T]()
    for item in items:
        had[owner(item)] += 1
        if had[owner(item)] <= most:
            kept.append(item)
    return kept
