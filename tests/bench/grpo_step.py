"""GRPO whole: sampling, reward, reference and update, TRL's trainer against ours, 4 prompts x 8 answers of free text.

    python tests/bench/grpo_step.py      # about 20 minutes

Both start from the same backbone and adapter and are paid for the letter e. Drawing for themselves, two runs part after
the first step: gradients that differ by rounding are enough for other answers. So the curves are compared over the same
answers: those that ours drew are given to TRL's, and in all of STEPS steps loss and norm of the gradient must be the
same within GATE. That both draw alike is a gate of its own: from one adapter, rewards and lengths of DRAWS batches of
answers must not differ by more than chance (ALIKE standard errors). TIMED steps are timed, each drawing for itself.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from grpo_update import PLAIN, PROMPTS, SAMPLES
from measure import cpu, release, texts, verdict
from peft import LoraConfig, get_peft_model
from trl import GRPOConfig, GRPOTrainer

from glossator.content import weights
from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.training.grounded import GroundedGRPOTrainer

NEW, STEPS, TIMED, SEEDS = 48, 50, 6, 3
GATE, DRAWS, ALIKE = 0.05, 12, 3.0

Rows = list[list[int]]


class Recorded(GroundedGRPOTrainer):
    """Ours, keeping what it draws."""

    drawn: list[Rows]

    def _drawn(self, prompt_ids: Rows) -> Rows:
        rows = super()._drawn(prompt_ids)
        self.drawn.append(rows)
        return rows


class Replayed(GRPOTrainer):
    """TRL's, given what another drew."""

    drawn: list[Rows]

    def _generate_single_turn(self, prompt_ids: Rows, *_: Any, **__: Any) -> tuple[Rows, None]:
        return self.drawn[self.state.global_step], None


def reward(completions: list[Any], **_: Any) -> list[float]:
    """The share of letters that are an e."""
    said = ["".join(filter(str.isalpha, messages[0]["content"])) for messages in completions]
    return [text.count("e") / max(1, len(text)) for text in said]


def trainer_of(kind: type[GRPOTrainer], seed: int, folder: str, steps: int = STEPS) -> Any:
    """A trainer of one kind on the embedded backbone with a fresh LoRA adapter."""
    torch.manual_seed(seed)
    rank = LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM")
    arguments = GRPOConfig(
        output_dir=folder,
        **PLAIN,
        disable_tqdm=True,
        save_strategy="no",
        logging_steps=1,
        seed=seed,
        beta=0.02,
        learning_rate=2e-3,
        max_steps=steps,
        num_generations=SAMPLES,
        per_device_train_batch_size=PROMPTS * SAMPLES,
        max_completion_length=NEW,
        scale_rewards="none",
    )
    prompts = [[{"role": "user", "content": text}] for text in texts(64, words=60, seed=seed)]
    return kind(
        model=get_peft_model(load_model(str(weights())), rank),
        reward_funcs=[reward],
        args=arguments,
        train_dataset=Dataset.from_list([{"prompt": prompt} for prompt in prompts]),
        processing_class=load_tokenizer(str(weights())),
    )


def run(kind: type[GRPOTrainer], seed: int, steps: int, drawn: Sequence[Rows] = ()) -> tuple[Any, float]:
    """A trainer that has trained, and its CPU seconds."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(kind, seed, folder, steps)
        trainer.drawn = list(drawn)
        return trainer, cpu(trainer.train)


def curve(trainer: Any, figure: str) -> Any:
    """A figure of each step."""
    return np.array([row[figure] for row in trainer.state.log_history if "reward" in row])


def apart(theirs: Any, ours: Any) -> float:
    """How far two runs over the same answers are apart: the most of any step's loss or gradient, in their usual size."""
    pairs = [(curve(theirs, figure), curve(ours, figure)) for figure in ("loss", "grad_norm")]
    return max(float(np.abs(one - other).max() / np.abs(one).mean()) for one, other in pairs)


def unlike(seed: int = 0) -> float:
    """How far the two ways to draw are apart from one adapter: the most of reward and length, in standard errors."""
    found = list[Any]()
    for kind in (GRPOTrainer, Recorded):
        with tempfile.TemporaryDirectory() as folder:
            trainer = trainer_of(kind, seed, folder)
        trainer.drawn = []
        prompts = trainer._tokenize_prompts([row["prompt"] for row in trainer.train_dataset][:PROMPTS])[0]
        each = [prompt for prompt in prompts for _ in range(SAMPLES)]
        rows = [row for _ in range(DRAWS) for row in trainer._generate_single_turn(each, None, {}, SAMPLES)[0]]
        said = trainer.processing_class.batch_decode(rows, skip_special_tokens=True)
        found.append((reward([[{"content": text}] for text in said]), [len(row) for row in rows]))
    return max(_distance(*pair) for pair in zip(*found, strict=True))


def _distance(one: list[float], other: list[float]) -> float:
    errors = np.var(one) / len(one) + np.var(other) / len(other)
    return float(abs(np.mean(one) - np.mean(other)) / errors**0.5)


def bench() -> bool:
    torch.set_num_threads(1)  # torch is imported before measure
    far, (ours, _) = unlike(), run(Recorded, 0, STEPS)
    gap = apart(run(Replayed, 0, STEPS, ours.drawn)[0], ours)
    print(f"drawn from one adapter: reward and length within {far:.1f} standard errors")
    print(f"{STEPS} steps over the same answers: loss and norm of the gradient within {gap:.3f} of their usual size")
    wrong = ("" if far <= ALIKE else "they draw otherwise ") + ("" if gap <= GATE else "they learn otherwise")
    what = f"grpo-step, {PROMPTS} x {SAMPLES}, {NEW} new tokens"
    both = (GRPOTrainer, GroundedGRPOTrainer)
    times = [[run(kind, seed, TIMED)[1] for kind in both] for seed in range(SEEDS)]
    return verdict(what, release("trl"), *zip(*times, strict=True), wrong=wrong, per=TIMED)


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
