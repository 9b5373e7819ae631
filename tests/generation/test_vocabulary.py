"""Tokens as bytes: what the table says is what the tokenizer decodes."""

from __future__ import annotations

from typing import Any

import pytest

from glossator.content import weights
from glossator.errors import InputError
from glossator.generation.vocabulary import vocabulary_of

from .tokenizers_made import byte_level, sentence_piece, sentence_piece_with_prefix, without_bytes

TEXTS = [
    "Ferritin falls first, [2]: “it’s low”.",
    "def f(x):\n\treturn  x\r\n",
    "é e\u0301 日本 😀 ▁ \x00",
    "<|im_end|>",
]


def embedded() -> Any:
    from glossator.generation.transformers_local import load_tokenizer

    return load_tokenizer(str(weights()))


KINDS = [embedded, byte_level, sentence_piece, sentence_piece_with_prefix]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", TEXTS)
def test_the_longest_tokens_spell_the_very_bytes_and_decode_to_the_text(kind: Any, text: str) -> None:
    tokenizer, data, place, tokens = kind(), text.encode(), 0, []
    vocabulary = vocabulary_of(tokenizer)
    while place < len(data):
        end = next(e for e in range(len(data), place, -1) if vocabulary.prefixes.get(data[place:e], -1) >= 0)
        tokens.append(vocabulary.prefixes[data[place:end]])
        place = end
    assert len(tokens) == vocabulary.count(data)
    lead = tokenizer.encode("[", add_special_tokens=False)
    assert tokenizer.decode([*lead, *tokens], skip_special_tokens=True) == "[" + text


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_tokenizer_spells_is_known_byte_for_byte(kind: Any) -> None:
    tokenizer = kind()
    vocabulary = vocabulary_of(tokenizer)
    assert vocabulary.whole
    for text in TEXTS[:2]:
        tokens = vocabulary.usual(text.encode())
        if kind is sentence_piece_with_prefix:
            assert tokens == ()
        else:
            assert list(tokens) == tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    assert vocabulary.usual("é".encode()[:1]) == ()


@pytest.mark.parametrize("kind", [*KINDS, without_bytes])
def test_no_control_or_added_token_spells_text(kind: Any) -> None:
    tokenizer = kind()
    assert not set(tokenizer.added_tokens_decoder) & set(vocabulary_of(tokenizer).spelt)
    assert tokenizer.eos_token_id == vocabulary_of(tokenizer).end


def test_a_tokenizer_without_bytes_spells_the_signs_it_has() -> None:
    vocabulary = vocabulary_of(without_bytes())
    assert not vocabulary.whole
    assert vocabulary.spells("Ferritin falls “first”")
    assert not vocabulary.spells("Ferritin in 日本")


@pytest.mark.parametrize("kind", KINDS)
def test_no_tokenizer_spells_half_a_pair(kind: Any) -> None:
    assert not vocabulary_of(kind()).spells("a\ud83d")


def test_own_words_are_letters_and_what_joins_them() -> None:
    vocabulary = vocabulary_of(embedded())
    words = {vocabulary.spelt[token].decode() for token in vocabulary.words}
    assert {" the", "the", " "} <= words
    assert not [word for word in words if any(sign in '0123456789[]“”"\n\t.,:;()`|#<>$^' for sign in word)]
    assert vocabulary.openers.keys() | vocabulary.spaced.keys() <= vocabulary.words.keys()


def test_an_unknown_kind_of_tokenizer_is_refused() -> None:
    from tokenizers import Tokenizer, decoders, models
    from transformers import PreTrainedTokenizerFast

    made = Tokenizer(models.WordPiece({"[UNK]": 0, "[E]": 1}, unk_token="[UNK]"))
    made.decoder = decoders.WordPiece()
    with pytest.raises(InputError, match="WordPiece"):
        vocabulary_of(PreTrainedTokenizerFast(tokenizer_object=made, eos_token="[E]"))
    with pytest.raises(InputError, match="end mark"):
        vocabulary_of(PreTrainedTokenizerFast(tokenizer_object=made))
