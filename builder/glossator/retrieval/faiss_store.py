"""A FAISS vector store of llama-index that stays right after deletes.

llama-index's own takes the row count as the next id, so that after a delete a new node answers for an old one; it
leaves deleted documents findable and knows no filters. Here ids are never used twice, also after writing and reading;
deletion goes by document; scores are cosines; a filter is obeyed or refused.
"""

from __future__ import annotations

import json
import operator
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import BaseNode
from llama_index.core.vector_stores.types import (
    BasePydanticVectorStore,
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
    VectorStoreQueryResult,
)
from llama_index.core.vector_stores.utils import metadata_dict_to_node, node_to_metadata_dict
from pydantic import PrivateAttr

from glossator.artifacts import file_digest
from glossator.errors import BundleError, InputError
from glossator.retrieval.dense import FaissVectors, Vectors

Metadata = dict[str, Any]


class FaissStore(BasePydanticVectorStore):
    """Search over vectors of any length (they are normalised), with nodes kept beside them."""

    stores_text: bool = True
    is_embedding_query: bool = True

    _vectors: FaissVectors = PrivateAttr()
    _nodes: dict[int, BaseNode] = PrivateAttr(default_factory=dict)
    """By id; in the order of ids, which is the order of places."""
    _next: int = PrivateAttr(default=0)

    def __init__(self, width: int) -> None:
        super().__init__()
        self._vectors = FaissVectors.empty(width)

    @property
    def client(self) -> FaissVectors:
        return self._vectors

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Add nodes that carry embeddings, in the place of nodes with the same id; returns their ids."""
        new = {node.node_id: node for node in nodes}
        self._remove(lambda node: node.node_id in new)
        ids = np.arange(self._next, self._next + len(new), dtype=np.int64)
        self._vectors.add(ids, _unit([node.get_embedding() for node in new.values()]))
        self._nodes |= zip(ids.tolist(), (_bare(node) for node in new.values()), strict=True)
        self._next += len(new)
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Remove every node of one document."""
        self._remove(lambda node: node.ref_doc_id == ref_doc_id)

    def delete_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None, **_: Any) -> None:
        """Remove the nodes of these ids that pass the filters; nothing when neither is given."""
        if node_ids is not None or filters is not None:
            self._remove(_chosen(node_ids=node_ids, filters=filters))

    def clear(self) -> None:
        """Remove all nodes."""
        self._remove(lambda node: True)

    def get_nodes(self, node_ids: list[str] | None = None, filters: MetadataFilters | None = None) -> list[BaseNode]:
        """The nodes of these ids that pass the filters."""
        wanted = _chosen(node_ids=node_ids, filters=filters)
        return [node for node in self._nodes.values() if wanted(node)]

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The most similar nodes with their cosines, best first; no id named means any, as llama-index has it."""
        if query.mode != VectorStoreQueryMode.DEFAULT or query.query_embedding is None:
            raise InputError(f"this store searches by vector alone, not by {query.mode.value!r} without one")
        narrowed = query.node_ids or query.doc_ids or query.filters
        wanted = _chosen(query.node_ids or None, query.doc_ids or None, query.filters)
        nodes = list(self._nodes.values())
        allowed = np.array([wanted(node) for node in nodes], dtype=np.bool_) if narrowed else None
        found = self._vectors.search(_unit([query.query_embedding])[0], query.similarity_top_k, allowed)
        return VectorStoreQueryResult(
            nodes=[nodes[place] for place, _ in found],
            ids=[nodes[place].node_id for place, _ in found],
            similarities=[score for _, score in found],
        )

    def persist(self, persist_path: str, fs: Any = None) -> None:
        """Write `vectors.faiss` and `rows.json`, which names the former's hash, into a folder."""
        folder = Path(persist_path)
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            partial = Path(made)
            self._vectors.save(partial)
            files = {path.name: file_digest(path) for path in sorted(partial.iterdir())}
            nodes = {row: node_to_metadata_dict(node, remove_text=False) for row, node in self._nodes.items()}
            rows = {"files": files, "next": self._next, "nodes": nodes}
            (partial / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
            (folder / "signs.faiss").unlink(missing_ok=True)
            for path in partial.iterdir():
                os.replace(path, folder / path.name)

    @classmethod
    def from_folder(cls, folder: Path, width: int) -> FaissStore:
        """Read what `persist` wrote. Raises BundleError when its files do not belong together."""
        store, rows = cls(width), json.loads((folder / "rows.json").read_text(encoding="utf-8"))
        if any(file_digest(folder / name) != digest for name, digest in rows["files"].items()):
            raise BundleError(f"{folder}: vectors and rows do not belong together; build again")
        store._vectors = FaissVectors.load(folder, writable=True)
        store._nodes = {int(row): metadata_dict_to_node(node) for row, node in rows["nodes"].items()}
        store._next = rows["next"]
        if store._vectors.width != width or store._vectors.ids.tolist() != list(store._nodes):
            raise BundleError(f"{folder}: vectors and rows do not belong together; build again")
        return store

    def _remove(self, wanted: Callable[[BaseNode], bool]) -> None:
        gone = [row for row, node in self._nodes.items() if wanted(node)]
        self._vectors.remove(np.array(gone, dtype=np.int64))
        for row in gone:
            del self._nodes[row]


def _bare(node: BaseNode) -> BaseNode:
    return node.model_copy(update={"embedding": None})


def _unit(rows: Sequence[Sequence[float]]) -> Vectors:
    vectors = np.array(rows, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(lengths == 0, 1, lengths), dtype=np.float32)


def _chosen(
    node_ids: Iterable[str] | None = None,
    doc_ids: Iterable[str] | None = None,
    filters: MetadataFilters | None = None,
) -> Callable[[BaseNode], bool]:
    """Whether a node is among those asked for; None asks for all."""
    nodes = None if node_ids is None else set(node_ids)
    documents = None if doc_ids is None else set(doc_ids)
    passes = _filter(filters) if filters else lambda _: True
    return lambda node: (
        (nodes is None or node.node_id in nodes)
        and (documents is None or node.ref_doc_id in documents)
        and passes(node.metadata)
    )


_OPERATORS: dict[FilterOperator, Callable[[Any, Any], bool]] = {
    FilterOperator.EQ: operator.eq,
    FilterOperator.NE: operator.ne,
    FilterOperator.IN: lambda have, wanted: have in wanted,
    FilterOperator.NIN: lambda have, wanted: have not in wanted,
    FilterOperator.ANY: lambda have, wanted: not set(have or ()).isdisjoint(wanted),
    FilterOperator.ALL: lambda have, wanted: set(have or ()) >= set(wanted),
    FilterOperator.CONTAINS: lambda have, wanted: wanted in (have or ()),
}
"""A key that a node does not have is None, equal to nothing."""
_LISTS = (FilterOperator.IN, FilterOperator.NIN, FilterOperator.ANY, FilterOperator.ALL)
_CONDITIONS: dict[FilterCondition | None, Callable[[Iterable[bool]], bool]] = {
    FilterCondition.AND: all,
    None: all,
    FilterCondition.OR: any,
    FilterCondition.NOT: lambda passed: not any(passed),
}


def _filter(filters: MetadataFilter | MetadataFilters) -> Callable[[Metadata], bool]:
    """A filter as a function. Raises InputError for an operator that is not known, before anything is searched."""
    if isinstance(filters, MetadataFilters):
        parts, joined = [_filter(part) for part in filters.filters], _CONDITIONS[filters.condition]
        return lambda metadata: joined(part(metadata) for part in parts)
    if filters.operator not in _OPERATORS:
        known = ", ".join(sorted(known.name for known in _OPERATORS))
        raise InputError(f"filter on {filters.key!r}: operator {filters.operator.name} is not known here; use {known}")
    if filters.operator in _LISTS and not isinstance(filters.value, list):
        raise InputError(f"filter on {filters.key!r}: {filters.operator.name} needs a list, not {filters.value!r}")
    compare = _OPERATORS[filters.operator]
    return lambda metadata: compare(metadata.get(filters.key), filters.value)
