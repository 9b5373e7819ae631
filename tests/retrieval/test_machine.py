"""Whatever happens to the documents of an index, it finds what brute force finds; planted bugs are noticed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from glossator.records import EVERYTHING
from glossator.retrieval import passages
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.hybrid import Retriever
from glossator.retrieval.lexical import LexicalIndex, Said
from glossator.retrieval.passages import PassageTable

from .machine import CHECKED, Machine


@pytest.mark.slow
def test_an_index_finds_what_brute_force_finds() -> None:
    run_state_machine_as_test(Machine, settings=CHECKED)


def reused_ids(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(passages, "_TABLES", passages._TABLES.replace(" AUTOINCREMENT", ""))
    patch.setattr(PassageTable, "last_row", lambda self: 0)


def no_selector(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FaissVectors, "_within", lambda self, allowed: None)


def no_mask(patch: pytest.MonkeyPatch) -> None:
    best = Said.best
    patch.setattr(Said, "best", lambda self, k, allowed=None: best(self, k))


def no_rights_at_all(patch: pytest.MonkeyPatch) -> None:
    hits, fetch = Retriever.hits, Retriever.fetch
    patch.setattr(Retriever, "hits", lambda self, question, scope=EVERYTHING: hits(self, question))
    patch.setattr(Retriever, "fetch", lambda self, found, scope=EVERYTHING: fetch(self, found))


def vectors_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(FaissVectors, "remove", lambda self, ids: None)


def words_stay(patch: pytest.MonkeyPatch) -> None:
    changed = LexicalIndex.changed
    patch.setattr(LexicalIndex, "changed", lambda self, keep, texts: changed(self, keep | True, texts))


def rights_are_no_change(patch: pytest.MonkeyPatch) -> None:
    digest = passages.document_digest
    patch.setattr(
        "glossator.retrieval.generations.document_digest",
        lambda of: digest(replace(of, source=replace(of.source, groups=()))),
    )


BUGS: list[Callable[[pytest.MonkeyPatch], None]] = [
    reused_ids,
    no_selector,
    no_mask,
    no_rights_at_all,
    vectors_stay,
    words_stay,
    rights_are_no_change,
]


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.__name__)
def test_a_planted_bug_is_noticed(bug: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    bug(monkeypatch)
    failures: tuple[Any, ...] = (AssertionError, IndexError, RuntimeError, ValueError)
    with pytest.raises(failures):
        run_state_machine_as_test(
            Machine, settings=settings(CHECKED, max_examples=60, phases=[Phase.generate], report_multiple_bugs=False)
        )
