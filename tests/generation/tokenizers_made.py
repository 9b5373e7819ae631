"""Small tokenizers of the kinds that backbones have, trained here on a few sentences."""

from __future__ import annotations

from functools import cache
from typing import Any

SENTENCES = [
    "Ferritin falls first, but the haemoglobin falls later, because iron is low.",
    "The tenant must pay the rent on the first day of each month; no notice is needed.",
    "The passages do not answer this question. [1]: “quoted” [2]: 0123456789",
    "Zinc rises. Iron falls, it is rare. It is. No more zinc of it: if x == 1.",
    "def parse(text): return text.split() # code, with   spaces",
]


@cache
def byte_level() -> Any:
    """As Qwen and Llama 3 have it: bytes as signs, the pattern of GPT-2, control tokens and one plain added token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    made.train_from_iterator(
        SENTENCES * 5, trainers.BpeTrainer(vocab_size=420, special_tokens=special, initial_alphabet=alphabet)
    )
    made.add_tokens(["<tool_call>"])
    return _wrapped(made, "<|im_end|>", "<|endoftext|>")


@cache
def sentence_piece() -> Any:
    """As Gemma has it: `▁` for a space, no word borders, bytes to fall back on."""
    return _sentence_piece(prefix=False)


@cache
def sentence_piece_with_prefix() -> Any:
    """As Llama 2 has it: a space is put before the text, and taken away in decoding."""
    return _sentence_piece(prefix=True)


@cache
def without_bytes() -> Any:
    """Text with `▁` for a space that knows no signs but those it was trained on."""
    return _sentence_piece(prefix=False, fallback=False)


def _sentence_piece(*, prefix: bool, fallback: bool = True) -> Any:
    from tokenizers import Tokenizer, decoders, models, normalizers, trainers

    special = ["<pad>", "<eos>", "<bos>", "<unk>", *([f"<0x{byte:02X}>" for byte in range(256)] if fallback else [])]
    made = Tokenizer(models.BPE(byte_fallback=fallback, unk_token="<unk>", fuse_unk=True))
    spaces = normalizers.Replace(" ", "▁")
    made.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), spaces]) if prefix else spaces
    parts = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    made.decoder = decoders.Sequence([*parts, *([decoders.Strip(" ", 1, 0)] if prefix else [])])
    made.train_from_iterator(
        SENTENCES * 5, trainers.BpeTrainer(vocab_size=500, special_tokens=special, max_token_length=9)
    )
    return _wrapped(_plain_bytes(made), "<eos>", "<pad>")


def _plain_bytes(made: Any) -> Any:
    """The trainer knows no plain tokens for bytes: it makes control tokens of them, which they are not."""
    import json

    from tokenizers import Tokenizer

    state = json.loads(made.to_str())
    state["added_tokens"] = [token for token in state["added_tokens"] if not token["content"].startswith("<0x")]
    return Tokenizer.from_str(json.dumps(state))


def _wrapped(made: Any, end: str, pad: str) -> Any:
    from transformers import PreTrainedTokenizerFast

    made = PreTrainedTokenizerFast(tokenizer_object=made, eos_token=end, pad_token=pad)
    made.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    return made
