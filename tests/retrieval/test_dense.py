"""Vectors stay right after deletes: no id is used twice, nothing deleted or masked is ever found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator.retrieval import dense
from glossator.retrieval.dense import FaissVectors

WIDTH = 32


def unit(count: int, seed: int = 0) -> Any:
    """Random vectors of length 1."""
    made = np.random.default_rng(seed).standard_normal((count, WIDTH)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def store(vectors: Any, first: int = 1) -> FaissVectors:
    made = FaissVectors.empty(WIDTH)
    made.add(np.arange(first, first + len(vectors)), vectors)
    return made


def nearest(vectors: Any, query: Any, k: int, allowed: Any = None) -> list[int]:
    """Brute force, over what float16 keeps of the vectors."""
    scores = vectors.astype(np.float16).astype(np.float32) @ query
    places = np.arange(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    return [int(place) for place in places[np.argsort(-scores[places], kind="stable")[:k]]]


def places(found: list[tuple[int, float]]) -> list[int]:
    return [place for place, _ in found]


def test_the_nearest_come_first_with_their_cosine() -> None:
    vectors = unit(200)
    found = store(vectors).search(vectors[7], 5)
    assert places(found) == nearest(vectors, vectors[7], 5) and found[0][0] == 7
    assert found[0][1] == pytest.approx(1.0, abs=1e-3)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_after_a_delete_the_others_keep_their_ids_and_a_new_vector_answers_for_itself() -> None:
    vectors = unit(5)
    made = store(vectors[:4])
    made.remove(np.array([1, 3]))
    made.add(np.array([5]), vectors[4:])
    assert made.ids.tolist() == [2, 4, 5]
    assert [made.search(vectors[i], 1)[0][0] for i in (1, 3, 4)] == [0, 1, 2]
    assert max(score for _, score in made.search(vectors[0], 3)) < 0.99


def test_what_is_written_is_read_back_and_can_go_on(tmp_path: Path) -> None:
    vectors = unit(30)
    store(vectors[:20]).save(tmp_path)
    mapped, again = FaissVectors.load(tmp_path), FaissVectors.load(tmp_path, writable=True)
    assert mapped.search(vectors[3], 4) == again.search(vectors[3], 4)
    again.remove(np.array([4]))
    again.add(np.arange(21, 31), vectors[20:])
    assert places(again.search(vectors[25], 1)) == [24] and len(again) == 29


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 1.0])
def test_a_mask_is_searched_within_exactly(share: float) -> None:
    vectors, allowed = unit(500), np.random.default_rng(1).random(500) < share
    made = store(vectors)
    made.remove(np.array([9]))
    rest, inside = np.delete(vectors, 8, axis=0), np.delete(allowed, 8)
    for query in unit(20, seed=2):
        assert places(made.search(query, 7, inside)) == nearest(rest, query, 7, inside)


def test_many_queries_are_answered_like_one() -> None:
    vectors, queries = unit(2_000), unit(64, seed=3)
    made = store(vectors)
    assert [places(found) for found in made.search_many(queries, 10)] == [nearest(vectors, q, 10) for q in queries]


def test_a_large_index_compares_signs_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(dense, "FLAT", 1_000)
    monkeypatch.setattr(dense, "CANDIDATES", 400)
    vectors = unit(4_000)
    store(vectors).save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["signs.faiss", "vectors.faiss"]
    made, queries = FaissVectors.load(tmp_path), vectors[:50] + 0.05 * unit(50, seed=4)
    shared = [len({*places(made.search(q, 10))} & {*nearest(vectors, q, 10)}) / 10 for q in queries]
    assert np.mean(shared) > 0.8 and all(made.search(q, 1)[0][0] == i for i, q in enumerate(queries))
    allowed = np.arange(4_000) % 7 == 0
    assert places(made.search(queries[0], 5, allowed)) == nearest(vectors, queries[0], 5, allowed)


def test_asking_for_more_than_there_is_gives_all_and_an_empty_store_nothing() -> None:
    vectors = unit(3)
    assert sorted(places(store(vectors).search(vectors[0], 50))) == [0, 1, 2]
    assert FaissVectors.empty(WIDTH).search(vectors[0], 5) == []
    emptied = store(vectors)
    emptied.remove(np.array([1, 2, 3]))
    assert emptied.search(vectors[0], 5) == [] and emptied.search_many(unit(9), 5) == [[]] * 9


def test_adding_nothing_changes_nothing() -> None:
    made = store(unit(2))
    made.add(np.zeros(0, dtype=np.int64), np.zeros((0, WIDTH), dtype=np.float32))
    assert made.ids.tolist() == [1, 2]
