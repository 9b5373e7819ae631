"""Reinforcement learning with TRL's GRPO, starting from the SFT adapter and held near it by a KL term."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import PeftModel
from trl import GRPOConfig, GRPOTrainer

from glossator.generation.grounding import State, gains
from glossator.generation.grounds import Possible
from glossator.generation.transformers_local import LocalGenerator, load_model, load_tokenizer
from glossator.prompting import encode_prompt
from glossator.recipe import RlRecipe
from glossator.training.prefix_tree import answer_logits, can_share
from glossator.training.reward_functions import RewardFunction, Task
from glossator.training.run import Setting, common_arguments, save_adapter, train


class GroundedGRPOTrainer(GRPOTrainer):
    """GRPO that renders and samples as serving does.

    Prompts are encoded by glossator's renderer, so control tokens in documents stay plain text. Answers are drawn from
    the possible ones of their prompt, and the loss takes the log-probabilities of that constrained policy: a token that
    was the only possible one has log-probability 0 and teaches nothing. All answers to a prompt are read in one row
    where the model allows it.
    """

    starts: dict[tuple[int, ...], State] | None = None
    """Prompt -> where its answers begin; None = free text."""

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        return [encode_prompt(self.processing_class, prompt) for prompt in prompts], None, {}

    def _generate_single_turn(self, prompt_ids: list[list[int]], *_: Any, **__: Any) -> tuple[list[list[int]], None]:
        model = self.accelerator.unwrap_model(self.model_wrapped)
        model.eval()
        starts = None if self.starts is None else [self.starts[tuple(ids)] for ids in prompt_ids]
        rows = LocalGenerator(model, self.processing_class).generate(
            prompt_ids, self.max_completion_length, starts, self.temperature
        )
        model.train()
        return [_up_to(row, self.processing_class.eos_token_id) for row in rows.tolist()], None

    def _get_per_token_logps_and_entropies(
        self, model: Any, input_ids: Any, attention_mask: Any, logits_to_keep: int, *_: Any, **__: Any
    ) -> tuple[Any, Any, None]:
        """Log-probabilities and entropies of the answers' tokens, each (rows, logits_to_keep)."""
        shares = can_share(self.accelerator.unwrap_model(model))
        with self.accelerator.autocast():
            logits = (answer_logits if shares else _repeated)(model, input_ids, attention_mask, logits_to_keep).float()
        answers = input_ids[:, -logits_to_keep:]
        if self.starts is not None:
            shown = zip(input_ids[:, :-logits_to_keep], attention_mask[:, :-logits_to_keep].bool(), strict=True)
            starts = [self.starts[tuple(ids[mask].tolist())] for ids, mask in shown]
            logits = logits + gains(starts, answers, logits.shape[-1])
        logps = (logits / self.temperature).log_softmax(-1)
        return logps.gather(-1, answers[..., None]).squeeze(-1), -(logps.exp() * logps).sum(-1), None


def _repeated(model: Any, ids: Any, mask: Any, longest: int) -> Any:
    """The logits of a row for each answer, (rows, longest, vocabulary)."""
    return model(input_ids=ids, attention_mask=mask, logits_to_keep=longest + 1).logits[:, :-1]


def _up_to(row: list[int], end: int) -> list[int]:
    """The tokens of an answer, its end mark included."""
    return row[: row.index(end) + 1] if end in row else row


def train_rl(
    tasks: Sequence[Task],
    among: Sequence[Possible | None],
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
        scale_rewards="none",  # divided by its spread, a group without a right answer pays an abstention like one
        save_steps=recipe.save_steps,
        reward_weights=list(weights),
    )
    rows = [{"prompt": list(task.example.messages), "task": index} for index, task in enumerate(tasks)]
    trainer = GroundedGRPOTrainer(
        model=PeftModel.from_pretrained(load_model(setting.backbone), str(adapter), is_trainable=True),
        reward_funcs=list(rewards),
        args=arguments,
        train_dataset=Dataset.from_list(rows),
        processing_class=tokenizer,
    )
    generator = LocalGenerator(trainer.model, tokenizer)
    trainer.starts = {
        tuple(encode_prompt(tokenizer, task.example.messages)): generator.start(choices, max_new_tokens)
        for task, choices in zip(tasks, among, strict=True)
        if choices is not None
    } or None
    train(trainer, setting, "grpo", ("reward", "kl", "frac_reward_zero_std", "completions/clipped_ratio"))
    save_adapter(trainer.model, setting)
