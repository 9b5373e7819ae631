"""One document in a hundred has changed: our update against llama-index's load, refresh and persist, both with MiniLM.

The gate: our updated index finds what one made anew finds.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import DENSE, cpu, document, documents, open_index, release, texts, verdict

from glossator import Document
from glossator.retrieval.embedding import load_embedder
from glossator.retrieval.generations import build_index, indexed_text, update_index

CHUNKS, EVERY, REPETITIONS = 4_000, 100, 3


def nodes(given: list[Document]) -> list[Any]:
    """One document of llama-index per document of ours; it cuts them by itself."""
    from llama_index.core import Document as LlamaDocument

    return [LlamaDocument(id_=of.id, text=of.text) for of in given]


def as_kept(folder: Path, passages: list[Any], embedder: Any) -> None:
    """What llama-index keeps of the same passages, made with vectors that are known, so that making it costs little."""
    from llama_index.core import VectorStoreIndex
    from measure import llama_nodes

    vectors = load_embedder("minilm").embed([indexed_text(passage) for passage in passages])
    index = VectorStoreIndex(llama_nodes(passages, vectors), embed_model=embedder)
    for passage in passages:
        index.docstore.set_document_hash(passage.document_id, _hash(passage.document_id))
    index.storage_context.persist(str(folder))


HASHES: dict[str, str] = {}


def _hash(name: str) -> str:
    return HASHES[name]


def refresh(folder: Path, given: list[Document], embedder: Any) -> None:
    """Load, refresh, persist: the peer's whole way."""
    from llama_index.core import StorageContext, load_index_from_storage
    from llama_index.core.node_parser import SentenceSplitter

    context = StorageContext.from_defaults(persist_dir=str(folder))
    index = load_index_from_storage(context, embed_model=embedder)
    index._transformations = [SentenceSplitter(chunk_size=96, chunk_overlap=0)]
    changed = index.refresh_ref_docs(nodes(given))
    assert sum(changed) == len(given) // EVERY, f"the peer refreshed {sum(changed)} documents"
    index.storage_context.persist(str(folder))


def found(folder: Path, questions: list[str]) -> list[list[str]]:
    index = open_index(folder)
    return [[passage.id for passage in index.search(question, 10)] for question in questions]


def main() -> int:
    from measure import llama_embedder

    computed = llama_embedder(lambda given: load_embedder("minilm")._computed(given))
    before = documents(CHUNKS)
    fresh = iter(texts(CHUNKS, seed=3))
    after = [document(of.id, [next(fresh) for _ in range(8)]) if i % EVERY == 0 else of for i, of in enumerate(before)]
    HASHES.update({node.id_: node.hash for node in nodes(before)})
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        for name in ("old", "anew"):
            (home / name).mkdir()
        build_index(before, DENSE, home / "old")
        as_kept(home / "peer", open_index(home / "old").passages, computed)
        build_index(after, DENSE, home / "anew", home / "old")
        theirs, mine = [], []
        for number in range(REPETITIONS):
            load_embedder("minilm")._known.clear()
            (home / f"new{number}").mkdir()
            mine.append(cpu(lambda n=number: update_index(home / "old", after, home / f"new{n}")))
            shutil.copytree(home / "peer", home / f"peer{number}")
            theirs.append(cpu(lambda n=number: refresh(home / f"peer{n}", after, computed)))
        questions = texts(50, 8, seed=1)
        wrong = "" if found(home / "new0", questions) == found(home / "anew", questions) else "not the index made anew"
    peer = f"{release('llama-index-core')} load + refresh + persist, {CHUNKS} chunks"
    return 0 if verdict("reindex-1pct", peer, theirs, mine, wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
