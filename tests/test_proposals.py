"""Starter questions rest on whole sentences of the documents, and both splits hold some that nothing answers."""

from __future__ import annotations

import pytest

import glossator_common
from glossator import Document, Host
from glossator.asking import ask, ask_heading, ask_row
from glossator.citations.segment import statements
from glossator.errors import QuestionsError
from glossator.gold import similarity
from glossator.proposals import MOST, Proposals, propose

from .conftest import document

PLAIN = Host.of(common=glossator_common)


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("A queen excluder is a grid that only workers pass.", "What is a queen excluder?", ""),
        ("Smoke is used to calm the bees.", "What is smoke used for?", ""),
        ("An inspection takes 15 minutes.", "How long does an inspection take?", "15 minutes"),
        ("A mite is 1.6 millimetres wide.", "How wide is a mite?", "1.6 millimetres"),
        ("A super weighs about 15 kilograms.", "How much does a super weigh?", "15 kilograms"),
        ("The fee must be paid within ten days.", "Within how many days must the fee be paid?", "ten days"),
        ("Jars are washed about once a month.", "How often are jars washed?", ""),
        ("Hives hold 20 to 30 frames.", "How many frames do hives hold?", "20 to 30 frames"),
        ("Wax must not be boiled because it burns.", "Why must wax not be boiled?", "it burns"),
        ("The entrance is narrowed in October.", "When is the entrance narrowed?", ""),
        ("Children may not enter alone.", "May children enter alone?", ""),
        ("- **Honey** must not be fed to infants.", "May honey be fed to infants?", ""),
    ],
)
def test_a_sentence_of_a_known_form_is_asked_for(sentence: str, question: str, answer: str) -> None:
    asked = ask(sentence, frozenset())
    assert asked
    assert (asked.text, asked.answer) == (question, answer)


@pytest.mark.parametrize(
    "sentence",
    [
        *(
            "It is a grid.",
            "This is the end of it.",
            "Bees that sting are the old ones.",
            "If it rains, it is a day off.",
        ),
        *(
            "Frames are taken.",
            "",
            "Is it a bee?",
            "No hive is a home.",
            "And bees are a joy.",
            "Canisters may hold one.",
        ),
    ],
)
def test_what_it_cannot_ask_for_well_it_leaves_alone(sentence: str) -> None:
    assert ask(sentence, frozenset()) is None


def test_a_name_keeps_its_capital_and_a_question_its_words() -> None:
    asked = ask("Oslo is the capital of Norway.", frozenset({"Oslo"}))
    assert asked
    assert asked.text == "What is Oslo?"
    assert ask_heading("How do I feed?", "Feeding", frozenset()).text == "How do I feed?"
    assert ask_heading("Purpose", "Tubes", frozenset()).text == "What does “Tubes” say about purpose?"


def test_a_row_is_asked_for_only_where_its_cells_are_words() -> None:
    asked = ask_row(("Drug", "Usual dose"), ("Aspirin", "75 mg"))
    assert asked
    assert asked.text == "What does the table give as usual dose for Aspirin?"
    assert ask_row(("Drug", ""), ("Aspirin", "75 mg")) is None
    assert ask_row(("No", "Text"), ("2", "words")) is None


def test_a_hostile_sentence_is_read_in_linear_time() -> None:
    for sentence in ("A " + "is " * 80 + ".", "A b c " * 40 + ".", "X" + " 1" * 118 + "."):
        ask(sentence, frozenset())


@pytest.fixture(scope="module")
def proposed(tutorial: list[Document]) -> Proposals:
    return propose(tutorial)


def test_every_evidence_is_one_whole_sentence_at_its_offsets(proposed: Proposals, tutorial: list[Document]) -> None:
    texts = {item.id: item.text for item in tutorial}
    spans = [proposal.evidence for proposal in proposed.all if proposal.evidence]
    assert len(spans) > 4 * len(tutorial)
    for span in spans:
        assert (span.start, span.end) in statements(texts[span.document_id])
    assert len(set(spans)) == len(spans)


def test_an_answer_stands_in_its_evidence(proposed: Proposals, tutorial: list[Document]) -> None:
    texts = {item.id: item.text for item in tutorial}
    for proposal in proposed.all:
        span = proposal.evidence
        assert not proposal.answer or (span and proposal.answer in texts[span.document_id][span.start : span.end])


def test_splits_share_no_family_and_no_question_and_a_fifth_is_unanswerable(proposed: Proposals) -> None:
    train, test = ({p.family for p in split if p.family} for split in (proposed.train, proposed.test))
    assert train
    assert test
    assert not train & test
    assert max(similarity(a.text, b.text) for a in proposed.train for b in proposed.test) < 0.8
    for split in (proposed.train, proposed.test):
        assert sum(p.evidence is None for p in split) >= len(split) / 5


def test_the_same_documents_give_the_same_proposals(proposed: Proposals, tutorial: list[Document]) -> None:
    assert propose(tutorial) == proposed


def test_what_the_documents_speak_of_is_not_called_unanswerable() -> None:
    texts = ["A lighthouse is a tower with a lamp.", "A film is a strip of pictures.", "A bee is a small animal."]
    made = propose([document(text, f"d{number}") for number, text in enumerate(texts)])
    without = [p.text for p in made.all if p.evidence is None]
    assert without
    assert not any("lighthouse in the world" in text or "Which film" in text for text in without)


def test_a_sentence_that_two_families_share_is_no_evidence() -> None:
    shared = "A notice is a sheet at the door."
    texts = [f"{shared} A bee is a small animal.", f"{shared} A hive is a kind of box.", f"{shared} A comb is a sheet."]
    made = propose([document(text, f"d{number}") for number, text in enumerate(texts)])
    assert not any("notice" in p.text for p in made.all if p.evidence)


def test_many_documents_give_no_more_than_a_person_can_review() -> None:
    made = propose([document(f"A thing{n} is the number {n} of the list.", f"d{n}") for n in range(400)])
    assert sum(p.evidence is not None for p in made.all) <= MOST


@pytest.mark.parametrize(
    "texts", [["A bee is an animal with wings."], ["?!", "…", "# Only\n\n## Headings"], ["蜜蜂。" * 900] * 2]
)
def test_too_little_to_ask_about_is_said(texts: list[str]) -> None:
    with pytest.raises(QuestionsError, match="two are needed"):
        propose([document(text, f"d{number}") for number, text in enumerate(texts)])


def test_fences_headings_quotes_and_markers_are_no_evidence() -> None:
    text = "# A head is a thing.\n\n```\nA fence is a thing.\n```\n\nA “quote” is a thing. A mark is a thing [1]."
    made = propose(
        [
            document(text, "odd"),
            document("A bee is an animal with wings.", "bee"),
            document("A fly is a pest with wings.", "fly"),
        ]
    )
    assert {p.evidence.document_id for p in made.all if p.evidence} == {"bee", "fly"}
