"""The one renderer, what fits, and the right completion over what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from glossator.citations.metrics import citation_f1, honest_form
from glossator.citations.parse import format_citation
from glossator.domain import Prompts
from glossator.prompting import encode_completion, encode_prompt, fit, render, target
from glossator.records import Message, Passage

from .conftest import ABSTENTION, asked, document, holding, passage, read

PROMPTS = Prompts(system="Quote.", abstention=ABSTENTION)
BLOOD = document("Ferritin falls before the haemoglobin does. The stores are empty by then.", title="Blood")
DRUGS = document("Warfarin is monitored with the INR.", "drugs", title="Drugs")
SHOWN = holding(BLOOD, "Ferritin falls before the haemoglobin does."), passage(DRUGS)


def test_passages_are_numbered_with_their_titles_and_the_question_comes_last() -> None:
    system, user = render(PROMPTS, "What falls first?", SHOWN)
    assert system == {"role": "system", "content": "Quote."}
    assert user == {
        "role": "user",
        "content": "[1] Blood: Ferritin falls before the haemoglobin does.\n"
        "[2] Drugs: Warfarin is monitored with the INR.\n\nQuestion: What falls first?",
    }


def test_without_passages_the_question_stands_alone() -> None:
    assert render(PROMPTS, "Why?", ())[1]["content"].strip() == "Question: Why?"


def room(characters: int) -> object:
    def fits(messages: Sequence[Message]) -> bool:
        return len(messages[1]["content"]) <= characters

    return fits


@pytest.mark.parametrize(("characters", "kept"), [(10_000, 2), (90, 1), (40, 0), (0, 0)])
def test_passages_are_dropped_from_the_end_and_the_question_never(characters: int, kept: int) -> None:
    messages, shown = fit(PROMPTS, "What falls first?", SHOWN, room(characters))  # type: ignore[arg-type]
    assert shown == SHOWN[:kept]
    assert messages == render(PROMPTS, "What falls first?", SHOWN[:kept])


def test_the_right_completion_quotes_each_evidence_with_its_number() -> None:
    question = asked(SHOWN[0].span, SHOWN[1].span)
    for shown, first, second in ((SHOWN, 1, 2), (SHOWN[::-1], 2, 1)):
        expected = f"{format_citation(SHOWN[0].text, first)} {format_citation(DRUGS.text, second)}"
        assert target(question, shown, ABSTENTION) == expected


def test_the_right_completion_has_full_marks() -> None:
    for question in (asked(SHOWN[0].span), asked(SHOWN[0].span, SHOWN[1].span)):
        answer = read(target(question, SHOWN, ABSTENTION) or "", *SHOWN)
        assert citation_f1(question, answer).value == 1
        assert len(answer.statements) == len(question.evidence) and not any(s.misquoted for s in answer.statements)
    assert honest_form(asked(), read(format_citation(SHOWN[0].text, 1), *SHOWN)).value == 1


@pytest.mark.parametrize("shown", [(), SHOWN[1:]])
def test_without_its_evidence_the_right_completion_abstains(shown: tuple[Passage, ...]) -> None:
    assert target(asked(SHOWN[0].span), shown, ABSTENTION) == ABSTENTION


def test_a_decoder_of_whole_sentences_is_taught_what_it_can_say() -> None:
    half, first, second = passage(BLOOD, 9, 14).span, SHOWN[0].span, SHOWN[1].span
    said, drugs = format_citation(SHOWN[0].text, 1), format_citation(DRUGS.text, 2)
    for spans, sentences, expected in (
        ((half,), 1, said),
        ((half, first), 2, said),
        ((half, second), 2, f"{said} {drugs}"),
        ((second, half), 1, drugs),
    ):
        assert target(asked(*spans), SHOWN, ABSTENTION, sentences) == expected
    assert target(asked(second), SHOWN[:1], ABSTENTION, 1) == ABSTENTION
    assert target(asked(first, second), SHOWN[:1], ABSTENTION, 2) is None


def test_an_unanswerable_question_abstains_whatever_is_shown() -> None:
    assert target(asked(), SHOWN, ABSTENTION) == ABSTENTION
    assert target(replace(asked(SHOWN[0].span), answerable=False), SHOWN, ABSTENTION) == ABSTENTION


def test_with_a_part_of_the_evidence_there_is_no_right_completion() -> None:
    assert target(asked(SHOWN[0].span, SHOWN[1].span), SHOWN[:1], ABSTENTION) is None


def test_evidence_that_two_passages_share_is_a_part_and_never_trains_to_abstain() -> None:
    halves = passage(BLOOD, 0, 20), passage(BLOOD, 20)
    assert target(asked(SHOWN[0].span), halves, ABSTENTION) is None


class Letters:
    """A tokenizer whose tokens are characters, and which remembers how it was asked."""

    eos_token_id = 0

    def __init__(self) -> None:
        self.options: dict[str, object] = {}

    def apply_chat_template(self, conversation: list[Message], **options: object) -> list[int]:
        self.options = options
        return [ord(c) for message in conversation for c in message["content"]]

    def encode(self, text: str, **options: object) -> list[int]:
        self.options = options
        return [ord(c) for c in text]


def test_a_prompt_ends_where_the_answer_begins_and_control_tokens_stay_text() -> None:
    tokenizer = Letters()
    assert encode_prompt(tokenizer, render(PROMPTS, "Why?", ())) == [ord(c) for c in "Quote.\n\nQuestion: Why?"]
    assert tokenizer.options["add_generation_prompt"] is True
    assert tokenizer.options["sanitize_control_tokens"] is True


def test_a_completion_ends_with_the_end_mark() -> None:
    tokenizer = Letters()
    assert encode_completion(tokenizer, "ab") == [97, 98, 0]
    assert tokenizer.options == {"add_special_tokens": False, "split_special_tokens": True}
