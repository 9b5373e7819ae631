"""Statements end where a reader would end them, and claim their words alone."""

from __future__ import annotations

import pytest

from glossator.citations.segment import claim_of, statements


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in statements(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n ", []),
        ("One.", ["One."]),
        ("Iron falls [1]. Ferritin falls [2].", ["Iron falls [1].", "Ferritin falls [2]."]),
        ("Iron falls. [1] Ferritin falls. [2]", ["Iron falls. [1]", "Ferritin falls. [2]"]),
        ("“Iron falls.” [1] “Ferritin falls.” [2]", ["“Iron falls.” [1]", "“Ferritin falls.” [2]"]),
        ("[1]: “Iron falls.” [2]: “Ferritin falls.”", ["[1]: “Iron falls.”", "[2]: “Ferritin falls.”"]),
        ("Thus: “Iron falls.” [1]", ["Thus: “Iron falls.” [1]"]),
        ("“Iron falls. Ferritin too.” [1]", ["“Iron falls. Ferritin too.” [1]"]),
        ("“Iron\n\nfalls.” [1]", ["“Iron\n\nfalls.” [1]"]),
        ("See No. 4 of Dr. Low, e.g. The dose.", ["See No. 4 of Dr. Low, e.g. The dose."]),
        ("A dose of 2.5 mg is usual [1].", ["A dose of 2.5 mg is usual [1]."]),
        ("§ 4.2 applies [1].", ["§ 4.2 applies [1]."]),
        ("- iron [1]\n- zinc [2]", ["- iron [1]", "- zinc [2]"]),
        ("Why? Because! This.", ["Why?", "Because!", "This."]),
        ("Use `a. B` here.", ["Use `a. B` here."]),
    ],
)
def test_a_text_is_cut_into_statements(text: str, expected: list[str]) -> None:
    assert parts(text) == expected


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("“Ferritin falls first.” [2]", "Ferritin falls first."),
        ("Ferritin falls [1][2, 3].", "Ferritin falls ."),
        ("[1] Ferritin", "Ferritin"),
        ("[2]: “Ferritin falls first.”", "Ferritin falls first."),
        ("[1]", ""),
        ("“a “nested” b” [1]", "a nested b"),
        ("“text with [9] inside” [1]", "text with [9] inside"),
        ("  spaces \n and lines [1]", "spaces and lines"),
    ],
)
def test_a_claim_is_the_words_without_markers_and_quotation_marks(statement: str, claim: str) -> None:
    assert claim_of(statement) == claim


@pytest.mark.parametrize("text", ["Eisen fällt [1]. Ärzte warten [2].", "Железо низкое [1]. Ферритин тоже [2]."])
def test_capitals_of_other_alphabets_begin_a_statement_too(text: str) -> None:
    assert len(parts(text)) == 2
