"""What can be quoted: sentences and table rows, each at its place in the document."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glossator.citations.quotable import pieces, sentences

from ..conftest import document, passage

TABLE = "## Warfarin\n\n| drug | dose |\n|---|---|\n| Warfarin at night | 5 mg |"


def quotable(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


def test_sentences_and_table_rows_are_quotable_headings_are_not() -> None:
    assert quotable("Ferritin falls first. It falls  later, §3.") == ["Ferritin falls first.", "It falls  later, §3."]
    assert quotable(TABLE) == ["| Warfarin at night | 5 mg |"]
    assert quotable("Yes. Ferritin falls.") == ["Ferritin falls."]


def test_a_piece_alone_stands_where_it_stood_in_the_document() -> None:
    whole = document("Iron is a metal. Ferritin falls first. Then iron falls.", "iron")
    later = passage(whole, 17)
    second, third = pieces([later])
    assert (second.alone.id, second.alone.text) == ("iron:17-38", "Ferritin falls first.")
    assert whole.text[third.alone.start : third.alone.end] == third.text == "Then iron falls."
    assert third.alone.title == later.title


def test_what_a_passage_says_twice_is_one_piece_and_what_two_say_are_two() -> None:
    twice = passage(document("Iron falls. Iron falls.", "a"))
    assert [piece.number for piece in pieces([twice, twice])] == [1, 2]


@given(st.text(alphabet="ab .|#\n-", max_size=80))
def test_a_piece_alone_has_itself_as_its_only_piece(text: str) -> None:
    for piece in pieces([passage(document(text, "d"))]):
        assert [again.text for again in pieces([piece.alone])] == [piece.text]
