"""What the embedder knows, put to use before the first step: near words, near sentences, and first token vectors.

A token's first vector is MiniLM's of the token alone, reduced by principal components, as static embeddings are made
from a sentence encoder (Model2Vec, Minish Lab 2024). So "drug" is near "medication" from the start, which a few million
tokens could not teach.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from foundry.text import Page
from glossator.encoding.embedding import load_embedder

WORDS, OFTEN, KIN, NEAR = 15_000, 12, 0.62, 4
"""Words that get near ones; fewest times they occur; least cosine; most near words each."""
LEAST, MOST = 0.55, 0.9
"""Cosine between which two sentences say something near and not the same."""
BLOCK = 1024

Array = Any


def near_words(pages: Iterable[Page]) -> dict[str, tuple[str, ...]]:
    """Of frequent words the words nearest in meaning, those with the same first five letters left out."""
    counts = Counter(word for page in pages for word in re.findall(r"[a-z]{4,}", page.text.lower()))
    words = [word for word, count in counts.most_common(WORDS) if count >= OFTEN]
    vectors = load_embedder("minilm").embed_fixed(words)
    found: dict[str, tuple[str, ...]] = {}
    for start in range(0, len(words), BLOCK):
        likeness = vectors[start : start + BLOCK] @ vectors.T
        for row, place in zip(likeness, range(start, start + BLOCK), strict=False):
            order = np.argsort(-row)[1 : NEAR + 6]
            kin = [words[i] for i in order if row[i] >= KIN and words[i][:5] != words[place][:5]]
            if kin:
                found[words[place]] = tuple(kin[:NEAR])
    return found


def near_sentences(sentences: Sequence[str], vectors: Array) -> list[tuple[int, int]]:
    """Of each sentence the nearest other one, where it is near and not nearly the same; as places."""
    pairs = []
    for start in range(0, len(sentences), BLOCK):
        likeness = vectors[start : start + BLOCK] @ vectors.T
        likeness[likeness > MOST] = -1.0  # itself, and what says the same
        best = likeness.argmax(axis=1)
        pairs += [(start + row, int(i)) for row, i in enumerate(best) if likeness[row, i] >= LEAST]
    return pairs


def token_vectors(tokens: Sequence[str], width: int, rng: Any) -> Array:
    """First vectors of tokens, (tokens, width), mean length 1: three quarters of the dimensions hold meaning.

    The others are random, since " The" and "the" mean the same and are spelt differently.
    """
    meant = width * 3 // 4
    texts = [token.strip() or token for token in tokens]
    vectors = load_embedder("minilm").embed_fixed(texts).astype(np.float64)
    vectors -= vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(vectors, full_matrices=False)
    kept = vectors @ directions[:meant].T
    kept /= np.linalg.norm(kept, axis=1, keepdims=True) + 1e-6
    own = rng.standard_normal((len(tokens), width - meant))
    own /= np.linalg.norm(own, axis=1, keepdims=True)
    return np.concatenate([kept, own * 0.7], axis=1) / np.sqrt(1 + 0.7**2)
