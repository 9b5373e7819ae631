"""An answer is read as it stands: nothing is dropped, nothing repaired."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.citations.read import is_abstention, locate

from ..conftest import ABSTENTION, document, holding, passage, read, takes_linear_time

BLOOD = document("# Blood\n\nFerritin falls first. Stores are then empty. Ferritin is cheap to measure.")
DRUGS = document("Warfarin is monitored with the INR.", "drugs")
FIRST, SECOND = "Ferritin falls first.", "Stores are then empty."
SHOWN = passage(BLOOD, 9), passage(DRUGS)


def test_a_quote_is_found_at_its_place_in_the_document() -> None:
    (citation,) = read(f"“{SECOND}” [1]", *SHOWN).citations
    assert citation.span is not None
    assert BLOOD.text[citation.span.start : citation.span.end] == citation.quote == SECOND
    assert (citation.marker, citation.passage_id) == ("[1]", SHOWN[0].id)


def test_a_citation_without_quote_spans_its_whole_passage() -> None:
    (citation,) = read("Ferritin falls first [1].", *SHOWN).citations
    assert citation.span == SHOWN[0].span and citation.quote is None


def test_offsets_point_at_the_marker_and_the_statement() -> None:
    answer = read("Iron is low. [1] Warfarin is monitored [2].", *SHOWN)
    assert [answer.text[c.answer_start : c.answer_end] for c in answer.citations] == ["[1]", "[2]"]
    assert [answer.text[s.start : s.end] for s in answer.statements] == [s.text for s in answer.statements]
    assert [statement.citations for statement in answer.statements] == [(0,), (1,)]


@pytest.mark.parametrize("marker", ["[0]", "[3]", "[9999]"])
def test_a_marker_that_names_nothing_shown_is_kept_and_points_nowhere(marker: str) -> None:
    (citation,) = read(f"Iron is low {marker}.", *SHOWN).citations
    assert (citation.marker, citation.passage_id, citation.span, citation.quote) == (marker, None, None, None)


def test_every_number_of_a_marker_is_a_citation() -> None:
    answer = read("Iron is low [1-3, 2].", *SHOWN)
    assert [c.passage_id for c in answer.citations] == [SHOWN[0].id, SHOWN[1].id, None, SHOWN[1].id]


@pytest.mark.parametrize(
    ("text", "misquoted"),
    [
        (f"“{FIRST}” [1]", False),
        ("“Ferritin falls last.” [1]", True),
        (f"“{FIRST}” [2]", True),
        (f"“{FIRST}”", True),
        ("“” [1] is empty", False),
        ("Ferritin falls first [1].", False),
        (f"“{FIRST}” [2][1]", False),
    ],
)
def test_words_in_quotation_marks_must_stand_in_a_cited_passage(text: str, misquoted: bool) -> None:
    assert [statement.misquoted for statement in read(text, *SHOWN).statements] == [misquoted]


@pytest.mark.parametrize("text", [f"“{FIRST}” and “{SECOND}” [1]", f"“{FIRST}” [1] and also “{SECOND}” [1]"])
def test_two_exact_quotes_of_one_statement_are_both_exact(text: str) -> None:
    assert not any(statement.misquoted for statement in read(text, *SHOWN).statements)


def test_each_marker_points_at_the_quote_before_it() -> None:
    answer = read(f"“{FIRST}” [1] and also “{SECOND}” [1]", *SHOWN)
    assert [citation.quote for citation in answer.citations] == [FIRST, SECOND]


@pytest.mark.parametrize("text", [ABSTENTION, ABSTENTION.upper(), f"  {ABSTENTION.replace(' ', chr(10))} "])
def test_the_abstention_is_known_apart_from_case_and_space(text: str) -> None:
    answer = read(text, *SHOWN)
    assert answer.abstained and answer.statements == () and answer.citations == ()


@pytest.mark.parametrize("text", ["", "I do not know.", f"{ABSTENTION} [1]", f"{ABSTENTION} Iron is low [1]."])
def test_nothing_else_is_an_abstention(text: str) -> None:
    assert not is_abstention(text, ABSTENTION)
    assert not read(text, *SHOWN).abstained


def test_without_a_sentence_of_abstention_an_empty_answer_is_none() -> None:
    assert not is_abstention(" ", "")


def test_what_was_shown_stays_with_the_answer_in_order() -> None:
    assert read("", *SHOWN).passages == SHOWN


def test_locate_finds_exact_words_only() -> None:
    inner = holding(BLOOD, "Stores are then empty.")
    assert locate("then", inner) == holding(BLOOD, "then").span
    assert locate("Then", inner) is None and locate("", inner) is None and locate(FIRST, inner) is None


@given(st.text(st.sampled_from("aF. [12]“”`\n"), max_size=50) | st.text(max_size=50))
def test_any_text_is_read_and_every_quote_is_true(text: str) -> None:
    answer = read(text, *SHOWN)
    texts = {BLOOD.id: BLOOD.text, DRUGS.id: DRUGS.text}
    for citation in answer.citations:
        assert 0 <= citation.answer_start < citation.answer_end <= len(text)
        if citation.quote is not None and citation.span is not None:
            assert texts[citation.span.document_id][citation.span.start : citation.span.end] == citation.quote
    assert sorted(i for s in answer.statements for i in s.citations) == list(range(len(answer.citations)))


def test_many_quotes_and_markers_are_read_in_linear_time() -> None:
    assert takes_linear_time(lambda text: read(text, *SHOWN), "“z”[1]", 9_600)
