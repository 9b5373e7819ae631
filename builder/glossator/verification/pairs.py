"""A claim and the chosen sentences of its evidence, as the cross-encoder reads them.

That is `[CLS] claim [SEP] evidence [SEP]`.

Of a claim the first CLAIM tokens are read. Sentences that do not fit are left out whole, the longest first; one that is
alone and does not fit loses its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glossator.verification.windows import Unit, choose, shares, units, weighed
from glossator.verification.words import words

if TYPE_CHECKING:
    from glossator.encoding.embedding import MiniLm

CLASSES = ("full", "partial", "contradict", "none")
CLAIM, WINDOW = 160, 256
"""Tokens of the longest claim and of claim and evidence together."""
LOOKED_AT, ROOM, MOST = 12, 150, 8
"""Sentences whose meaning is compared, the words of those chosen, and how many. Of 119 pages cited in Wikipedia and 30
agreements, twelve find as much of the evidence people marked as all sentences do (.86 and .83 of the claims have some
of it among those chosen; by words alone .83 and .68)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Claim and evidence as tokens, and which sentences they hold."""

    ids: list[int]
    segments: list[int]
    """0 for the claim, 1 for the evidence."""
    chosen: tuple[Unit, ...]


def joined(evidence: Sequence[str], claim: str, tokenizer: Any, embedder: MiniLm) -> Joined:
    """The pair as the cross-encoder reads it; of a long claim its first CLAIM tokens."""
    found = units(evidence)
    chosen = [found[i] for i in pick(found, claim, embedder)]
    encoded = tokenizer.encode(claim).ids
    first = [*encoded[:-1][:CLAIM], encoded[-1]]
    room = WINDOW - len(first) - 1
    rows = [tokenizer.encode(unit.text, add_special_tokens=False).ids for unit in chosen]
    while len(rows) > 1 and sum(map(len, rows)) > room:
        longest = max(range(len(rows)), key=lambda i: len(rows[i]))
        del rows[longest], chosen[longest]
    rows = [row[:room] for row in rows]
    second = [token for row in rows for token in row] + first[-1:]
    return Joined(ids=first + second, segments=[0] * len(first) + [1] * len(second), chosen=tuple(chosen))


def pick(found: Sequence[Unit], claim: str, embedder: MiniLm) -> list[int]:
    """Indices of the sentences that matter for the claim, in the order of the evidence: all where all fit."""
    if len(found) <= MOST and sum(len(unit.words) for unit in found) <= ROOM:
        return list(range(len(found)))
    weight = weighed(words(claim))
    shared = np.array(shares(weight, found))
    near = [0.0] * len(found)
    looked = np.argsort(-shared, kind="stable")[:LOOKED_AT].tolist()
    if looked:
        vectors = embedder.embed_long([claim, *(found[i].text for i in looked)])
        for i, cosine in zip(looked, (vectors[1:] @ vectors[0]).tolist(), strict=True):
            near[i] = cosine
    return choose(weight, found, near, room=ROOM, most=MOST)
