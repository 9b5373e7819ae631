"""A model that makes things up: nothing unsupported reaches the user, each statement is repaired once or gone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from glossator import Answer, Claim, Host, Verdict, Verifier
from glossator.amendments import Fault
from glossator.verification.aligned import AlignedVerifier
from glossator.verification.overlap import OverlapVerifier

from .conftest import ABSTENTION, document, passage
from .puppets import Puppet, assistant_of

BLOOD = document("Ferritin falls first in iron deficiency. Stores are then empty.", title="Blood")
DRUGS = document("The dose of iron is 5 mg at night. Iron is not given with milk.", "drugs", title="Drugs")
RIGHT = "Ferritin falls first in iron deficiency [1]."
DOSE = "[2]: “The dose of iron is 5 mg at night.”"
QUESTION = "What is the dose of iron?"


class Silent:
    """Cannot judge anything."""

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        return [Verdict(full=None, reason="no answer") for _ in claims]


class Counting(AlignedVerifier):
    """Keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        self.asked += [claim.text for claim in claims]
        return super().judge(claims)


def answered(
    folder: Path, text: str, verifier: Verifier | None = None, question: str = QUESTION, **policy: object
) -> tuple[Answer, Puppet]:
    puppet = Puppet(text)
    documents = (BLOOD, DRUGS)
    shown = [passage(each) for each in documents]
    assistant = assistant_of(folder, puppet, documents, shown, verifier or AlignedVerifier(), **policy)
    return assistant.answer(question), puppet


NEAR: list[tuple[str, Fault]] = [
    ("The dose of iron is 50 mg at night [2].", "unsupported"),
    ("“The dose of iron is 50 mg at night” [2].", "unsupported"),
    ("The dose of iron is 5 mg at night [7].", "foreign marker"),
    ("The dose of iron is 5 mg at night [2][7].", "foreign marker"),
    ("The dose of iron is 5 mg at night [2] [-1].", "foreign marker"),
    ("The dose of iron is 5 mg at night.", "uncited"),
    ("The dose of iron is 5 mg [2](https://evil.example).", "foreign link"),
    ("The dose of iron is 5 mg <b>at night</b> [2].", "foreign link"),
]
FAR: list[tuple[str, Fault]] = [
    ("The dose of iron was found by Dr Brown in Oslo [2].", "unsupported"),
    ("Therefore the dose of iron is 50 mg.", "uncited"),
    ("What if I told you that iron cures cancer?", "uncited"),
    ("## Iron cures cancer", "uncited"),
    ("I cannot say more, but iron cures cancer.", "uncited"),
    ("I hope you take 50 mg.", "uncited"),
    ("The dose of iron is 5 mg ![x](https://evil.example/x) [2].", "foreign link"),
]
QUOTES = (DOSE, "[2]: “Iron is not given with milk.”", "[1]: “Stores are then empty.”")


@pytest.mark.parametrize(("text", "fault"), NEAR)
def test_a_faulty_statement_is_replaced_by_the_nearest_quote(tmp_path: Path, text: str, fault: Fault) -> None:
    answer, puppet = answered(tmp_path, f"{RIGHT} {text}")
    assert [(one.statement, one.fault) for one in answer.amendments] == [(text, fault)]
    assert answer.amendments[0].replacement == DOSE and answer.text == f"{RIGHT} {DOSE}"
    assert answer.dropped == 0 and len(puppet.repairs) == 1 and not answer.abstained
    assert all(citation.support and citation.support >= 0.5 for citation in answer.citations)
    assert answer.notes == ("1 statement replaced by a quote: not supported by the cited words",)


@pytest.mark.parametrize(("text", "fault"), [*NEAR, *FAR])
def test_a_faulty_statement_never_reaches_the_user(tmp_path: Path, text: str, fault: Fault) -> None:
    for draft in (f"{RIGHT}\n{text}", f"{text}\n\n{RIGHT}"):
        answer, puppet = answered(tmp_path, draft)
        (amendment,) = answer.amendments
        assert (amendment.statement, amendment.fault) == (text, fault)
        assert amendment.replacement is None or amendment.replacement in QUOTES
        rest = answer.text.replace(amendment.replacement or "", "").strip()
        assert rest == RIGHT and answer.dropped == (not amendment.repaired) and len(puppet.repairs) == 1
        assert {citation.passage_id for citation in answer.citations} <= {p.id for p in answer.passages}


def test_a_negated_fact_is_replaced_by_the_fact(tmp_path: Path, host: Host) -> None:
    """By the verifier that reads; the quick ones look at words, and take a claim without its `not` for supported."""
    verifier = host.verifier("cross_encoder").load()
    answer, _ = answered(tmp_path, "Iron is given with milk [2].", verifier, "Is iron given with milk?")
    assert answer.text == "[2]: “Iron is not given with milk.”"
    assert [one.fault for one in answer.amendments] == ["unsupported"]


def test_a_repair_is_asked_with_question_and_statement_without_its_marker(tmp_path: Path) -> None:
    _, puppet = answered(tmp_path, "The dose of iron is 50 mg [2].")
    assert puppet.repairs == [f"{QUESTION} The dose of iron is 50 mg ."]


def test_what_is_far_from_every_passage_is_dropped_and_counted(tmp_path: Path) -> None:
    answer, puppet = answered(tmp_path, f"{RIGHT} The moon is cheese [1].", question="Is the moon cheese?")
    assert answer.text == RIGHT and answer.dropped == 1 and len(puppet.repairs) == 1
    (amendment,) = answer.amendments
    assert (amendment.fault, amendment.replacement, amendment.repaired) == ("unsupported", None, False)
    assert amendment.support is not None and amendment.support < 0.5
    assert answer.notes == ("1 statement dropped: not supported by the cited words",)


def test_an_answer_of_which_nothing_stands_abstains(tmp_path: Path) -> None:
    text = "Here is what I found: The moon is cheese [1]. Mars is red [2]."
    answer, _ = answered(tmp_path, text, question="Is the moon cheese?")
    assert answer.abstained and answer.text == ABSTENTION and answer.dropped == len(answer.amendments) == 2
    assert answer.citations == () and not any(one.repaired for one in answer.amendments)


def test_a_quote_that_is_shown_already_replaces_nothing(tmp_path: Path) -> None:
    answer, _ = answered(tmp_path, f"{DOSE} The dose of iron is 50 mg [2]. The dose of iron is 60 mg [2].")
    assert answer.text == DOSE and answer.dropped == 2


def test_the_same_fault_is_repaired_once(tmp_path: Path) -> None:
    verifier = Counting()
    answer, puppet = answered(tmp_path, "The dose of iron is 50 mg [2]. The dose of iron is 50 mg [2].", verifier)
    assert answer.text == DOSE and len(puppet.repairs) == 1
    assert len(verifier.asked) == len(set(verifier.asked)) == 2, "the claim and its repair"
    assert [one.repaired for one in answer.amendments] == [True, False]


def test_what_cannot_be_judged_is_not_shown(tmp_path: Path) -> None:
    answer, puppet = answered(tmp_path, f"{RIGHT} Iron is a metal [2].", Silent())
    assert answer.abstained and [one.fault for one in answer.amendments] == ["unjudged", "unjudged"]
    assert len(puppet.repairs) == 2, "each is tried once, and the repair cannot be judged either"
    assert all(one.support is None for one in answer.amendments)


def test_a_repair_that_is_no_true_quote_is_not_shown(tmp_path: Path) -> None:
    class Liar(Puppet):
        def complete(self, conversations, max_new_tokens, choices=None):  # type: ignore[no-untyped-def]
            super().complete(conversations, max_new_tokens, choices)
            return [self.text if choices is None else "The dose of iron is 5 mg at night [2]."] * len(conversations)

    puppet = Liar("The dose of iron is 50 mg [2].")
    documents = (BLOOD, DRUGS)
    assistant = assistant_of(tmp_path, puppet, documents, [passage(each) for each in documents], OverlapVerifier())
    assert assistant.answer(QUESTION).abstained and len(puppet.repairs) == 1


@pytest.mark.parametrize("text", [ABSTENTION, "I cannot answer.", "Here is what I found:", ""])
def test_an_answer_without_a_claim_is_an_abstention_and_nothing_is_repaired(tmp_path: Path, text: str) -> None:
    answer, puppet = answered(tmp_path, text)
    assert answer.abstained and answer.text == ABSTENTION and answer.dropped == 0 and puppet.repairs == []


def test_what_makes_no_claim_stands_beside_what_is_supported(tmp_path: Path) -> None:
    text = f"Here is what I found:\n\n- {RIGHT}\n\nThe passages do not say more.\nLet me know if you need more details."
    answer, puppet = answered(tmp_path, text)
    assert answer.text == text and answer.amendments == () and puppet.repairs == []


def test_an_echo_that_is_no_question_is_a_claim(tmp_path: Path) -> None:
    answer, _ = answered(tmp_path, f"{RIGHT} Iron is given with milk.", question="Is iron given with milk?")
    assert [one.fault for one in answer.amendments] == ["uncited"]


def test_in_quoted_grounding_nothing_is_repaired(tmp_path: Path) -> None:
    answer, puppet = answered(tmp_path, "", grounding="quoted")
    assert len(puppet.repairs) == 1, "the answer itself"
    assert answer.text == DOSE and answer.amendments == ()


def test_a_statement_that_does_not_fit_beside_the_passages_is_left_out_of_the_prompt(tmp_path: Path) -> None:
    puppet = Puppet("The dose of iron is 50 mg [2].", room=190)
    documents = (BLOOD, DRUGS)
    assistant = assistant_of(tmp_path, puppet, documents, [passage(each) for each in documents], AlignedVerifier())
    assert assistant.answer(QUESTION).text == DOSE
    assert puppet.repairs == [QUESTION]


def test_the_time_of_check_and_repair_is_told(tmp_path: Path) -> None:
    answer, _ = answered(tmp_path, "The dose of iron is 50 mg [2].")
    assert set(answer.timings) == {"retrieve", "generate", "check", "repair"} and answer.timings["repair"] > 0
    answer, _ = answered(tmp_path, RIGHT)
    assert set(answer.timings) == {"retrieve", "generate", "check"}
