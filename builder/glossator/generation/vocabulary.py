"""The tokens of a tokenizer as bytes: what a constraint over bytes needs to know of it.

Two kinds of tokenizer can spell any text: byte-level BPE (GPT-2, Llama 3, Qwen, the embedded backbone), whose tokens
are bytes written as printable signs, and SentencePiece with byte fallback (Llama 2, Gemma), whose tokens are text with
`▁` for a space, and `<0x0A>` for a byte. Which it is, its decoder says. One without byte fallback spells the characters
that it has. Added tokens, control tokens among them, are never spelt with: they stand for no text of a document.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any, Literal

from glossator.errors import InputError

Kind = Literal["openers", "spaced", "words"]
"""Which tokens may come as connecting words."""
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
JOINS = " '’-"
"""What connecting words may hold beside letters."""


def _nothing(_text: str) -> Sequence[int]:
    return ()


@dataclass(frozen=True)
class Vocabulary:
    """The tokens that stand for text."""

    spelt: Mapping[int, bytes]
    """Token -> its bytes; of tokens with the same bytes only the one that text is tokenised to."""
    end: int
    """The token that ends an answer."""
    encode: Callable[[str], Sequence[int]] = _nothing
    """The tokens that text is tokenised to."""
    _words_of: dict[tuple[Kind, int, float], Mapping[int, float]] = field(init=False, default_factory=dict)

    @cached_property
    def prefixes(self) -> dict[bytes, int]:
        """Every beginning of a token, the empty one included -> that token, or -1 where no token ends."""
        found: dict[bytes, int] = {b"": -1}
        for token, data in self.spelt.items():
            for length in range(1, len(data)):
                found.setdefault(data[:length], -1)
            found[data] = token
        return found

    @cached_property
    def whole(self) -> bool:
        """Whether there is a token for every single byte, so that any text can be spelt."""
        return all(self.prefixes.get(bytes([byte]), -1) >= 0 for byte in range(256))

    def spells(self, text: str) -> bool:
        """Whether tokens can spell the text from any of its characters on; never one with a lone surrogate."""
        if self.whole:
            return not _SURROGATE.search(text)
        return all(self.prefixes.get(sign.encode("utf-8", "surrogatepass"), -1) >= 0 for sign in set(text))

    @cached_property
    def words(self) -> dict[int, int]:
        """The tokens that hold only letters and JOINS -> how many characters."""
        texts = {token: data.decode("utf-8", "replace") for token, data in self.spelt.items()}
        return {t: len(text) for t, text in texts.items() if all(sign.isalpha() or sign in JOINS for sign in text)}

    @cached_property
    def openers(self) -> dict[int, int]:
        """The `words` that begin with a letter."""
        return {t: size for t, size in self.words.items() if self.spelt[t].decode()[0].isalpha()}

    @cached_property
    def spaced(self) -> dict[int, int]:
        """The `words` that begin with a space and a letter."""
        return {t: size for t, size in self.words.items() if re.match(r" [^\W\d_]", self.spelt[t].decode())}

    def words_of(self, kind: Kind, most: int, gain: float) -> Mapping[int, float]:
        """The words of a kind with at most so many characters, each with the same gain."""
        key = kind, min(most, self._longest_word), gain
        if key not in self._words_of:
            tokens: Mapping[int, int] = getattr(self, kind)
            self._words_of[key] = {token: gain for token, size in tokens.items() if size <= most}
        return self._words_of[key]

    def usual(self, data: bytes) -> Sequence[int]:
        """The tokens that the tokenizer itself spells the bytes with; none where these would be other bytes."""
        try:
            tokens = self.encode(data.decode())
        except UnicodeDecodeError:
            return ()
        return tokens if b"".join(self.spelt.get(token, b"") for token in tokens) == data else ()

    @cached_property
    def _longest_word(self) -> int:
        return max(self.words.values(), default=0)

    def count(self, data: bytes) -> int:
        """How many tokens spell the bytes when each takes as many as it can."""
        place = count = 0
        while place < len(data):
            place += self._longest(data, place)
            count += 1
        return count

    def _longest(self, data: bytes, place: int) -> int:
        best = length = 1
        while place + length <= len(data):
            token = self.prefixes.get(data[place : place + length])
            if token is None:
                break
            best = length if token >= 0 else best
            length += 1
        return best


@lru_cache(maxsize=8)
def vocabulary_of(tokenizer: Any) -> Vocabulary:
    """The vocabulary of a transformers tokenizer; made once for each.

    Raises InputError for a tokenizer whose tokens are not known to be bytes or text, or without an end mark.
    """
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None or tokenizer.eos_token_id is None:
        raise InputError(
            "quoted answers need a tokenizer with a tokenizer.json and an end mark (eos_token); this one has none: "
            "choose another backbone, or answer.grounding: cited"
        )
    kinds = set(_kinds(json.loads(backend.to_str())["decoder"]))
    added = set(tokenizer.added_tokens_decoder)
    plain = [(token, name) for name, token in tokenizer.get_vocab().items() if token not in added]
    if "ByteLevel" in kinds:
        rows: Iterable[tuple[int, bytes]] = _byte_level(plain)
    elif kinds & {"ByteFallback", "Metaspace", "Replace"}:
        rows = _pieces(plain, fallback="ByteFallback" in kinds)
    else:
        raise InputError(
            f"quoted answers cannot be spelt with this tokenizer (decoder {', '.join(sorted(kinds)) or 'none'}): "
            "byte-level BPE and SentencePiece are known; choose another backbone, or answer.grounding: cited"
        )
    first: dict[bytes, int] = {}
    for token, data in rows:
        if data:
            first.setdefault(data, token)

    def encode(text: str) -> Sequence[int]:
        return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)

    return Vocabulary({token: data for data, token in first.items()}, int(tokenizer.eos_token_id), encode)


def _kinds(decoder: Mapping[str, Any] | None) -> Iterator[str]:
    for part in [] if decoder is None else decoder.get("decoders", [decoder]):
        yield part["type"]


def _byte_level(rows: Iterable[tuple[int, str]]) -> Iterator[tuple[int, bytes]]:
    """Tokens whose signs are bytes; a token with other signs is no text."""
    table = _signs()
    for token, name in rows:
        if all(sign in table for sign in name):
            yield token, bytes(table[sign] for sign in name)


def _pieces(rows: Iterable[tuple[int, str]], *, fallback: bool) -> Iterator[tuple[int, bytes]]:
    """Tokens of text with `▁` for a space, before those that are single bytes."""
    single = []
    for token, name in rows:
        byte = _BYTE.fullmatch(name) if fallback else None
        if byte:
            single.append((token, bytes([int(byte[1], 16)])))
        else:
            yield token, name.replace("▁", " ").encode("utf-8", "ignore")
    yield from single


@lru_cache(maxsize=1)
def _signs() -> dict[str, int]:
    """The sign of each byte in byte-level BPE: itself where it is printable, else the next free one from 256 on.

    Source: `bytes_to_unicode` of GPT-2's encoder (Radford et al. 2019).
    """
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(256 + place): byte for place, byte in enumerate(others)}
