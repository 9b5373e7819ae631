"""Reinforcement learning with TRL's GRPO, starting from the SFT adapter and held near it by a KL term."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import PeftModel
from trl import GRPOConfig, GRPOTrainer

from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.prompting import encode_prompt
from glossator.recipe import RlRecipe
from glossator.training.reward_functions import RewardFunction, Task
from glossator.training.run import Setting, common_arguments, save_adapter, train


class RenderedGRPOTrainer(GRPOTrainer):
    """GRPO whose prompts are encoded by glossator's renderer: control tokens in documents stay plain text."""

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [encode_prompt(self.processing_class, prompt) for prompt in prompts], None, {}


def train_rl(
    tasks: Sequence[Task],
    rewards: Sequence[RewardFunction],
    weights: Sequence[float],
    recipe: RlRecipe,
    adapter: Path,
    max_new_tokens: int,
    setting: Setting,
) -> None:
    """Continue the adapter under the rewards and write it to the setting's folder.

    One generation per optimizer step and one pass over it, so every checkpoint falls on a generation boundary: a
    run resumed there repeats the uninterrupted one.
    """
    from transformers import set_seed

    tokenizer = load_tokenizer(setting.backbone)
    set_seed(setting.seed)
    arguments = GRPOConfig(
        **common_arguments(setting),
        max_steps=recipe.steps,
        per_device_train_batch_size=recipe.prompts * recipe.generations,
        gradient_accumulation_steps=1,
        steps_per_generation=1,
        num_iterations=1,
        num_generations=recipe.generations,
        max_completion_length=max_new_tokens,
        temperature=recipe.temperature,
        learning_rate=recipe.learning_rate,
        beta=recipe.beta,
        save_steps=recipe.save_steps,
        reward_weights=list(weights),
    )
    rows = [{"prompt": list(task.example.messages), "task": index} for index, task in enumerate(tasks)]
    trainer = RenderedGRPOTrainer(
        model=PeftModel.from_pretrained(load_model(setting.backbone), str(adapter), is_trainable=True),
        reward_funcs=list(rewards),
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    train(trainer, setting, "grpo", ("reward", "kl", "frac_reward_zero_std", "completions/clipped_ratio"))
    save_adapter(trainer.model, setting)
