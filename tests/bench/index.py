"""Load and query of a stored index against llama-index, its default store and its FAISS store, the same passages.

The embedder costs nothing on either side. The gate: the same top 5, ties of float16 aside. Loading ours includes
comparing every file with its hash.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from measure import (
    DENSE,
    Hashed,
    cpu,
    documents,
    in_turns,
    llama_embedder,
    llama_nodes,
    llama_persist,
    open_index,
    release,
    same_ranking,
    texts,
    use_hashes,
    verdict,
)

from glossator.retrieval.generations import build_index, indexed_text

TOP, QUERIES = 5, 10


def persisted(nodes: list[Any], embedder: Any, folder: Path) -> None:
    """The same nodes as llama-index keeps them: with its default store and with its FAISS store."""
    import faiss
    from llama_index.core import StorageContext, VectorStoreIndex
    from llama_index.vector_stores.faiss import FaissVectorStore

    llama_persist(VectorStoreIndex(nodes, embed_model=embedder), folder / "default")
    context = StorageContext.from_defaults(vector_store=FaissVectorStore(faiss.IndexFlatIP(384)))
    VectorStoreIndex(nodes, embed_model=embedder, storage_context=context)
    context.persist(str(folder / "faiss"))


def load_default(folder: Path, embedder: Any) -> Any:
    from llama_index.core import StorageContext, load_index_from_storage

    return load_index_from_storage(StorageContext.from_defaults(persist_dir=str(folder)), embed_model=embedder)


def load_faiss(folder: Path, embedder: Any) -> Any:
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.vector_stores.faiss import FaissVectorStore

    store = FaissVectorStore.from_persist_dir(str(folder))
    context = StorageContext.from_defaults(vector_store=store, persist_dir=str(folder))
    return load_index_from_storage(context, embed_model=embedder)


def wrong(ours: Any, theirs: Any, questions: list[str], hashed: Hashed) -> str:
    """Empty when both find the same."""
    for question in questions:
        vector = hashed.one(question)
        mine = [float(hashed.one(indexed_text(p)) @ vector) for p in ours.search(question, TOP)]
        found = [float(hashed.one(hit.node.text) @ vector) for hit in theirs.retrieve(question)]
        if not same_ranking(mine, found):
            return f"top {TOP} of {question!r}"
    return ""


def compare(name: str, chunks: int, load: Callable[[], Any], folder: Path, hashed: Hashed) -> bool:
    """Load and query of one peer."""
    kept: dict[str, Any] = {}
    questions = texts(QUERIES, 8, seed=1)
    open_index(folder / "ours")  # imports are not what is measured
    first = cpu(lambda: kept.update(peer=load()))
    mine = [cpu(lambda: kept.update(ours=open_index(folder / "ours")))]
    if first < 60:
        more = in_turns(load, lambda: open_index(folder / "ours"), repetitions=2)
        loads = [[first, *more[0]], [*mine, *more[1]]]
    else:
        loads = [[first], mine]
    ours, theirs = kept["ours"], kept["peer"].as_retriever(similarity_top_k=TOP)
    failed = wrong(ours, theirs, questions, hashed)
    asked = in_turns(
        lambda: [theirs.retrieve(question) for question in questions],
        lambda: [ours.search(question, TOP) for question in questions],
    )
    peer = f"{name}, {chunks} chunks"
    return all([verdict("index_load", peer, *loads, failed), verdict("query", peer, *asked, failed, per=QUERIES)])


def main() -> int:
    hashed = use_hashes()
    embedder, passed = llama_embedder(hashed.embed), True
    for chunks in (4_000, 40_000):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            (folder / "ours").mkdir()
            build_index(documents(chunks), DENSE, folder / "ours")
            passages = open_index(folder / "ours").passages
            assert len(passages) == chunks
            vectors = hashed.embed([indexed_text(passage) for passage in passages])
            persisted(llama_nodes(passages, vectors), embedder, folder)
            core, store = release("llama-index-core"), release("llama-index-vector-stores-faiss")
            for name, load in ((core, load_default), (f"{core} + {store}", load_faiss)):
                kept = folder / ("default" if load is load_default else "faiss")
                passed &= compare(name, chunks, lambda load=load, kept=kept: load(kept, embedder), folder, hashed)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
