"""BM25 over 20,000 passages against bm25s (numba), tantivy and rank_bm25, and what adding one in a hundred costs.

The same tokens on all sides. The gate: the same top 10 as bm25s, ties aside.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from measure import cpu, in_turns, release, texts, verdict

from glossator.retrieval.lexical import LexicalIndex, tokens

PASSAGES, QUERIES, TOP = 20_000, 200, 10


def of_bm25s(rows: list[list[str]]) -> Any:
    import bm25s

    words = sorted({word for row in rows for word in row})
    number = {word: place for place, word in enumerate(words)}
    made = bm25s.BM25(method="lucene", backend="numba")
    made.index(([[number[word] for word in row] for row in rows], number), show_progress=False)
    return made


def of_tantivy(texts_: list[str]) -> Any:
    import tantivy

    schema = tantivy.SchemaBuilder().add_text_field("body").add_integer_field("row", stored=True).build()
    index = tantivy.Index(schema)
    writer = index.writer(heap_size=200_000_000, num_threads=1)
    for row, text in enumerate(texts_):
        writer.add_document(tantivy.Document(body=text, row=row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    return index


def wrong(ours: LexicalIndex, peer: Any, questions: list[str]) -> str:
    for question in questions:
        scores = peer.get_scores(tokens(question))
        best = np.sort(scores)[::-1][:TOP]
        found = ours.search(question, TOP)
        if not np.allclose([score for _, score in found], best[best > 0], rtol=1e-4):
            return f"top {TOP} of {question!r}"
        if not np.allclose(scores[[place for place, _ in found]], [score for _, score in found], rtol=1e-4):
            return f"scores of {question!r}"
    return ""


def main() -> int:
    import bm25s
    from rank_bm25 import BM25Okapi

    rows, questions = texts(PASSAGES), texts(QUERIES, 8, seed=1)
    cut, ours = [tokens(row) for row in rows], LexicalIndex.build(rows)
    fast, slow, rust = of_bm25s(cut), BM25Okapi(cut), of_tantivy(rows)
    searcher = rust.searcher()

    def by_bm25s() -> None:
        for question in questions:
            fast.retrieve([tokens(question)], k=TOP, show_progress=False, backend_selection="numba")

    def by_tantivy() -> None:
        for question in questions:
            searcher.search(rust.parse_query(question.rstrip("."), ["body"]), TOP)

    def by_ours() -> None:
        for question in questions:
            ours.search(question, TOP)

    by_bm25s()  # compiles
    failed = wrong(ours, fast, questions[:50])
    version = f"bm25s {bm25s.__version__} (numba)"
    theirs, mine = in_turns(by_bm25s, by_ours, repetitions=5)
    passed = verdict("lexical", version, theirs, mine, failed, per=QUERIES)
    theirs, mine = in_turns(by_tantivy, by_ours)
    passed &= verdict("lexical", release("tantivy"), theirs, mine, failed, per=QUERIES)
    few = questions[:10]
    theirs, mine = in_turns(
        lambda: [np.argsort(slow.get_scores(tokens(q)))[-TOP:] for q in few], lambda: [ours.search(q, TOP) for q in few]
    )
    passed &= verdict("lexical", release("rank-bm25"), theirs, mine, failed, per=len(few))
    return 0 if passed & add(rows, cut) else 1


def add(rows: list[str], cut: list[list[str]]) -> bool:
    """One passage in a hundred goes and another comes: ours is changed, bm25s is made anew."""
    ours, keep = LexicalIndex.build(rows), np.arange(PASSAGES) % 100 != 0
    fresh = texts(int((~keep).sum()), seed=2)
    wanted = [row for row, kept in zip(rows, keep, strict=True) if kept] + fresh
    anew = LexicalIndex.build(wanted)
    changed = ours.changed(keep, fresh)
    same = changed._terms == anew._terms and all(
        np.array_equal(changed._arrays[k], anew._arrays[k]) for k in anew._arrays
    )
    theirs, mine = [], []
    for _ in range(3):
        theirs.append(cpu(lambda: of_bm25s([tokens(text) for text in wanted])))
        mine.append(cpu(lambda: ours.changed(keep, fresh)._weights))
    return verdict("lexical-1pct", "bm25s, made anew", theirs, mine, "" if same else "not the index made anew")


if __name__ == "__main__":
    sys.exit(main())
