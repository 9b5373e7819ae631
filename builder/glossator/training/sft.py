"""Supervised fine-tuning with TRL. Rows arrive as tokens, so that training sees exactly what serving renders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from datasets import Dataset
from trl import SFTConfig, SFTTrainer

from glossator.generation.transformers_local import load_model, load_tokenizer
from glossator.prompting import ChatTokenizer, encode_completion, encode_prompt
from glossator.recipe import SftRecipe
from glossator.records import Example
from glossator.training.adapters import adapted
from glossator.training.constraint import IGNORED, read_answers_only
from glossator.training.parts import PART, alike
from glossator.training.run import Setting, common_arguments, save_adapter, train


class CompletionTrainer(SFTTrainer):
    """SFT that on a CPU passes a batch in parts of rows of like length; loss and gradients are TRL's."""

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        if self.args.use_cpu:  # on a GPU TRL's layer is fused
            read_answers_only(self.model.get_base_model())

    def training_step(self, model: Any, inputs: dict[str, Any], num_items_in_batch: Any = None) -> Any:
        items = (inputs["labels"] != IGNORED).sum() if num_items_in_batch is None else num_items_in_batch
        alone = self.args.world_size == 1  # several processes meet in every part
        parts = parts_of(inputs, PART) if self.args.use_cpu and alone else [inputs]
        return torch.stack([super(CompletionTrainer, self).training_step(model, part, items) for part in parts]).sum()


def parts_of(inputs: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The rows of a right-padded batch, shortest first, in parts of at most `most` tokens, or of one row.

    >>> mask = torch.tensor([[1, 1, 1, 1], [1, 0, 0, 0], [1, 1, 0, 0]])
    >>> [part["attention_mask"].tolist() for part in parts_of({"attention_mask": mask}, 4)]
    [[[1, 0], [1, 1]], [[1, 1, 1, 1]]]
    """
    lengths = inputs["attention_mask"].sum(-1).tolist()
    return [{name: value[rows, : lengths[rows[-1]]] for name, value in inputs.items()} for rows in alike(lengths, most)]


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
        ddp_find_unused_parameters=False,
        accelerator_config={"split_batches": True},  # several processes share the batch of the recipe
    )
    trainer = CompletionTrainer(
        model=adapted(load_model(setting.backbone).train(), recipe.peft, "CAUSAL_LM"),
        args=arguments,
        train_dataset=Dataset.from_list([tokenize(example, tokenizer) for example in examples]),
        processing_class=tokenizer,
    )
    train(trainer, setting, "sft", ("loss", "mean_token_accuracy"))
    save_adapter(trainer.model, setting)
