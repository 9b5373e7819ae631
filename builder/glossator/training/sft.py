"""Supervised fine-tuning with TRL. Rows arrive as tokens, so that training sees exactly what serving renders."""

from __future__ import annotations

from collections.abc import Sequence

from datasets import Dataset
from peft import get_peft_model
from trl import SFTConfig, SFTTrainer

from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.prompting import ChatTokenizer, encode_completion, encode_prompt
from glossator.recipe import SftRecipe
from glossator.records import Example
from glossator.training.run import Setting, common_arguments, lora, save_adapter, train

IGNORED = -100
"""Label of a token that gives no loss."""


def tokenize(example: Example, tokenizer: ChatTokenizer) -> dict[str, list[int]]:
    """`input_ids` and `labels` of one row; only the completion gives loss."""
    prompt = encode_prompt(tokenizer, example.messages)
    completion = encode_completion(tokenizer, example.completion)
    return {"input_ids": prompt + completion, "labels": [IGNORED] * len(prompt) + completion}


def train_sft(examples: Sequence[Example], recipe: SftRecipe, setting: Setting) -> None:
    """Train a fresh adapter on the examples and write it to the setting's folder."""
    from transformers import set_seed

    tokenizer = load_tokenizer(setting.backbone)
    set_seed(setting.seed)
    arguments = SFTConfig(
        **common_arguments(setting),
        num_train_epochs=recipe.epochs,
        max_steps=recipe.max_steps or -1,
        per_device_train_batch_size=recipe.batch_size,
        learning_rate=recipe.learning_rate,
        save_steps=recipe.save_steps,
        max_length=None,  # lengths were settled when the rows were made
        train_sampling_strategy="group_by_length",
    )
    trainer = SFTTrainer(
        model=get_peft_model(load_model(setting.backbone).train(), lora(recipe.peft, "CAUSAL_LM")),
        args=arguments,
        train_dataset=Dataset.from_list([tokenize(example, tokenizer) for example in examples]),
        processing_class=tokenizer,
    )
    train(trainer, setting, "sft", ("loss", "mean_token_accuracy"))
    save_adapter(trainer.model, setting)
