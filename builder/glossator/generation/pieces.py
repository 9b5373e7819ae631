"""Tokens as they are decoded -> pieces of text that together are the text of all tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

CUT = "\ufffd"
"""What a tokenizer decodes the first bytes of a character to."""


def pieces(tokens: Iterable[int], decode: Callable[[Sequence[int]], str]) -> Iterator[str]:
    """The text of the tokens, without white space at either end, piece by piece.

    A token that ends inside a character waits for the rest of it. Only the last tokens are decoded again, with the
    piece before them, since a token may be written differently behind another; so the work is linear.

    >>> list(pieces([0, 1, 2, 3], lambda ids: "".join(" abc "[i : i + 1] for i in ids)))
    ['a', 'b', 'c']
    """
    ids: list[int] = []
    begin, done, held, started = 0, 0, "", False
    for token in tokens:
        ids.append(token)
        before, text = decode(ids[begin:done]), decode(ids[begin:])
        if len(text) <= len(before) or text.endswith(CUT):
            continue
        begin, done = done, len(ids)
        held += text[len(before) :]
        ready = held.rstrip()
        if ready:
            yield ready if started else ready.lstrip()
            held, started = held[len(ready) :], True
    rest = (held + decode(ids[begin:])[len(decode(ids[begin:done])) :]).rstrip()
    if rest:
        yield rest if started else rest.lstrip()
