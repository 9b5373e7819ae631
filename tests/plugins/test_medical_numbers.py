"""Numbers of a medical answer: typography is free, everything else must be what the source says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from glossator import Passage
from glossator_medical.numbers import numbers_faithful
from glossator_medical.quantities import quantities

from ..conftest import asked, document, passage, read, takes_linear_time

GOUT = passage(
    document(
        "Naproxen for acute gout is given as 750 mg once, followed by 250 mg every 8 hours. Colchicine is given as 500 µg"
        " two to four times daily, to a total of 6 mg per course. The urate target is below 300 µmol/L when tophi are"
        " present. Urate is rechecked at least 2 weeks after the flare. Children receive no more than four doses in 24"
        " hours. The maximum adult dose of paracetamol is 4 g in 24 hours. Adults take 15 to 20 g of glucose, rechecked"
        " within 15 minutes. Prednisolone 1,000 mg daily for 5 days. A T-score of −2.5 or less is osteoporosis. Referral"
        " from 140/90 mmHg or more. Paracetamol 15 mg/kg per dose. One or two tablets. Ramipril 5, 10 or 20 mg once daily.",
        "gout",
    )
)
OTHER = passage(document("Allopurinol is started at 100 mg daily.", "other"))
FAITHFUL = [
    "Naproxen: 250mg every eight hours [1]",
    "Naproxen: 250\u2009mg 8-hourly [1]",
    "Colchicine 500 mcg two to four times a day [1]",
    "Colchicine 500 micrograms 2–4 times per day [1]",
    "Colchicine five hundred µg 2 to 4 times daily [1]",
    "Urate under 300 μmol/l [1]",
    "Urate < 300 micromol per litre [1]".replace("micromol", "micromoles"),
    "Recheck after not less than two weeks [1]",
    "At most 4 doses in twenty-four hours [1]",
    "Up to 4 g in 24 hours [1]",
    "Between 15 and 20 grams of glucose [1]",
    "Glucose 15-20 g, rechecked within fifteen minutes [1]",
    "Prednisolone 1000 mg daily for five days [1]",
    "Prednisolone 1 000 mg every day [1]",
    "A T-score of -2.5 or lower [1]",
    "From ≥140/90 mm Hg [1]",
    "Paracetamol 15 mg per kg per dose [1]",
    "10 mg once a day [1]",
    "2\u200b50 mg every 8 hours [1]",
    "Allopurinol 100.0 mg daily [2]",
    "1. Naproxen 750 mg once. [1]",
    "The leaflet of March 2019 allows 4 g as a maximum in 24 hours [1]".replace("4 g as a maximum", "a maximum of 4 g"),
    "The 2 sources agree on 5, 10 or 20 mg [1]",
    "“Naproxen for acute gout is given as 750 mg once, followed by 250 mg every 8 hours.” [1]",
]
SPOILED = [
    "Naproxen 250 g every 8 hours [1]",
    "Naproxen 0.25 g every 8 hours [1]",
    "Naproxen 250 every 8 hours [1]",
    "Naproxen 25O mg every 8 hours [1]",
    "Naproxen 250 mг every 8 hours [1]",
    "Naproxen two hundred mg every 8 hours [1]",
    "Naproxen 750 mg every 8 hours [1]",
    "Naproxen 250 mg every 6 hours [1]",
    "Naproxen 250 mg three times daily [1]",
    "Naproxen 250 mg every 8 days [1]",
    "Naproxen 8 mg every 250 hours [1]",
    "Colchicine 500 mg two to four times daily [1]",
    "Colchicine 500 µg twice daily [1]",
    "Colchicine 500 µg two to six times daily [1]",
    "Colchicine 500 µg two to four times weekly [1]",
    "Urate above 300 µmol/L [1]",
    "Urate of 300 µmol/L [1]",
    "Urate up to 300 µmol/L [1]",
    "Urate below 300 mmol/L [1]",
    "Urate below 300 µmol/dL [1]",
    "Recheck at most 2 weeks after [1]",
    "Recheck 2 weeks after [1]",
    "No less than four doses in 24 hours [1]",
    "More than 4 g in 24 hours [1]",
    "The dose is 4 g in 24 hours [1]",
    "Take 15 g of glucose [1]",
    "Take 20 to 25 g of glucose [1]",
    "Recheck after 15 minutes [1]",
    "Prednisolone 1.000 mg daily [1]",
    "Prednisolone 1000 mg daily for 5 weeks [1]",
    "A T-score of 2.5 or less [1]",
    "A T-score of −2.5 or more [1]",
    "From 90/140 mmHg [1]",
    "Paracetamol 15 mg per dose [1]",
    "10 mg every other day [1]",
    "250 mg every 8 hours [2]",
    "250 mg every 8 hours",
    "Allopurinol 100 mg daily [1]",
    "Take 2\u200b5\u200b0\u200b0 mg [1]",
    "Take ½ tablet once daily [1]",
    "Take three tablets [1]",
    "Take ٣ tablets [1]",
    "Take a dozen, that is twelve tablets [1]",
    "Within a week [1]",
    "Take 2019 mg [1]",
    "In 2019 mg [1]",
]


def value(text: str, *shown: Passage) -> float | None:
    return numbers_faithful(asked(), read(text, *(shown or (GOUT, OTHER)))).value


@pytest.mark.parametrize("text", FAITHFUL)
def test_typography_changes_nothing(text: str) -> None:
    assert value(text) == 1


@pytest.mark.parametrize("text", SPOILED)
def test_every_other_change_is_seen(text: str) -> None:
    assert value(text) == 0


@pytest.mark.parametrize(
    "text", ["Naproxen helps in gout. [1]", "Vitamin B12, T4 and CURB-65. [1]", "", "One should rest. [1]"]
)
def test_without_a_number_it_does_not_apply(text: str) -> None:
    assert value(text) is None


def test_the_value_is_a_share_and_says_which_number_is_wrong() -> None:
    score = numbers_faithful(asked(), read("250 mg every 8 hours. [1] 300 mg every 8 hours. [1] Rest helps. [1]", GOUT))
    assert score.value == 0.5
    assert score.why == "1 of 2 faithful; “300 mg” is not cited"


def test_a_number_is_looked_for_in_the_quote_only_when_there_is_one() -> None:
    assert value("“The urate target is below 300 µmol/L” and naproxen 250 mg every 8 hours [1]") == 0


def test_a_lone_amount_in_a_table_may_be_a_limit_but_no_minimum() -> None:
    row = passage(
        document("| Loperamide | 4 mg, then 2 mg after each stool | oral | 16 mg | - |\n| Age 75 | 2 |\n", "table")
    )
    assert value("The formulary gives a maximum of 16 mg. [1]", row) == 1
    assert value("It allows up to 16 mg. [1]", row) == 1
    assert value("At age 75 there are 2 points. [1]", row) == 1
    assert value("Take at least 16 mg. [1]", row) == 0
    assert value("At most 16 mg per day. [1]", row) == 0
    assert value("At most 16 mg per day. [1, 2]", row, passage(document("| Drug | Maximum per day |", "head"))) == 1
    assert value("Take a maximum of 4 mg. [1]", row) == 0


def test_every_gold_sentence_is_faithful_to_itself() -> None:
    gold = Path(__file__).parents[2] / "domains" / "medical" / "gold"
    rows = [json.loads(line) for path in sorted(gold.glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    spans = [span["text"] for row in rows for span in row.get("gold_spans") or ()]
    values = [value(f"{text} [1]", passage(document(text))) for text in spans]
    assert len(values) > 100 and set(values) <= {1.0, None}


@pytest.mark.parametrize(
    "part",
    [
        "5 mg ",
        "5-",
        "five ",
        "1,000",
        "1",
        "1.",
        "every 5 or 6 ",
        ">",
        "between 5 mg ",
        "5 mg/",
        "½",
        "> the ",
        "2 times ",
        "twenty-",
    ],
)
def test_reading_numbers_is_linear(part: str) -> None:
    assert takes_linear_time(quantities, part)
    assert takes_linear_time(lambda text: value(f"{text} [1]", GOUT), part)
