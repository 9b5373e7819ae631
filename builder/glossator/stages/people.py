"""What people said of answers, as pairs over the passages that they saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glossator.artifacts import file_digest, read_rows, write_rows
from glossator.assistant import possible_answers
from glossator.feedback import Preference, not_asked, read_feedback
from glossator.generation.grounds import Possible
from glossator.plan import Plan
from glossator.prompting import render
from glossator.records import Example, Pair, Passage, Question
from glossator.rows import read_passage
from glossator.stages.base import PairArtifact
from glossator.stages.examples import gold

if TYPE_CHECKING:
    from glossator.generation.transformers_local import LocalGenerator
    from glossator.training.reward_functions import Task

FILE = "feedback.jsonl"


def feedback_key(plan: Plan) -> dict[str, str]:
    """The part of the plan that decides what people said."""
    path = _path(plan)
    return {"feedback": file_digest(path)} if path else {}


def _path(plan: Plan) -> Path | None:
    assert plan.recipe.rl is not None
    given = plan.recipe.rl.pairs.feedback
    return Path(given) if given else None


def people_pairs(plan: Plan, generator: LocalGenerator, folder: Path) -> tuple[list[Pair], dict[str, int]]:
    """The pairs that can be learnt, kept in `folder`; and how many lines were left out, and why.

    Left out are questions of the test split, and answers that the policy cannot give.
    """
    path = _path(plan)
    if path is None:
        return [], {}
    found, alone = read_feedback(path)
    free = not_asked(found, [question.text for question in gold(plan, "test")])
    length = plan.recipe.answer.max_new_tokens
    said = [
        one
        for one in free
        if sayable(generator, possible_for(one.question, one.passages, plan), length, (one.better, one.worse))
    ]
    write_rows(folder / FILE, map(asdict, said))
    counts = Counter(
        pairs=len(said),
        thumbs_without_a_partner=alone,
        of_test_questions=len(found) - len(free),
        not_sayable=len(free) - len(said),
    )
    return [_pair(one, plan) for one in said], dict(counts)


def sayable(generator: LocalGenerator, among: Possible | None, length: int, texts: Sequence[str]) -> bool:
    """Whether the policy can give all these answers, in at most `length` tokens each."""
    if among is None:
        return True
    start = generator.start(among, length)
    return all(generator.said(start, text) is not None for text in texts)


def possible_for(question: str, passages: Sequence[Passage], plan: Plan) -> Possible | None:
    """What may be answered to a prompt, and how likely that is beforehand; None = free text."""
    answer = plan.recipe.answer
    if answer.grounding == "cited":
        return None
    return possible_answers(question, passages, answer, plan.domain.prompts.abstention)


def _pair(one: Preference, plan: Plan) -> Pair:
    return Pair(
        question_id=one.id,
        messages=render(plan.domain.prompts, one.question, one.passages),
        chosen=one.better,
        rejected=one.worse,
        chosen_scores={},
        rejected_scores={},
        chosen_from="person",
        rejected_from="person",
    )


def people_tasks(pairs: PairArtifact, plan: Plan) -> list[Task]:
    """The prompts of these pairs, with the passages that were shown."""
    path = pairs.folder / FILE
    return [_task(row, plan) for row in read_rows(path)] if path.is_file() else []


def _task(row: dict[str, Any], plan: Plan) -> Task:
    from glossator.training.reward_functions import Task

    passages = tuple(map(read_passage, row["passages"]))
    example = Example(
        question_id=row["id"],
        messages=render(plan.domain.prompts, row["question"], passages),
        completion=row["better"],
        passages=tuple(passage.id for passage in passages),
        scores=tuple(passage.score or 0.0 for passage in passages),
        answerable=True,
    )
    return Task(example=example, question=Question(id=row["id"], text=row["question"]), passages=passages)
