"""On-policy alignment: answers are sampled from the adapter, judged, and made likelier or less likely (GRPO, RLOO)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from datasets import Dataset
from trl import GRPOConfig, RLOOConfig

from glossator.generation.transformers_local import LocalGenerator, load_tokenizer
from glossator.recipe import RlRecipe
from glossator.training.constraint import starts_of
from glossator.training.course import Course
from glossator.training.grounded import GroundedGRPOTrainer, GroundedRLOOTrainer, copy_adapter
from glossator.training.guard import Guard
from glossator.training.reward_functions import Reward
from glossator.training.run import Setting, common_arguments, continued, save_adapter, train

HEALTH = ("reward", "kl", "entropy", "frac_reward_zero_std", "completions/clipped_ratio", "completions/mean_length")
"""What the screen shows of a step; `metrics.jsonl` has all."""


def train_rl(
    course: Course, rewards: Sequence[Reward], recipe: RlRecipe, setting: Setting, watching: Sequence[Any] = ()
) -> None:
    """Continue the adapter under the rewards and write it to the setting's folder.

    One generation per optimizer step and one pass over it, so every checkpoint falls on a generation boundary: a
    run resumed there repeats the uninterrupted one.
    """
    from transformers import set_seed

    tokenizer = load_tokenizer(setting.backbone)
    set_seed(setting.seed)
    rows = [{"prompt": list(task.example.messages), "task": index} for index, task in enumerate(course.tasks)]
    kind, arguments = _algorithm(recipe, [reward.weight for reward in rewards], course, setting)
    trainer = kind(
        model=continued(setting, course.start),
        reward_funcs=[reward.function for reward in rewards],
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    if course.anchor != course.start:
        copy_adapter(trainer.model, continued(setting, course.anchor))
    prompts = [task.example.messages for task in course.tasks]
    generator = LocalGenerator(trainer.model, tokenizer)
    trainer.starts = starts_of(prompts, course.among, generator, course.max_new_tokens)
    guards = [Guard(course.exam, recipe.guard, setting, course.max_new_tokens)] if course.exam else []
    train(trainer, setting, recipe.algorithm, HEALTH, [*guards, *watching])
    save_adapter(trainer.model, setting)


def _algorithm(recipe: RlRecipe, weights: list[float], course: Course, setting: Setting) -> tuple[type[Any], Any]:
    """TRL's trainer and its arguments."""
    assert recipe.generations != "all"
    shared = common_arguments(setting) | {
        "max_steps": recipe.steps,
        "per_device_train_batch_size": recipe.prompts * recipe.generations,
        "gradient_accumulation_steps": 1,
        "steps_per_generation": 1,
        "num_iterations": 1,
        "num_generations": recipe.generations,
        "max_completion_length": course.max_new_tokens,
        "reward_weights": weights,
        "temperature": recipe.temperature * course.heat,
        "learning_rate": recipe.learning_rate,
        "beta": recipe.beta,
        "save_steps": recipe.save_steps,
    }
    if recipe.algorithm == "rloo":
        return GroundedRLOOTrainer, RLOOConfig(**shared)
    # divided by its spread, a group without a right answer pays an abstention like one
    return GroundedGRPOTrainer, GRPOConfig(**shared, scale_rewards="none")
