"""What the benchmarks share: one thread, a corpus that is always the same, a free embedder, CPU time, the verdict.

A ratio is the peer's time over ours, both taken in one run, in turns; a failed gate voids it.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ[_name] = "1"  # before the first import of a library that computes
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import gc
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from glossator import Document, Source
from glossator.domain import RetrievalRecipe
from glossator.records import Passage
from glossator.retrieval import generations
from glossator.retrieval.generations import indexed_text, load_index

VOCABULARY, PER_DOCUMENT, WORDS = 20_000, 8, 40
CLOSE = 1e-4
"""Scores that differ by less are a tie: our vectors are kept in float16."""
DENSE = RetrievalRecipe(lexical=None, rerank=None, chunk_tokens=50)
"""Search by meaning alone, which is what the peers do; a paragraph of WORDS words is one passage."""

Work = Callable[[], Any]


class Hashed:
    """An embedder that costs nothing: the vector of a text is drawn by its hash, once."""

    identity = {"model": "hash"}

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def count(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: Sequence[str]) -> Any:
        return np.array([self.one(text) for text in texts], dtype=np.float32).reshape(-1, 384)

    embed_long = embed_fixed = embed

    @property
    def drawn(self) -> int:
        """How many vectors were drawn so far."""
        return len(self._known)

    def one(self, text: str) -> Any:
        if text not in self._known:
            seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
            drawn = np.random.default_rng(seed).standard_normal(384, dtype=np.float32)
            self._known[text] = drawn / np.linalg.norm(drawn)
        return self._known[text]


def use_hashes() -> Hashed:
    """Put the free embedder in the place of the real one."""
    embedder = Hashed()
    generations.load_embedder = lambda _: embedder  # type: ignore[assignment, return-value]
    return embedder


def word(number: int) -> str:
    """The name of a word: syllables.

    >>> word(0), word(19_999)
    ('baba', 'bocuzu')
    """
    syllables = [c + v for c in "bcdfghklmnprstvz" for v in "aeiou"]
    high, low = divmod(number, len(syllables))
    return word(high) + syllables[low] if high >= len(syllables) else syllables[high] + syllables[low]


def texts(count: int, words: int = WORDS, seed: int = 0) -> list[str]:
    """Texts of words whose frequency falls as 1 / rank, always the same."""
    names = np.array([word(number) for number in range(VOCABULARY)])
    share = 1 / np.arange(1, VOCABULARY + 1)
    drawn = np.random.default_rng(seed).choice(VOCABULARY, size=(count, words), p=share / share.sum())
    return [" ".join(row) + "." for row in names[drawn].tolist()]


def documents(
    chunks: int, groups: Callable[[int], tuple[str, ...]] = lambda _: (), words: int = WORDS
) -> list[Document]:
    """Documents of PER_DOCUMENT paragraphs each, `chunks` paragraphs in all."""
    rows = texts(chunks, words)
    starts = range(0, chunks, PER_DOCUMENT)
    return [document(f"d{i}", rows[at : at + PER_DOCUMENT], groups(i)) for i, at in enumerate(starts)]


def document(name: str, paragraphs: Sequence[str], groups: tuple[str, ...] = ()) -> Document:
    text = "\n\n".join(paragraphs)
    source = Source(url="-", licence="CC0-1.0", sha256=hashlib.sha256(text.encode()).hexdigest(), groups=groups)
    return Document(id=name, title=name, text=text, family=name, source=source)


def llama_embedder(embed: Callable[[Sequence[str]], Any]) -> Any:
    """An embedder as llama-index wants it."""
    from llama_index.core.base.embeddings.base import BaseEmbedding

    class Given(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return embed([text])[0].tolist()

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embed(texts).tolist()

        _get_query_embedding = _get_text_embedding

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return Given()


def llama_nodes(passages: Iterable[Passage], vectors: Any) -> list[Any]:
    """Our passages as nodes that carry their vectors."""
    from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode

    return [
        TextNode(
            id_=passage.id,
            text=indexed_text(passage),
            embedding=vector,
            relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=passage.document_id)},
        )
        for passage, vector in zip(passages, vectors.tolist(), strict=True)
    ]


def llama_persist(index: Any, folder: Path) -> None:
    """The files that `persist` writes for the default store; the vectors by `json`, which is ten times as fast."""
    context = index.storage_context
    folder.mkdir(parents=True)
    context.docstore.persist(str(folder / "docstore.json"))
    context.index_store.persist(str(folder / "index_store.json"))
    (folder / "graph_store.json").write_text(json.dumps(context.graph_store.to_dict()), encoding="utf-8")
    for name, store in context.vector_stores.items():
        (folder / f"{name}__vector_store.json").write_text(json.dumps(vars(store.data)), encoding="utf-8")


def cpu(work: Work) -> float:
    """CPU seconds of this process, without the garbage collector (as timeit does, which favours the one with more)."""
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        work()
        return time.process_time() - start
    finally:
        gc.enable()


def child(*arguments: str) -> tuple[float, float, str]:
    """CPU seconds, wall seconds and output of a Python process of its own."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall, done.stdout


def in_turns(*works: Work, repetitions: int = 3) -> list[list[float]]:
    """CPU seconds of each work, a row per work, taken in turns."""
    return [list(row) for row in zip(*([cpu(work) for work in works] for _ in range(repetitions)), strict=True)]


def same_ranking(ours: Sequence[float], theirs: Sequence[float]) -> bool:
    """The same hits, ties aside: at each rank the same true score."""
    return len(ours) == len(theirs) and bool(np.all(np.abs(np.subtract(ours, theirs)) <= CLOSE))


def verdict(
    name: str, peer: str, theirs: Sequence[float], ours: Sequence[float], wrong: str = "", per: int = 1
) -> bool:
    """Print what was measured; false when the gate failed. `per`: how many of them one time is of."""
    ratios = [their / our for their, our in zip(theirs, ours, strict=True)]
    one = [f"{statistics.median(times) / per * 1000:.3g} ms" for times in (theirs, ours)]
    once = " (1 repetition: the peer takes more than a minute)" if len(ratios) == 1 else ""
    print(f"{name}: peer {peer}, {one[0]} against {one[1]}{once}")
    gate = f"FAILED {wrong}" if wrong else "ok"
    print(f"ratio={statistics.median(ratios):.2f} [{min(ratios):.2f},{max(ratios):.2f}] gate={gate}", flush=True)
    return not wrong


def release(package: str) -> str:
    """Name and version of an installed package."""
    return f"{package} {version(package)}"


def open_index(folder: Path) -> Any:
    """Our index in a folder, hashes verified."""
    return load_index(folder)
