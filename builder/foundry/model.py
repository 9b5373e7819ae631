"""The backbone's shape: Llama architecture, about 8 million parameters, with biases, which the sketched heads use."""

from __future__ import annotations

import math
from typing import Any

import torch
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from foundry.sketch import HEADS, LAYERS, THETA, VECTOR, WIDTH, sketch

INNER, CONTEXT = 704, 2048


def new_model(tokenizer: PreTrainedTokenizerFast, vectors: Any = None) -> LlamaForCausalLM:
    """A fresh model for this tokenizer, about 8 million parameters; `vectors` (tokens, VECTOR) of mean length 1."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=INNER,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=CONTEXT,
        rope_parameters={"rope_type": "default", "rope_theta": THETA},
        attention_bias=True,
        mlp_bias=True,
        tie_word_embeddings=True,
        initializer_range=1 / math.sqrt(WIDTH) / 2,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    known = torch.randn(len(tokenizer), VECTOR) / math.sqrt(VECTOR) if vectors is None else vectors
    bracket, *digits = known[tokenizer.convert_tokens_to_ids(["[", *"123456789"])]
    sketch(model.model, known, bracket, torch.stack(digits).mean(0))
    return model
