"""Possible answers and a server: the grammar accepts exactly them, and an answer is one of them or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.citations.parse import format_citation
from glossator.generation.grounding import Choice
from glossator.generation.possible import asked_again, chosen, constraint, gbnf, meant

from ..conftest import ABSTENTION
from ..served import literals

FIRST, SECOND = format_citation("Ferritin falls first.", 1), format_citation("Then “free” iron\nfalls.", 2)
AMONG = [Choice(ABSTENTION, 0.0), Choice(FIRST, 1.0), Choice(SECOND, 2.0)]
HOSTILE = [
    '"',
    "\\",
    '\\"',
    "a\nb",
    "\r\n",
    "\t",
    "\x00\x01\x7f",
    "\\n",
    '" | "',
    "root ::= x",
    "“é” 水 \u2028 \U0001f600",
    "#",
    "[^a]",
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.lists(st.one_of(TEXT, st.sampled_from(HOSTILE)), min_size=1, max_size=6))
def test_the_grammar_accepts_exactly_the_possible_answers(texts: list[str]) -> None:
    assert literals(gbnf(texts)) == texts


@given(st.lists(TEXT, min_size=1))
def test_a_grammar_is_one_line_of_plain_signs(texts: list[str]) -> None:
    assert not any(ord(sign) < 32 for sign in gbnf(texts))


def test_each_kind_of_server_is_told_in_its_own_words_and_each_answer_once() -> None:
    texts = [ABSTENTION, FIRST, SECOND]
    assert constraint("choice", [*AMONG, AMONG[1]]) == {"structured_outputs": {"choice": texts}}
    assert literals(constraint("grammar", AMONG)["grammar"]) == texts
    assert constraint("none", AMONG) == {}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (FIRST, FIRST),
        (SECOND, SECOND),
        ("“Ferritin falls first.” [1]", FIRST),
        ("The text says “Ferritin falls first.” [1], as asked.", FIRST),
        ("“Ferritin falls first.” [1][1]", FIRST),
        (f" {ABSTENTION.upper()}", ABSTENTION),
        ("“Ferritin falls first.” [2]", None),
        ("“Ferritin falls first.” [1][2]", None),
        ("“Ferritin falls first.”", None),
        ("“Ferritin falls  first.” [1]", None),
        ("“ferritin falls first.” [1]", None),
        ("“Ferritin falls first” [1]", None),
        ("“Ferritin falls first.” [1] “Iron rises.” [2]", None),
        ("Ferritin falls first. [1]", None),
        ("[1]", None),
        ("", None),
        ("2", None),
    ],
)
def test_an_answer_is_a_possible_one_only_sign_for_sign(said: str, found: str | None) -> None:
    assert meant(said, AMONG) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("1", ABSTENTION),
        ("(2)", FIRST),
        ("3.", SECOND),
        (FIRST, FIRST),
        ("0", None),
        ("4", None),
        ("[2]", None),
        ("2 or 3", None),
        ("-2", None),
        ("99999", None),
    ],
)
def test_a_number_stands_for_its_line(said: str, found: str | None) -> None:
    assert chosen(said, AMONG) == found


def test_the_lines_stand_under_the_last_message_and_roles_keep_alternating() -> None:
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "q"}]
    again = asked_again(messages, AMONG)
    assert [message["role"] for message in again] == ["system", "user"]
    assert again[0] == messages[0]
    first, _, _, *lines = again[1]["content"].split("\n")
    assert first == "q"
    assert lines == [f"(1) {ABSTENTION}", f"(2) {FIRST}", "(3) [2]: “Then “free” iron falls.”"]
