"""The vector store stays right after deletes: no id is used twice, no deleted document answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import MetadataFilters, VectorStoreQuery

from glossator.errors import BundleError
from glossator.retrieval.dense import FaissStore

A, B, C, D = ([float(i == place) for i in range(4)] for place in range(4))


def node(name: str, vector: list[float], document: str = "") -> TextNode:
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document or name)}
    return TextNode(id_=name, embedding=vector, relationships=source)


def store(*names: str) -> FaissStore:
    """A store of nodes that each stand alone, with unit vectors A, B, C, D."""
    made = FaissStore(4)
    made.add([node(name, {"a": A, "b": B, "c": C, "d": D}[name]) for name in names])
    return made


def best(of: FaissStore, vector: list[float], k: int = 4) -> list[str]:
    return list(of.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=k)).ids or [])


def test_the_most_similar_comes_first_and_higher_is_better() -> None:
    found = store("a", "b", "c").query(VectorStoreQuery(query_embedding=[0.8, 0.6, 0.0, 0.0], similarity_top_k=3))
    assert found.ids == ["a", "b", "c"]
    assert found.similarities == pytest.approx([0.8, 0.6, 0.0])


def test_after_a_delete_a_new_node_does_not_answer_for_an_old_one() -> None:
    made = store("a", "b", "c")
    made.delete("a")
    made.add([node("d", D)])
    assert best(made, C, 1) == ["c"]
    assert best(made, D, 1) == ["d"]
    assert sorted(best(made, A)) == ["b", "c", "d"]


def test_a_deleted_document_never_answers_with_any_of_its_nodes() -> None:
    made = FaissStore(4)
    made.add([node("x1", A, "x"), node("x2", B, "x"), node("y1", C, "y")])
    made.delete("x")
    assert {name for vector in (A, B, C, D) for name in best(made, vector)} == {"y1"}


def test_ids_are_never_reused_even_after_writing_and_reading(tmp_path: Path) -> None:
    made = store("a", "b", "c")
    made.delete("c")
    made.persist(str(tmp_path))
    again = FaissStore.from_folder(tmp_path, 4)
    assert again._next == 3
    again.add([node("d", D)])
    assert sorted(again._nodes) == [0, 1, 3]
    assert best(again, D, 1) == ["d"] and "c" not in best(again, C)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    made = store("a", "b", "c")
    made.delete("b")
    made.persist(str(tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rows.json", "vectors.faiss"]
    again = FaissStore.from_folder(tmp_path, 4)
    for vector in (A, B, C):
        assert best(again, vector) == best(made, vector)


def test_a_deleted_document_may_come_back() -> None:
    made = store("a", "b")
    made.delete("a")
    made.add([node("a", A)])
    assert best(made, A, 1) == ["a"] and len(best(made, A)) == 2


def test_deleting_what_is_not_there_changes_nothing() -> None:
    made = store("a", "b")
    made.delete("nowhere")
    assert best(made, A) == ["a", "b"]


def test_asking_for_more_than_there_is_gives_all() -> None:
    assert sorted(best(store("a", "b"), A, 50)) == ["a", "b"]


def test_a_store_whose_documents_are_all_deleted_answers_nothing() -> None:
    made = store("a")
    made.delete("a")
    assert best(made, A) == []


def test_adding_nothing_changes_nothing() -> None:
    assert FaissStore(4).add([]) == []


def test_vectors_and_rows_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    store("a", "b").persist(str(tmp_path))
    rows = (tmp_path / "rows.json").read_text()
    (tmp_path / "rows.json").write_text(rows.replace(', "1": ["b", "b"]', ""))
    with pytest.raises(BundleError, match="do not belong together"):
        FaissStore.from_folder(tmp_path, 4)
    with pytest.raises(BundleError, match="do not belong together"):
        FaissStore.from_folder(tmp_path, 8)


def test_filters_are_refused_rather_than_ignored() -> None:
    query = VectorStoreQuery(query_embedding=A, similarity_top_k=1, filters=MetadataFilters(filters=[]))
    with pytest.raises(NotImplementedError, match="no metadata filters"):
        store("a").query(query)
