"""Citations that stand beside an answer, by offset."""

from __future__ import annotations

import pytest

from glossator.citations.annotated import Annotation, read_annotated

from ..conftest import ABSTENTION
from .judges import shown

PASSAGES = shown("A B", "B C")


def mark(text: str, words: str, name: str = "p1") -> Annotation:
    start = text.index(words)
    return Annotation(start=start, end=start + len(words), passage_id=name)


@pytest.mark.parametrize(
    ("text", "words", "claim"),
    [
        ("Iron falls first. Zinc rises.", "Iron falls first.", "Iron falls first."),
        ("Iron falls first [1]. Zinc rises.", "[1]", "Iron falls first ."),
        ("Iron falls first 【4:0†blood.pdf】. Zinc rises.", "【4:0†blood.pdf】", "Iron falls first ."),
        ("Iron falls ([site](https://a.org/x)). Zinc rises.", "([site](https://a.org/x))", "Iron falls ."),
    ],
)
def test_a_place_that_is_only_a_marker_is_no_claim(text: str, words: str, claim: str) -> None:
    read = read_annotated(text, [mark(text, words)], PASSAGES, ABSTENTION)
    first, second = read.statements
    assert (first.claim, first.citations, second.citations) == (claim, (0,), ())
    assert text[read.citations[0].answer_start : read.citations[0].answer_end] == words


def test_a_point_belongs_to_the_statement_before_it_and_an_unknown_source_is_kept() -> None:
    text = "Iron falls first. Zinc rises."
    after = text.index(".") + 1
    points = [
        Annotation(start=after, end=after, passage_id="p2"),
        Annotation(start=len(text), end=len(text), passage_id="gone"),
    ]
    read = read_annotated(text, points, PASSAGES, ABSTENTION)
    assert [statement.citations for statement in read.statements] == [(0,), (1,)]
    assert [citation.passage_id for citation in read.citations] == ["p2", None]


def test_two_citations_of_one_place_take_it_out_once() -> None:
    text = "Iron falls first [1]. Zinc rises."
    read = read_annotated(text, [mark(text, "[1]"), mark(text, "[1]", "p2")], PASSAGES, ABSTENTION)
    assert read.statements[0].claim == "Iron falls first ." and read.statements[0].citations == (0, 1)


def test_without_statements_there_is_nothing_to_own() -> None:
    assert read_annotated("", [], PASSAGES, ABSTENTION).statements == ()
