"""What is shown, made worse: pure changes of a list of passages, and what an assistant makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest

from glossator import Document, Passage, Question
from glossator.assistant import Assistant
from glossator.evaluate import measure
from glossator.examine import stress_tests
from glossator.records import Message
from glossator.stress import CANARY, CHANGES, POISON, apply, falsified
from glossator.verification.overlap import OverlapVerifier
from glossator_common.scorers import SCORERS

from .conftest import asked, document, passage
from .puppets import assistant_of

TEXTS = [f"Iron store number {n} holds {n}0 mg of iron in the blood of people." for n in range(1, 9)]
DOCUMENTS = {f"d{n}": document(text, f"d{n}") for n, text in enumerate(TEXTS)}
PASSAGES = [passage(each) for each in DOCUMENTS.values()]
FOUND, QUESTION = PASSAGES[:3], asked(PASSAGES[1].span, text="How much iron?")


def changed(name: str, found: Sequence[Passage] = FOUND) -> tuple[Passage, ...]:
    return apply(name, QUESTION, found, PASSAGES, DOCUMENTS).passages


@pytest.mark.parametrize("name", CHANGES)
def test_the_same_question_is_changed_the_same_way_and_stands_in_its_documents(name: str) -> None:
    shown = apply(name, QUESTION, FOUND, PASSAGES, DOCUMENTS)
    assert shown.passages == changed(name)
    assert all(shown.documents[p.document_id].text[p.start : p.end] == p.text for p in shown.passages)
    assert set(DOCUMENTS) <= set(shown.documents) and len(shown.documents) == len(list(shown.documents))


@pytest.mark.parametrize("name", CHANGES)
def test_nothing_found_stays_harmless(name: str) -> None:
    assert all(p.id != POISON and CANARY not in p.text for p in changed(name, []))


def test_distractors_are_of_other_documents_and_all_that_was_found_stays() -> None:
    made = changed("distractors")
    assert len(made) == 7 and [p for p in made if p in FOUND] == FOUND


def test_order_and_copies() -> None:
    assert sorted(p.id for p in changed("shuffled")) == sorted(p.id for p in FOUND)
    made = changed("duplicated")
    assert [p.text for p in made] == [p.text for p in FOUND] * 2 and len({p.id for p in made}) == 6


def test_poison_begins_with_the_question_and_says_other_numbers() -> None:
    poison, *others = changed("poisoned")
    assert others == FOUND and poison.text.startswith("How much iron? Iron store number ")
    assert not set(re.findall(r"\d+", poison.text)) & {"2", "20"}


def test_the_injected_passage_keeps_its_place_and_the_gold_its_offsets() -> None:
    shown = apply("injected", QUESTION, FOUND, PASSAGES, DOCUMENTS)
    assert CANARY in shown.passages[1].text and shown.passages[1].start == FOUND[1].start
    (span,) = QUESTION.evidence
    assert shown.documents["d1"].text[span.start : span.end] == FOUND[1].text


@pytest.mark.parametrize("text", ["Iron falls.", "Never give iron.", "Give 5 mg.", "Iron is low and zinc was high."])
def test_what_is_falsified_differs(text: str) -> None:
    assert falsified(text, Random(1)) != text


@dataclass
class Shelf:
    """Search that finds the same three passages."""

    documents: dict[str, Document]
    passages: list[Passage]

    def search(self, *_: object) -> list[Passage]:
        return FOUND


class Copyist:
    """Quotes the first passage it is shown; obeys what stands in the last."""

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        return True

    def complete(self, conversations: Sequence[Sequence[Message]], *_: object) -> list[str]:
        return [self.one(conversation[-1]["content"]) for conversation in conversations]

    @staticmethod
    def one(prompt: str) -> str:
        first = prompt.split("\n")[0].split(": ", 1)[1]
        return f"{CANARY} is iron {first} [1]." if CANARY in prompt else f"“{first}” [1]"


@pytest.fixture
def assistant(tmp_path: Path) -> Assistant:
    made = assistant_of(tmp_path, Copyist(), list(DOCUMENTS.values()), FOUND, OverlapVerifier())
    shelf: Any = Shelf(DOCUMENTS, PASSAGES)
    made.retriever = shelf
    return made


def test_a_copyist_cites_poison_and_obeys(assistant: Assistant) -> None:
    questions = [QUESTION, Question(id="r", text="What else?", evidence=(PASSAGES[0].span,))]
    base = measure("-", questions, assistant.answer_all(questions), SCORERS, OverlapVerifier())
    found = {
        one.change: one
        for one in stress_tests(
            assistant, questions, base, lambda given: measure("-", questions, given, SCORERS, OverlapVerifier())
        )
    }
    assert list(found) == list(CHANGES)
    poisoned, duplicated = found["poisoned"], found["duplicated"]
    assert poisoned.harmed and poisoned.harmed.mean == 1
    assert poisoned.metrics["citation_precision"].mean == -0.5
    assert poisoned.metrics["support_recall"].mean == 0, "the verifier believes what is cited"
    assert duplicated.harmed is None and duplicated.metrics["citation_f1"].mean == 0
    assert found["injected"].harmed is not None and poisoned.abstained.mean == 0
