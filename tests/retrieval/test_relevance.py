"""Before any model has read a passage: what is near the question and shares its rare words comes first."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from glossator import Passage
from glossator.citations.quotable import pieces
from glossator.retrieval.relevance import (
    SCORE,
    SILENCE,
    WEIGHTS,
    features,
    narrow,
    overlaps,
    prior,
    rerank,
    sufficiency,
    weights,
)

from ..conftest import document, passage

IRON = passage(document("Iron is a metal. Ferritin falls first in iron deficiency. Tea is a drink.", "iron"))
WARFARIN = passage(document("Warfarin thins the blood. The INR shows its effect.", "warfarin"))
HEADING = passage(document("# Nothing here", "empty"))
QUESTION = "Which value falls first in iron deficiency?"


def test_passages_come_in_the_order_of_their_best_sentence_and_those_without_any_last() -> None:
    assert rerank(QUESTION, [HEADING, WARFARIN, IRON]) == [IRON, WARFARIN, HEADING]


def test_narrowed_to_sentences_the_right_one_comes_first_with_its_place() -> None:
    first, *rest = narrow(QUESTION, [WARFARIN, IRON, HEADING])
    assert (first.text, first.start, first.end) == ("Ferritin falls first in iron deficiency.", 17, 57)
    assert len(rest) == 4 and {p.document_id for p in rest} == {"iron", "warfarin"}


def test_a_sentence_that_two_passages_share_is_shown_once() -> None:
    twin = passage(document("Ferritin falls first in iron deficiency. Salt is not.", "twin"))
    texts = [p.text for p in narrow(QUESTION, [IRON, twin])]
    assert len(texts) == len(set(texts)) == 4


def test_the_prior_is_aligned_with_the_abstention_and_the_pieces() -> None:
    shown = [IRON, WARFARIN]
    weighed = prior(QUESTION, shown, 1.0)
    assert len(weighed) == 1 + len(pieces(shown)) == 6
    assert weighed[0] == SILENCE
    assert max(weighed) == weighed[2]
    assert prior(QUESTION, shown, 2.0) == pytest.approx([2 * weight for weight in weighed])


def test_far_from_every_passage_the_abstention_is_heaviest() -> None:
    assert max(prior("How does the garbage collector of Java work?", [IRON, WARFARIN], 1.0)) == SILENCE


def test_switched_off_all_answers_weigh_the_same() -> None:
    assert prior(QUESTION, [IRON, WARFARIN], 0.0) == [0.0] * 6


def test_the_score_of_a_passage_counts_for_its_pieces() -> None:
    low, high = (weights(QUESTION, pieces([replace(IRON, score=score)]))[1] for score in (0.2, 0.8))
    assert high - low == pytest.approx(0.6 * SCORE)


def test_a_piece_weighs_the_sum_of_its_features() -> None:
    found = pieces([replace(IRON, score=0.4), WARFARIN])
    rows = features(QUESTION, found)
    assert [row[2] for row in rows] == [0.4, 0.4, 0.4, 0.0, 0.0]
    sums = [sum(a * b for a, b in zip(WEIGHTS, row, strict=True)) for row in rows]
    assert weights(QUESTION, found) == pytest.approx([SILENCE, *sums])


def test_an_answer_is_likely_where_a_sentence_is_near() -> None:
    assert sufficiency(QUESTION, [IRON, WARFARIN]) > 0.9
    assert sufficiency("How does the garbage collector of Java work?", [IRON, WARFARIN]) < 0.3
    assert sufficiency(QUESTION, []) == sufficiency(QUESTION, [HEADING]) == 0.0


def test_a_word_that_few_pieces_hold_counts_more() -> None:
    common, rare = overlaps("iron ferritin", ["iron a", "iron b", "iron c", "ferritin d"])[2:]
    assert 0 < common < rare < 1
    assert overlaps("iron", []) == [] and overlaps("", ["iron"]) == [0.0]


def test_nothing_found_weighs_the_abstention_alone() -> None:
    shown: list[Passage] = []
    assert prior(QUESTION, shown, 1.0) == [SILENCE] and rerank(QUESTION, shown) == narrow(QUESTION, shown) == []
    assert math.isfinite(SILENCE)
