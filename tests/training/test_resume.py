"""A training that was cut behind any of its checkpoints goes on and ends at the same adapter, to the bit."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from glossator.domain import RewardPolicy
from glossator.generation.grounding import Choice
from glossator.recipe import GuardRecipe, OfflineRecipe, RewardModelRecipe, RlRecipe, SftRecipe
from glossator.records import Answer, Example, Message, Pair, Question, Score, Scorer
from glossator.training.checkpoints import Checkpoints
from glossator.training.course import Course
from glossator.training.expected import train_expected
from glossator.training.guard import Exam
from glossator.training.preference import train_offline
from glossator.training.reward_functions import Reward, Task, policy_reward
from glossator.training.reward_model import train_reward_model
from glossator.training.rl import train_rl
from glossator.training.rollout_log import RolloutLog
from glossator.training.sft import train_sft

from .conftest import ADAPTER, setting

pytestmark = pytest.mark.filterwarnings("ignore:.is_gradient_checkpointing", "ignore:.*pin_memory")

SIZE = 4
AMONG = [Choice("Ferritin falls first."), Choice("Iron falls first."), Choice("Nobody knows.")]
POLICY = RewardPolicy(weights={"long": 1.0}, gates=())


class Cut(Exception):
    """The power went out."""


def message(number: int) -> tuple[Message, ...]:
    return (Message(role="user", content=f"What falls {number}?"),)


def example(number: int) -> Example:
    text = AMONG[number % 3].text
    return Example(
        question_id=str(number), messages=message(number), completion=text, passages=(), scores=(), answerable=True
    )


TASKS = [Task(example=example(n), question=Question(id=str(n), text="?"), passages=()) for n in range(8)]
PAIRS = [
    Pair(
        question_id=str(n), messages=message(n), chosen=AMONG[n % 3].text, rejected=AMONG[(n + 1) % 3].text,
        chosen_scores={}, rejected_scores={},
    )
    for n in range(8)
]  # fmt: skip
LONG = Scorer(
    name="long", score=lambda _, answer: Score(name="long", value=len(answer.text) / 30), summary="pays length"
)


def course(home: Path) -> Course:
    start, first = home / "sft" / "adapter", TASKS[:2]
    match = Scorer(name="match", score=_match, summary="")
    exam = Exam(
        tasks=first, among=[AMONG] * 2, policy=POLICY, scorers=[LONG], held_out=match, abstention="Nobody knows."
    )
    return Course(tasks=TASKS, among=[AMONG] * 8, start=start, anchor=start, max_new_tokens=20, exam=exam)


def _match(_: Question, answer: Answer) -> Score:
    return Score(name="match", value=float("first" in answer.text))


def sft(home: Path, folder: Path) -> None:
    recipe = SftRecipe(peft=ADAPTER, max_steps=SIZE, batch_size=2, save_steps=1)
    train_sft([example(n) for n in range(8)], recipe, setting(home, folder))


def reward_model(home: Path, folder: Path) -> None:
    train_reward_model(PAIRS, RewardModelRecipe(epochs=1, batch_size=2, save_steps=1), ADAPTER, setting(home, folder))


def offline(algorithm: Any) -> Callable[[Path, Path], None]:
    def run(home: Path, folder: Path) -> None:
        recipe = OfflineRecipe(algorithm=algorithm, epochs=SIZE / 4, batch_size=2, save_steps=1)
        train_offline(PAIRS, course(home), recipe, GuardRecipe(every=2), setting(home, folder))

    return run


def online(algorithm: Any) -> Callable[[Path, Path], None]:
    def run(home: Path, folder: Path) -> None:
        log = RolloutLog(folder / "logs" / "rollouts.jsonl")
        recipe = RlRecipe(
            algorithm=algorithm,
            steps=SIZE,
            prompts=2,
            generations=2,
            beta=0.02,
            save_steps=1,
            guard=GuardRecipe(every=2),
        )
        paid = Reward(policy_reward(TASKS, POLICY, [LONG], "Nobody knows.", log), 1.0)
        train_rl(course(home), [paid], recipe, setting(home, folder), [log])

    return run


def listed(home: Path, folder: Path) -> None:
    log = RolloutLog(folder / "logs" / "rollouts.jsonl")
    recipe = RlRecipe(steps=SIZE, prompts=2, beta=0.02, save_steps=1, guard=GuardRecipe(every=2))
    log.keep([])
    paid = Reward(policy_reward(TASKS, POLICY, [LONG], "Nobody knows.", log), 1.0)
    train_expected(course(home), [paid], recipe, setting(home, folder))


TRAININGS = {
    "sft": sft, "reward model": reward_model, "dpo": offline("dpo"), "kto": offline("kto"), "grpo": online("grpo"),
    "rloo": online("rloo"), "all answers": listed,
}  # fmt: skip


def files(folder: Path) -> dict[str, str]:
    """What a training leaves: the adapter and what it logged, without the clock."""
    kept = [*(folder / "adapter").iterdir(), *(folder / "logs").glob("[gr]*.jsonl")]
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in kept}


@pytest.mark.parametrize("name", TRAININGS)
def test_a_cut_training_ends_where_an_uncut_one_does(
    name: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, real = TRAININGS[name], Checkpoints.on_save
    train(home, tmp_path / "whole")
    wanted = files(tmp_path / "whole")
    for last in range(1, SIZE):

        def cut(self: Checkpoints, args: Any, state: Any, control: Any, at: int = last, **given: Any) -> None:
            real(self, args, state, control, **given)
            if state.global_step == at:
                raise Cut

        with monkeypatch.context() as patch:
            patch.setattr(Checkpoints, "on_save", cut)
            with pytest.raises(Cut):
                train(home, tmp_path / str(last))
        assert not (tmp_path / str(last) / "adapter").exists()
        train(home, tmp_path / str(last))
        assert files(tmp_path / str(last)) == wanted, last
