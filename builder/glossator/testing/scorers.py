"""Scorers: the gold earns 1 under the domain's own, and no answer, however odd, makes one fail or leave 0 to 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from glossator.citations.read import read_answer
from glossator.records import Answer, Question, Score, Scorer
from glossator.scoring import judge
from glossator.testing.forms import Form
from glossator.testing.material import Material, Row
from glossator.testing.problem import Problem, grouped

LONG = 100_000
ALMOST = 1 - 1e-9
"""A right answer earns at least this; sums of fractions may miss 1 by a rounding."""


def gold_score_problems(material: Material) -> Iterator[Problem]:
    """Right answers that a scorer of the domain's own plugin gives less than 1."""
    yield from grouped(_low(material), len(material.rows))


def scorer_problems(material: Material) -> Iterator[Problem]:
    """Scorers of the policy and of the plugin that break their contract, one finding for each kind of answer."""
    seen = set()
    for row in _one_of_each(material):
        for kind, answer in _odd_answers(row, material).items():
            for scorer in material.scorers:
                fault = _fault(scorer, row.question, answer)
                if fault and (scorer.name, kind) not in seen:
                    seen.add((scorer.name, kind))
                    remedy = "return Score(name, value) with a value of 0 to 1, or None where it does not apply"
                    yield Problem(where=f"scorer {scorer.name!r}", what=f"{kind}: {fault}", remedy=remedy)


def _low(material: Material) -> Iterator[Problem]:
    for row in material.rows:
        for form in material.forms(row):
            for score in _judged(material, row.question, form):
                if score.value is not None and score.value < ALMOST:
                    what = f"scorer {score.name!r} gives the {form.name} gold {score.value:.2g}, not 1: {score.why}"
                    yield Problem(where=row.where, what=what, remedy="correct the scorer or the gold")


def _judged(material: Material, question: Question, form: Form) -> Iterator[Score]:
    """A reference is written in free words: gates, which may pay quotes only, are not asked about it."""
    asked = [scorer for scorer in material.own if form.name != "reference" or not scorer.gate]
    answer = read_answer(form.text, form.passages, material.domain.prompts.abstention)
    yield from judge(asked, question, answer).values()


def _one_of_each(material: Material) -> Iterator[Row]:
    """An answerable and an unanswerable question."""
    for answerable in (True, False):
        found = (row for row in material.rows if row.question.answerable == answerable)
        yield from list(found)[:1]


def _odd_answers(row: Row, material: Material) -> Mapping[str, Answer]:
    abstention = material.domain.prompts.abstention
    right, passages = material.forms(row)[0].text, material.forms(row)[0].passages
    words = passages[0].text if passages else "Nothing was shown."
    texts = {
        "empty answer": "",
        "abstained answer": abstention,
        "uncited answer": words,
        "answer of 100,000 characters": (f"{words} [1] " * (LONG // (len(words) + 5) + 1))[:LONG],
        "answer in odd Unicode": "\u202e[1]\u200d \U0001f9ec“\ufeff\u0000” ١٢ [1] ﬁ\u0301 ß İ [\U0001d7ce] \ue000",
    }
    answers = {kind: read_answer(text, passages, abstention) for kind, text in texts.items()}
    return {**answers, "answer over no passages": read_answer(right, (), abstention)}


def _fault(scorer: Scorer, question: Question, answer: Answer) -> str:
    """What is wrong with its verdict; empty when nothing is."""
    try:
        score: object = scorer.score(question, answer)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    if not isinstance(score, Score):
        return f"returns {type(score).__name__}, not a Score"
    if score.name != scorer.name:
        return f"returns the score of {score.name!r}"
    if score.value is not None and not (isinstance(score.value, int | float) and 0 <= score.value <= 1):
        return f"returns the value {score.value!r}"
    return ""
