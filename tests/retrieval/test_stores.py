"""One contract for every place where vectors may stand: FAISS in the folder, Qdrant, PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator.domain import DenseRecipe, LexicalRecipe, RetrievalRecipe
from glossator.errors import BundleError, InputError, PluginError
from glossator.records import EVERYTHING, Document, Scope
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.embedding import WIDTH
from glossator.retrieval.generations import (
    TABLE,
    build_index,
    collection_name,
    load_index,
    read_description,
    retire_index,
    update_index,
)
from glossator.retrieval.passages import PassageTable
from glossator.retrieval.stores import open_vectors, read_vectors, write_vectors

from ..conftest import document, passage
from .postgres import NoServerError, postgres

MANY = 1_000
HOSTILE = "o'brien\"; DROP TABLE x; --:a"
"""A group that must not become a part of a query."""


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """A PostgreSQL of our own."""
    pytest.importorskip("llama_index.vector_stores.postgres", reason="the extra pgvector is not installed")
    try:
        with postgres() as found:
            yield found
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["faiss", "qdrant", "pgvector"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A kind of store whose database is there."""
    if request.param == "qdrant":
        pytest.importorskip("qdrant_client", reason="the extra qdrant is not installed")
        monkeypatch.setenv("GLOSSATOR_QDRANT", str(tmp_path / "qdrant"))
    if request.param == "pgvector":
        monkeypatch.setenv("GLOSSATOR_PGVECTOR", request.getfixturevalue("dsn"))
    return str(request.param)


in_a_database = pytest.mark.parametrize("kind", ["qdrant", "pgvector"], indirect=True)
"""Not for vectors in the folder, which are guarded by their hash."""


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


def test_vectors_are_read_back_as_they_were_written(
    kind: str, filled: tuple[PassageTable, FaissVectors, Any], tmp_path: Path
) -> None:
    table, vectors, store = filled
    places = [5, 998, 0, 3]
    assert np.array_equal(store.at(places), vectors.at(places))
    again = read_vectors(tmp_path, kind, "glossator_contract", table)
    assert np.array_equal(again.ids, vectors.ids) and np.array_equal(again.at([1, 9]), vectors.at([1, 9]))


TEXTS = {
    "iron": "Ferritin falls before the haemoglobin does. Stores are then empty.",
    "warfarin": "Warfarin is monitored with the INR, weekly at first.",
    "migraine": "A triptan is taken early in the attack of migraine.",
}


def documents(**changed: str) -> list[Document]:
    return [document(text, name) for name, text in {**TEXTS, **changed}.items() if text]


def recipe(kind: str) -> RetrievalRecipe:
    return RetrievalRecipe(dense=DenseRecipe(store=kind), lexical=LexicalRecipe(), chunk_tokens=32)  # type: ignore[arg-type]  # one of three


def built(folder: Path, kind: str, name: str = "first") -> Path:
    made = folder / name
    made.mkdir()
    build_index(documents(), recipe(kind), made)
    return made


def near(folder: Path, words: str, **scope: Any) -> list[str]:
    """Documents found by meaning alone, the nearest first."""
    found = load_index(folder).hits(words, Scope(**scope))
    retriever = load_index(folder)
    hits = sorted((hit for hit in found if hit.dense), key=lambda hit: hit.dense or (0, 0))
    return [item.document_id for item in retriever.fetch(hits, Scope(**scope))]


def test_an_index_answers_the_same_wherever_its_vectors_are(kind: str, tmp_path: Path) -> None:
    made, plain = built(tmp_path, kind), built(tmp_path, "faiss", "plain")
    assert (made / "vectors.faiss").exists() == (kind == "faiss")
    assert read_description(made)["store"] == kind
    for question in ("Which value falls first in iron deficiency?", "checking an anticoagulant", "headache"):
        assert [p.id for p in load_index(made).search(question, 3)] == [
            p.id for p in load_index(plain).search(question, 3)
        ]
    assert near(made, "headache")[0] == "migraine"


@in_a_database
def test_the_address_is_nowhere_in_the_index(kind: str, tmp_path: Path) -> None:
    made = built(tmp_path, kind)
    for path in (path for path in made.rglob("*") if path.is_file()):
        assert str(tmp_path).encode() not in path.read_bytes() and b"postgresql://" not in path.read_bytes()


def test_an_update_answers_anew_while_the_old_generation_answers_as_before(kind: str, tmp_path: Path) -> None:
    old, new = built(tmp_path, kind), tmp_path / "second"
    serving = load_index(old)
    new.mkdir()
    later = documents(iron="", warfarin="Vitamin K antagonists are watched by a blood test.", gout="Gout is urate.")
    changes = update_index(old, later, new)
    assert (changes.added, changes.updated, changes.deleted) == (("gout",), ("warfarin",), ("iron",))
    assert sorted(near(new, "ferritin")) == ["gout", "migraine", "warfarin"]
    assert near(new, "urate")[0] == "gout"
    assert near(old, "ferritin")[0] == "iron" == serving.search("ferritin stores", 1)[0].document_id
    retire_index(old)
    assert near(new, "urate")[0] == "gout"


def test_an_update_finds_what_an_index_made_anew_finds(kind: str, tmp_path: Path) -> None:
    old, new, anew = built(tmp_path, kind), tmp_path / "second", tmp_path / "anew"
    new.mkdir()
    anew.mkdir()
    later = documents(iron="", gout="Gout is urate.")
    update_index(old, later, new)
    build_index(later, recipe(kind), anew)
    for question in ("urate in the joints", "an anticoagulant", "headache"):
        assert near(new, question) == near(anew, question)


def test_an_earlier_index_gives_its_vectors(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, again = built(tmp_path, kind), tmp_path / "again"
    again.mkdir()
    monkeypatch.setattr(
        "glossator.retrieval.embedding.MiniLm._computed", lambda self, texts: np.zeros((len(texts), 384))
    )
    build_index(documents(), recipe(kind), again, known=first)
    assert (again / "SHA256SUMS").read_bytes() == (first / "SHA256SUMS").read_bytes()
    monkeypatch.undo()


@in_a_database
def test_a_collection_that_is_gone_is_refused(kind: str, tmp_path: Path) -> None:
    made = built(tmp_path, kind)
    retire_index(made)
    with pytest.raises(
        BundleError, match=f"collection {collection_name(made)} of {kind} holds 0 vectors .* build again"
    ):
        load_index(made)


@in_a_database
def test_a_collection_that_misses_a_vector_is_refused_and_built_again(kind: str, tmp_path: Path) -> None:
    made = built(tmp_path, kind)
    load_index(made).dense._store.delete("warfarin")  # type: ignore[union-attr]
    with pytest.raises(BundleError, match="holds 2 vectors and not those of the 3 passages"):
        load_index(made)
    again = built(tmp_path, kind, "again")
    assert collection_name(again) == collection_name(made)
    assert near(made, "an anticoagulant") == near(again, "an anticoagulant")


@in_a_database
def test_a_store_that_answers_with_foreign_passages_is_refused(kind: str, tmp_path: Path) -> None:
    serving = load_index(built(tmp_path, kind))
    serving.dense._rows = serving.dense._rows + 7  # type: ignore[union-attr]
    with pytest.raises(BundleError, match="passages that this index does not have"):
        serving.search("iron", 3)


@pytest.mark.parametrize(("name", "variable"), [("qdrant", "GLOSSATOR_QDRANT"), ("pgvector", "GLOSSATOR_PGVECTOR")])
def test_without_an_address_nothing_is_built(
    name: str, variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(variable, raising=False)
    with pytest.raises(InputError, match=rf"retrieval.dense.store is '{name}'.*set {variable}.*or choose store: faiss"):
        build_index(documents(), recipe(name), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llama_index.vector_stores.postgres", reason="the extra pgvector is not installed")
    monkeypatch.setenv("GLOSSATOR_PGVECTOR", f"postgresql://someone:secret@/postgres?host={tmp_path}/nowhere")
    with pytest.raises(PluginError, match="vector store 'pgvector' raised OperationalError") as raised:
        build_index(documents(), recipe("pgvector"), tmp_path)
    assert "secret" not in str(raised.value)
