"""Answers that were sampled in training, with what each component said of them: kept, explained, paid anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glossator.artifacts import read_rows
from glossator.citations.read import read_answer
from glossator.domain import RewardPolicy
from glossator.errors import InputError
from glossator.records import Answer, Passage, Question, Score, Scorer
from glossator.rows import read_passage, stored_question
from glossator.scoring import judge, reward

FILE = "rl/logs/rollouts.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """One sampled answer."""

    step: int
    question: str
    """Id."""
    answerable: bool
    """Whether the evidence was shown."""
    passages: tuple[str, ...]
    """Ids of what was shown."""
    text: str
    scores: Mapping[str, float | None]
    reward: float | None

    def row(self) -> dict[str, Any]:
        return asdict(self)


def read_rollouts(run: Path) -> list[Rollout]:
    """The rollouts of a build. Raises InputError when it has none."""
    path = run / FILE
    if not path.is_file():
        raise InputError(f"{run} holds no rollouts; build a recipe whose rl.algorithm is grpo, rloo or hybrid into it")
    try:
        return [Rollout(**{**row, "passages": tuple(row["passages"])}) for row in read_rows(path)]
    except (ValueError, TypeError, KeyError) as error:
        raise InputError(f"{path} is damaged: {error}; build again") from error


def judged_again(
    run: Path, rollout: Rollout, scorers: Sequence[Scorer], abstention: str
) -> tuple[Question, Answer, dict[str, Score]]:
    """The question as far as it could be answered, the answer read, and every scorer's reasons."""
    folder = run / "examples"
    questions = {row["id"]: stored_question(row) for row in read_rows(folder / "questions.jsonl")}
    passages = {row["id"]: read_passage(row) for row in read_rows(folder / "passages.jsonl")}
    question = questions[rollout.question]
    question = question if rollout.answerable else question.without_evidence()
    shown: list[Passage] = [passages[name] for name in rollout.passages]
    answer = read_answer(rollout.text, shown, abstention, question=question.text)
    return question, answer, judge(scorers, question, answer)


def paid_anew(rollout: Rollout, policy: RewardPolicy) -> float | None:
    """What another policy pays, from the scores that were kept. Raises InputError when a component was not kept."""
    missing = sorted({*policy.weights, *policy.gates} - set(rollout.scores))
    if missing:
        raise InputError(f"the rollouts hold no {', '.join(missing)}; they hold {', '.join(sorted(rollout.scores))}")
    return reward(policy, {name: Score(name=name, value=value) for name, value in rollout.scores.items()})


def rescored(rollouts: Sequence[Rollout], policy: RewardPolicy) -> dict[str, Any]:
    """How another policy would have paid: means, groups with a signal, groups whose best answer is another.

    A group is the answers to one question at one step; it has a signal when they are not all paid the same.
    """
    pairs = [(one, one.reward, paid_anew(one, policy)) for one in rollouts]
    known = [(one, old, new) for one, old, new in pairs if old is not None and new is not None]
    groups: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for one, old, new in known:
        groups.setdefault((one.step, one.question), []).append((old, new))
    other = sum(_differs(group) for group in groups.values())
    return {
        "rollouts": len(rollouts),
        "judged": len(known),
        "mean_before": sum(old for _, old, _ in known) / max(1, len(known)),
        "mean_after": sum(new for *_, new in known) / max(1, len(known)),
        "groups": len(groups),
        "groups_with_signal_before": sum(len({old for old, _ in group}) > 1 for group in groups.values()),
        "groups_with_signal_after": sum(len({new for _, new in group}) > 1 for group in groups.values()),
        "groups_whose_best_differs": other,
    }


def _differs(group: Sequence[tuple[float, float]]) -> bool:
    """Whether no answer that was paid most is paid most now."""
    before, after = max(old for old, _ in group), max(new for _, new in group)
    return not any(old == before and new == after for old, new in group)


def write_rollouts(path: Path, rollouts: Sequence[Rollout]) -> None:
    """Add rows to a log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as stream:
        for one in rollouts:
            print(json.dumps(one.row(), ensure_ascii=False), file=stream)
