"""A marker names a shown passage by number, id, title, address, author, section or footnote, or it names nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from glossator import read_answer
from glossator.citations.metrics import honest_form

from ..conftest import ABSTENTION, asked, document, passage

IRON = document("Ferritin falls first. Stores are then empty.", "guide", title="Iron guide")
IRON = replace(IRON, source=replace(IRON.source, url="https://www.a.org/iron/"), labels={"author": "Smith 2020"})
LEASE = document("The tenant shall not sublet.", "lease", title="Lease of 2019")
SHOWN = (
    replace(passage(IRON, 0, 21), locator="Blood > 4.2 Ferritin"),
    passage(IRON, 22),
    replace(passage(LEASE), locator="§ 7"),
)
DOCUMENTS = {"guide": IRON, "lease": LEASE}


def cited(text: str) -> list[str | None]:
    """The passages that a text cites."""
    answer = read_answer(text, SHOWN, ABSTENTION, documents=DOCUMENTS)
    return [citation.passage_id for citation in answer.citations]


@pytest.mark.parametrize(
    ("marker", "place"),
    [
        ("[1]", 0),
        ("[3]", 2),
        ("[4]", None),
        ("[0]", None),
        ("¹", 0),
        ("^2", 1),
        ("【3†source】", 2),
        ("【9】", None),
        ("[Doc 3]", 2),
        ("[doc9]", None),
        ("[guide:22-44]", 1),
        ("[guide:0-99]", None),
        (" [guide]", 0),
        (" [Lease of 2019]", 2),
        (" [the guide](https://a.org/iron)", 0),
        (" [the guide](http://www.a.org/iron/#top)", 0),
        (" [other](https://b.org)", None),
        (" (Smith, 2020)", 0),
        (" (Smith et al., 2020a)", 0),
        (" (Smith, 2021)", None),
        (" (Nobody, 2020)", None),
        (" (§ 4.2)", 0),
        (" (§ 7)", 2),
        (" [lease](lease)", 2),
    ],
)
def test_a_marker_names_a_passage(marker: str, place: int | None) -> None:
    assert cited(f"Ferritin falls first{marker}.") == [SHOWN[place].id if place is not None else None]


@pytest.mark.parametrize("text", ["See (§ 9) there.", "See [sic] there.", "See [page](page.md).", "See x[1] there."])
def test_what_names_nothing_and_may_be_text_is_no_citation(text: str) -> None:
    assert cited(text) == []


@pytest.mark.parametrize(
    ("note", "place"),
    [
        ("https://www.a.org/iron/", 0),
        ("Lease of 2019, page 4", 2),
        ("[2]", 1),
        ("Doc 3", 2),
        ("Smith J. Of iron and men.", None),
        ("https://b.org", None),
    ],
)
def test_a_footnote_names_what_its_definition_names(note: str, place: int | None) -> None:
    text = f"Ferritin falls first.[^1]\n\n[^1]: {note}"
    assert cited(text) == [SHOWN[place].id if place is not None else None]
    assert len(read_answer(text, SHOWN, ABSTENTION, documents=DOCUMENTS).statements) == 1


def test_a_document_of_several_passages_is_cited_at_the_one_that_holds_the_quote() -> None:
    assert cited("“Stores are then empty.” [guide]") == [SHOWN[1].id]


def test_superscript_digits_are_one_number_or_else_several() -> None:
    assert cited("Ferritin falls first.¹²") == [SHOWN[0].id, SHOWN[1].id]
    assert cited("Ferritin falls first.⁴⁵") == [None]


def test_offsets_and_spelling_of_every_marker_are_those_of_the_text() -> None:
    text = "Iron [guide:22-44], zinc (Smith, 2020) and lead [^3]."
    answer = read_answer(text, SHOWN, ABSTENTION, documents=DOCUMENTS)
    assert [text[c.answer_start : c.answer_end] for c in answer.citations] == [c.marker for c in answer.citations]
    assert answer.statements[0].claim == "Iron , zinc and lead ."


def test_words_behind_a_footnote_do_not_pass_the_gate() -> None:
    answer = read_answer("“Stores are then empty.” [2]\n\n[^1]: It cures all.", SHOWN, ABSTENTION)
    assert honest_form(asked(SHOWN[1].span), answer).why == "words outside its statements"
