"""Two searches, summed: what is near and shares rare words comes first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator import Passage
from glossator.domain import RerankRecipe
from glossator.encoding.embedding import load_embedder
from glossator.records import EVERYTHING, Scope
from glossator.retrieval.dense import FaissVectors
from glossator.retrieval.hybrid import WORDS, Retriever
from glossator.retrieval.lexical import LexicalIndex
from glossator.retrieval.passages import PassageTable

from ..conftest import document, holding, passage

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


def test_a_score_is_the_cosine_and_half_of_the_share_of_words() -> None:
    best = retriever().hits("warfarin")[0]
    assert best.cosine is not None and best.share is not None
    assert best.score == pytest.approx(best.cosine + WORDS * best.share)
    assert 0 < best.share < 1  # even a word found once is not all that a word can score
    assert (best.dense_rank, best.lexical_rank) == (1, 1)
    by_words = retriever(dense=False).hits("warfarin")[0]
    assert by_words.cosine is None and by_words.score == pytest.approx(WORDS * (by_words.share or 0))


def test_hits_stand_by_score_and_carry_what_found_them() -> None:
    hits = retriever().hits("an anticoagulant or iron")
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert sorted(hit.dense_rank or 0 for hit in hits) == [1, 2, 3]
    assert [hit.lexical_rank for hit in hits if hit.lexical_rank] == [1]


def test_the_score_of_every_passage_is_that_of_its_hit() -> None:
    index = retriever()
    scores = index.scores("warfarin for iron")
    assert {hit.row: pytest.approx(hit.score) for hit in index.hits("warfarin for iron")} == {
        place + 1: pytest.approx(score) for place, score in enumerate(scores)
    }


def test_an_answer_that_is_unlikely_to_be_there_is_not_looked_for() -> None:
    index = retriever()
    assert index.search("This text is about warfarin.", 3, evidence=0.5) != []
    assert index.search("How does the garbage collector of Java work?", 3, evidence=0.5) == []
    assert index.search("How does the garbage collector of Java work?", 3) != []


def copied(texts: list[tuple[str, str]]) -> Retriever:
    """An index of texts by document, over the real embedder."""
    table, embedder, vectors = PassageTable.create(Path(":memory:")), load_embedder("minilm"), FaissVectors.empty(384)
    for name, text in texts:
        of = document(text, name)
        table.add(of, [passage(of)], ["-"])
    vectors.add(table.rows(), embedder.embed([text for _, text in texts]))
    return Retriever(table=table, embedder=embedder, dense=vectors, lexical=LexicalIndex.build([t for _, t in texts]))


def test_a_text_copied_into_other_documents_takes_one_place() -> None:
    lie = "Which value falls first in iron deficiency? The value that falls first is the platelet count."
    truth = ("iron", "Ferritin falls before the haemoglobin does, because the stores are emptied first.")
    index = copied([*((f"spam-{n}", f"{lie} {extra}") for n, extra in enumerate(["", "Yes.", "So it is."])), truth])
    shown = index.search("Which value falls first in iron deficiency?", 4)
    assert found(shown) == ["spam-0", "iron"]
    hits = index.hits("Which value falls first in iron deficiency?")
    assert [hit.twin for hit in hits if hit.row != 4].count(None) == 1


def cut_in_many(documents: dict[str, list[str]]) -> Retriever:
    """An index of documents, each cut into the texts given, over the real embedder."""
    table, embedder, vectors = PassageTable.create(Path(":memory:")), load_embedder("minilm"), FaissVectors.empty(384)
    for name, texts in documents.items():
        of = document(" ".join(texts), name)
        table.add(of, [holding(of, text) for text in texts], ["-"] * len(texts))
    texts = [text for parts in documents.values() for text in parts]
    vectors.add(table.rows(), embedder.embed(texts))
    return Retriever(table=table, embedder=embedder, dense=vectors, lexical=LexicalIndex.build(texts))


ASKED = "Which value falls first in iron deficiency?"
TRUTH = "Ferritin falls before the haemoglobin does, because the stores are emptied first."


@pytest.mark.parametrize(
    "reranking", [None, RerankRecipe(), RerankRecipe(show="sentences")], ids=["found", "passages", "sentences"]
)
def test_a_document_that_fills_every_place_leaves_some_when_it_is_bounded(reranking: RerankRecipe | None) -> None:
    lies = [f"Which value falls first in iron deficiency ({n})? In iron deficiency platelets fall." for n in range(130)]
    index = cut_in_many({"spam": lies, "iron": [TRUTH], "metals": ["Iron is a metal.", "Iron rusts."]})
    assert found(index.search(ASKED, 4, reranking=reranking)) == ["spam"] * 4
    bounded = found(index.search(ASKED, 4, reranking=reranking, per_document=2))
    assert bounded.count("spam") <= 2 and "iron" in bounded and len(bounded) == 4
    assert len(found(index.search(ASKED, 4, reranking=reranking, per_document=1))) == 3
    assert {passage.document_id for _, passage in index.explain(ASKED, 9, per_document=1).hits} >= {"iron", "metals"}


def test_what_is_left_out_of_a_document_hides_no_other() -> None:
    copies = [f"{ASKED} Platelets.", f"{ASKED} Platelets!", f"{TRUTH} So ferritin falls first in iron deficiency."]
    index = cut_in_many({"spam": copies, "iron": [TRUTH]})
    assert "iron" not in found(index.search(ASKED, 4))
    assert found(index.search(ASKED, 4, per_document=2)) == ["spam", "spam", "iron"]


def test_a_bound_that_nothing_reaches_changes_nothing() -> None:
    index = cut_in_many({"iron": ["Iron is a metal.", "Iron rusts.", TRUTH], "salt": ["Salt is no metal."]})
    assert index.search(ASKED, 4, per_document=3) == index.search(ASKED, 4)
    assert index.hits(ASKED, per_document=3) == index.hits(ASKED)


def test_what_a_document_says_twice_is_no_copy() -> None:
    table, embedder, vectors = PassageTable.create(Path(":memory:")), load_embedder("minilm"), FaissVectors.empty(384)
    of = document("Ferritin falls first. Ferritin falls first!", "iron")
    table.add(of, [passage(of, 0, 21), passage(of, 22, 43)], ["-", "-"])
    vectors.add(table.rows(), embedder.embed(["Ferritin falls first.", "Ferritin falls first!"]))
    index = Retriever(table=table, embedder=embedder, dense=vectors, lexical=None)
    assert len(index.search("What falls first?", 4)) == 2


def test_who_may_not_read_a_document_finds_nothing_of_it() -> None:
    table, texts = PassageTable.create(Path(":memory:")), ["The code of the safe is 4711.", "The safe is blue."]
    for name, text, groups in zip("ab", texts, [("board",), ()], strict=True):
        of = document(text, name)
        of = replace(of, source=replace(of.source, groups=groups), labels={"year": name})
        table.add(of, [passage(of)], ["-"])
    index = Retriever(table=table, embedder=None, dense=None, lexical=LexicalIndex.build(texts))
    for scope, names in (
        (EVERYTHING, ["a", "b"]),
        (Scope(groups=frozenset({"board"})), ["a", "b"]),
        (Scope(groups=frozenset({"staff"})), ["b"]),
        (Scope(groups=frozenset()), ["b"]),
        (Scope(labels=frozenset({("year", "a")})), ["a"]),
        (Scope(labels=frozenset({("year", "c")})), []),
    ):
        assert sorted(found(index.search("safe", 5, scope=scope))) == names
        assert sorted(found(index.fetch(index.hits("safe"), scope))) == names  # whoever found it
