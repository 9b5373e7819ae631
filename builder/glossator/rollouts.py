"""Answers that were sampled in training, with what each component said of them: kept, explained, paid anew."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from glossator.artifacts import read_rows
from glossator.citations.metrics import hits
from glossator.citations.read import read_answer
from glossator.domain import RewardPolicy
from glossator.errors import InputError
from glossator.host import Host
from glossator.records import Citation, Passage, Question, Score
from glossator.rows import read_passage, stored_question
from glossator.scoring import judge, reward

FILE = "rl/logs/rollouts.jsonl"
LEARNT_FROM = ("examples", "practice")
"""Stages that hold the questions and what was shown with them; ids are unique over both."""


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


def explained(run: Path, rollout: Rollout, policy: RewardPolicy, host: Host, abstention: str) -> dict[str, Any]:
    """Why an answer got its reward: each component's role and reason, what it cites, what was to be cited.

    Raises InputError when a scorer of the policy is not installed.
    """
    question, shown = _asked(run, rollout)
    answer = read_answer(rollout.text, shown, abstention, question=question.text)
    named = {**dict.fromkeys(policy.gates, "gate"), **{n: f"weight {w:g}" for n, w in policy.weights.items()}}
    scores = judge([host.scorer(name) for name in named], question, answer)
    return {
        "step": rollout.step,
        "question": question.id,
        "asked": question.text,
        "text": rollout.text,
        "parts": [
            {"name": name, "role": role, "value": scores[name].value, "why": scores[name].why}
            for name, role in named.items()
        ],
        "cited": [_cited(citation, question) for citation in answer.citations],
        "gold": [{"document": gold.document_id, "start": gold.start, "end": gold.end} for gold in question.evidence],
        "sum": _sum(policy, scores),
        "reward": reward(policy, scores),
        "reward_then": rollout.reward,
    }


def _asked(run: Path, rollout: Rollout) -> tuple[Question, list[Passage]]:
    """The question as far as it could be answered, and what was shown."""
    learnt = [run / name for name in LEARNT_FROM if (run / name).is_dir()]
    questions = {row["id"]: stored_question(row) for made in learnt for row in read_rows(made / "questions.jsonl")}
    passages = {row["id"]: read_passage(row) for made in learnt for row in read_rows(made / "passages.jsonl")}
    question = questions[rollout.question]
    return question if rollout.answerable else question.without_evidence(), [passages[n] for n in rollout.passages]


def _cited(citation: Citation, question: Question) -> dict[str, Any]:
    span = citation.span
    return {
        "document": span.document_id if span else citation.marker,
        "start": span.start if span else None,
        "end": span.end if span else None,
        "quote": citation.quote,
        "hit": hits(citation, question),
    }


def _sum(policy: RewardPolicy, scores: Mapping[str, Score]) -> str:
    """The reward as it is computed.

    >>> _sum(RewardPolicy(weights={"a": 2.0, "b": 1.0}, gates=()), {"a": Score(name="a", value=1.0),
    ...      "b": Score(name="b", value=None)})
    '(2 x 1.000) / 2 = 1.000'
    """
    paid = reward(policy, scores)
    shut = [name for name in policy.gates if scores[name].value == 0 or scores[name].failed]
    if shut:
        return f"{'none' if paid is None else paid}: the gate {shut[0]} is shut"
    known = {name: weight for name, weight in policy.weights.items() if scores[name].value is not None}
    if paid is None:
        return "none: no component applies"
    terms = " + ".join(f"{weight:g} x {scores[name].value:.3f}" for name, weight in known.items())
    return f"({terms}) / {sum(known.values()):g} = {paid:.3f}"


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
