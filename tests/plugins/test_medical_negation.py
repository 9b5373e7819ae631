"""A statement denies what its source denies, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glossator import Passage
from glossator_medical.negation import negation_faithful

from ..conftest import asked, document, passage, read, takes_linear_time

DRUGS = passage(
    document(
        "A forgotten warfarin dose may be taken later the same day, but the next dose must not be doubled. Ibuprofen is"
        " indicated in acute gout. Diclofenac is contraindicated in ischaemic heart disease. Warfarin should be avoided in"
        " pregnancy. Breastfeeding on warfarin is considered safe. An INR above 8.0 without bleeding is managed by stopping"
        " warfarin. Children should receive no more than four doses. Clarithromycin can raise colchicine levels, so the two"
        " drugs should not be taken together. Nitrofurantoin is effective in cystitis. Tablets may be taken with food.",
        "drugs",
    )
)
RIGHT = [
    "The next warfarin dose should not be doubled. [1]",
    "Never double the next dose. [1]",
    "Don’t double the next warfarin dose. [1]",
    "Diclofenac must not be used in ischaemic heart disease. [1]",
    "In pregnancy warfarin is contra-indicated. [1]",
    "An INR above 8.0 without bleeding needs stopping of warfarin. [1]",
    "Clarithromycin and colchicine should not be taken together. [1]",
    "A forgotten warfarin dose may be taken later, but the next dose must not be doubled. [1]",
    "“Warfarin should be avoided in pregnancy.” [1]",
]
SPOILED = [
    "The next warfarin dose must be doubled. [1]",
    "Diclofenac is indicated in ischaemic heart disease. [1]",
    "Ibuprofen is contraindicated in acute gout. [1]",
    "Ibuprofen is contra-indicated in acute gout. [1]",
    "Ibuprofen isn’t indicated in acute gout. [1]",
    "Ibuprofen isnt indicated in acute gout. [1]",
    "Ibuprofen is n\u200bot indicated in acute gout. [1]",
    "Ibuprofen is n\u043et indicated in acute gout. [1]",
    "Breastfeeding on warfarin is considered unsafe. [1]",
    "Breastfeeding on warfarin is considered non-safe. [1]",
    "Nitrofurantoin is ineffective in cystitis. [1]",
    "Warfarin should be used in pregnancy. [1]",
    "Warfarin should not be avoided in pregnancy. [1]",
    "An INR above 8.0 with bleeding is managed by stopping warfarin. [1]",
    "Clarithromycin and colchicine should be taken together. [1]",
    "Tablets may be taken without food. [1]",
    "A forgotten warfarin dose must not be taken later the same day. [1]",
    "Breastfeeding on warfarin is never safe.",
]


def value(text: str, *shown: Passage) -> float | None:
    return negation_faithful(asked(), read(text, *(shown or (DRUGS,)))).value


@pytest.mark.parametrize("text", RIGHT)
def test_what_the_source_denies_may_be_denied_in_other_words(text: str) -> None:
    assert value(text) == 1


@pytest.mark.parametrize("text", SPOILED)
def test_a_dropped_or_added_negation_is_seen(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize(
    "text",
    [
        "Ibuprofen is indicated in gout. [1]",
        "Children receive at most four doses. [1]",
        "Clarithromycin raises colchicine levels. [1]",
        "",
    ],
)
def test_where_nothing_is_denied_it_does_not_apply(text: str) -> None:
    assert value(text) is None


def test_the_value_is_a_share_of_the_statements_with_a_negation() -> None:
    text = "Never double the next dose. [1] Warfarin is taken in pregnancy. [1] Ibuprofen is indicated in gout. [1]"
    assert value(text) == 0.5


def test_a_negation_in_another_passage_does_not_count() -> None:
    other = passage(document("Ibuprofen is not indicated in acute gout.", "other"))
    assert value("Ibuprofen is not indicated in acute gout. [1]", DRUGS, other) == 0
    assert value("Ibuprofen is not indicated in acute gout. [2]", DRUGS, other) == 1


def test_every_gold_sentence_is_faithful_to_itself() -> None:
    gold = Path(__file__).parents[2] / "domains" / "medical" / "gold"
    rows = [json.loads(line) for path in sorted(gold.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    spans = [span["text"] for row in rows for span in row.get("gold_spans") or ()]
    values = [value(f"{text} [1]", passage(document(text))) for text in spans]
    assert len(values) > 100 and set(values) <= {1.0, None}


@pytest.mark.parametrize(
    "part", ["not ", "aaaa. ", ", and ", " and a b c", "a", ". ", "un", "don't ", "warfarin not, so "]
)
def test_reading_negations_is_linear(part: str) -> None:
    assert takes_linear_time(lambda text: value(f"{text} [1]"), part)


def test_many_different_clauses_are_read_in_linear_time() -> None:
    words = "".join(
        f"warfarin {chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676)}x not. " for n in range(5000)
    )
    assert takes_linear_time(lambda text: value(f"{text} [1]"), words, len(words))


def test_a_heading_belongs_to_no_clause() -> None:
    page = passage(document("## Contraindications\nACE inhibitors are given in the morning.\n", "page"))
    assert value("ACE inhibitors are given in the morning. [1]", page) is None


def test_nor_denies_and_a_leading_no_does_not() -> None:
    page = passage(document("Alcohol is not allowed. Nor may coffee be taken before the test.", "page"))
    assert value("No, coffee may not be taken before the test. [1]", page) == 1
    assert value("Yes, coffee may be taken before the test. [1]", page) == 0
