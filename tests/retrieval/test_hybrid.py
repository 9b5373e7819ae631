"""Two searches, fused by rank: what both like comes first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator import Passage
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.hybrid import RRF, Retriever, fuse
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.passages import PassageTable

from ..conftest import document, passage

SUBJECTS = ("iron", "warfarin", "migraine")
PASSAGES = [passage(document(f"This text is about {word}.", word)) for word in SUBJECTS]


class Subjects:
    """An embedder that knows three subjects, and one synonym of each."""

    identity = {"model": "three subjects"}

    def embed(self, texts: list[str]) -> Any:
        also = ("ferritin", "anticoagulant", "headache")
        rows = [[float(w in text or a in text) for w, a in zip(SUBJECTS, also, strict=True)] for text in texts]
        return np.asarray(rows, dtype=np.float32) + 0.01

    def embed_long(self, texts: list[str]) -> Any:
        return self.embed(texts)


def retriever(*, dense: bool = True, lexical: bool = True) -> Retriever:
    embedder, store, table = Subjects(), FaissVectors.empty(3), PassageTable.create(Path(":memory:"))
    for item, subject in zip(PASSAGES, SUBJECTS, strict=True):
        table.add(document(item.text, subject), [item], ["-"])
    store.add(table.rows(), embedder.embed([p.text for p in PASSAGES]))
    return Retriever(
        table=table,
        embedder=embedder if dense else None,  # type: ignore[arg-type]  # the fake has what is used
        dense=store if dense else None,
        lexical=LexicalIndex.build([p.text for p in PASSAGES]) if lexical else None,
    )


def found(passages: list[Passage]) -> list[str]:
    return [p.document_id for p in passages]


def test_both_searches_together_find_words_and_meaning() -> None:
    assert found(retriever().search("warfarin", 1)) == ["warfarin"]
    assert found(retriever().search("an anticoagulant", 1)) == ["warfarin"]


def test_each_search_works_alone() -> None:
    assert found(retriever(lexical=False).search("headache", 1)) == ["migraine"]
    assert found(retriever(dense=False).search("migraine", 3)) == ["migraine"]


def test_by_words_alone_a_question_without_shared_words_finds_nothing() -> None:
    assert retriever(dense=False).search("headache", 3) == []


def test_a_hit_carries_its_score_and_leaves_the_index_untouched() -> None:
    hits = retriever().search("iron", 3)
    scores = [p.score for p in hits]
    assert scores == sorted(scores, key=lambda score: -(score or 0)) and None not in scores
    assert all(p.score is None for p in PASSAGES)


@pytest.mark.parametrize("k", [1, 2, 3, 50])
def test_no_more_passages_than_asked_for(k: int) -> None:
    assert len(retriever().search("iron and warfarin", k)) == min(k, 3)


def test_what_both_rankings_like_comes_before_what_one_does() -> None:
    assert [row for row, _ in fuse([[5, 1, 2], [1, 7]])] == [1, 5, 7, 2]
    assert fuse([[4]]) == [(4, 1 / (RRF + 1))]
    assert fuse([]) == []


@given(st.lists(st.lists(st.integers(0, 9), unique=True), max_size=3))
def test_fusing_keeps_every_row_once_with_the_best_first(rankings: list[list[int]]) -> None:
    fused = fuse(rankings)
    assert {row for row, _ in fused} == {row for ranking in rankings for row in ranking}
    assert len({row for row, _ in fused}) == len(fused)
    assert fused == sorted(fused, key=lambda item: (-item[1], item[0]))


def test_a_question_far_from_everything_finds_nothing() -> None:
    near = retriever().search("ferritin", 3, floor=0.5)
    assert found(near) == found(retriever().search("ferritin", 3)) != []
    assert retriever().search("ferritin", 3, floor=1.5) == []


def test_words_alone_know_no_floor() -> None:
    assert retriever(dense=False).search(SUBJECTS[0], 3, floor=0.9) != []
