"""Search by words against bm25s, tantivy and rank_bm25: 20,000 passages of 100 words, one question at a time.

All get the same tokens; cutting the question into them is measured on every side. The gate: the same top 10 as bm25s
(Lucene's formula), ties of float32 aside. tantivy and rank_bm25 score by other formulas and have no gate of their own.

Then 1 % is added: ours is changed, bm25s is made anew. The gate: arrays equal to those of an index made anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from measure import cpu, in_turns, release, same_ranking, texts, verdict

CHUNKS, WORDS, QUERIES, TOP = 20_000, 100, 200, 10
SLOW = 10
"""Questions for a peer that takes a thousand times as long."""

Search = Callable[[str], Any]


def bm25s_search(rows: list[list[str]]) -> Search:
    import bm25s

    from glossator.retrieval.lexical import K1, B, tokens

    index = bm25s.BM25(method="lucene", k1=K1, b=B, backend="numba")
    index.index(rows, show_progress=False)

    def search(question: str) -> list[tuple[int, float]]:
        found, scores = index.retrieve([tokens(question)], k=TOP, show_progress=False, n_threads=1)
        return list(zip(found[0].tolist(), scores[0].tolist(), strict=True))

    return search


def tantivy_search(rows: list[list[str]]) -> Search:
    import tantivy

    from glossator.retrieval.lexical import tokens

    schema = tantivy.SchemaBuilder().add_text_field("text", tokenizer_name="whitespace").build()
    index = tantivy.Index(schema)
    writer = index.writer(num_threads=1)
    for row in rows:
        writer.add_document(tantivy.Document(text=" ".join(row)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher, should = index.searcher(), tantivy.Occur.Should

    def search(question: str) -> Any:
        parts = [(should, tantivy.Query.term_query(schema, "text", token)) for token in tokens(question)]
        return searcher.search(tantivy.Query.boolean_query(parts), TOP).hits

    return search


def rank_search(rows: list[list[str]]) -> Search:
    from rank_bm25 import BM25Okapi

    from glossator.retrieval.lexical import K1, B, tokens

    index = BM25Okapi(rows, k1=K1, b=B)
    return lambda question: index.get_scores(tokens(question)).argsort()[-TOP:]


def wrong(ours: Any, theirs: Search, questions: list[str]) -> str:
    """Empty when both find the same with the same scores."""
    for question in questions:
        mine, found = ours.search(question, TOP), theirs(question)
        if not same_ranking([score for _, score in mine], [score for _, score in found]):
            return f"scores of {question!r}"
        whole = dict(ours.search(question, CHUNKS))
        if any(abs(whole[place] - score) > 1e-3 for place, score in found):
            return f"places of {question!r}"
    return ""


def changed(ours: Any, corpus: list[str]) -> bool:
    """What adding 1 % costs, weights included."""
    import numpy as np

    from glossator.retrieval.lexical import LexicalIndex, tokens

    kept, more = np.ones(len(corpus), dtype=np.bool_), texts(len(corpus) // 100, WORDS, seed=2)
    whole = [*corpus, *more]
    mine, anew = ours.changed(kept, more), LexicalIndex.build(whole)
    same = mine._terms == anew._terms and all(np.array_equal(mine._arrays[n], anew._arrays[n]) for n in anew._arrays)
    times = in_turns(
        lambda: bm25s_search([tokens(text) for text in whole]),
        lambda: ours.changed(kept, more)._weights,
    )
    return verdict("lexical-1pct", f"{release('bm25s')}, made anew", *times, "" if same else "not the index made anew")


def main() -> int:
    from glossator.retrieval.lexical import LexicalIndex, tokens

    corpus, questions = texts(CHUNKS, WORDS), texts(QUERIES, 6, seed=1)
    ours, rows = LexicalIndex.build(corpus), [tokens(text) for text in corpus]
    passed = True
    for peer, make, count in (
        (f"{release('bm25s')}, {release('numba')}", bm25s_search, QUERIES),
        (release("tantivy"), tantivy_search, QUERIES),
        (release("rank-bm25"), rank_search, SLOW),
    ):
        theirs, asked = make(rows), questions[:count]
        failed = wrong(ours, theirs, asked) if make is bm25s_search else ""
        cpu(lambda theirs=theirs: theirs(questions[0]))  # numba compiles
        times = in_turns(
            lambda theirs=theirs, asked=asked: [theirs(question) for question in asked],
            lambda asked=asked: [ours.search(question, TOP) for question in asked],
            repetitions=5,
        )
        passed &= verdict("lexical", peer, *times, failed, per=count)
    passed &= changed(ours, corpus)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
