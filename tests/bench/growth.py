"""How cost grows: building and asking at 1,000 to 100,000 passages, vectors alone at a million, rights at 100,000.

No peer and no ratio: a table. The embedder costs nothing; CPU time, one thread.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from measure import cpu, documents, open_index, texts, use_hashes

from glossator.domain import RetrievalRecipe
from glossator.records import EVERYTHING, Scope
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.generations import build_index

SIZES, QUERIES, MILLION = (1_000, 10_000, 100_000), 200, 1_000_000
BOTH = RetrievalRecipe(rerank=None, chunk_tokens=48)
SHARES = ("1", "10", "100")


def groups(number: int) -> tuple[str, ...]:
    """Who may read a document: everybody in group 100, fewer in the others."""
    return ("100", *(("10",) if number % 10 == 0 else ()), *(("1",) if number % 100 == 0 else ()))


def times(index: Any, questions: list[str], scope: Scope = EVERYTHING) -> str:
    """Milliseconds of a query: half, and all but one in a hundred, are faster."""
    index.search(questions[0], 5, scope=scope)
    spent = []
    for question in questions:
        start = time.process_time()
        index.search(question, 5, scope=scope)
        spent.append((time.process_time() - start) * 1000)
    return f"p50 {np.percentile(spent, 50):.2f} ms, p99 {np.percentile(spent, 99):.2f} ms"


def whole(chunks: int, questions: list[str], hashed: Any, home: Path) -> None:
    folder, given = home / str(chunks), documents(chunks, groups)
    folder.mkdir()
    hashed.embed([f"{of.title}: {part}" for of in given for part in of.text.split("\n\n")])  # drawn before, not timed
    hashed.embed(questions)
    built, opened = cpu(lambda: build_index(given, BOTH, folder)), cpu(lambda: open_index(folder))
    index, size = open_index(folder), sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(
        f"growth: {chunks:>9,} passages, built in {built:.2f} s, {size / chunks:,.0f} bytes each, "
        f"opened in {opened * 1000:.0f} ms, query {times(index, questions)}",
        flush=True,
    )
    for share in SHARES if chunks == SIZES[-1] else ():
        start = cpu(lambda share=share: index.table.seen(Scope(groups=frozenset({share}))))
        asked = times(index, questions, Scope(groups=frozenset({share})))
        print(
            f"growth: {chunks:>9,} passages, {share:>3} % visible: first {start * 1000:.0f} ms, then {asked}",
            flush=True,
        )


def vectors_alone(count: int, home: Path) -> None:
    """Synthetic vectors around centres; recall of the ten nearest against exact search."""
    rng = np.random.default_rng(0)
    centres, store = rng.standard_normal((2_000, 384), dtype=np.float32), FaissVectors.empty(384)

    def drawn(rows: int) -> Any:
        made = centres[rng.integers(0, 2_000, rows)] + 0.8 * rng.standard_normal((rows, 384), dtype=np.float32)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    built = 0.0
    for first in range(0, count, 100_000):
        some, ids = drawn(100_000), np.arange(first + 1, first + 100_001)
        built += cpu(lambda some=some, ids=ids: store.add(ids, some))
    queries = drawn(50)
    built += cpu(lambda: store.save(home))
    exact = [{place for place, _ in store.search(query, 10)} for query in queries]
    large = FaissVectors.load(home)
    spent = cpu(lambda: [large.search(query, 10) for query in queries]) / len(queries) * 1000
    near = [{place for place, _ in large.search(query, 10)} for query in queries]
    recall = np.mean([len(a & b) / 10 for a, b in zip(exact, near, strict=True)])
    print(f"growth: {count:>9,} vectors alone, built in {built:.1f} s, query {spent:.1f} ms, recall@10 {recall:.3f}")


def main() -> int:
    hashed, questions = use_hashes(), texts(QUERIES, 8, seed=1)
    with tempfile.TemporaryDirectory() as place:
        for chunks in SIZES:
            whole(chunks, questions, hashed, Path(place))
        vectors_alone(MILLION, Path(place))
    return 0


if __name__ == "__main__":
    sys.exit(main())
