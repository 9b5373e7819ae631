"""The FAISS store behind llama-index's interface stays right after deletes, and obeys or refuses a filter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from llama_index.core.schema import NodeRelationship, RelatedNodeInfo, TextNode
from llama_index.core.vector_stores.types import (
    FilterCondition,
    FilterOperator,
    MetadataFilter,
    MetadataFilters,
    VectorStoreQuery,
    VectorStoreQueryMode,
)

from glossator.errors import BundleError, InputError
from glossator.retrieval.faiss_store import FaissStore

A, B, C, D = ([float(i == place) for i in range(4)] for place in range(4))
VECTORS = {"a": A, "b": B, "c": C, "d": D}


def node(name: str, vector: list[float], document: str = "", **metadata: Any) -> TextNode:
    source = {NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document or name)}
    return TextNode(id_=name, text=f"text of {name}", embedding=vector, relationships=source, metadata=metadata)


def store(*names: str) -> FaissStore:
    """A store of nodes that each stand alone, with unit vectors A, B, C, D."""
    made = FaissStore(4)
    made.add([node(name, VECTORS[name]) for name in names])
    return made


def best(of: FaissStore, vector: list[float], k: int = 4, **more: Any) -> list[str]:
    return list(of.query(VectorStoreQuery(query_embedding=vector, similarity_top_k=k, **more)).ids or [])


def where(key: str, operator: FilterOperator, value: Any) -> MetadataFilter:
    return MetadataFilter(key=key, operator=operator, value=value)


def together(*filters: Any, condition: FilterCondition = FilterCondition.AND) -> MetadataFilters:
    return MetadataFilters(filters=list(filters), condition=condition)


def test_the_most_similar_comes_first_and_higher_is_better() -> None:
    query = VectorStoreQuery(query_embedding=[1.6, 1.2, 0.0, 0.0], similarity_top_k=3)
    found = store("a", "b", "c").query(query)
    assert found.ids == ["a", "b", "c"]
    assert found.similarities == pytest.approx([0.8, 0.6, 0.0], abs=1e-3)
    assert [n.get_content() for n in found.nodes or []] == ["text of a", "text of b", "text of c"]


def test_vectors_of_any_length_give_cosines() -> None:
    made = FaissStore(4)
    made.add([node("long", [0.0, 9.0, 0.0, 0.0]), node("short", [0.3, 0.4, 0.0, 0.0])])
    found = made.query(VectorStoreQuery(query_embedding=[0.0, 5.0, 0.0, 0.0], similarity_top_k=2))
    assert (found.ids, found.similarities) == (["long", "short"], pytest.approx([1.0, 0.8], abs=1e-3))


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


def test_a_node_that_comes_again_is_the_new_one_alone() -> None:
    made = store("a", "b")
    made.add([node("a", C)])
    assert best(made, C, 1) == ["a"] and len(best(made, A)) == 2


def test_ids_are_never_reused_even_after_writing_and_reading(tmp_path: Path) -> None:
    made = store("a", "b", "c")
    made.delete("c")
    made.persist(str(tmp_path))
    again = FaissStore.from_folder(tmp_path, 4)
    assert again._next == 3
    again.add([node("d", D)])
    assert again._vectors.ids.tolist() == [0, 1, 3]
    assert best(again, D, 1) == ["d"] and "c" not in best(again, C)


def test_what_is_written_is_read_back_with_text_and_metadata(tmp_path: Path) -> None:
    made = store("a", "b")
    made.add([node("e", C, "doc", year=2024, tags=["x"])])
    made.delete("b")
    made.persist(str(tmp_path / "vectors"))
    assert sorted(path.name for path in (tmp_path / "vectors").iterdir()) == ["rows.json", "vectors.faiss"]
    again = FaissStore.from_folder(tmp_path / "vectors", 4)
    assert all(best(again, vector) == best(made, vector) for vector in (A, B, C))
    assert again.get_nodes() == made.get_nodes()
    assert best(again, A, filters=together(where("year", FilterOperator.EQ, 2024))) == ["e"]


def test_deleting_what_is_not_there_changes_nothing() -> None:
    made = store("a", "b")
    made.delete("nowhere")
    made.delete_nodes()
    assert best(made, A) == ["a", "b"]


def test_asking_for_more_than_there_is_gives_all_and_an_empty_store_nothing() -> None:
    assert sorted(best(store("a", "b"), A, 50)) == ["a", "b"]
    made = store("a")
    made.clear()
    assert best(made, A) == [] and made.add([]) == [] and best(FaissStore(4), A) == []


def test_vectors_and_rows_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    store("a", "b").persist(str(tmp_path / "one"))
    store("c").persist(str(tmp_path / "two"))
    with pytest.raises(BundleError, match="do not belong together"):
        FaissStore.from_folder(tmp_path / "one", 8)
    (tmp_path / "two" / "rows.json").replace(tmp_path / "one" / "rows.json")
    with pytest.raises(BundleError, match="do not belong together"):
        FaissStore.from_folder(tmp_path / "one", 4)


def labelled() -> FaissStore:
    made = FaissStore(4)
    made.add(
        [
            node("a", A, "x", year=2023, tags=["dose"]),
            node("b", B, "x", year=2024, tags=["dose", "child"]),
            node("c", C, "y", year=2024),
        ]
    )
    return made


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (together(where("year", FilterOperator.EQ, 2024)), "b c"),
        (together(where("year", FilterOperator.NE, 2024)), "a"),
        (together(where("year", FilterOperator.IN, [2022, 2023])), "a"),
        (together(where("year", FilterOperator.NIN, [2022, 2023])), "b c"),
        (together(where("tags", FilterOperator.ANY, ["child", "old"])), "b"),
        (together(where("tags", FilterOperator.ALL, ["child", "dose"])), "b"),
        (together(where("tags", FilterOperator.CONTAINS, "dose")), "a b"),
        (together(where("nothing", FilterOperator.EQ, "x")), ""),
        (together(where("year", FilterOperator.EQ, 2024), where("tags", FilterOperator.ANY, ["dose"])), "b"),
        (
            together(
                where("year", FilterOperator.EQ, 2023),
                where("tags", FilterOperator.ANY, ["child"]),
                condition=FilterCondition.OR,
            ),
            "a b",
        ),
        (together(where("year", FilterOperator.EQ, 2023), condition=FilterCondition.NOT), "b c"),
        (
            together(
                where("year", FilterOperator.EQ, 2024),
                together(where("tags", FilterOperator.CONTAINS, "dose"), condition=FilterCondition.NOT),
            ),
            "c",
        ),
        (together(), "a b c"),
    ],
)
def test_a_filter_is_obeyed(filters: MetadataFilters, names: str) -> None:
    made = labelled()
    assert sorted(best(made, A, filters=filters)) == names.split()
    assert [n.node_id for n in made.get_nodes(filters=filters)] == names.split()


@pytest.mark.parametrize(
    ("operator", "value"), [(FilterOperator.TEXT_MATCH, "x"), (FilterOperator.GT, 3), (FilterOperator.IN, "2023,2024")]
)
def test_a_filter_that_is_not_known_is_refused_rather_than_ignored(operator: FilterOperator, value: Any) -> None:
    filters = together(together(where("year", operator, value), condition=FilterCondition.OR))
    with pytest.raises(InputError, match="filter on 'year'"):
        best(labelled(), A, filters=filters)
    with pytest.raises(InputError, match="filter on 'year'"):
        labelled().delete_nodes(filters=filters)


def test_nodes_and_documents_may_be_named() -> None:
    made = labelled()
    assert best(made, C, node_ids=["c", "b"]) == ["c", "b"] and len(best(made, A, node_ids=[])) == 3
    assert best(made, B, doc_ids=["x"]) == ["b", "a"]
    made.delete_nodes(["a", "b"], together(where("year", FilterOperator.EQ, 2024)))
    assert best(made, A) == ["a", "c"]


def test_another_kind_of_search_is_refused() -> None:
    query = VectorStoreQuery(query_embedding=A, query_str="a", mode=VectorStoreQueryMode.HYBRID)
    with pytest.raises(InputError, match="by vector alone, not by 'hybrid'"):
        store("a").query(query)
