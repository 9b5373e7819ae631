"""What each citation metric says of right, wrong, empty and cheating answers."""

from __future__ import annotations

import pytest

from glossator import (
    Question,
    Span,
    abstains_well,
    citation_f1,
    citation_precision,
    citation_recall,
    evidence_f1,
    honest_form,
    quote_fidelity,
)
from glossator.citations.metrics import evidence_iou, evidence_precision, evidence_recall

from ..conftest import ABSTENTION, asked, document, holding, passage, read

A = "Ferritin falls before the haemoglobin does in iron deficiency."
B = "The stores are then empty and transferrin rises in the blood."
BLOOD = document(f"{A} {B}")
DRUGS = document("Warfarin is monitored with the INR at every visit to the clinic.", "drugs")
OTHERS = [document(f"Passage number {n} tells of something else altogether.", f"other{n}") for n in range(3)]
SHOWN = holding(BLOOD, A), holding(BLOOD, B), passage(DRUGS), *map(passage, OTHERS)
GOLD = asked(SHOWN[0].span)
TWO = asked(SHOWN[0].span, passage(DRUGS).span)
BY_DOCUMENT = Question(id="q", text="?", documents=("blood", "drugs"))
NONE = asked()
HALF = A[: A.index(" in iron")]


@pytest.mark.parametrize(
    ("text", "precision", "recall"),
    [
        (f"“{A}” [1]", 1, 1),
        ("Ferritin is the first to fall [1].", 1, 1),
        (f"“{HALF}” [1]", 1, 1),
        ("“Ferritin falls” [1]", 0, 0),
        (f"“{B}” [2]", 0, 0),
        (f"“{A}” [2]", 0, 0),
        (f"“{A}” [1] [2]", 1 / 2, 1),
        (f"“{A}” [1] [9]", 1 / 2, 1),
        (f"“{A}” [9]", 0, 0),
        (f"“{A}” [1][1][1][1]", 1 / 4, 1),
        (f"“{A}” [1-6]", 1 / 6, 1),
        (f"“{A}” [1] “{B}” [2]", 1 / 2, 1),
        ("[9][8]", 0, 0),
        (A, None, 0),
        ("", None, 0),
        (ABSTENTION, None, 0),
    ],
)
def test_precision_and_recall(text: str, precision: float | None, recall: float) -> None:
    answer = read(text, *SHOWN)
    assert citation_precision(GOLD, answer).value == precision
    assert citation_recall(GOLD, answer).value == recall
    assert citation_f1(GOLD, answer).value == pytest.approx(
        2 * (precision or 0) * recall / ((precision or 0) + recall or 1)
    )


def test_a_passage_around_the_gold_hits_and_one_beside_it_does_not() -> None:
    whole = passage(BLOOD)
    assert citation_precision(GOLD, read("Ferritin falls first [1].", whole)).value == 1
    beside = passage(BLOOD, len(A) - 5, len(BLOOD.text))
    assert citation_precision(GOLD, read("Ferritin falls first [1].", beside)).value == 0


def test_recall_counts_every_gold_span() -> None:
    assert citation_recall(TWO, read(f"“{A}” [1]", *SHOWN)).value == 1 / 2
    assert citation_recall(TWO, read(f"“{A}” [1] “{DRUGS.text}” [3]", *SHOWN)).value == 1


def test_where_only_documents_are_known_naming_them_counts() -> None:
    answer = read("Ferritin falls [2]. Something else [4].", *SHOWN)
    assert citation_precision(BY_DOCUMENT, answer).value == 1 / 2
    assert citation_recall(BY_DOCUMENT, answer).value == 1 / 2
    assert evidence_f1(BY_DOCUMENT, answer).value is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (f"“{A}” [1]", 1),
        ("Ferritin falls [1].", 1),
        (f"“{B}” [2]", 0),
        (ABSTENTION, 0),
        ("", 0),
        (f"“{A}” [1] “{B}” [2]", 2 * len(A) / (2 * len(A) + len(B))),
        (f"“{A}” [1][1]", 1),
    ],
)
def test_evidence_f1_compares_code_points(text: str, value: float) -> None:
    assert evidence_f1(GOLD, read(text, *SHOWN)).value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [(f"“{A}” [1]", 1), (f"“{A}” [2]", 0), (f"“{A}” [1] “{A}” [2]", 1 / 2), ("Iron is low [1].", None), ("", None)],
)
def test_quote_fidelity_is_the_share_of_true_quotes(text: str, value: float | None) -> None:
    assert quote_fidelity(GOLD, read(text, *SHOWN)).value == value


def test_wrong_is_worth_less_than_abstaining_and_abstaining_less_than_right() -> None:
    wrong, silent, right = (
        abstains_well(GOLD, read(t, *SHOWN)).value for t in (f"“{B}” [2]", ABSTENTION, f"“{A}” [1]")
    )
    assert (wrong, silent, right) == (0, 0.5, 1)


@pytest.mark.parametrize(("text", "value"), [(ABSTENTION, 1), (f"“{A}” [1]", 0), ("", 0), ("I cannot tell.", 0)])
def test_without_an_answer_only_the_abstention_is_right(text: str, value: float) -> None:
    answer = read(text, *SHOWN)
    assert abstains_well(NONE, answer).value == value
    assert [metric(NONE, answer).value for metric in (citation_recall, citation_f1, evidence_f1)] == [None] * 3


def test_citing_anything_for_an_unanswerable_question_has_precision_zero() -> None:
    assert citation_precision(NONE, read(f"“{A}” [1]", *SHOWN)).value == 0
    assert citation_precision(NONE, read(ABSTENTION, *SHOWN)).value is None


@pytest.mark.parametrize("text", [ABSTENTION, f"“{A}” [1]", f"“{A}” [1] “{B}” [2]", f"“{HALF}” [1]"])
def test_the_gate_is_open_for_sound_answers(text: str) -> None:
    score = honest_form(GOLD, read(text, *SHOWN))
    assert (score.value, score.why) == (1, "sound")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        (" \n ", "empty"),
        ("[1]", "a citation without statement"),
        ("[1][2][3]", "a citation without statement"),
        ("“.” [1]", "a citation without statement"),
        (A, "a statement without citation"),
        (f"“{A}” [1] It is important to note this well.", "a statement without citation"),
        (f"“{A}” [9]", "names no shown passage"),
        (f"“{A}” [1] [9]", "names no shown passage"),
        (f"“{A}” [2]", "does not hold"),
        (f"“{A.replace('before', 'after')}” [1]", "does not hold"),
        (f"“{A}” [1][2][3][4]", "cites everything"),
        (f"“{A}” [1] “{A}” [1]", "says the same twice"),
        (f"It is important to note this very well indeed, “{A}” [1]", "more words of its own"),
        (" ".join(f"“{p.text}” [{n}]" for n, p in enumerate(SHOWN[:3], 1)), "copies its context"),
    ],
)
def test_the_gate_is_shut_and_says_why(text: str, why: str) -> None:
    shown = SHOWN[:3] if why == "copies its context" else SHOWN
    score = honest_form(GOLD, read(text, *shown))
    assert score.value == 0
    assert why in score.why


def test_the_gate_does_not_know_the_gold() -> None:
    wrong = Question(id="q", text="?", evidence=(Span(document_id="elsewhere", start=0, end=9),))
    assert honest_form(wrong, read(f"“{A}” [1]", *SHOWN)).value == 1


def test_cited_stretches_against_gold_by_code_point() -> None:
    gold = Question(id="q", text="?", evidence=(Span(document_id="blood", start=0, end=80),))
    answer = read(f"“{A}” [1] “{B}” [2]", *SHOWN)
    cited, shared = len(A) + len(B), len(A) + 80 - len(A) - 1
    assert evidence_precision(gold, answer).value == pytest.approx(shared / cited)
    assert evidence_recall(gold, answer).value == pytest.approx(shared / 80)
    assert evidence_iou(gold, answer).value == pytest.approx(shared / (cited + 80 - shared))
    assert evidence_precision(gold, read(ABSTENTION, *SHOWN)).value is None
    assert evidence_recall(gold, read(ABSTENTION, *SHOWN)).value == 0
