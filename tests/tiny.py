"""Models that know nothing and train in seconds."""

from __future__ import annotations

from pathlib import Path

SMALL = {
    "vocab_size": 97,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
"""A shape, for configurations of Llama and Qwen3."""


def tiny_llama(folder: Path) -> Path:
    """A Llama of 800k parameters, most of them token vectors, with the embedded tokenizer, written to the folder."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from glossator.content import weights
    from glossator.generation.transformers_local import load_tokenizer

    tokenizer = load_tokenizer(str(weights()))
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
