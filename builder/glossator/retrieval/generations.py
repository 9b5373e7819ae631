"""An index as one folder, written together and read together.

documents.jsonl passages.jsonl vectors.faiss rows.json lexical/ index.json (chunking, embedder identity)
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

from glossator.artifacts import read_rows, write_json, write_rows
from glossator.domain import RetrievalRecipe
from glossator.errors import BundleError
from glossator.records import Document, Passage
from glossator.retrieval.chunking import cut
from glossator.retrieval.dense import FaissStore
from glossator.retrieval.embedding import WIDTH, MiniLm, load_embedder
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.lexical import LexicalIndex
from glossator.rows import document_row, passage_row, read_document, read_passage


def build_index(documents: list[Document], recipe: RetrievalRecipe, folder: Path) -> None:
    """Cut, embed and index documents into `folder`."""
    counter = load_embedder(recipe.dense.embedder if recipe.dense else "minilm")
    passages = [passage for document in documents for passage in cut(document, recipe.chunk_tokens, counter.count)]
    write_rows(folder / "documents.jsonl", map(document_row, documents))
    write_rows(folder / "passages.jsonl", map(passage_row, passages))
    texts = [indexed_text(passage) for passage in passages]
    described: dict[str, Any] = {"passages": len(passages), "chunk_tokens": recipe.chunk_tokens, "embedder": None}
    if recipe.dense is not None:
        described["embedder"] = counter.identity
        _dense(passages, counter, texts).persist(str(folder))
    if recipe.lexical is not None:
        LexicalIndex.build(texts, recipe.lexical.tokens).save(folder / "lexical")
    write_json(folder / "index.json", described | {"lexical": recipe.lexical.tokens if recipe.lexical else None})


def load_index(folder: Path) -> Retriever:
    """The index in `folder`, whose files the caller has verified.

    Raises BundleError when the installed embedder is not the one that made the vectors.
    """
    described = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    embedder = load_embedder("minilm") if described["embedder"] else None
    if embedder is not None and embedder.identity != described["embedder"]:
        raise BundleError(f"{folder}: made with {described['embedder']}, installed is {embedder.identity}; build again")
    documents = [read_document(row) for row in read_rows(folder / "documents.jsonl")]
    return Retriever(
        documents={document.id: document for document in documents},
        passages=[read_passage(row) for row in read_rows(folder / "passages.jsonl")],
        embedder=embedder,
        dense=FaissStore.from_folder(folder, WIDTH) if embedder else None,
        lexical=LexicalIndex.load(folder / "lexical", described["lexical"]) if described["lexical"] else None,
    )


def indexed_text(passage: Passage) -> str:
    """What is searched: a passage under its document's title."""
    return f"{passage.title}: {passage.text}"


def _dense(passages: list[Passage], embedder: MiniLm, texts: list[str]) -> FaissStore:
    store = FaissStore(WIDTH)
    vectors = embedder.embed(texts)
    store.add(
        [
            TextNode(
                id_=passage.id,
                embedding=vector.tolist(),
                relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document_id)},
            )
            for passage, vector in zip(passages, vectors, strict=True)
        ]
    )
    return store
