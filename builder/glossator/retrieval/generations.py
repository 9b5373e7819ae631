"""An index as one folder, a generation: made whole, named by its hashes, never changed.

SHA256SUMS        hash of every other file, and on its first line the hash of the lines below
index.json        how it was made: chunking, embedder, tokens, number of the generation
passages.sqlite   documents, and where in them the passages stand
vectors.faiss     one vector per passage (and `signs.faiss` in a large index), unless they stand in a database
lexical/          postings

An update copies the table, takes out what is gone, adds what is new and writes a new generation beside the old one;
vectors of text that did not change are taken over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from glossator.artifacts import folder_files, verify, write_json
from glossator.domain import RetrievalRecipe
from glossator.encoding.embedding import WIDTH, WINDOW, MiniLm, load_embedder
from glossator.errors import BundleError
from glossator.records import Document, Passage
from glossator.retrieval.chunking import cut
from glossator.retrieval.dense import FaissVectors, Vectors
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.passages import PassageTable, document_digest
from glossator.retrieval.relevance import Reranker
from glossator.retrieval.stores import LOCAL, check_store, drop_vectors, open_vectors, read_vectors, write_vectors

SUMS, TABLE = "SHA256SUMS", "passages.sqlite"
FORMAT = 1
"""Of the files; raised when an index of before cannot be read any more."""
TITLE = 160
"""Characters of a title that are embedded with a passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What an update does, as ids of documents."""

    added: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]
    unchanged: int
    kept: int
    """Documents of the index that are not among the new ones and stay."""

    def __bool__(self) -> bool:
        return bool(self.added or self.updated or self.deleted)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """How passages are made searchable; `index.json` without its number."""

    chunk_tokens: int
    embedder: dict[str, str] | None
    store: str | None
    lexical: str | None

    @classmethod
    def of(cls, recipe: RetrievalRecipe) -> _Making:
        return cls(
            chunk_tokens=recipe.chunk_tokens,
            embedder=load_embedder(recipe.dense.embedder).identity if recipe.dense else None,
            store=recipe.dense.store if recipe.dense else None,
            lexical=recipe.lexical.tokens if recipe.lexical else None,
        )


def cut_all(documents: Iterable[Document], chunk_tokens: int) -> Iterator[list[Passage]]:
    """The passages of each document, which with their title fit the embedder's window."""
    count = load_embedder("minilm").count
    for document in documents:
        room = WINDOW - 2 - count(f"{document.title[:TITLE]}: ")
        yield list(cut(document, min(chunk_tokens, room), count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Who cuts and who embeds; whoever it is, the index is the same to the bit."""

    cut: Callable[[Sequence[Document], int], Iterable[list[Passage]]] = cut_all
    embed: Callable[[Sequence[str]], Vectors] = lambda texts: load_embedder("minilm").embed_fixed(texts)


HERE = Workers()
"""This process."""


def build_index(
    documents: Sequence[Document],
    recipe: RetrievalRecipe,
    folder: Path,
    known: Path | None = None,
    workers: Workers = HERE,
) -> None:
    """Cut, embed and index documents into `folder`: generation 1.

    `known` is an earlier index, whose vectors are taken over where the embedded text is the same.
    """
    making = _Making.of(recipe)
    check_store(making.store or LOCAL)
    table = PassageTable.create(folder / TABLE)
    texts, vectors = _add(table, documents, making, workers), FaissVectors.empty(WIDTH)
    if making.embedder is not None:
        vectors.add(table.rows(), _embedded(texts, making, known, workers))
    if making.lexical is not None:
        LexicalIndex.build(texts, making.lexical).save(folder / "lexical")
    _finish(folder, making, 1, table, vectors)


def update_index(
    old: Path, documents: Sequence[Document], folder: Path, keep: Iterable[str] = (), workers: Workers = HERE
) -> Changes:
    """Write to `folder` the generation after `old`, which holds `documents` and of the old ones those named in `keep`.

    It finds what an index made anew from the same documents finds; only what changed is embedded.
    """
    described = read_description(old)
    _embedder(described["embedder"], old)
    making = _Making(**{part.name: described[part.name] for part in fields(_Making)})
    table = PassageTable.copy(old / TABLE, folder / TABLE)
    before, changes = table.rows(), compare(table, documents, keep)
    table.delete([*changes.updated, *changes.deleted])
    kept = np.isin(before, table.rows())
    fresh = {*changes.added, *changes.updated}
    texts = _add(table, [document for document in documents if document.id in fresh], making, workers)
    vectors = FaissVectors.empty(WIDTH)
    if making.store is not None:
        vectors = read_vectors(old, making.store, collection_name(old), PassageTable.open(old / TABLE))
        vectors.remove(before[~kept])
        vectors.add(table.rows()[len(vectors) :], _embedded(texts, making, old, workers))
    if making.lexical is not None:
        LexicalIndex.load(old / "lexical", making.lexical).changed(kept, texts).save(folder / "lexical")
    _finish(folder, making, described["generation"] + 1, table, vectors)
    return changes


def compare(table: PassageTable, documents: Sequence[Document], keep: Iterable[str] = ()) -> Changes:
    """What has to be done so that a table holds `documents` and of its own those named in `keep`."""
    have, want = table.digests(), {document.id: document_digest(document) for document in documents}
    kept = set(keep)
    return Changes(
        added=tuple(name for name in want if name not in have),
        updated=tuple(name for name, digest in want.items() if have.get(name, digest) != digest),
        deleted=tuple(name for name in have if name not in want and name not in kept),
        unchanged=sum(have.get(name) == digest for name, digest in want.items()),
        kept=len(kept & (have.keys() - want.keys())),
    )


def load_index(folder: Path, reranker: Reranker | None = None) -> Retriever:
    """The index in `folder`; `reranker` orders what it finds. Every file is compared with its hash before anything
    parses it.

    Raises BundleError for a missing or changed file, for a collection that does not hold what it should, and when the
    installed embedder is not the one of the vectors.
    """
    verify_index(folder)
    described = read_description(folder)
    embedder, table = _embedder(described["embedder"], folder), PassageTable.open(folder / TABLE)
    return Retriever(
        table=table,
        embedder=embedder,
        dense=open_vectors(folder, described["store"], collection_name(folder), table) if embedder else None,
        lexical=LexicalIndex.load(folder / "lexical", described["lexical"]) if described["lexical"] else None,
        reranker=reranker,
    )


def retire_index(folder: Path) -> None:
    """Drop what a generation has in a database. Call it when nobody serves it, or its equal, any more, and before its
    folder is deleted."""
    drop_vectors(read_description(folder)["store"] or LOCAL, collection_name(folder))


def generation_digest(folder: Path) -> str:
    """Hash of everything in an index; equal for equal documents made in the same way."""
    return (folder / SUMS).read_text(encoding="ascii").split(maxsplit=2)[1]


def collection_name(folder: Path) -> str:
    """How a generation's vectors are called in a database."""
    return f"glossator_{generation_digest(folder)[:12]}"


def verify_index(folder: Path) -> None:
    """Raise BundleError naming the first file that is not as it was written. Nothing is parsed before."""
    try:
        head, _, lines = (folder / SUMS).read_text(encoding="ascii", errors="replace").partition("\n")
    except FileNotFoundError as error:
        raise BundleError(f"{folder} holds no index: {SUMS} is missing; build again") from error
    if head != _head(lines):
        raise BundleError(f"{folder / SUMS} was changed since this index was made; build again, or restore the file")
    verify(folder, {name: digest for digest, _, name in (line.partition("  ") for line in lines.splitlines())})


def read_description(folder: Path) -> dict[str, Any]:
    """`index.json`. Raises BundleError when another version of glossator made it."""
    described: dict[str, Any] = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    if described.get("format") != FORMAT:
        raise BundleError(f"{folder}: made by a version of glossator with another format of indexes; build again")
    return described


def indexed_text(passage: Passage) -> str:
    """What is searched: a passage under its document's title."""
    return f"{passage.title[:TITLE]}: {passage.text}"


def _embedder(identity: dict[str, str] | None, folder: Path) -> MiniLm | None:
    if identity is None:
        return None
    embedder = load_embedder("minilm")
    if embedder.identity != identity:
        raise BundleError(f"{folder}: made with {identity}, installed is {embedder.identity}; build again")
    return embedder


def _add(table: PassageTable, documents: Sequence[Document], making: _Making, workers: Workers) -> list[str]:
    """Cut documents into the table; returns what is indexed of each new passage."""
    texts: list[str] = []
    for document, passages in zip(documents, workers.cut(documents, making.chunk_tokens), strict=True):
        new = [indexed_text(passage) for passage in passages]
        table.add(document, passages, list(map(text_key, new)))
        texts += new
    return texts


def _embedded(texts: Sequence[str], making: _Making, known: Path | None, workers: Workers) -> Vectors:
    """Vectors of texts; those that an earlier index has are read there: to the bit what they would be."""
    vectors, keys = np.zeros((len(texts), WIDTH), dtype=np.float32), list(map(text_key, texts))
    places = _known(known, making)
    old = [i for i, key in enumerate(keys) if key in places]
    new = [i for i, key in enumerate(keys) if key not in places]
    if old and known and making.store:
        there = open_vectors(known, making.store, collection_name(known), PassageTable.open(known / TABLE))
        vectors[old] = there.at([places[keys[i]] for i in old])
    vectors[new] = workers.embed([texts[i] for i in new])
    return vectors


def _known(folder: Path | None, making: _Making) -> dict[str, int]:
    """Places of an earlier index by hash of the text that was embedded; none when its vectors stand elsewhere."""
    if folder is None:
        return {}
    try:
        described = read_description(folder)
    except BundleError:  # of another format
        return {}
    if (described["embedder"], described["store"]) != (making.embedder, making.store):
        return {}
    return {key: place for place, key in enumerate(PassageTable.open(folder / TABLE).keys())}


def _finish(folder: Path, making: _Making, generation: int, table: PassageTable, vectors: FaissVectors) -> None:
    counts = {"documents": len(table.documents), "passages": len(table.rows()), "last_row": table.last_row()}
    table.save()
    write_json(folder / "index.json", {"format": FORMAT, "generation": generation, **counts, **asdict(making)})
    if making.store == LOCAL:
        vectors.save(folder)
    _write_sums(folder)
    if making.store not in (LOCAL, None):
        write_vectors(folder, making.store, collection_name(folder), PassageTable.open(folder / TABLE), vectors)


def _write_sums(folder: Path) -> None:
    lines = "".join(f"{digest}  {name}\n" for name, digest in folder_files(folder, (SUMS, ".key")).items())
    (folder / SUMS).write_text(f"{_head(lines)}\n{lines}", encoding="ascii")


def _head(lines: str) -> str:
    return f"# {hashlib.sha256(lines.encode('ascii', 'replace')).hexdigest()} of the lines below"


def text_key(text: str) -> str:
    """Hash of what is indexed of a passage."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
