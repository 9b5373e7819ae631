"""GRPO through the constraint of free quotes learns what free text cannot even be graded for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from glossator import read_answer
from glossator.citations.quotable import pieces
from glossator.domain import Prompts
from glossator.generation.grounds import Grounds
from glossator.prompting import encode_prompt, render

from ..conftest import ABSTENTION, document, passage
from ..generation.test_backbones import llama
from ..generation.tokenizers_made import byte_level

SHOWN = [
    passage(document("Ferritin falls first. Iron is rare.", "blood")),
    passage(document("The rent is due. No notice is needed.", "rent")),
]
MESSAGES = list(render(Prompts(system="Quote.", abstention=ABSTENTION), "What falls first?", SHOWN))
STEPS = 12


def paid(text: str) -> float | None:
    """1 for quoting the right passage in every quote, 0 for the others; None: nothing there to grade."""
    answer = read_answer(text, SHOWN, ABSTENTION)
    if not answer.abstained and not answer.citations:
        return None
    return float(not answer.abstained and all(cited.passage_id == SHOWN[1].id for cited in answer.citations))


def reward(completions: list[Any], **_: Any) -> list[float | None]:
    return [paid(completion[0]["content"]) for completion in completions]


def rewards(folder: Path, *, bound: bool, steps: int = STEPS) -> list[tuple[float, float]]:
    """The mean reward of each step, and the share of answers that could be graded."""
    from datasets import Dataset
    from trl import GRPOConfig

    from glossator.generation.transformers_local import LocalGenerator
    from glossator.training.grounded import GroundedGRPOTrainer

    torch.manual_seed(0)
    tokenizer, seen = byte_level(), []

    def graded(completions: list[Any], **given: Any) -> list[float | None]:
        values = reward(completions, **given)
        known = [value for value in values if value is not None]
        seen.append((sum(known) / max(1, len(known)), len(known) / len(values)))
        return values

    trainer = GroundedGRPOTrainer(
        model=llama(len(tokenizer)),
        reward_funcs=[graded],
        args=GRPOConfig(
            output_dir=str(folder),
            max_steps=steps,
            per_device_train_batch_size=16,
            num_generations=16,
            max_completion_length=80,
            temperature=1.0,
            learning_rate=0.02,
            beta=0.0,
            scale_rewards="none",
            report_to="none",
            save_strategy="no",
            use_cpu=True,
            seed=0,
        ),
        train_dataset=Dataset.from_list([{"prompt": MESSAGES}]),
        processing_class=tokenizer,
    )
    if bound:
        basis = Grounds(
            passages=tuple(SHOWN),
            abstention=ABSTENTION,
            weights=(0.0,) * (1 + len(pieces(SHOWN))),
            quotes=2,
            spans="clauses",
        )
        begun = LocalGenerator(trainer.model, tokenizer).start(basis, 80)
        trainer.starts = {tuple(encode_prompt(tokenizer, MESSAGES)): begun}
    trainer.train()
    return seen


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of trl, about a run without a graded answer
def test_the_constraint_makes_a_reward_that_can_be_learnt(tmp_path: Path) -> None:
    bound = rewards(tmp_path / "bound", bound=True)
    assert [share for _, share in bound] == [1.0] * STEPS
    first, last = (sum(value for value, _ in part) / 4 for part in (bound[:4], bound[-4:]))
    assert last > first + 0.2
    free = rewards(tmp_path / "free", bound=False, steps=2)
    assert max(share for _, share in free) < 0.2, "free text is hardly ever anything that can be graded"
