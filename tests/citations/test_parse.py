"""The parser reads any text at all, in linear time, with offsets that fit."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.citations.parse import find_markers, find_quotes, format_citation, mask
from glossator.citations.segment import claim_of, statements

from ..conftest import takes_linear_time

ANY = st.text(st.sampled_from("ab 1[],;-–“”`.\n§🙂"), max_size=60) | st.text(max_size=60)
HOSTILE = {
    "opening marks": "“",
    "quotes": "“z”",
    "half markers": "[1",
    "markers": "[1]",
    "ranges": "[1-50]",
    "long lists": "[1" + ",1" * 31,
    "backticks": "`",
    "marks and ticks": "“`”",
    "spaces": " ",
    "stops and spaces": ".  ",
    "sentences": "A. ",
    "abbreviations": "No. ",
}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("[2]", [(2,)]),
        ("[1, 3]", [(1, 3)]),
        ("[1,3;4]", [(1, 3, 4)]),
        ("[2-4]", [(2, 3, 4)]),
        ("[2–4, 9]", [(2, 3, 4, 9)]),
        ("[4-2]", [(4, 2)]),
        ("[1-9999]", [(1, 9999)]),
        ("[0]", [(0,)]),
        ("[1][1]", [(1,), (1,)]),
        ("[12345]", []),
        ("[]", []),
        ("[a]", []),
        ("[-1]", []),
        ("[1.5]", []),
        ("[ 1]", []),
        ("［1］", []),
        ("[[1]]", [(1,)]),
        ("[1](https://evil.example)", [(1,)]),
    ],
)
def test_a_marker_is_a_bracket_with_numbers(text: str, numbers: list[tuple[int, ...]]) -> None:
    assert [marker.numbers for marker in find_markers(text)] == numbers


@pytest.mark.parametrize("text", ["“a [1] b”", "`x[1]`", "“open [1]", "“a “b” [1]”", "```\nx [1]\n```"])
def test_a_marker_inside_a_quote_or_code_is_text(text: str) -> None:
    assert find_markers(text) == []


@pytest.mark.parametrize(
    ("text", "quotes"),
    [
        ("“a”", ["a"]),
        ("“a” and “b”", ["a", "b"]),
        ("“a “b” c”", ["a “b” c"]),
        ("“open", ["open"]),
        ("closed”", []),
        ("”“a”", ["a"]),
        ("“”", [""]),
        ('"straight"', []),
        ("“two\nlines”", ["two\nlines"]),
    ],
)
def test_quotes_are_the_outermost_curly_ones(text: str, quotes: list[str]) -> None:
    assert [quote.text for quote in find_quotes(text)] == quotes


@given(ANY)
def test_any_text_is_read_and_every_offset_lies_in_it(text: str) -> None:
    assert len(mask(text)) == len(text)
    for marker in find_markers(text):
        assert marker.style != "bracket" or (text[marker.start] == "[" and text[marker.end - 1] in "])")
        assert marker.keys and all(number >= 0 for number in marker.numbers)
    for quote in find_quotes(text):
        assert 0 <= quote.start < quote.end <= len(text)
        assert text[quote.start] == "“" and text[quote.start + 1 :].startswith(quote.text)
    assert isinstance(claim_of(text), str)


@given(ANY)
def test_statements_are_in_order_apart_and_lose_only_space(text: str) -> None:
    places = statements(text)
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    kept = "".join(text[start:end] for start, end in places)
    assert "".join(kept.split()) == "".join(text.split())


@given(st.text(st.characters(exclude_characters="“”", exclude_categories=["Cs"])), st.integers(0, 9999))
def test_what_is_formatted_is_read_back(quote: str, number: int) -> None:
    text = format_citation(quote, number)
    (found,) = find_quotes(text)
    (marker,) = find_markers(text)
    assert (found.text, marker.numbers) == (quote, (number,))


@given(st.text("ab [1]“”`.", max_size=20), st.integers(1, 20))
def test_a_quote_with_balanced_quotes_inside_is_read_back(inner: str, number: int) -> None:
    quote = f"a “{inner.replace('“', '').replace('”', '')}” b"
    text = format_citation(quote, number)
    assert [q.text for q in find_quotes(text)] == [quote]
    assert [m.numbers for m in find_markers(text)] == [(number,)]


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_takes_linear_time(unit: str) -> None:
    for work in (find_markers, statements):
        assert takes_linear_time(work, unit), work.__name__


@pytest.mark.parametrize("unit", ["“", " “", ".", "[1]"])
def test_a_long_run_of_spaces_after_it_takes_linear_time(unit: str) -> None:
    assert takes_linear_time(lambda text: statements(unit + text), " ")
