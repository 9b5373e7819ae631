"""GRPO whole: sampling, reward, reference and update, TRL's trainer against ours, 4 prompts x 8 answers of free text.

    python tests/bench/grpo_step.py      # about half an hour

Both start from the same backbone and adapter and are paid for the letter e. They draw different answers, so the gate is
that over SEEDS seeds both learn alike: the means of the last steps' rewards differ by no more than GATE, and both rise.
"""

from __future__ import annotations

import sys
import tempfile
from typing import Any

import torch
from datasets import Dataset
from grpo_update import PLAIN, PROMPTS, SAMPLES
from measure import cpu, release, texts, verdict
from peft import LoraConfig, get_peft_model
from trl import GRPOConfig, GRPOTrainer

from glossator.content import weights
from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.training.grounded import GroundedGRPOTrainer

NEW, STEPS, SEEDS, LAST, GATE = 48, 50, 3, 10, 0.03


def reward(completions: list[Any], **_: Any) -> list[float]:
    """The share of letters that are an e."""
    said = ["".join(filter(str.isalpha, messages[0]["content"])) for messages in completions]
    return [text.count("e") / max(1, len(text)) for text in said]


def trainer_of(kind: type[GRPOTrainer], seed: int, folder: str) -> Any:
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
        max_steps=STEPS,
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


def run(kind: type[GRPOTrainer], seed: int) -> tuple[float, float, float]:
    """CPU seconds, and the mean reward of the first and of the last steps."""
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(kind, seed, folder)
        seconds = cpu(trainer.train)
    rewards = [row["reward"] for row in trainer.state.log_history if "reward" in row]
    return seconds, sum(rewards[:LAST]) / LAST, sum(rewards[-LAST:]) / LAST


def bench() -> bool:
    torch.set_num_threads(1)  # torch is imported before measure
    theirs, ours = zip(
        *((run(GRPOTrainer, seed), run(GroundedGRPOTrainer, seed)) for seed in range(SEEDS)), strict=True
    )
    ends = [sum(last for *_, last in runs) / SEEDS for runs in (theirs, ours)]
    risen = all(sum(last - first for _, first, last in runs) > 0 for runs in (theirs, ours))
    print(f"reward of the last {LAST} of {STEPS} steps: TRL {ends[0]:.3f}, ours {ends[1]:.3f}")
    wrong = "" if risen and abs(ends[0] - ends[1]) <= GATE else "they do not learn alike"
    what = f"grpo-step, {PROMPTS} x {SAMPLES}, {NEW} new tokens, {STEPS} steps"
    return verdict(what, release("trl"), [run[0] for run in theirs], [run[0] for run in ours], wrong=wrong)


if __name__ == "__main__":
    sys.exit(0 if bench() else 1)
