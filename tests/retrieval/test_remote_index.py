"""An index whose vectors stand in a database answers, changes and is refused like any other."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator.domain import DenseRecipe, LexicalRecipe, RetrievalRecipe
from glossator.errors import BundleError, InputError, NotInstalledError, PluginError
from glossator.records import Document, Scope
from glossator.retrieval.generations import (
    build_index,
    collection_name,
    load_index,
    read_description,
    retire_index,
    update_index,
)

from ..conftest import document

in_a_database = pytest.mark.parametrize("kind", ["qdrant", "pgvector"], indirect=True)
"""Not for vectors in the folder, which are guarded by their hash."""


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
    retriever = load_index(folder)
    hits = [hit for hit in retriever.hits(words, Scope(**scope)) if hit.dense_rank]
    hits.sort(key=lambda hit: hit.dense_rank or 0)
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
        "glossator.encoding.embedding.MiniLm.embed_fixed", lambda self, texts: np.zeros((len(texts), 384))
    )
    build_index(documents(), recipe(kind), again, known=first)
    assert (again / "SHA256SUMS").read_bytes() == (first / "SHA256SUMS").read_bytes()
    monkeypatch.undo()


def test_an_index_of_nothing_answers_nothing(kind: str, tmp_path: Path) -> None:
    build_index([], recipe(kind), tmp_path)
    assert load_index(tmp_path).search("iron", 3) == []


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


@pytest.mark.parametrize(("name", "module"), [("qdrant", "qdrant_client"), ("pgvector", "asyncpg")])
def test_a_missing_extra_is_named(name: str, module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"GLOSSATOR_{name.upper()}", str(tmp_path))
    for loaded in [loaded for loaded in sys.modules if loaded.startswith(f"llama_index.vector_stores.{name}")]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(NotInstalledError, match=rf"{module} is not installed: pip install 'glossator\[{name}\]'"):
        build_index(documents(), recipe(name), tmp_path)


def test_a_database_that_does_not_answer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llama_index.vector_stores.postgres", reason="the extra pgvector is not installed")
    monkeypatch.setenv("GLOSSATOR_PGVECTOR", f"postgresql://someone:secret@/postgres?host={tmp_path}/nowhere")
    assert recipe("pgvector").in_folder() == recipe("faiss")
    with pytest.raises(PluginError, match="vector store 'pgvector' raised OperationalError") as raised:
        build_index(documents(), recipe("pgvector"), tmp_path)
    assert "secret" not in str(raised.value)
