"""What reaches the user: supported statements, true quotes, or an abstention that says what was searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from glossator import Answer, Claim, Document, Verdict
from glossator.citations.check import check_answer
from glossator.citations.parse import format_citation
from glossator.verification.overlap import OverlapVerifier

from ..conftest import ABSTENTION, document, passage, read

BLOOD = document("Ferritin falls early. Stores are then empty. Iron 5 mg is taken at night.", title="Blood")
DRUGS = document("Warfarin is monitored with the INR weekly.", "drugs", title="Drugs")
SHOWN = passage(BLOOD), passage(DRUGS)
KNOWN = {"blood": BLOOD, "drugs": DRUGS}


def checked(text: str, documents: dict[str, Document] | None = None, least: float = 0.8) -> Answer:
    """A text as it would be shown."""
    return check_answer(
        read(text, *SHOWN),
        OverlapVerifier(),
        min_support=least,
        abstention=ABSTENTION,
        documents=KNOWN if documents is None else documents,
    )


@pytest.mark.parametrize(
    "text",
    [
        "“Ferritin falls early.” [1]",
        "[1]: “Ferritin falls early.”",
        "Ferritin falls early [1].",
        "So “Stores are then empty” [1].",
    ],
)
def test_a_supported_statement_is_kept_with_its_support(text: str) -> None:
    answer = checked(text)
    assert answer.text == text and not answer.abstained and answer.notes == ()
    assert [citation.support for citation in answer.citations] == [1.0]


def test_a_true_quote_stays_a_quote_at_its_place() -> None:
    (citation,) = checked("“Stores are then empty.” [1]").citations
    assert citation.quote == "Stores are then empty."
    assert citation.span is not None and BLOOD.text[citation.span.start : citation.span.end] == citation.quote


def test_an_altered_quote_that_is_still_supported_loses_its_quotation_marks() -> None:
    answer = checked("“Ferritin early falls” [1].")
    assert answer.text == "Ferritin early falls [1]."
    assert answer.citations[0].quote is None and answer.citations[0].support == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "“Ferritin rises early in anaemia” [1].",
        "Iron 50 mg is taken at night [1].",
        "“Iron 50 mg is taken at night” [1].",
        "Iron is never taken at night [1].",
        "Ferritin falls early [9].",
        "Ferritin falls early [1][9].",
        "Ferritin falls early [2].",
        "Ferritin falls early.",
        "[1]",
        "It is [1].",
    ],
)
def test_what_is_not_supported_is_dropped_and_the_answer_abstains(text: str) -> None:
    answer = checked(text)
    assert answer.text == ABSTENTION and answer.abstained
    assert answer.citations == () and answer.passages == SHOWN
    assert answer.notes == (
        "1 statement dropped: not supported by the cited words",
        "searched 2 passages of: Blood, Drugs",
    )


def test_the_form_that_training_teaches_passes_whole() -> None:
    text = f"{format_citation('Stores are then empty.', 1)} {format_citation('Warfarin is monitored', 2)}"
    answer = checked(text)
    assert answer.text == text
    assert [citation.quote for citation in answer.citations] == ["Stores are then empty.", "Warfarin is monitored"]


def test_what_is_supported_stays_when_the_rest_is_dropped() -> None:
    answer = checked("Ferritin falls early [1]. It cures all [1]. The moon is cheese [9]. “Warfarin is monitored” [2]")
    assert answer.text == "Ferritin falls early [1]. “Warfarin is monitored” [2]"
    assert [citation.support for citation in answer.citations] == [1.0, 1.0]
    assert answer.notes == ("2 statements dropped: not supported by the cited words",)


def test_every_offset_fits_the_text_that_is_shown() -> None:
    answer = checked("The moon is cheese [9]. Ferritin falls early [1]. “Warfarin is monitored” [2]")
    assert [answer.text[c.answer_start : c.answer_end] for c in answer.citations] == ["[1]", "[2]"]
    assert [answer.text[s.start : s.end] for s in answer.statements] == [s.text for s in answer.statements]


@pytest.mark.parametrize("now", ["Ferritin rises early. Stores are then empty. Iron 5 mg is taken at night.", None])
def test_a_passage_whose_document_changed_or_went_supports_nothing(now: str | None) -> None:
    documents = {"drugs": DRUGS} | ({"blood": replace(BLOOD, text=now)} if now else {})
    assert checked("“Stores are then empty.” [1]", documents).abstained
    assert (
        checked("“Stores are then empty.” [1] “Warfarin is monitored” [2]", documents).text
        == "“Warfarin is monitored” [2]"
    )


def test_an_abstention_says_what_was_searched() -> None:
    answer = checked(ABSTENTION)
    assert answer.abstained and answer.notes == ("searched 2 passages of: Blood, Drugs",)
    nothing = check_answer(read(""), OverlapVerifier(), min_support=0.5, abstention=ABSTENTION, documents={})
    assert nothing.abstained and nothing.notes == ("nothing was found to search",)


def test_a_verifier_that_cannot_tell_supports_nothing() -> None:
    class Silent:
        def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
            return [Verdict(full=None, reason="silent") for _ in claims]

    answer = check_answer(read("Iron [1].", *SHOWN), Silent(), min_support=0.0, abstention=ABSTENTION, documents=KNOWN)
    assert answer.abstained


def test_a_quoted_statement_is_judged_by_its_quotes_alone() -> None:
    assert checked("“Ferritin” and stores are then empty [1].").abstained


def test_the_least_support_is_the_recipes() -> None:
    text = "Ferritin falls early and slowly [1]."
    assert checked(text, least=0.75).text == text
    assert checked(text, least=0.8).abstained


def test_every_shown_citation_has_the_support_of_its_own_statement() -> None:
    answer = checked("“Ferritin early falls. Stores are empty.” [1] “Warfarin is monitored” [2]")
    assert answer.text == "“Warfarin is monitored” [2]", "the bare words would read as two statements, one uncited"
    assert [citation.support for citation in answer.citations] == [1.0]
    assert answer.dropped == 1


def test_a_marker_inside_a_false_quote_does_not_become_a_citation() -> None:
    answer = checked("“Iron [5] mg is taken at night” [1].")
    assert all(citation.passage_id for citation in answer.citations)
