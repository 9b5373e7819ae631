"""A FAISS vector store behind llama-index's interface that stays right after deletes.

The stock store takes the row count as the next id, so a deleted row's successor answers for another document. Here
ids are monotonic, persisted and never reused, deletion goes by document, and scores are cosine similarities: higher
is better.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores.types import BasePydanticVectorStore, VectorStoreQuery, VectorStoreQueryResult
from pydantic import PrivateAttr

from glossator.errors import BundleError, NotInstalledError


def import_faiss() -> Any:
    """The faiss module, or an error that says which of the two packages to install."""
    try:
        import faiss
    except ImportError as error:
        raise NotInstalledError(
            "faiss is not installed: pip install 'glossator[cpu]' (or 'glossator[gpu]' on a CUDA machine, never both)"
        ) from error
    return faiss


class FaissStore(BasePydanticVectorStore):
    """Exact inner-product search over unit vectors."""

    stores_text: bool = False
    is_embedding_query: bool = True

    _index: Any = PrivateAttr()
    _nodes: dict[int, tuple[str, str]] = PrivateAttr(default_factory=dict)
    _next: int = PrivateAttr(default=0)

    def __init__(self, width: int) -> None:
        super().__init__()
        faiss = import_faiss()
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(width))

    @property
    def client(self) -> Any:
        return self._index

    def add(self, nodes: Sequence[BaseNode], **_: Any) -> list[str]:
        """Add nodes that carry embeddings; returns their ids."""
        if not nodes:
            return []
        ids = np.arange(self._next, self._next + len(nodes), dtype=np.int64)
        vectors = np.asarray([node.get_embedding() for node in nodes], dtype=np.float32)
        self._index.add_with_ids(vectors, ids)
        self._nodes |= {int(i): (node.node_id, node.ref_doc_id or "") for i, node in zip(ids, nodes, strict=True)}
        self._next += len(nodes)
        return [node.node_id for node in nodes]

    def delete(self, ref_doc_id: str, **_: Any) -> None:
        """Remove every node of one document."""
        gone = [row for row, (_, document) in self._nodes.items() if document == ref_doc_id]
        self._index.remove_ids(np.asarray(gone, dtype=np.int64))
        for row in gone:
            del self._nodes[row]

    def query(self, query: VectorStoreQuery, **_: Any) -> VectorStoreQueryResult:
        """The most similar nodes, best first."""
        if query.filters is not None:
            raise NotImplementedError("this store has no metadata filters")
        count = min(query.similarity_top_k, self._index.ntotal)
        if count < 1:
            return VectorStoreQueryResult(nodes=[], ids=[], similarities=[])
        vector = np.asarray([query.query_embedding], dtype=np.float32)
        scores, rows = self._index.search(vector, count)
        found = [(self._nodes[int(row)][0], float(s)) for row, s in zip(rows[0], scores[0], strict=True) if row >= 0]
        return VectorStoreQueryResult(
            nodes=[TextNode(id_=name) for name, _ in found],
            ids=[name for name, _ in found],
            similarities=[score for _, score in found],
        )

    def persist(self, persist_path: str, fs: Any = None) -> None:
        """Write `vectors.faiss` and `rows.json` into a folder."""
        folder = Path(persist_path)
        import_faiss().write_index(self._index, str(folder / "vectors.faiss"))
        rows = {"next": self._next, "nodes": {str(row): list(node) for row, node in self._nodes.items()}}
        (folder / "rows.json").write_text(json.dumps(rows), encoding="utf-8")

    @classmethod
    def from_folder(cls, folder: Path, width: int) -> FaissStore:
        """Read what `persist` wrote; the caller has verified the files' hashes."""
        store = cls(width)
        store._index = import_faiss().read_index(str(folder / "vectors.faiss"))
        rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
        store._next = rows["next"]
        store._nodes = {int(row): (node[0], node[1]) for row, node in rows["nodes"].items()}
        if store._index.d != width or store._index.ntotal != len(store._nodes):
            raise BundleError(f"{folder}: vectors and rows do not belong together; build again")
        return store
