"""Many questions at once: FaissVectors.search_many against faiss IndexFlatIP, 64 queries over 100,000 vectors.

The gate: recall 1.0 of the top 10; a hit that is not the peer's counts when its true score ties with the tenth.
The first call of ours, which widens the stored vectors once, is printed apart.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from measure import CLOSE, cpu, in_turns, release, verdict

from glossator.retrieval.dense import FaissVectors

COUNT, QUERIES, TOP, WIDTH = 100_000, 64, 10, 384


def unit(count: int, seed: int) -> Any:
    drawn = np.random.default_rng(seed).standard_normal((count, WIDTH), dtype=np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def recall(ours: list[Any], scores: Any, vectors: Any, queries: Any) -> float:
    """Share of our hits whose true score reaches the peer's tenth."""
    found = [
        float(vectors[place] @ query) >= row[-1] - CLOSE
        for hits, row, query in zip(ours, scores, queries, strict=True)
        for place, _ in hits
    ]
    return sum(found) / (len(queries) * TOP)


def main() -> int:
    import faiss
    import torch

    faiss.omp_set_num_threads(1)
    torch.set_num_threads(1)
    vectors, queries = unit(COUNT, 0), unit(QUERIES, 1)
    theirs, ours = faiss.IndexFlatIP(WIDTH), FaissVectors.empty(WIDTH)
    theirs.add(vectors)
    ours.add(np.arange(COUNT, dtype=np.int64), vectors)
    first = cpu(lambda: ours.search_many(queries, TOP))
    scores, _ = theirs.search(queries, TOP)
    reached = recall(ours.search_many(queries, TOP), scores, vectors, queries)
    times = in_turns(lambda: theirs.search(queries, TOP), lambda: ours.search_many(queries, TOP), repetitions=5)
    peer = f"{release('faiss-cpu')} IndexFlatIP, per query of {QUERIES} over {COUNT} (our first call {first:.2f} s)"
    failed = "" if reached == 1 else f"recall {reached}"
    return 0 if verdict("search_batch", peer, *times, failed, per=QUERIES) else 1


if __name__ == "__main__":
    sys.exit(main())
