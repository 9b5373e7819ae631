"""Possible answers and a server: how it is told them, and how its answer is held against them.

llama.cpp is told a grammar in its form GBNF, vLLM a list. What either answers is compared all the same, since a server
may ignore a field that it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from glossator.citations.parse import find_markers, find_quotes, format_citation
from glossator.generation.grounding import Choice
from glossator.records import Message

WHICH = "Which of these lines answers the question? Say its number and nothing else."
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_NUMBER = re.compile(r"\(?(\d{1,4})\)?\.?")


def constraint(kind: str, among: Sequence[Choice]) -> dict[str, Any]:
    """The fields of a request that bind the answer: `structured_outputs` of vLLM, `grammar` of llama.cpp."""
    texts = list(dict.fromkeys(choice.text for choice in among))
    if kind == "choice":
        return {"structured_outputs": {"choice": texts}}
    return {"grammar": gbnf(texts)} if kind == "grammar" else {}


def gbnf(texts: Sequence[str]) -> str:
    """A grammar that accepts exactly these texts.

    >>> print(gbnf(["no", 'a "b"']))
    root ::= "no" | "a \\"b\\""
    """
    return "root ::= " + " | ".join(f'"{"".join(map(_escaped, text))}"' for text in texts)


def meant(said: str, among: Sequence[Choice]) -> str | None:
    """The possible answer that a text is: the same text, or the same quote, sign for sign, with the same one number.

    Only the abstention may differ in case and spaces.
    """
    texts = {choice.text for choice in among}
    if said in texts:
        return said
    quotes, numbers = find_quotes(said), {number for marker in find_markers(said) for number in marker.numbers}
    if len(quotes) == 1 and len(numbers) == 1:
        written = format_citation(quotes[0].text, *numbers)
        return written if written in texts else None
    plain = {_folded(text): text for text in texts if not find_quotes(text)}
    return plain.get(_folded(said))


def asked_again(messages: Sequence[Message], among: Sequence[Choice]) -> list[Message]:
    """The conversation with the possible answers as numbered lines under its last message."""
    lines = (f"({number}) {' '.join(choice.text.split())}" for number, choice in enumerate(among, 1))
    *before, last = messages
    return [*before, {**last, "content": "\n".join([last["content"], "", WHICH, *lines])}]


def chosen(said: str, among: Sequence[Choice]) -> str | None:
    """The possible answer that a number stands for, or that the text is."""
    number = _NUMBER.fullmatch(said)
    if number is None:
        return meant(said, among)
    place = int(number[1])
    return among[place - 1].text if 1 <= place <= len(among) else None


def _escaped(sign: str) -> str:
    return _ESCAPES.get(sign) or (f"\\x{ord(sign):02X}" if ord(sign) < 32 or ord(sign) == 127 else sign)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
