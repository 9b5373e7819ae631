"""Scorers of this domain. One function is metric in a report, reward in training, and gate where it says 0 or 1."""

from __future__ import annotations

import re

from glossator import Answer, Question, Score, Scorer

MEASURES = "harbour_measures"

_MEASURE = re.compile(r"\d+(?:\.\d+)? (?:knots|metres|hours|litres)")


def measures(question: Question, answer: Answer) -> Score:
    """Share of the measures in an answer (12 knots, 3 hours) that a passage it was given over states in these words."""
    claims = " ".join(statement.claim for statement in answer.statements)
    stated = _MEASURE.findall(claims)
    if not stated:
        return Score(name=MEASURES, value=None, why="no measure")
    shown = {measure for passage in answer.passages for measure in _MEASURE.findall(passage.text)}
    good = sum(measure in shown for measure in stated)
    return Score(name=MEASURES, value=good / len(stated), why=f"{good} of {len(stated)} measures stand in the passages")


SCORERS = (Scorer(name=MEASURES, score=measures, summary="share of the measures that stand in the passages shown"),)
