"""Every written form of a citation is read, and nothing that only looks like one."""

from __future__ import annotations

import pytest
from citation_cases import FORMS, MIXED, NONE, Keys
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator.citations.forms import Style, format_marker
from glossator.citations.parse import find_markers, mask
from glossator.citations.segment import clauses, statements

from ..conftest import takes_linear_time

NUMBER = st.integers(1, 999)
WORD = st.text("abcdefgh", min_size=2, max_size=8)
AUTHOR = st.builds(
    lambda name, others, year: f"{name.title()}{others}, {year}",
    WORD.filter(lambda name: name not in ("dec", "feb")),  # a month with a year cites nobody
    st.sampled_from(["", " et al."]),
    st.integers(1900, 2099),
)
STYLES: dict[Style, st.SearchStrategy[int | str]] = {
    "bracket": NUMBER,
    "footnote": NUMBER | WORD,
    "caret": NUMBER,
    "superscript": NUMBER,
    "lenticular": NUMBER,
    "named": st.builds("{}:{}".format, WORD, NUMBER),
    "author": AUTHOR,
    "section": st.builds("§ {}.{}".format, NUMBER, NUMBER),
    "link": st.builds("https://{}.org/{}".format, WORD, WORD),
}


@pytest.mark.parametrize(("text", "keys"), FORMS + MIXED)
def test_a_citation_is_read(text: str, keys: Keys) -> None:
    assert tuple(key for marker in find_markers(text) for key in marker.keys) == keys


@pytest.mark.parametrize("text", NONE)
def test_what_looks_like_a_citation_is_text(text: str) -> None:
    assert find_markers(text) == []


@pytest.mark.parametrize("text", ["See (§ 4.2).", "See [iron].", "See [page](page.md).", "See (§ 4.2; § 6)."])
def test_a_name_that_may_be_text_is_a_citation_when_it_is_known(text: str) -> None:
    assert find_markers(text) == []
    assert len(find_markers(text, {"§ 4.2", "§ 6", "iron", "page.md"}.__contains__)) == 1


@pytest.mark.parametrize("style", STYLES)
@settings(deadline=None, max_examples=50)
@given(data=st.data())
def test_what_is_formatted_in_a_style_is_read_back(style: Style, data: st.DataObject) -> None:
    keys = data.draw(st.lists(STYLES[style], min_size=1, max_size=5, unique=True))
    if style in ("bracket", "caret", "superscript"):
        keys.sort(key=int)
    text = (
        f"Ferritin falls {format_marker(keys, style)}."
        if style != "caret"
        else f"Ferritin falls{format_marker(keys, style)}."
    )
    found = find_markers(text, lambda name: True)
    assert [key for marker in found for key in marker.keys] == keys
    assert {marker.style for marker in found} == {style}


@settings(deadline=None)
@given(st.text(st.sampled_from("ab 12[](),;:^¹²【】†§`$“”.\n-"), max_size=80))
def test_markers_are_in_order_apart_and_as_written(text: str) -> None:
    last = 0
    for marker in find_markers(text, lambda name: True):
        assert last <= marker.start < marker.end <= len(text) and marker.keys
        assert mask(text)[marker.start] in "[(^【⁰¹²³⁴⁵⁶⁷⁸⁹"
        last = marker.end


@settings(deadline=None)
@given(st.text(st.sampled_from("ab, 12[];.A but“”"), max_size=80))
def test_clauses_hold_every_word_and_every_marker(text: str) -> None:
    found = clauses(text)
    assert "".join("".join(text[c.start : c.end] for c in found).split()) == "".join(text.split())
    assert [m for c in found for m in c.markers] == find_markers(text)


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "(",
        "^",
        "^1",
        "¹",
        "【",
        "[^",
        "[a](",
        "(A",
        "(A, ",
        "([",
        "[[1]",
        "$$",
        "``",
        "~~~\n",
        "```\n",
        "[^1]:\n",
        "x[1]",
        "¹ ",
        "A.B. ",
        "| ",
        "1. ",
        "(Lee, 2020)",
        "[a](b) ",
        "` `` ",
    ],
)
def test_hostile_forms_take_linear_time(unit: str) -> None:
    for work in (find_markers, statements, clauses):
        assert takes_linear_time(work, unit), work.__name__
