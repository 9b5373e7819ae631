"""BM25 over words, numbers and signs such as `§`. A passage that shares no word with the question is no hit.

The score is Lucene's (Kamphuis et al. 2020, "Which BM25 do you mean?"), with k1 = 1.5 and b = 0.75, as in bm25s:
`ln(1 + (N - df + 0.5) / (df + 0.5)) * tf / (tf + k1 * (1 - b + b * length / mean length))`. What is kept are counts,
so that passages come and go without reading the others again, and the ranking is that of an index made anew.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

K1, B = 1.5, 0.75
SAMPLE = 8
"""One score in so many gives a lower bound of the k-th best; only what reaches it is sorted."""

_NAME = re.compile(r"[^\W\d]\w*")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_TOKEN = re.compile(r"[^\W\d_]+(?:[_'’][^\W\d_]+)*|\d+(?:[.,]\d+)*|[§%°µ]")
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]+")
"""Runs of scripts that put no space between words: Han, Hiragana, Katakana."""

Array = npt.NDArray[Any]


def tokens(text: str) -> list[str]:
    """Lower-case words, whole numbers with their decimals, and signs; Chinese and Japanese as pairs of characters.

    >>> tokens("§ 4.2: parse_url, 2.5 mg"), tokens("我的故乡 2")
    (['§', '4.2', 'parse_url', '2.5', 'mg'], ['我的', '的故', '故乡', '2'])
    """
    return [part for token in _TOKEN.findall(text.casefold()) for part in _words(token)]


def identifiers(text: str) -> list[str]:
    """Words, and after them the parts that names of code are made of.

    >>> identifiers("parse_url or HTTPServer, 2.5")
    ['parse_url', 'or', 'httpserver', '2.5', 'parse', 'url', 'http', 'server']
    """
    names = ([part for part in _PART.findall(name) if len(part) > 1] for name in _NAME.findall(text))
    return [*tokens(text), *(_singular(part.casefold()) for parts in names if len(parts) > 1 for part in parts)]


TOKENS = {"words": tokens, "identifiers": identifiers}
"""Ways to cut a text into what is searched."""


def _words(token: str) -> Iterable[str]:
    if token.isascii() or not _UNSPACED.search(token):
        return (_singular(token),)
    spaced = _UNSPACED.sub(lambda run: f" {' '.join(_pairs(run[0]))} ", token)
    return spaced.split()


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(max(1, len(run) - 1))]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


@dataclass(slots=True, kw_only=True)
class _Postings:
    """Which word stands how often at which place; parallel arrays, by word and then by place."""

    words: Array
    places: Array
    counts: Array

    @classmethod
    def of(cls, rows: Sequence[Sequence[str]], first: int) -> tuple[list[str], _Postings]:
        """The words of rows, which stand at `first` and after, and where they stand."""
        number: dict[str, int] = {}
        found = [
            (number.setdefault(word, len(number)), place, count)
            for place, row in enumerate(rows, first)
            for word, count in Counter(row).items()
        ]
        words, places, counts = np.array(found, dtype=np.int64).reshape(-1, 3).T
        return list(number), cls(words=words, places=places, counts=counts)

    def kept(self, keep: npt.NDArray[np.bool_]) -> _Postings:
        """Those at the places to keep, which close up."""
        here, moved = keep[self.places], np.cumsum(keep) - 1
        return _Postings(words=self.words[here], places=moved[self.places[here]], counts=self.counts[here])

    def renamed(self, names: Sequence[str], number: dict[str, int]) -> _Postings:
        """The same under other numbers of words."""
        numbers = np.array([number.get(name, -1) for name in names], dtype=np.int64)
        return _Postings(words=numbers[self.words], places=self.places, counts=self.counts)

    def ordered(self) -> _Postings:
        """The same, by word and then by place."""
        order = np.lexsort((self.places, self.words))
        return _Postings(words=self.words[order], places=self.places[order], counts=self.counts[order])


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What every passage scores for one question, by place."""

    scores: Array
    most: float
    """The sum of the inverse document frequencies of the question's words: more no passage scores."""

    def best(self, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
        """Place and score of the best passages, best first; none with score 0, none where `allowed` is false."""
        return _best(self.scores if allowed is None else self.scores * allowed, k)

    def shares(self, places: Sequence[int]) -> Array:
        """How much of the question's words some places hold, 0 to 1: of the score the share that is possible."""
        shares: Array = self.scores[np.asarray(places, dtype=np.int64)] / (self.most or 1.0)
        return shares


class LexicalIndex:
    """Postings of passages, which are known by their place."""

    def __init__(self, terms: Sequence[str], arrays: dict[str, Array], kind: str) -> None:
        self._terms, self._arrays, self._cut = terms, arrays, TOKENS[kind]
        self.kind = kind

    @classmethod
    def build(cls, texts: Sequence[str], kind: str = "words") -> LexicalIndex:
        """Index texts; one that has no word is never found."""
        nothing: dict[str, Array] = {
            "starts": np.zeros(1, np.int64),
            "places": np.zeros(0, np.int64),
            "counts": np.zeros(0, np.uint32),
        }
        empty = cls([], nothing | {"lengths": np.zeros(0, np.uint32)}, kind)
        return empty.changed(np.zeros(0, dtype=np.bool_), texts)

    def changed(self, keep: npt.NDArray[np.bool_], texts: Sequence[str]) -> LexicalIndex:
        """Without the places where `keep` is false, and with `texts` after the others: as if made anew."""
        lengths, rows = self._arrays["lengths"][keep], [self._cut(text) for text in texts]
        new_terms, new = _Postings.of(rows, len(lengths))
        old = self._postings().kept(keep)
        live = np.flatnonzero(np.bincount(old.words, minlength=len(self._terms)))
        terms = sorted({*(self._terms[word] for word in live.tolist()), *new_terms})
        number = {term: place for place, term in enumerate(terms)}
        old, new = old.renamed(self._terms, number), new.renamed(new_terms, number).ordered()
        at = np.searchsorted(old.words, new.words, side="right")  # of one word, new places are behind all old ones
        arrays: dict[str, Array] = {
            "starts": np.searchsorted(np.insert(old.words, at, new.words), np.arange(len(terms) + 1)),
            "places": np.insert(old.places, at, new.places),
            "counts": np.insert(old.counts, at, new.counts).astype(np.uint32),
            "lengths": np.concatenate([lengths, np.array(list(map(len, rows)), np.uint32)]).astype(np.uint32),
        }
        return LexicalIndex(terms, arrays, self.kind)

    @classmethod
    def load(cls, folder: Path, kind: str = "words") -> LexicalIndex:
        """Read what `save` wrote, whose hashes the caller has verified; arrays are mapped into memory."""
        terms = (folder / "terms.txt").read_text(encoding="utf-8").split("\n")[:-1]
        return cls(terms, {path.stem: np.asarray(np.load(path, mmap_mode="r")) for path in folder.glob("*.npy")}, kind)

    def save(self, folder: Path) -> None:
        """Write `terms.txt` and an array per file."""
        folder.mkdir(exist_ok=True)
        (folder / "terms.txt").write_text("".join(f"{term}\n" for term in self._terms), encoding="utf-8")
        for name, array in {**self._arrays, "weights": self._weights}.items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)

    def __len__(self) -> int:
        return len(self._arrays["lengths"])

    def search(self, question: str, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> list[tuple[int, float]]:
        """Place and score of the best passages, best first; none with score 0, none where `allowed` is false."""
        return self.ask(question).best(k, allowed)

    def ask(self, question: str) -> Said:
        """What every passage scores."""
        starts, places, weights = self._arrays["starts"], self._arrays["places"], self._weights
        asked = [self._number[word] for word in self._cut(question) if word in self._number]
        scores = np.zeros(len(self), dtype=np.float32)
        for word in asked:
            part = slice(starts[word], starts[word + 1])
            np.add.at(scores, places[part], weights[part])
        return Said(scores=scores, most=sum(_rarity(len(self), starts[word + 1] - starts[word]) for word in asked))

    def _postings(self) -> _Postings:
        words = np.repeat(np.arange(len(self._terms)), np.diff(self._arrays["starts"]))
        return _Postings(words=words, places=self._arrays["places"], counts=self._arrays["counts"])

    @cached_property
    def _number(self) -> dict[str, int]:
        return {term: place for place, term in enumerate(self._terms)}

    @cached_property
    def _weights(self) -> Array:
        if "weights" in self._arrays:
            return self._arrays["weights"]
        held, lengths = np.diff(self._arrays["starts"]), self._arrays["lengths"].astype(np.float64)
        rare = _rarity(len(self), held)
        norm = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9)) if len(lengths) else lengths
        counts = self._arrays["counts"]
        weights: Array = np.repeat(rare, held) * counts / (counts + norm[self._arrays["places"]])
        return weights.astype(np.float32)


def _rarity(passages: int, held: Any) -> Any:
    """Inverse document frequency of a word that so many passages hold."""
    return np.log1p((passages - held + 0.5) / (held + 0.5))


def _best(scores: Array, k: int) -> list[tuple[int, float]]:
    sample = scores[::SAMPLE]
    least = np.partition(sample, -k)[-k] if len(sample) > k else 0.0
    found = np.flatnonzero(scores >= least) if least > 0 else np.flatnonzero(scores)
    order = found[np.argsort(-scores[found], kind="stable")[:k]]
    return list(zip(order.tolist(), scores[order].tolist(), strict=True))
