"""Links that no source brought, and brackets that look like markers."""

from __future__ import annotations

import pytest

from glossator.citations.links import foreign_link, odd_marker

KNOWN = {"https://gov.example/law/", "https://a.org/x_(y)"}


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/x",
        "HTTPS://EVIL.example",
        "https://gov.example",
        "https://gov.example/law/2",
        "https://gov.example/law@evil.example",
        "ftp://evil.example",
        "//evil.example/x",
        "www.evil.example",
        "mailto:x@evil.example",
        "x@evil.example",
        "javascript:alert(1)",
        "data:text/html;base64,xx",
        "[x](page.md)",
        "[x](&#106;avascript:alert(1))",
        "![x][1]",
        "[x][ref]",
        "[x](<https://evil.example/>)",
        "<img src=x>",
        "<!-- x -->",
        "</b>",
        "&lt;b",
        "\x1b]8;;x",
    ],
)
def test_a_link_that_no_source_brought_is_foreign(link: str) -> None:
    assert foreign_link(f"Iron falls {link} first [1].", KNOWN)
    assert foreign_link(link, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "Iron falls first [1][2], see [3].",
        "As the [law](https://gov.example/law) says.",
        "See https://gov.example/law.",
        "See https://GOV.example/law/, it says.",
        "Below 5 mg (p < 0.05) or 3 < 4 & 5 > 2.",
        "Use `a[0](x)` and `https://evil.example` or\n```\n<b>//x</b>\n```",
        "“<b>www.evil.example</b>” [1]",
        "Data: iron. And/or this; 5 // 2.",
        "It is 24/7 @ home.",
    ],
)
def test_addresses_of_sources_code_and_quotes_are_no_foreign_links(text: str) -> None:
    assert not foreign_link(text, KNOWN)


@pytest.mark.parametrize(
    ("mark", "odd"), [("[-1]", True), ("[ 1]", True), ("[\u200b1]", True), ("[\u202e1\u202c]", True)]
)
@pytest.mark.parametrize("frame", ["Iron falls {}.", "{} Iron falls", "Iron [1]{}"])
def test_a_number_with_something_beside_it_is_an_odd_marker(mark: str, odd: bool, frame: str) -> None:
    assert odd_marker(frame.format(mark)) is (odd and "]{" not in frame)


@pytest.mark.parametrize(
    "text", ["Iron [1].", "Iron [1, 2]", "In [2019] it", "a[-1] is last", "[sic]", "`[-1]`", "“[-1]”"]
)
def test_true_markers_words_and_code_are_not(text: str) -> None:
    assert not odd_marker(text)
