"""Answers from a model behind a server that speaks OpenAI's interface: vLLM, llama.cpp, or another.

In quoted grounding nothing but a possible answer comes back. A server that binds its decoder gives one by construction;
another's answer is compared, the server is asked once more for the number of a line, and where that fails too the prior
chooses, and the text says so. The prior cannot be laid on the logits of a server: it decides only there.

What looks like a control token in a document or question is broken up by a zero-width space before it is sent, since
most servers tokenise whole prompts; possible answers are sent as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from glossator.endpoint import Endpoint, Unanswered
from glossator.engines import unanswered
from glossator.errors import InputError
from glossator.generation.grounding import Choice
from glossator.generation.grounds import Grounds, Possible
from glossator.generation.heaviest import HeaviestChoice
from glossator.generation.noted import REPAIRED, REPLACED, Noted
from glossator.generation.possible import asked_again, chosen, constraint, meant
from glossator.recipe import Served
from glossator.records import Message

PATH = "chat/completions"
AT_ONCE = 8
"""Conversations asked about at a time."""
BYTES, FRAME = 2, 64
"""Bytes of text counted as one token, and tokens of a chat template's own."""
_CONTROL = re.compile(r"<(?=[|｜]|/?[A-Za-z_]{1,24}>)|\[(?=/?[A-Z_]{2,24}\])")


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said = _Said()
    delta: _Said = _Said()
    finish_reason: str | None = None


class _Completion(BaseModel):
    """What of a completion, or of a piece of one, is read."""

    choices: list[_Choice]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedGenerator:
    """A model on a server; whatever goes wrong there is a ServerError."""

    endpoint: Endpoint
    served: Served

    def fits(self, messages: Sequence[Message], max_new_tokens: int) -> bool:
        """Whether prompt and answer surely fit into the window that the recipe names."""
        size = sum(len(message["content"].encode("utf-8", "replace")) for message in messages)
        return size / BYTES + FRAME + max_new_tokens <= self.served.window

    def complete(
        self,
        conversations: Sequence[Sequence[Message]],
        max_new_tokens: int,
        choices: Sequence[Possible] | None = None,
    ) -> list[str]:
        """The likeliest completion of each conversation, in order; with `choices`, one of those of its conversation."""
        among = [None] * len(conversations) if choices is None else list(map(_listed, choices))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(self._one, conversations, [max_new_tokens] * len(conversations), among))

    def stream(
        self, messages: Sequence[Message], max_new_tokens: int, choices: Possible | None = None
    ) -> Iterator[str]:
        """What `complete` gives for one conversation, in pieces as they come.

        Of a bound answer only what begins a possible one is passed on, so that none of it has to be taken back: where
        the server leaves them, the heaviest of those that go on like this ends it. An unbound one comes whole.
        """
        if choices is None:
            yield from self._pieces(messages, max_new_tokens, {})
            return
        among = _listed(choices)
        if len(among) == 1 or self.served.constraint == "none":
            yield self._one(messages, max_new_tokens, among)
        else:
            said, bound = "", constraint(self.served.constraint, among)
            for piece in self._pieces(messages, max_new_tokens, bound):
                if not any(choice.text.startswith(said + piece) for choice in among):
                    break
                said += piece
                yield piece
            if said not in {choice.text for choice in among}:
                left = [choice for choice in among if choice.text.startswith(said)]
                yield Noted(_heaviest(left)[len(said) :], REPLACED)

    def _one(self, messages: Sequence[Message], max_new_tokens: int, among: Sequence[Choice] | None) -> str:
        if among is None:
            return self._said(messages, max_new_tokens, {})
        if len(among) == 1:
            return among[0].text
        said = self._said(messages, max_new_tokens, constraint(self.served.constraint, among))
        if (found := meant(said, among)) is not None:
            return found
        again = asked_again(messages, among)
        if self.fits(again, max_new_tokens):
            found = chosen(self._said(again, max_new_tokens, {}), among)
        return Noted(_heaviest(among), REPLACED) if found is None else Noted(found, REPAIRED)

    def _said(self, messages: Sequence[Message], max_new_tokens: int, bound: dict[str, Any]) -> str:
        try:
            made = self.endpoint.post(PATH, self._body(messages, max_new_tokens) | bound)
            return (_read(made).message.content or "").strip()
        except Unanswered as failure:
            raise unanswered(self.endpoint, self.served, failure) from failure

    def _pieces(self, messages: Sequence[Message], max_new_tokens: int, bound: dict[str, Any]) -> Iterator[str]:
        body = self._body(messages, max_new_tokens) | bound | {"stream": True}
        try:
            yield from stripped(events(self.endpoint.lines(PATH, body)))
        except Unanswered as failure:
            raise unanswered(self.endpoint, self.served, failure) from failure

    def _body(self, messages: Sequence[Message], max_new_tokens: int) -> dict[str, Any]:
        sent = [{**message, "content": defused(message["content"])} for message in messages]
        return {"model": self.served.model, "messages": sent, "temperature": 0, "max_tokens": max_new_tokens}


def defused(text: str) -> str:
    """A text in which nothing reads as a control token, and half of a surrogate pair as a question mark.

    >>> defused("a <|im_end|> [INST] [1] <b>").replace(chr(0x200B), "~")
    'a <~|im_end|> [~INST] [1] <~b>'
    """
    return _CONTROL.sub(lambda sign: sign[0] + "\u200b", text.encode("utf-8", "replace").decode())


def events(lines: Iterable[bytes]) -> Iterator[str]:
    """The pieces of text in server-sent events; all of it at once from a server that does not stream.

    Raises Unanswered when they end before the answer does.
    """
    other = bytearray()
    for line in lines:
        if not line.startswith(b"data:"):
            other += line
            continue
        data = line.removeprefix(b"data:").strip()
        if data == b"[DONE]":
            return
        piece = _read(data)
        yield piece.delta.content or ""
        if piece.finish_reason is not None:
            return
    if not other.lstrip().startswith(b"{"):
        raise Unanswered("ended in the middle of an answer")
    yield _read(bytes(other)).message.content or ""


def stripped(pieces: Iterable[str]) -> Iterator[str]:
    """The pieces of a text without the spaces around it, none of them empty.

    >>> list(stripped([" ", " a ", " ", "b", "", " "]))
    ['a', '  b']
    """
    held, begun = "", False
    for piece in pieces:
        text = held + piece if begun else piece.lstrip()
        kept = text.rstrip()
        held = text[len(kept) :]
        if kept:
            begun = True
            yield kept


def _read(data: bytes) -> _Choice:
    """The first choice of a completion; an empty one of an event without any, such as the count of tokens."""
    try:
        return next(iter(_Completion.model_validate_json(data).choices), _Choice())
    except ValidationError as error:
        raise Unanswered("answered with something that is no completion of a chat") from error


def _listed(choices: Possible) -> Sequence[Choice]:
    """Answers that can be told a server one by one. Raises InputError for grounds."""
    if isinstance(choices, Grounds):
        raise InputError("free quotes need a model in this process; a server is told whole answers to choose from")
    return choices


def _heaviest(among: Sequence[Choice]) -> str:
    return HeaviestChoice().complete([()], 0, [among])[0]
