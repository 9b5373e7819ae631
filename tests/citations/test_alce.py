"""ALCE's figures by hand, each of its bugs included."""

from __future__ import annotations

import pytest

from glossator import Claim
from glossator.citations.alce import AlceItem, AlceScore, alce_compat, remove_citations

from .judges import Letters, shown

PASSAGES = shown("A B", "B C", "A", "a D")


def score(output: str) -> tuple[float | None, float | None]:
    (found,) = alce_compat([AlceItem(output=output, passages=PASSAGES)], Letters())
    return found.recall, found.precision


@pytest.mark.parametrize(
    ("output", "recall", "precision", "why"),
    [
        ("Say A [1].", 1, 1, "one citation: precision is recall"),
        ("Say C [1].", 0, 0, "not supported: every citation is wrong"),
        ("Say A C [1][2].", 1, 1, "neither alone, both needed"),
        ("Say A [1][2].", 1, 1 / 2, "the second is not needed"),
        ("Say A [1][3].", 1, 1, "each supports alone: no redundancy is seen"),
        ("Say A. Say A [1].", 1 / 2, 1, "a sentence without citation"),
        ("Say A [1]. Say C [1].", 1 / 2, 1 / 2, "means over sentences and over citations"),
        ("Say A [1, 2].", 1, 1, "only 1 of a list is seen"),
        ("Say C B [1-3].", 0, 0, "only 1 of a range is seen"),
        ("Say D [0].", 1, 1, "[0] is the last passage"),
        ("Say A [^1].", 0, 0, "a footnote is no citation"),
        ("Say A x[1].", 1, 1, "an index in code is a citation"),
        ("Say A [3][3][3][4].", 1, 1, "the fourth citation is not seen"),
        ("Say A [1][9].", 0, 0, "out of range: no recall"),
        ("Say A [1][9]. Say A [1].", 1 / 2, 1, "out of range costs no precision"),
        ("Say A [1].\nSay C [1].", 1, 1, "what follows the first line is not read"),
        ("Say A. [1] Say C. [2]", 0, 0, "a marker behind the stop belongs to the next sentence"),
        ("I do not know.", 0, 0, "a refusal is a sentence without citation"),
        ("Say A [1][1][2].", 1, 2 / 3, "the others without the first of its kind"),
    ],
)
def test_by_hand(output: str, recall: float, precision: float, why: str) -> None:
    assert score(output) == (pytest.approx(recall), pytest.approx(precision)), why


def test_an_empty_answer_is_in_no_mean() -> None:
    assert alce_compat([AlceItem(output=" \n", passages=PASSAGES)], Letters()) == [
        AlceScore(recall=None, precision=None, why="nothing is said")
    ]


def test_what_cannot_be_judged_is_no_zero() -> None:
    (found,) = alce_compat([AlceItem(output="Say Q [1].", passages=PASSAGES)], Letters())
    assert found.recall is None and "could not be judged" in found.why


def test_claim_and_evidence_are_those_of_the_paper() -> None:
    judge = Letters()
    alce_compat([AlceItem(output="Say A C [1][2].", passages=PASSAGES)], judge)
    assert judge.calls[0] == [Claim("Say A C.", ("Title: t1\nA B\nTitle: t2\nB C",))]


def test_brackets_are_torn_from_the_claim() -> None:
    assert remove_citations("See arr[1] and [^2] and [doc3].") == "See arr and [^2 and [doc3."


def test_three_calls_for_any_number_of_answers() -> None:
    judge = Letters()
    alce_compat([AlceItem(output="Say A C [1][2][3].", passages=PASSAGES)] * 8, judge)
    assert sum(bool(call) for call in judge.calls) == 3


def test_another_cut_into_sentences_may_be_given() -> None:
    item = AlceItem(output="No. 4 says A [1].", passages=PASSAGES)
    (found,) = alce_compat([item], Letters(), cut=lambda line: [line])
    assert (found.recall, found.precision) == (1, 1)
