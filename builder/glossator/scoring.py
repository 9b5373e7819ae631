"""Scorers at work: one judgement, read as metric, as gate and as reward."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite

from glossator.domain import RewardPolicy
from glossator.records import Answer, Question, Score, Scorer


def judge(scorers: Iterable[Scorer], question: Question, answer: Answer) -> dict[str, Score]:
    """The verdict of every scorer. One that raises gives no value and says why; it is counted, never averaged."""
    return {scorer.name: _judged(scorer, question, answer) for scorer in scorers}


def reward(policy: RewardPolicy, scores: Mapping[str, Score]) -> float | None:
    """Weighted mean of the components that apply; 0 when a gate says 0.

    None when nothing could be judged, or when a gate failed: an open gate is not assumed.
    """
    if any(scores[name].failed for name in policy.gates):
        return None
    if any(scores[name].value == 0 for name in policy.gates):
        return 0.0
    known = {name: value for name in policy.weights if (value := scores[name].value) is not None}
    total = sum(policy.weights[name] for name in known)
    return sum(policy.weights[name] * value for name, value in known.items()) / total if total else None


def _judged(scorer: Scorer, question: Question, answer: Answer) -> Score:
    try:
        score = scorer.score(question, answer)
        if score.value is not None and not isfinite(score.value):
            raise ValueError(f"returned {score.value}")
    except Exception as error:
        return Score(name=scorer.name, value=None, why=f"{type(error).__name__}: {error}", failed=True)
    return score
