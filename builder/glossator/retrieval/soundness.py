"""Do the parts of an index belong together? What hashes cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from glossator.encoding.embedding import load_embedder
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.generations import indexed_text, load_index, text_key
from glossator.retrieval.hybrid import Dense
from glossator.retrieval.passages import Ids

SAMPLE, SAME = 64, 0.999
"""Vectors that a check makes again, and the least cosine at which two are the same."""


def check_index(folder: Path) -> list[str]:
    """What is wrong with an index whose hashes are right; empty when its parts belong together.

    Rows, vectors and postings must be of the same passages, every passage inside its document and under its own hash,
    and SAMPLE vectors must be what the installed embedder makes of their texts.
    """
    index = load_index(folder)
    passages, keys, rows = index.passages, index.table.keys(), index.table.rows()
    problems = [f"{p.id} lies outside its document" for p in passages if not p.text or len(p.text) != p.end - p.start]
    texts = list(map(indexed_text, passages))
    problems += [
        f"{p.id} is not the text that was indexed"
        for p, t, key in zip(passages, texts, keys, strict=True)
        if text_key(t) != key
    ]
    if index.lexical is not None and len(index.lexical) != len(rows):
        problems.append(f"lexical holds {len(index.lexical)} passages, the table {len(rows)}")
    if index.dense is not None:
        problems += _vectors(index.dense, rows, texts)
    return problems


def _vectors(store: Dense, rows: Ids, texts: Sequence[str]) -> list[str]:
    if isinstance(store, FaissVectors) and not np.array_equal(store.ids, rows):
        return ["vectors.faiss and the table hold other passages"]
    places = np.unique(np.linspace(0, len(texts) - 1, SAMPLE).astype(int)) if texts else np.zeros(0, int)
    made = load_embedder("minilm").embed([texts[place] for place in places])
    cosines = (store.at(places.tolist()) * made).sum(axis=1)
    return [f"the vector of passage {rows[p]} is not that of its text" for p in places[cosines < SAME]]
