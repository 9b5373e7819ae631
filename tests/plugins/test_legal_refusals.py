"""Advice on the asker's own case is refused however it is put; what documents say never is; sources are dated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

import glossator_common
import glossator_legal
from glossator import Answer, Host, Passage, Question
from glossator_legal.refusals import asks_for_advice

from ..conftest import document, passage, read, takes_linear_time, wrongly_read

HOST = Host.of(common=glossator_common, legal=glossator_legal)
NOTICE = HOST.domains["legal"].policy.notice
ADVICE = (Path(__file__).parent / "legal_advice.txt").read_text(encoding="utf-8").splitlines()
GENERAL = (Path(__file__).parent / "legal_general.txt").read_text(encoding="utf-8").splitlines()
"""One question a line."""
DISGUISED = [
    "s h o u l d  I  s u e  my  landlord",
    "sh0uld 1 sue?",
    "Should.I.sue?",
    "SHOULD\tI\n\nSUE",
    "Sh\u043euld I su\u0435?",
    "Sho\u200buld I su\u200be?",
    "Ｓｈｏｕｌｄ Ｉ ｓｕｅ?",
    "Shóuld I sùe?",
    "What does Article 17 say? " * 50 + "Should I sue?",
]
HOSTILE = [
    "should i ", "my a ", "how much ", "is my ", "draft a a ", "tell me if ", "what do ", "can my landlord just ", "a", "1", "a.",
    "would a judge ", "do i have ", "my my landlord ", "can i really ", "which a a ", "review my ", "is it ", "my landlord ",
]  # fmt: skip


def told(revised: str | None, title: str) -> Passage:
    return replace(passage(document("Erasure is free of charge.", title, title=title)), revised=revised)


def reviewed(
    question: str, *shown: Passage, text: str = "“Erasure is free of charge.” [1]", domain: str = "legal"
) -> Answer:
    shown = shown or (told("2026-11-24", "Data protection: the right to erasure"),)
    return HOST.review_answer(domain, Question(id="q", text=question), replace(read(text, *shown), notes=(NOTICE,)))


@pytest.mark.parametrize("question", [*ADVICE, *DISGUISED])
def test_advice_on_an_own_case_is_refused_however_it_is_put(question: str) -> None:
    answer = reviewed(question)
    assert answer.abstained and not answer.statements and not answer.citations
    assert answer.text.startswith("I cannot advise on your own case")
    assert answer.notes == (NOTICE, glossator_legal.WHY)


@pytest.mark.parametrize("question", GENERAL)
def test_questions_about_the_law_or_a_contract_are_answered(question: str) -> None:
    answer = reviewed(question)
    assert not answer.abstained and answer.notes[0] == NOTICE


def test_both_tables_are_long() -> None:
    assert len(ADVICE) >= 50 and len(GENERAL) >= 40


def test_the_notice_speaks_of_advice_and_of_jurisdiction() -> None:
    assert NOTICE == "General information, no legal advice. Jurisdiction: as each source says."


def test_on_the_questions_it_was_made_with_all_advice_is_refused_and_nothing_else() -> None:
    assert wrongly_read("legal", asks_for_advice, "train", "practice", "test") == []


def test_of_questions_it_was_not_made_with_few_are_read_wrongly() -> None:
    assert len(wrongly_read("legal", asks_for_advice, "fresh")) <= 1


def test_each_cited_document_is_dated_once() -> None:
    shown = told("2026-11-24", "Erasure"), told(None, "Old note"), told("2020-01-01", "Not cited")
    text = "“Erasure is free of charge.” [1] “Erasure is free of charge.” [1] “Erasure is free of charge.” [2]"
    assert reviewed("What does erasure cost?", *shown, text=text).notes[1:] == (
        "Sources as of: Erasure (2026-11-24); Old note (no date)",
    )


def test_an_answer_that_cites_nothing_has_no_dates() -> None:
    assert reviewed("What does erasure cost?", text="Nothing is known. [9]").notes == (NOTICE,)


def test_other_domains_are_left_alone() -> None:
    assert reviewed("Should I sue?", domain="medical").notes == (NOTICE,)


@pytest.mark.parametrize("part", HOSTILE)
def test_reading_a_question_is_linear(part: str) -> None:
    assert takes_linear_time(asks_for_advice, part)
