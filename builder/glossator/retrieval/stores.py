"""Where vectors stand: in the index's own folder, or in a database behind llama-index's vector stores.

A collection (a table of PostgreSQL) belongs to one generation, is named after its hash and is never changed. An update
writes another one, whole, before the new generation is published; the old one answers until nobody serves it any more
and `drop_vectors` is called. Equal indexes have one collection together.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from glossator.encoding.embedding import WIDTH
from glossator.errors import BundleError, boundary
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.passages import PassageTable

if TYPE_CHECKING:
    from glossator.retrieval.databases import Collection
    from glossator.retrieval.llama import LlamaVectors

LOCAL = "faiss"


def check_store(kind: str) -> None:
    """Raise InputError when the environment does not say where the database is."""
    if kind != LOCAL:
        from glossator.retrieval.databases import address

        address(kind)


def open_vectors(folder: Path, kind: str, name: str, table: PassageTable) -> FaissVectors | LlamaVectors:
    """The vectors of a generation, to be searched.

    Raises BundleError when a collection does not hold exactly the passages of the table.
    """
    if kind == LOCAL:
        return FaissVectors.load(folder)
    with boundary(f"vector store {kind!r}"):
        return _whole(folder, kind, name, table)


def read_vectors(folder: Path, kind: str, name: str, table: PassageTable) -> FaissVectors:
    """The vectors of a generation in memory, to be changed and written as another one."""
    if kind == LOCAL:
        return FaissVectors.load(folder, writable=True)
    with boundary(f"vector store {kind!r}"):
        remote, vectors = _whole(folder, kind, name, table), FaissVectors.empty(WIDTH)
        vectors.add(table.rows(), remote.at(range(len(remote))))
    return vectors


def write_vectors(folder: Path, kind: str, name: str, table: PassageTable, vectors: FaissVectors) -> None:
    """Write the collection of a generation, unless it is there already."""
    with boundary(f"vector store {kind!r}"):
        collection, linked = _linked(kind, name, table)
        if not _is_whole(collection, linked):
            collection.create()
            linked.add(table.owners(), vectors.at(range(len(vectors))))
        if len(vectors):
            collection.finish(len(vectors))
        _whole(folder, kind, name, table)


def drop_vectors(kind: str, name: str) -> None:
    """Drop the collection of a generation that nobody serves any more."""
    if kind != LOCAL:
        from glossator.retrieval.databases import open_collection

        with boundary(f"vector store {kind!r}"):
            open_collection(kind, name).drop()


def _whole(folder: Path, kind: str, name: str, table: PassageTable) -> LlamaVectors:
    collection, vectors = _linked(kind, name, table)
    if not _is_whole(collection, vectors):
        from glossator.retrieval.databases import VARIABLES

        raise BundleError(
            f"{folder}: collection {name} of {kind} holds {collection.count()} vectors and not those of the "
            f"{len(vectors)} passages; bring it back, or set {VARIABLES[kind]} to where it is, or remove the folder "
            "and build again"
        )
    return vectors


def _is_whole(collection: Collection, vectors: LlamaVectors) -> bool:
    """As many vectors as passages, and one for the passage that was written last."""
    return collection.count() == len(vectors) and (not len(vectors) or vectors.holds(len(vectors) - 1))


def _linked(kind: str, name: str, table: PassageTable) -> tuple[Collection, LlamaVectors]:
    from glossator.retrieval.databases import open_collection
    from glossator.retrieval.llama import LlamaVectors

    collection = open_collection(kind, name)
    return collection, LlamaVectors(collection.store, table.rows(), table.rights())
