"""How many parameters a model and its adapter have: by arithmetic for the usual decoders, else by making the model.

To make a model, even one that holds no numbers, transformers' modelling code and PEFT are imported, which takes ten
seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from glossator.domain import AdapterRecipe
from glossator.errors import InputError

LOW_RANK = ("lora", "rslora")
PLAIN, BIASES = ("llama", "mistral", "qwen3"), ("attention_bias", "mlp_bias")
"""Decoders of one kind of layer, as long as it has no bias."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Numbers of parameters."""

    parameters: int
    embeddings: int
    """Of the token vectors at the input."""
    trained: int
    """Of the adapter."""


def shape_of(backbone: str, config: Any, peft: AdapterRecipe) -> Shape:
    """The shape of a model of this configuration, transformers', with a fresh adapter.

    Raises InputError for one that cannot be made.
    """
    linear = _linear(config)
    if peft.method not in LOW_RANK or not linear.keys() >= set(peft.target_modules):
        return _made(backbone, config, peft)
    size = config.head_dim or config.hidden_size // config.num_attention_heads
    norms = 2 * config.hidden_size + (2 * size if config.model_type == "qwen3" else 0)
    layer, embeddings = norms + sum(into * out for into, out in linear.values()), config.vocab_size * config.hidden_size
    heads = embeddings if config.tie_word_embeddings else 2 * embeddings
    return Shape(
        parameters=heads + config.num_hidden_layers * layer + config.hidden_size,
        embeddings=embeddings,
        trained=config.num_hidden_layers * sum(peft.r * sum(linear[name]) for name in set(peft.target_modules)),
    )


def _linear(config: Any) -> dict[str, tuple[int, int]]:
    """In and out of each linear module of a layer; none for layers that are not known here."""
    if config.model_type not in PLAIN or any(getattr(config, name, False) for name in BIASES):
        return {}
    wide, inner = config.hidden_size, config.intermediate_size
    size = config.head_dim or wide // config.num_attention_heads
    asked, kept = size * config.num_attention_heads, size * config.num_key_value_heads
    return {
        "q_proj": (wide, asked),
        "k_proj": (wide, kept),
        "v_proj": (wide, kept),
        "o_proj": (asked, wide),
        "gate_proj": (wide, inner),
        "up_proj": (wide, inner),
        "down_proj": (inner, wide),
    }


def _made(backbone: str, config: Any, peft: AdapterRecipe) -> Shape:
    """The same of a model that holds no numbers."""
    import torch
    from transformers import AutoModelForCausalLM

    from glossator.training.adapters import adapted

    try:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    except (OSError, ValueError) as error:
        raise InputError(f"backbone {backbone}: {str(error).splitlines()[0]}") from error
    parameters = sum(weight.numel() for weight in model.parameters())
    embeddings = model.get_input_embeddings().weight.numel()
    made = adapted(model, peft, "CAUSAL_LM")
    trained = sum(weight.numel() for weight in made.parameters() if weight.requires_grad)
    return Shape(parameters=parameters, embeddings=embeddings, trained=trained)
