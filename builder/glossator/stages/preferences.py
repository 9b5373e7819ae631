"""Samples of the SFT adapter, ordered by the reward policy -> preference pairs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from glossator.artifacts import read_rows, write_json, write_rows
from glossator.citations.read import read_answer
from glossator.domain import RewardPolicy
from glossator.errors import StageError
from glossator.generation.grounds import Possible
from glossator.host import Host
from glossator.plan import Plan
from glossator.records import Pair, Score, Scorer
from glossator.rows import read_passage, stored_question
from glossator.scoring import judge, reward
from glossator.stages.base import TRAINERS, AdapterArtifact, ExampleArtifact, PairArtifact, Stage, Work
from glossator.stages.people import feedback_key, people_pairs, possible_for, sayable
from glossator.stages.sft import read_examples, training_key

if TYPE_CHECKING:
    from glossator.training.reward_functions import Task

MARGIN = 0.05
"""Pairs whose rewards are nearer than this say nothing and are dropped."""


ANSWERING = {"grounding", "prior", "quotes", "spans", "connect", "max_new_tokens"}
"""What of the answer policy decides what a sample may be."""


def tasks_of(examples: ExampleArtifact) -> list[Task]:
    """The prompts of the examples, each with the question and passages that judge an answer to it."""
    from glossator.training.reward_functions import make_task

    questions = {row["id"]: stored_question(row) for row in read_rows(examples.folder / "questions.jsonl")}
    passages = {row["id"]: read_passage(row) for row in read_rows(examples.folder / "passages.jsonl")}
    return [make_task(example, questions, passages) for example in read_examples(examples)]


def parted(tasks: Sequence[Task], plan: Plan) -> tuple[list[Task], list[Task]]:
    """What alignment learns from, and what its guard examines: one task of each question kept apart."""
    assert plan.recipe.rl is not None
    names = sorted({task.question.id for task in tasks})
    most = min(plan.recipe.rl.guard.questions, len(names) // 5)
    kept = set(random.Random(f"guard/{plan.recipe.seed}").sample(names, most))
    first = {task.question.id: task for task in reversed(tasks)}
    return [task for task in tasks if task.question.id not in kept], [first[name] for name in sorted(kept)]


def choices_of(tasks: Sequence[Task], plan: Plan) -> list[Possible | None]:
    """What may be answered to each prompt, and how likely that is beforehand; None = free text."""
    return [possible_for(task.question.text, task.passages, plan) for task in tasks]


def answer_key(plan: Plan) -> dict[str, Any]:
    """The part of the plan that decides what a sample may be."""
    return plan.recipe.answer.model_dump(mode="json", include=ANSWERING)


def policy_scorers(policy: RewardPolicy, host: Host) -> list[Scorer]:
    """The scorers that a reward policy names."""
    return [host.scorer(name) for name in dict.fromkeys((*policy.gates, *policy.weights))]


def rewards_key(plan: Plan) -> dict[str, Any]:
    """The part of the plan that decides what is paid."""
    assert plan.rewards is not None
    return {"rewards": plan.rewards.model_dump(mode="json"), "abstention": plan.domain.prompts.abstention}


def best_and_worst(
    task: Task,
    samples: Sequence[str],
    policy: RewardPolicy,
    scorers: Sequence[Scorer],
    abstention: str,
    *,
    sayable: bool = True,
) -> Pair | None:
    """The pair of the highest and the lowest reward among samples and reference; None when they are too near.

    `sayable`: whether the policy can give the reference.
    """
    judged: list[tuple[float, str, dict[str, Score]]] = []
    for text in dict.fromkeys([*samples, *[task.example.completion] * sayable]):
        answer = read_answer(text, task.passages, abstention, question=task.question.text)
        scores = judge(scorers, task.question, answer)
        value = reward(policy, scores)
        if value is not None:
            judged.append((value, text, scores))
    judged.sort(key=lambda item: item[0])
    if len(judged) < 2 or judged[-1][0] - judged[0][0] < MARGIN:
        return None
    (_, rejected, low), (_, chosen, high) = judged[0], judged[-1]
    return Pair(
        question_id=task.question.id,
        messages=task.example.messages,
        chosen=chosen,
        rejected=rejected,
        chosen_scores={name: score.value for name, score in high.items()},
        rejected_scores={name: score.value for name, score in low.items()},
        chosen_from="sample" if chosen in samples else "reference",
        rejected_from="sample" if rejected in samples else "reference",
    )


def _reads(plan: Plan) -> dict[str, Any]:
    rl = plan.recipe.rl
    assert rl is not None
    guard = rl.guard.model_dump(mode="json", include={"questions", "scorer"})
    pairs = rl.pairs.model_dump(mode="json", exclude={"feedback"}) | feedback_key(plan)
    own = {"pairs": pairs, "guard": guard}
    return training_key(plan) | rewards_key(plan) | answer_key(plan) | own


def _make(work: Work, practice: ExampleArtifact, sft: AdapterArtifact) -> None:
    import torch
    from rich.progress import track

    from glossator.generation.transformers_local import LocalGenerator

    plan, rl, policy = work.plan, work.plan.recipe.rl, work.plan.rewards
    assert rl is not None
    assert policy is not None
    torch.set_num_threads(plan.recipe.threads)
    torch.manual_seed(plan.recipe.seed)
    tasks, _ = parted(tasks_of(practice), plan)
    chosen = random.Random(plan.recipe.seed).sample(tasks, min(rl.pairs.questions, len(tasks)))
    generator = LocalGenerator.load(plan.backbone, sft.folder / "adapter")
    abstention, length = plan.domain.prompts.abstention, plan.recipe.answer.max_new_tokens
    scorers = [*policy_scorers(policy, work.host), work.host.scorer(rl.guard.scorer)]
    pairs, heat = [], rl.pairs.temperature * plan.recipe.answer.heat
    bound = list(zip(chosen, choices_of(chosen, plan), strict=True))
    for task, among in track(bound, "  sampling pairs", transient=True):
        texts = generator.sample(task.example.messages, rl.pairs.samples, length, heat, among)
        said = sayable(generator, among, length, [task.example.completion])
        pairs.append(best_and_worst(task, texts, policy, scorers, abstention, sayable=said))
    kept = [pair for pair in pairs if pair is not None]
    people, told = people_pairs(plan, generator, work.folder)
    if not kept and not people:
        raise StageError("stage 'preferences': no two samples differ in reward; raise rl.pairs.samples or temperature")
    write_rows(work.folder / "pairs.jsonl", map(asdict, [*kept, *people]))
    write_json(work.folder / "report.json", report_of(len(chosen), kept, rl.guard.scorer) | {"from_people": told})


def read_pairs(artifact: PairArtifact) -> list[Pair]:
    rows = read_rows(artifact.folder / "pairs.jsonl")
    return [Pair(**{**row, "messages": tuple(row["messages"])}) for row in rows]


def report_of(prompts: int, pairs: Sequence[Pair], held_out: str) -> dict[str, Any]:
    """How good the pairs are: how many prompts gave none, and whether they teach length or what a scorer that does not
    pay says too (of the pairs of which it judges one answer better)."""
    uneven = [pair for pair in pairs if len(pair.chosen) != len(pair.rejected)]
    values = [(pair.chosen_scores[held_out], pair.rejected_scores[held_out]) for pair in pairs]
    told = [high > low for high, low in values if high is not None and low is not None and high != low]
    return {
        "prompts": prompts,
        "pairs": len(pairs),
        "dropped_as_near_ties": prompts - len(pairs),
        "chosen_is_the_reference_alone": sum(pair.chosen_from == "reference" for pair in pairs),
        "chosen_is_longer": {"share": _share([len(p.chosen) > len(p.rejected) for p in uneven]), "of": len(uneven)},
        f"{held_out}_agrees": {"share": _share(told), "of": len(told)},
    }


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 3) if flags else None


make_pairs = Stage(name="preferences", version=7, kind=PairArtifact, reads=_reads, make=_make, libraries=TRAINERS)
