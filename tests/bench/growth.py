"""What building and asking cost as an index grows, and what a rights filter costs at 100,000 passages. No peer.

Vectors are drawn beforehand, search is by meaning and by words. The gate: under a filter only what may be seen is
found, and by meaning it is what comparing every vector finds. The million vectors lie around centres, as those of texts
do around subjects; their search is approximate, so its recall is printed.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from measure import CLOSE, Hashed, RetrievalRecipe, cpu, documents, open_index, texts, use_hashes

from glossator.records import EVERYTHING, Scope
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.generations import build_index

SIZES, MILLION, BLOCK, WIDTH, QUERIES = (1_000, 10_000, 100_000), 1_000_000, 100_000, 384, 200
CENTRES, TOP, COMPARED = 2_000, 10, 50
RECIPE = RetrievalRecipe(chunk_tokens=50, rerank=None)
SHARES = {"one": 1, "ten": 10, "all": 100}
"""Groups, and of a hundred documents how many each may read."""


def readers(number: int) -> tuple[str, ...]:
    return tuple(name for name, share in SHARES.items() if number % 100 < share)


def spread(ask: Callable[[Any], Any], questions: Any) -> str:
    """The middle and the 99th percentile of CPU time."""
    spent = []
    for question in questions:
        start = time.process_time()
        ask(question)
        spent.append((time.process_time() - start) * 1000)
    return "{:.2f} | {:.2f}".format(*np.percentile(spent, (50, 99)))


def whole(size: int, folder: Path, questions: list[str], hashed: Hashed) -> Any:
    """Build, load and ask; prints a row."""
    rows = documents(size, groups=readers)
    hashed.embed([*questions, *(f"{row.title}: {part}" for row in rows for part in row.text.split("\n\n"))])
    drawn = hashed.drawn
    built = cpu(lambda: build_index(rows, RECIPE, folder))
    assert hashed.drawn == drawn, "what is embedded was drawn beforehand"
    loaded = cpu(lambda: open_index(folder))
    index = open_index(folder)
    for question in texts(20, 8, seed=3):
        index.search(question, 5)
    disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    asked = spread(lambda question: index.search(question, 5), questions)
    print(f"growth: {size} | {built:.2f} | {loaded * 1000:.0f} | {asked} | {disk:.0f}", flush=True)
    return index


def vectors_only(folder: Path) -> None:
    """A million drawn vectors; prints a row."""
    made, rng, built = FaissVectors.empty(WIDTH), np.random.default_rng(0), 0.0
    centres = rng.standard_normal((CENTRES, WIDTH), dtype=np.float32)

    def clustered(count: int) -> Any:
        drawn = centres[rng.integers(CENTRES, size=count)]
        drawn += 0.8 * rng.standard_normal((count, WIDTH), dtype=np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    for start in range(0, MILLION, BLOCK):
        drawn, ids = clustered(BLOCK), np.arange(start, start + BLOCK, dtype=np.int64)
        built += cpu(lambda ids=ids, drawn=drawn: made.add(ids, drawn))
    queries = clustered(QUERIES)
    exact = [places(made.search(query, TOP)) for query in queries[:COMPARED]]
    built += cpu(lambda: made.save(folder))
    loaded = cpu(lambda: FaissVectors.load(folder))
    store = FaissVectors.load(folder)
    store.search(queries[0], 5)
    disk = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    asked = spread(lambda query: store.search(query, 5), queries)
    near = [places(store.search(query, TOP)) for query in queries[:COMPARED]]
    recall = np.mean([len(a & b) / TOP for a, b in zip(exact, near, strict=True)])
    print(
        f"growth: {MILLION} vectors | {built:.2f} | {loaded * 1000:.0f} | {asked} | {disk:.0f}, recall@{TOP} {recall:.3f}"
    )


def places(hits: list[tuple[int, float]]) -> set[int]:
    return {place for place, _ in hits}


def wrong(index: Any, scope: Scope, questions: list[str]) -> str:
    """Empty when a filter lets through what it should, and nothing else."""
    allowed = index.table.seen(scope)
    vectors = index.dense.at(np.arange(len(allowed)))
    for question in questions[:20]:
        query = index._vector(question)
        best = np.sort((vectors @ query)[allowed])[::-1][:5]
        found = index.dense.search(query, 5, allowed)
        if not all(allowed[place] for place, _ in found) or np.abs(best - [score for _, score in found]).max() > CLOSE:
            return f"{question!r} by meaning"
        passages = index.search(question, 5, scope=scope)
        if not all(index.documents[p.document_id].source.groups.count(*scope.groups) for p in passages):
            return f"{question!r} shows what may not be seen"
    return ""


def filtered(index: Any, questions: list[str]) -> bool:
    """A row per filter."""
    passed = True
    print("growth: filter, share seen | first query, ms | query p50, ms | p99, ms")
    for name, share in SHARES.items():
        scope = Scope(groups=frozenset({name}))
        first = cpu(lambda scope=scope: index.search(questions[0], 5, scope=scope)) * 1000
        asked = spread(lambda question, scope=scope: index.search(question, 5, scope=scope), questions)
        failed = wrong(index, scope, questions)
        passed &= not failed
        print(f"growth: {share} % | {first:.0f} | {asked} {failed}", flush=True)
    plain = spread(lambda question: index.search(question, 5, scope=EVERYTHING), questions)
    print(f"growth: no filter | - | {plain}")
    print(f"growth: gate={'ok' if passed else 'FAILED'}")
    return passed


def main() -> int:
    import faiss

    faiss.omp_set_num_threads(1)
    hashed = use_hashes()
    questions = texts(QUERIES, 8, seed=1)
    print("growth: passages | build, s | load, ms | query p50, ms | p99, ms | disk, MB   (no peer)")
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            folder = Path(place) / str(size)
            folder.mkdir()
            index = whole(size, folder, questions, hashed)
        passed = filtered(index, questions)
        folder = Path(place) / "vectors"
        folder.mkdir()
        vectors_only(folder)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
