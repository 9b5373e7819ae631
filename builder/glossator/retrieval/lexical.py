"""BM25 over words, numbers and signs such as `§`. A passage that shares no word with the question is no hit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from glossator.errors import InputError

_NAME = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TOKEN = re.compile(r"[^\W\d_]+(?:[_'’][^\W\d_]+)*|\d+(?:[.,]\d+)*|[§%°µ]")


def tokens(text: str) -> list[str]:
    """Lower-case words, whole numbers with their decimals, and signs.

    >>> tokens("§ 4.2: parse_url, 2.5 mg")
    ['§', '4.2', 'parse_url', '2.5', 'mg']
    """
    return [_singular(token) for token in _TOKEN.findall(text.casefold())]


def identifiers(text: str) -> list[str]:
    """Words, and after them the parts that names of code are made of.

    >>> identifiers("parse_url or HTTPServer, 2.5")
    ['parse_url', 'or', 'httpserver', '2.5', 'parse', 'url', 'http', 'server']
    """
    names = ([part for part in _PART.findall(name) if len(part) > 1] for name in _NAME.findall(text))
    return [*tokens(text), *(_singular(part.casefold()) for parts in names if len(parts) > 1 for part in parts)]


TOKENS = {"words": tokens, "identifiers": identifiers}
"""Ways to cut a text into what is searched."""


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


class LexicalIndex:
    """A bm25s index (Lucene's variant) and the order of its passages."""

    def __init__(self, engine: Any, kind: str) -> None:
        self._engine, self._cut = engine, TOKENS[kind]

    @classmethod
    def build(cls, texts: Sequence[str], kind: str = "words") -> LexicalIndex:
        """Index texts; one that has no word is never found. Raises InputError when none has."""
        rows = [TOKENS[kind](text) for text in texts]
        if not any(rows):
            raise InputError("no passage holds a word to search for; switch retrieval.lexical off for this corpus")
        words = sorted({word for row in rows for word in row})  # bm25s numbers a set: another index in each process
        number = {word: place for place, word in enumerate(words)}
        engine = bm25s.BM25(method="lucene")
        engine.index(([[number[word] for word in row] for row in rows], number), show_progress=False)
        return cls(engine, kind)

    @classmethod
    def load(cls, folder: Path, kind: str = "words") -> LexicalIndex:
        return cls(bm25s.BM25.load(folder), kind)

    def save(self, folder: Path) -> None:
        self._engine.save(folder, show_progress=False)

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """Row and score of the best passages, best first; none with score 0."""
        words = [word for word in self._cut(question) if word in self._engine.vocab_dict]
        if not words:
            return []
        scores = self._engine.get_scores(words)
        best = np.lexsort((np.arange(len(scores)), -scores))[:k]
        return [(int(row), float(scores[row])) for row in best if scores[row] > 0]
