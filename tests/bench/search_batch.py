"""64 queries over 100,000 vectors against faiss flat. The gate: recall 1.0, ties of float16 aside."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from measure import in_turns, release, same_ranking, verdict

from glossator.retrieval.dense import FaissVectors, import_faiss

VECTORS, QUERIES, TOP, WIDTH, CLUSTERS = 100_000, 64, 10, 384, 500


def unit(rows: Any) -> Any:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(count: int, seed: int) -> Any:
    """Vectors around centres, as those of texts are around subjects."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(7).standard_normal((CLUSTERS, WIDTH))
    return unit(centres[rng.integers(0, CLUSTERS, count)] + 0.8 * rng.standard_normal((count, WIDTH)))


def main() -> int:
    vectors, queries = clustered(VECTORS, 1), clustered(QUERIES, 2)
    flat = import_faiss().IndexFlatIP(WIDTH)
    flat.add(vectors)
    ours = FaissVectors.empty(WIDTH)
    ours.add(np.arange(1, VECTORS + 1), vectors)
    found, (scores, _) = ours.search_many(queries, TOP), flat.search(queries, TOP)
    exact = [[float(vectors[place] @ query) for place, _ in hits] for query, hits in zip(queries, found, strict=True)]
    wrong = [
        row for row, (mine, theirs) in enumerate(zip(exact, scores, strict=True)) if not same_ranking(mine, theirs)
    ]
    theirs, mine = in_turns(lambda: flat.search(queries, TOP), lambda: ours.search_many(queries, TOP), repetitions=5)
    failed = f"{len(wrong)} of {QUERIES} queries" if wrong else ""
    return 0 if verdict("search-batch", f"{release('faiss-cpu')} flat", theirs, mine, failed, per=QUERIES) else 1


if __name__ == "__main__":
    sys.exit(main())
