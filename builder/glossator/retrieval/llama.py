"""llama-index's interfaces on both sides: its vector stores under our search, our search under its retriever.

Imported only where it is asked for: llama-index takes three seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
)

from glossator.domain import RerankRecipe
from glossator.encoding.embedding import Vectors
from glossator.errors import BundleError, boundary
from glossator.records import EVERYTHING, Passage, Scope
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.passages import Ids, Mask

RIGHTS = "rights"
"""Metadata key of a node: the name of its document's groups and labels, see `PassageTable.rights`."""
BATCH = 1_000
"""Nodes that are written or read at once."""


class LlamaVectors:
    """Any vector store of llama-index as search by meaning; its nodes hold a vector and names, no text.

    A mask becomes a filter over the names of rights that are visible: one word per node, compared for equality, which
    every store can do and index. So a mask must be one of `PassageTable.seen`; whatever the store answers, nothing
    outside the mask is returned.
    """

    def __init__(self, store: BasePydanticVectorStore, rows: Ids, rights: tuple[list[str], Ids]) -> None:
        self._store, self._rows = store, rows
        self._names, self._kinds = rights

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, owners: Sequence[str], vectors: Vectors) -> None:
        """Write the vectors of all places; `owners` are the ids of their documents."""
        for at in range(0, len(self), BATCH):
            self._store.add(
                [self._node(place, owners[place], vectors[place]) for place in range(at, min(at + BATCH, len(self)))]
            )

    def at(self, places: Sequence[int] | Ids) -> Vectors:
        """The vectors at some places, as stored."""
        names = [node_id(row) for row in self._rows[np.asarray(places, dtype=np.int64)]]
        found = {node.node_id: node.embedding for node in self._nodes(names)}
        missing = next((name for name in names if name not in found), None)
        if missing is not None:
            raise BundleError(f"the vector of passage {UUID(missing).int} is missing in the store; build again")
        return np.array([found[name] for name in names], dtype=np.float32)

    def holds(self, place: int) -> bool:
        """Whether the store has the vector of a place."""
        return bool(self._store.get_nodes([node_id(self._rows[place])]))

    def search(self, query: Vectors, k: int, allowed: Mask | None = None) -> list[tuple[int, float]]:
        """The `k` nearest vectors of one query, among the places where `allowed` is true."""
        count = min(k, len(self) if allowed is None else int(allowed.sum()))
        if count < 1:
            return []
        asked = VectorStoreQuery(
            query_embedding=query.tolist(),
            similarity_top_k=count,
            filters=None if allowed is None else self._of(allowed),
        )
        with boundary(f"vector store {self._store.class_name()}"):
            found = self._store.query(asked)
        hits = zip(self._places(found.ids or []), found.similarities or [], strict=True)
        inside = [(place, float(score)) for place, score in hits if allowed is None or allowed[place]]
        return sorted(inside, key=lambda hit: (-hit[1], hit[0]))

    def _of(self, allowed: Mask) -> MetadataFilters | None:
        seen = np.bincount(self._kinds[allowed], minlength=len(self._names)) > 0
        if seen.all():
            return None
        names = [name for name, visible in zip(self._names, seen, strict=True) if visible]
        return MetadataFilters(filters=[MetadataFilter(key=RIGHTS, operator=FilterOperator.IN, value=names)])

    def _places(self, names: Sequence[str]) -> list[int]:
        rows = np.array([UUID(name).int for name in names], dtype=np.int64)
        places = np.searchsorted(self._rows, rows)
        if not np.array_equal(self._rows[np.minimum(places, len(self) - 1)], rows):
            raise BundleError("the store answers with passages that this index does not have; build again")
        return places.tolist()

    def _nodes(self, names: Sequence[str]) -> Iterator[Any]:
        for at in range(0, len(names), BATCH):
            yield from self._store.get_nodes(list(names[at : at + BATCH]))

    def _node(self, place: int, owner: str, vector: Vectors) -> TextNode:
        return TextNode(
            id_=node_id(self._rows[place]),
            embedding=vector.tolist(),
            metadata={RIGHTS: self._names[self._kinds[place]]},
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=owner)},
        )


class IndexRetriever(BaseRetriever):
    """An index as a retriever of llama-index: nodes carry the exact place in their document, its title and locator."""

    def __init__(
        self,
        retriever: Retriever,
        *,
        k: int = 4,
        evidence: float = 0.0,
        reranking: RerankRecipe | None = None,
        scope: Scope = EVERYTHING,
        per_document: int | None = None,
    ) -> None:
        super().__init__()
        self._retriever, self._scope = retriever, scope
        self._settings: dict[str, Any] = {
            "k": k,
            "evidence": evidence,
            "reranking": reranking,
            "per_document": per_document,
        }

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._retriever.search(query_bundle.query_str, scope=self._scope, **self._settings)
        return [NodeWithScore(node=passage_node(passage), score=passage.score) for passage in found]


def passage_node(passage: Passage) -> TextNode:
    """A passage as a node; what is said about it is shown to the model and not embedded."""
    metadata = {"title": passage.title, "locator": passage.locator, "revised": passage.revised}
    return TextNode(
        id_=passage.id,
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata=metadata,
        excluded_embed_metadata_keys=list(metadata),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document_id)},
    )


def node_id(row: Any) -> str:
    """Name of a row in a store: a UUID, since Qdrant takes no other.

    >>> node_id(7)
    '00000000-0000-0000-0000-000000000007'
    """
    return str(UUID(int=int(row)))
