"""A full stop ends a sentence where a lawyer, a doctor and a programmer would say so."""

from __future__ import annotations

import pytest

from glossator.citations.segment import statements

WHOLE = [
    "See Smith v. Jones and Lee v. The King.",
    "Under No. 4 and Nos. 5 and 6 it is void.",
    "Under 42 U.S.C. § 1983 it lies.",
    "Under Fed. R. Civ. P. 12(b) it fails.",
    "Under Art. 5 and Arts. 6 to 9 it is void.",
    "Under cl. 4 and para. 5 of Sched. 2 it is void.",
    "Under s. 9.2 and ss. 10 and 11 it is void.",
    "It bound Acme Ltd. Holdings and Inc. Partners.",
    "It was sued in S.D.N.Y. Court.",
    "As stated ibid. Chapter 5 is void.",
    "Cf. id. at 5.",
    "The case is 410 U.S. 113 (1973).",
    "Give it i.v. or i.m. or p.o. b.i.d. with food.",
    "Take q.d. 5 mg.",
    "Take approx. 5 mg.",
    "Take 5 mg. 3 times a day.",
    "As Dr. Low and Prof. Hale say, it falls.",
    "Iron vs. Zinc is moot.",
    "Salmonella spp. Typhi grow.",
    "It is caused by E. coli in most.",
    "Many tests, e.g. Ferritin, fall.",
    "One test, i.e. Ferritin, falls.",
    "Tests etc. are run.",
    "Open file.py and v1.2 first.",
    "Call foo.bar() now.",
    "Wait ... and see.",
    "Read https://a.org/b.C and go.",
    "It is said by J. Smith.",
    "It is said by J. K. Rowling.",
    "John F. Kennedy said so.",
    "The dose is 2.5 mg.",
    "Smith et al. (2020) found it.",
    "1. Iron falls.",
    "a) Iron falls.",
    "| Take it. Twice | No. Never |",
    "```py\na = 1\n\nb. C\n```",
    "~~~\na. B\n~~~",
    "“It falls. It rises.”",
    "Use `a. B` here.",
    "p. 5 and pp. 6 to 8 say so.",
    "St. John held it.",
    "See Fig. 2 and Vol. III of it.",
]
SPLIT = [
    ["No.", "The dose is 5 mg."],
    ["It binds Acme Ltd.", "The tenant pays."],
    ["It is law in the U.S.", "The court held so."],
    ["Take vitamin D.", "Warfarin is worse."],
    ["It is hepatitis B.", "Warfarin is worse."],
    ["It has COPD.", "Warfarin is worse."],
    ["It is 5 mmol/L.", "Warfarin is worse."],
    ["Tests etc.", "The rest is moot."],
    ["Open file.py.", "It runs."],
    ["Call foo.bar().", "It runs."],
    ["Use v1.2.", "It runs."],
    ["Read https://a.org/b.", "It helps."],
    ["He left...", "Then he came."],
    ["He left…", "Then he came."],
    ["**Bold.**", "Then plain."],
    ['He said "it falls."', "Then he left."],
    ["He left (at last.)", "Then he came."],
    ["Why?", "Because!", "So."],
    ["Smith et al.", "The rest is moot."],
    ["It falls.", "(It rises too.)"],
    ["It falls.", "`foo` rises."],
    ["It falls.", "“It rises.”"],
    ["It falls.", "42 people rise."],
    ["He came at 5 p.m.", "The rest left."],
    ["Take 5 mg.", "Warfarin is worse."],
]
LINES = [
    ["- iron", "- zinc"],
    ["1. Iron falls.", "2. Zinc rises."],
    ["# Iron", "It falls."],
    ["| a | b |", "|---|---|", "| c | d |"],
    ["Use:", "```py\nx = 1\n\ny = 2\n```", "Done."],
    ["Iron falls.[^1]", "[^1]: Smith J. Iron. BMJ 2020."],
]


@pytest.mark.parametrize("text", WHOLE)
def test_one_sentence_is_one_statement(text: str) -> None:
    assert [text[start:end] for start, end in statements(text)] == [text]


@pytest.mark.parametrize("parts", SPLIT)
def test_sentences_end(parts: list[str]) -> None:
    text = " ".join(parts)
    assert [text[start:end] for start, end in statements(text)] == parts


@pytest.mark.parametrize("parts", LINES)
def test_lines_of_lists_tables_and_code_are_statements(parts: list[str]) -> None:
    text = "\n".join(parts)
    assert [text[start:end] for start, end in statements(text)] == parts
