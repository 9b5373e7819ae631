"""PEFT's configuration of each way to adapt a backbone that a recipe may name."""

from __future__ import annotations

from typing import Any

from peft import IA3Config, LoraConfig, OFTConfig, PeftConfig, PeftModel, PrefixTuningConfig, get_peft_model

from glossator.domain import AdapterRecipe
from glossator.errors import InputError

FEEDFORWARD = ("down_proj", "fc2", "w2")
"""Modules whose input IA3 scales, where it scales the output of others."""


def adapted(model: Any, recipe: AdapterRecipe, task: str) -> PeftModel:
    """The model with a fresh adapter. Raises InputError for one that cannot learn on it.

    `task` is "CAUSAL_LM" or "SEQ_CLS".
    """
    try:
        made = get_peft_model(model, adapter_config(recipe, task))
    except ValueError as error:
        raise InputError(f"sft.peft: {recipe.method} does not fit this backbone: {error}") from error
    empty = [
        name
        for name, weight in made.named_parameters()
        if "magnitude" in name and not weight.is_meta and (weight == 0).any()
    ]
    if empty:
        raise InputError(
            f"sft.peft.method: dora divides by the length of each row of a layer, and rows of this backbone are zero "
            f"({empty[0].split('.lora_')[0].removeprefix('base_model.model.')}); take lora or rslora"
        )
    return made


def adapter_config(recipe: AdapterRecipe, task: str) -> PeftConfig:
    """PEFT's configuration of a recipe."""
    targets = list(recipe.target_modules)
    if recipe.method == "prefix":
        return PrefixTuningConfig(num_virtual_tokens=recipe.virtual_tokens, task_type=task)
    if recipe.method == "ia3":
        inner = [name for name in targets if name in FEEDFORWARD]
        return IA3Config(target_modules=targets, feedforward_modules=inner, task_type=task)
    if recipe.method == "oft":
        blocks: dict[str, Any] = {"r": 0, "oft_block_size": recipe.r, "module_dropout": recipe.dropout}
        return OFTConfig(target_modules=targets, task_type=task, **blocks)
    return LoraConfig(
        r=recipe.r,
        lora_alpha=recipe.alpha,
        lora_dropout=recipe.dropout,
        target_modules=targets,
        task_type=task,
        use_rslora=recipe.method == "rslora",
        use_dora=recipe.method == "dora",
    )
