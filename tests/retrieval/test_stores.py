"""One contract for every place where vectors may stand: FAISS in the folder, Qdrant, PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator.encoding.embedding import WIDTH
from glossator.records import EVERYTHING, Document, Scope
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.generations import TABLE
from glossator.retrieval.passages import PassageTable
from glossator.retrieval.stores import open_vectors, read_vectors, write_vectors

from ..conftest import document, passage

MANY = 1_000
HOSTILE = "o'brien\"; DROP TABLE x; --:a"
"""A group that must not become a part of a query."""


def owned(place: int) -> Document:
    """One document of many: every hundredth is for `one`, every tenth for `ten`, all are for `all`."""
    groups = [name for name, every in (("one", 100), ("ten", 10), ("all", 1)) if place % every == 0]
    made = document(f"text {place}", f"d{place:04}")
    return replace(made, source=replace(made.source, groups=(*groups, HOSTILE)), labels={"parity": str(place % 2)})


@pytest.fixture
def filled(kind: str, tmp_path: Path) -> tuple[PassageTable, FaissVectors, Any]:
    """A table, its vectors in memory, and the same in a store."""
    table, vectors = PassageTable.create(tmp_path / TABLE), FaissVectors.empty(WIDTH)
    for place in range(MANY):
        table.add(owned(place), [passage(owned(place))], ["-"])
    table.delete(["d0003"])
    table.save()
    made, numbers = PassageTable.open(tmp_path / TABLE), np.random.default_rng(0).standard_normal((MANY - 1, WIDTH))
    vectors.add(made.rows(), (numbers / np.linalg.norm(numbers, axis=1, keepdims=True)).astype(np.float32))
    name = "glossator_contract"
    if kind == "faiss":
        vectors.save(tmp_path)
    else:
        write_vectors(tmp_path, kind, name, made, vectors)
    return made, vectors, open_vectors(tmp_path, kind, name, made)


def questions(vectors: FaissVectors, count: int) -> Any:
    """Vectors of length 1, each near one of those that are stored."""
    made = vectors.at(range(count)) + 0.02
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def check_alike(found: list[tuple[int, float]], expected: list[tuple[int, float]], truth: Any) -> None:
    """The same places with the same scores; those that rounding cannot tell apart may change places."""
    assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=1e-3)
    assert all(abs(truth[place] - score) < 1e-3 for place, score in found)
    assert len({place for place, _ in found}) == len(expected)


def test_every_store_finds_what_faiss_finds(filled: tuple[PassageTable, FaissVectors, Any]) -> None:
    _, vectors, store = filled
    for query in questions(vectors, 50):
        check_alike(store.search(query, 10), vectors.search(query, 10), vectors.at(range(len(vectors))) @ query)


@pytest.mark.parametrize(("group", "share"), [("one", 0.01), ("ten", 0.1), ("all", 1.0), ("nobody", 0.0)])
def test_nothing_outside_the_rights_is_found_and_all_within(
    filled: tuple[PassageTable, FaissVectors, Any], group: str, share: float
) -> None:
    table, vectors, store = filled
    allowed = table.seen(Scope(groups=frozenset({group})))
    assert allowed is not None and allowed.mean() == pytest.approx(share, abs=0.002)
    for query in questions(vectors, 10):
        found = store.search(query, 20, allowed)
        assert all(allowed[place] for place, _ in found)
        check_alike(found, vectors.search(query, 20, allowed), vectors.at(range(len(vectors))) @ query)


def test_rights_and_labels_narrow_together_and_names_are_never_part_of_a_query(
    filled: tuple[PassageTable, FaissVectors, Any],
) -> None:
    table, vectors, store = filled
    scope = Scope(groups=frozenset({"one", "ten"}), labels=frozenset({("parity", "0")}))
    allowed, query = table.seen(scope), vectors.at([7])[0]
    found = store.search(query, 30, allowed)
    check_alike(found, vectors.search(query, 30, allowed), vectors.at(range(len(vectors))) @ query)
    assert len(found) == 30 and all(place % 10 in (0, 9) for place, _ in found)
    assert len(store.search(query, 5, table.seen(Scope(groups=frozenset({HOSTILE}))))) == 5
    assert store.search(query, 5, table.seen(Scope(groups=frozenset({"x' OR '1'='1"})))) == []
    assert table.seen(EVERYTHING) is None and len(store.search(query, 5)) == 5


@pytest.mark.parametrize("kind", ["pgvector"], indirect=True)
def test_a_large_table_has_a_graph_and_finds_enough_within_a_mask(
    kind: str, filled: tuple[PassageTable, FaissVectors, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glossator.retrieval.databases.FLAT", 500)
    table, vectors, _ = filled
    write_vectors(tmp_path, kind, "glossator_large", table, vectors)
    store = open_vectors(tmp_path, kind, "glossator_large", table)
    for group in ("one", "ten", "all"):
        allowed, shared = table.seen(Scope(groups=frozenset({group}))), 0
        for query in questions(vectors, 20):
            expected = {place for place, _ in vectors.search(query, 10, allowed)}
            shared += len(expected & {place for place, _ in store.search(query, 10, allowed)})
        assert shared >= 0.9 * 20 * 10, group


def test_vectors_are_read_back_as_they_were_written(
    kind: str, filled: tuple[PassageTable, FaissVectors, Any], tmp_path: Path
) -> None:
    table, vectors, store = filled
    places = [5, 998, 0, 3]
    assert np.array_equal(store.at(places), vectors.at(places))
    again = read_vectors(tmp_path, kind, "glossator_contract", table)
    assert np.array_equal(again.ids, vectors.ids) and np.array_equal(again.at([1, 9]), vectors.at([1, 9]))
