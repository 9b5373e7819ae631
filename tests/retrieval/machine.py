"""A state machine over an index: whatever happens to its documents, it finds what brute force finds.

The model is a dictionary of documents. Every change writes the next generation and opens it. Runs and steps come from
the environment (GLOSSATOR_RUNS, GLOSSATOR_STEPS), so that one test serves every day and the night.
"""

from __future__ import annotations

import hashlib
import math
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from glossator import Document
from glossator.domain import RetrievalRecipe
from glossator.errors import BundleError
from glossator.records import Scope
from glossator.retrieval import generations
from glossator.retrieval.chunking import cut
from glossator.retrieval.generations import build_index, indexed_text, load_index, update_index
from glossator.retrieval.lexical import K1, B, tokens

from ..conftest import document

RUNS, STEPS = int(os.environ.get("GLOSSATOR_RUNS", "25")), int(os.environ.get("GLOSSATOR_STEPS", "50"))
NAMES = ("a", "b", "c", "d", "e")
WORDS = ("iron", "zinc", "dose", "§", "4.2", "lease", "the")
GROUPS = ("doctors", "nurses")
RECIPE = RetrievalRecipe(chunk_tokens=16)

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=40).map(" ".join)
groups = st.lists(st.sampled_from(GROUPS), max_size=2, unique=True).map(tuple)
years = st.sampled_from(({}, {"year": "1"}, {"year": "2"}))
scopes = st.builds(
    Scope,
    groups=st.none() | st.frozensets(st.sampled_from((*GROUPS, "guests"))),
    labels=st.sampled_from((frozenset(), frozenset({("year", "1")}))),
)


class Hashed:
    """An embedder that needs no model: the vector of a text is drawn by its hash."""

    def __init__(self, name: str = "one") -> None:
        self.identity = {"model": name}

    def count(self, text: str) -> int:
        return len(text.split())

    def embed(self, texts: list[str]) -> Any:
        rows = [np.random.default_rng(self._seed(text)).standard_normal(384) for text in texts]
        made = np.array(rows, dtype=np.float32).reshape(-1, 384)
        return made / np.linalg.norm(made, axis=1, keepdims=True)

    embed_long = embed_fixed = embed

    def _seed(self, text: str) -> list[int]:
        return list(hashlib.sha256(f"{self.identity['model']}{text}".encode()).digest())


class Machine(RuleBasedStateMachine):
    """Add, update, delete, change rights, embed anew, kill, reload, search."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="glossator-machine-"))
        self.patch = pytest.MonkeyPatch()
        self.embedder, self.documents, self.count = Hashed(), {}, 0
        self.given: dict[int, str] = {}
        self.patch.setattr(generations, "load_embedder", lambda _: self.embedder)

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.home)

    @initialize(text=texts)
    def begin(self, text: str) -> None:
        self.documents["a"] = document(text, "a")
        self._anew()

    @rule(name=st.sampled_from(NAMES), text=texts, readers=groups, labels=years)
    def put(self, name: str, text: str, readers: tuple[str, ...], labels: dict[str, str]) -> None:
        self._change(name, _made(name, text, readers, labels))

    @rule(name=st.sampled_from(NAMES), readers=groups)
    def change_rights(self, name: str, readers: tuple[str, ...]) -> None:
        if name in self.documents:
            old = self.documents[name]
            self._change(name, replace(old, source=replace(old.source, groups=readers)))

    @precondition(lambda self: len(self.documents) > 1)
    @rule(name=st.sampled_from(NAMES))
    def delete(self, name: str) -> None:
        if name in self.documents and len(self.documents) > 1:
            self._change(name, None)

    @rule(name=st.sampled_from(("one", "two")))
    def embed_anew(self, name: str) -> None:
        """Another embedder makes the old generation unreadable and needs a new index."""
        changed, self.embedder = name != self.embedder.identity["model"], Hashed(name)
        if changed:
            with pytest.raises(BundleError, match="build again"):
                load_index(self.folder)
            self._anew()

    @rule(name=st.sampled_from(NAMES), text=texts, left=st.integers(0, 5))
    def killed(self, name: str, text: str, left: int) -> None:
        """An update that dies leaves a folder that nobody reads, and the old generation answers."""
        unfinished = self.home / "unfinished"
        unfinished.mkdir()
        update_index(self.folder, [*self.documents.values(), document(text, f"{name}-never")], unfinished)
        for path in sorted(path for path in unfinished.rglob("*") if path.is_file())[left:]:
            path.unlink()
        with pytest.raises(BundleError):
            load_index(unfinished)
        shutil.rmtree(unfinished)

    @rule()
    def reload(self) -> None:
        self.index = load_index(self.folder)

    @rule(question=texts, scope=scopes)
    def search(self, question: str, scope: Scope) -> None:
        expected = self._brute(question, scope)
        hits = self.index.hits(question, scope)
        found = self.index.fetch(hits, scope)
        assert {p.id: p.text for p in found} == {p.id: p.text for p, _ in expected}
        assert [hit.score for hit in hits] == pytest.approx([score for _, score in expected], abs=2e-3)

    @invariant()
    def the_parts_belong_together(self) -> None:
        if self.count:
            rows = self.index.table.rows()
            assert self.index.dense.ids.tolist() == rows.tolist() and len(self.index.lexical) == len(rows)  # type: ignore[union-attr]
            assert dict(self.index.documents) == self.documents

    def _change(self, name: str, wanted: Document | None) -> None:
        self.documents.pop(name, None)
        if wanted is not None:
            self.documents[name] = wanted
        folder = self._next()
        update_index(self.folder, list(self.documents.values()), folder)
        self._open(folder)

    def _anew(self) -> None:
        self.given = {}
        folder = self._next()
        build_index(list(self.documents.values()), RECIPE, folder)
        self._open(folder)

    def _next(self) -> Path:
        folder = self.home / str(self.count)
        folder.mkdir()
        self.count += 1
        return folder

    def _open(self, folder: Path) -> None:
        self.folder, self.index = folder, load_index(folder)
        for row, passage in zip(self.index.table.rows().tolist(), self.index.passages, strict=True):
            name = f"{self.index.documents[passage.document_id].source.sha256}/{passage.id}"
            assert self.given.setdefault(row, name) == name, f"row {row} was given twice"

    def _brute(self, question: str, scope: Scope) -> list[tuple[Any, float]]:
        """Every passage that may be seen, with its score by the formulas of the books."""
        passages = [(d, p) for d in self.documents.values() for p in cut(d, RECIPE.chunk_tokens, self.embedder.count)]
        bags = [Counter(tokens(indexed_text(p))) for _, p in passages]
        held = Counter(word for bag in bags for word in bag)
        mean = sum(sum(bag.values()) for bag in bags) / max(1, len(bags))
        rare = {word: math.log(1 + (len(bags) - n + 0.5) / (n + 0.5)) for word, n in held.items()}
        asked = [word for word in tokens(question) if word in held]
        most = sum(rare[word] for word in asked) or 1.0
        cosines = self.embedder.embed([indexed_text(p) for _, p in passages]) @ self.embedder.embed([question])[0]
        scored = []
        for (of, passage), bag, cosine in zip(passages, bags, cosines, strict=True):
            norm = K1 * (1 - B + B * sum(bag.values()) / mean)
            share = sum(rare[word] * bag[word] / (bag[word] + norm) for word in asked) / most
            if scope.sees(of.source.groups, of.labels.items()):
                scored.append((passage, float(cosine) + 0.5 * share))
        return sorted(scored, key=lambda item: -item[1])[:50]


def _made(name: str, text: str, readers: tuple[str, ...], labels: dict[str, str]) -> Document:
    made = document(text, name)
    return replace(made, source=replace(made.source, groups=readers), labels=labels)


CHECKED = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
    database=None,
)
