"""Passages are exact stretches of their document, within the limit, and nothing but headings is lost."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator import Passage, Unit
from glossator.retrieval.chunking import cut

from ..conftest import document

PIECES = st.sampled_from(
    ["Iron is low. ", "word ", "\n\n", "\n# Head\n", "§ 4.2 ", "🙂", "x" * 40, "| a | b |\n", "。", "\t"]
)
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=120)


def words(text: str) -> int:
    return len(text.split())


def passages(text: str, limit: int = 8) -> list[Passage]:
    return list(cut(document(text), limit, words))


@given(TEXTS, st.integers(1, 12))
def test_a_passage_is_its_document_at_its_offsets_and_within_the_limit(text: str, limit: int) -> None:
    for found in passages(text, limit):
        assert text[found.start : found.end] == found.text
        assert words(found.text) <= limit
        assert found.id == f"blood:{found.start}-{found.end}" and found.document_id == found.title == "blood"


@given(TEXTS, st.integers(1, 12))
def test_passages_come_in_order_and_cover_everything_but_space_and_lone_headings(text: str, limit: int) -> None:
    found = passages(text, limit)
    assert all(before.end <= after.start for before, after in pairwise(found))
    at, left = 0, []
    for start, end in [*((p.start, p.end) for p in found), (len(text), len(text))]:
        left.append(text[at:start])
        at = end
    assert re.sub(r"(?m)^#{1,6} +(.+)$", "", "\n".join(left)).strip() == ""


@given(st.text(st.characters(exclude_categories=["Zs", "Cc"]), min_size=1, max_size=100), st.integers(3, 9))
def test_a_word_longer_than_the_limit_is_cut_within(text: str, limit: int) -> None:
    found = list(cut(document(text), limit, len))
    assert all(len(p.text) <= limit for p in found)
    assert sum(len("".join(p.text.split())) for p in found) >= len("".join(text.split())) - len(text) // 2


def test_a_short_document_is_one_passage() -> None:
    (found,) = passages("Iron is low.")
    assert (found.start, found.end, found.text) == (0, 12, "Iron is low.")


@pytest.mark.parametrize("text", ["", " \n\n ", "# Head\n\n## Sub\n"])
def test_a_document_without_sentences_has_no_passage(text: str) -> None:
    assert passages(text) == []


def test_borders_fall_between_paragraphs_rather_than_within() -> None:
    assert [p.text for p in passages("One two three four.\n\nFive six seven eight nine.")] == [
        "One two three four.",
        "Five six seven eight nine.",
    ]


def test_the_locator_is_the_heading_above() -> None:
    before, first, second = "This comes before any heading.", "First text is here now.", "Second text is here now."
    found = passages(f"{before}\n\n# One\n\n{first}\n\n## Two\n\n{second}", 5)
    assert [(p.text, p.locator) for p in found] == [(before, ""), (first, "One"), (second, "Two")]


def test_a_heading_at_the_end_of_a_passage_is_not_its_locator() -> None:
    first, _ = passages("# One\n\nText of one is here and long enough.\n\n# Two\n\nText of two is here.", 12)
    assert first.locator == "One"


def test_cutting_twice_gives_the_same_passages() -> None:
    text = "Iron is low. " * 30
    assert passages(text) == passages(text)


def test_no_passage_crosses_the_border_of_a_unit_and_text_outside_is_left_out() -> None:
    text = "One two three. Four five six. Seven eight nine."
    units = (Unit(start=0, end=14, locator="lines 1-2"), Unit(start=30, end=47))
    found = list(cut(replace(document(text), units=units), 50, words))
    assert [(p.text, p.locator) for p in found] == [("One two three.", "lines 1-2"), ("Seven eight nine.", "")]


def test_a_unit_beyond_the_limit_is_cut_within_itself() -> None:
    text = "One two three. Four five six. Seven eight nine."
    found = list(cut(replace(document(text), units=(Unit(start=15, end=47, locator="x"),)), 3, words))
    assert [(p.start, p.text, p.locator) for p in found] == [
        (15, "Four five six.", "x"),
        (30, "Seven eight nine.", "x"),
    ]
