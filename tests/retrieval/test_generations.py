"""An index is written together, read together, and refused when its parts do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator.domain import DenseRecipe, LexicalRecipe, RetrievalRecipe
from glossator.encoding.embedding import MiniLm
from glossator.errors import BundleError
from glossator.retrieval.generations import build_index, indexed_text, load_index, read_description, update_index

from ..conftest import document, passage

DOCUMENTS = [
    document("# Iron\n\nFerritin falls before the haemoglobin does. Stores are then empty.\n", "iron", title="Iron"),
    document("# Warfarin\n\nWarfarin is monitored with the INR, weekly at first.\n", "warfarin", title="Warfarin"),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with both searches."""
    made = tmp_path_factory.mktemp("index")
    build_index(DOCUMENTS, RetrievalRecipe(chunk_tokens=32), made)
    return made


def test_an_index_answers_after_reading_with_exact_passages(folder: Path) -> None:
    retriever = load_index(folder)
    assert retriever.search("Which value falls first in iron deficiency?", 1)[0].document_id == "iron"
    assert retriever.search("INR", 1)[0].document_id == "warfarin"
    assert dict(retriever.documents) == {of.id: of for of in DOCUMENTS}
    for found in retriever.passages:
        assert retriever.documents[found.document_id].text[found.start : found.end] == found.text


def test_reading_twice_gives_the_same_answers(folder: Path) -> None:
    question = "how is it monitored"
    assert load_index(folder).search(question, 4) == load_index(folder).search(question, 4)


def test_every_part_is_in_the_folder_and_nothing_is_pickled(folder: Path) -> None:
    names = {path.name for path in folder.iterdir()}
    assert names == {"SHA256SUMS", "index.json", "passages.sqlite", "vectors.faiss", "lexical"}
    assert not [path for path in folder.rglob("*") if path.suffix in (".pkl", ".pickle", ".pt", ".bin")]


def test_the_same_documents_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build_index(DOCUMENTS, RetrievalRecipe(chunk_tokens=32), tmp_path)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_words_alone_need_no_vectors(tmp_path: Path) -> None:
    build_index(DOCUMENTS, RetrievalRecipe(dense=None, lexical=LexicalRecipe(), chunk_tokens=32), tmp_path)
    assert not (tmp_path / "vectors.faiss").exists()
    retriever = load_index(tmp_path)
    assert retriever.dense is None and retriever.embedder is None
    assert retriever.search("INR", 1)[0].document_id == "warfarin"


def test_meaning_alone_needs_no_words(tmp_path: Path) -> None:
    build_index(DOCUMENTS, RetrievalRecipe(dense=DenseRecipe(), lexical=None, chunk_tokens=32), tmp_path)
    assert not (tmp_path / "lexical").exists()
    assert load_index(tmp_path).search("checking the dose of an anticoagulant", 1)[0].document_id == "warfarin"


def test_an_index_of_another_embedder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MiniLm, "identity", {"model": "another"})
    with pytest.raises(BundleError, match=r"made with .*all-MiniLM-L6-v2.*, installed is .*another.*; build again"):
        load_index(folder)


def test_a_passage_is_searched_under_its_title() -> None:
    assert indexed_text(passage(DOCUMENTS[1], 12, 20)) == "Warfarin: Warfarin"


def test_a_long_question_is_answered_too(folder: Path) -> None:
    assert load_index(folder).search("How is warfarin monitored? " * 60, 1)


def test_an_index_of_another_format_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glossator.retrieval.generations.FORMAT", 99)
    with pytest.raises(BundleError, match="another format of indexes; build again"):
        load_index(folder)


def test_vectors_of_unchanged_text_are_taken_over_to_the_bit(folder: Path, tmp_path: Path) -> None:
    longer = [*DOCUMENTS, document("# Zinc\n\nZinc is a trace element.\n", "zinc", title="Zinc")]
    build_index(longer, RetrievalRecipe(chunk_tokens=32), _made(tmp_path / "anew"))
    build_index(longer, RetrievalRecipe(chunk_tokens=32), _made(tmp_path / "known"), folder)
    update_index(folder, longer, _made(tmp_path / "updated"))
    names = ("vectors.faiss", "passages.sqlite", "lexical/weights.npy", "lexical/terms.txt")
    for name in names:
        anew = (tmp_path / "anew" / name).read_bytes()
        assert (tmp_path / "known" / name).read_bytes() == anew
        assert (tmp_path / "updated" / name).read_bytes() == anew or name == "passages.sqlite"
    assert read_description(tmp_path / "updated")["generation"] == 2


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
