"""What the adapters of other people's models share: chunks, batches, and how scores of chunks become one verdict.

Every chunk of the evidence is read with the claim. Then the two best chunks are read together, as many of their
sentences as fit, those that share least with the claim left out first; so a claim is found that rests half on one
chunk and half on another. The greatest support counts, as in MiniCheck (Tang, Laban and Durrett 2024), and the
greatest contradiction as far as support leaves room for it.

Nothing is left out in silence: a claim that takes more than half of the window cannot be judged, and of evidence
every word is read, a sentence beyond the window in parts. Rows are read with rows of their own length only, so nothing
is padded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from math import isfinite
from typing import Any

from glossator.claims import Claim, Place, Verdict
from glossator.encoding.batching import batches
from glossator.verification.chunks import Chunk, halves, pack, parts, places, text_of
from glossator.verification.verbatim import empty
from glossator.verification.windows import Unit, shares, units, weighed
from glossator.verification.words import words

BUDGET = 4096
"""Tokens of one pass."""

Row = Mapping[str, Sequence[int]]
"""What a tokenizer returns for one pair, `input_ids` among it."""
Score = tuple[float, float] | str
"""Probabilities of support and of contradiction, or why the model gave none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairModel:
    """A model, as the base needs it."""

    tokenizer: Any
    encode: Callable[[str, str], Row]
    """Evidence and claim as one row."""
    read: Callable[[Sequence[Row]], Sequence[tuple[float, float]]]
    """Rows of one length -> of each the probabilities of support and of contradiction."""
    window: int
    """Tokens of the longest row."""
    chunk: tuple[int, int]
    """Tokens and words (by white space) of evidence in a chunk, both at most; a long claim may leave less room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A chunk as it is read."""

    chunk: Chunk
    stretches: tuple[Place, ...]
    row: Row

    @property
    def tokens(self) -> int:
        return len(self.row["input_ids"])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A claim whose evidence is in pieces."""

    claim: Claim
    found: list[Unit]
    costs: list[tuple[int, int]]
    """Tokens and words of each unit."""
    pieces: list[_Piece]


class SequenceVerifier:
    """Judges claims with a model that reads claim and evidence together."""

    def __init__(self, model: PairModel) -> None:
        self._model = model

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        known = {claim: self._cut(claim) for claim in dict.fromkeys(claims)}
        cuts = [cut for cut in known.values() if isinstance(cut, _Cut)]
        alone = self._tables([cut.pieces for cut in cuts])
        pairs = [self._union(cut, table) for cut, table in zip(cuts, alone, strict=True)]
        judged = {
            cut.claim: _verdict([*cut.pieces, *pair], [*table, *together])
            for cut, pair, table, together in zip(cuts, pairs, alone, self._tables(pairs), strict=True)
        }
        return [judged[claim] if isinstance(cut := known[claim], _Cut) else cut for claim in claims]

    def _cut(self, claim: Claim) -> _Cut | Verdict:
        if (verdict := empty(claim)) is not None:
            return verdict
        taken, window = len(self._row("", claim.text)["input_ids"]), self._model.window
        if 2 * taken > window:
            return Verdict(full=None, reason=f"the claim takes {taken} of the {window} tokens that are read at once")
        tokens, most_words = self._model.chunk
        found = self._short(units(claim.evidence), window - taken)
        costs = self._costs(found)
        packed = pack(costs, (min(tokens, window - taken), most_words))
        pieces = [piece for chunk in packed for piece in self._fitting(claim, found, chunk)]
        longest = max(piece.tokens for piece in pieces)
        if longest > window:
            return Verdict(
                full=None, reason=f"claim and a sign of the evidence are {longest} tokens, {window} are read at once"
            )
        return _Cut(claim=claim, found=found, costs=costs, pieces=pieces)

    def _short(self, found: Sequence[Unit], room: int) -> list[Unit]:
        """The sentences, and of one beyond `room` tokens parts of half of that, since their lengths vary."""
        counts = [1 if cost <= room else -(-2 * cost // room) for cost, _ in self._costs(found)]
        return [part for unit, count in zip(found, counts, strict=True) for part in parts(unit, count)]

    def _costs(self, found: Sequence[Unit]) -> list[tuple[int, int]]:
        rows = self._model.tokenizer([self._bare(unit.text) for unit in found], add_special_tokens=False)["input_ids"]
        return [(len(row), len(unit.text.split())) for row, unit in zip(rows, found, strict=True)]

    def _fitting(self, claim: Claim, found: Sequence[Unit], chunk: Chunk) -> list[_Piece]:
        """The chunk, in halves where it is longer together than its sentences are one by one."""
        piece = self._piece(claim, found, chunk)
        if piece.tokens <= self._model.window or len(chunk) == 1:
            return [piece]
        return [small for half in halves(chunk) for small in self._fitting(claim, found, half)]

    def _piece(self, claim: Claim, found: Sequence[Unit], chunk: Chunk) -> _Piece:
        stretches = places(chunk, found)
        return _Piece(chunk=chunk, stretches=stretches, row=self._row(text_of(stretches, claim.evidence), claim.text))

    def _union(self, cut: _Cut, table: Sequence[Score]) -> list[_Piece]:
        """The two best chunks as one piece, as much of them as fits; none where there are no two."""
        known = [
            (score[0], piece) for score, piece in zip(table, cut.pieces, strict=True) if not isinstance(score, str)
        ]
        if len(known) < 2 or len(known) < len(table):
            return []
        best = sorted(known, key=lambda pair: -pair[0])[:2]
        kept = sorted(index for _, piece in best for index in piece.chunk)
        share = shares(weighed(words(cut.claim.text)), cut.found)
        while kept:
            piece = self._piece(cut.claim, cut.found, tuple(kept))
            over = piece.tokens - self._model.window
            if over <= 0:
                return [piece]
            kept = _lighter(kept, share, cut.costs, over)
        return []

    def _tables(self, groups: Sequence[Sequence[_Piece]]) -> list[list[Score]]:
        """Scores of each group of pieces, all read together."""
        scores = self._scores([piece.row for group in groups for piece in group])
        ends = accumulate(map(len, groups))
        return [scores[end - len(group) : end] for end, group in zip(ends, groups, strict=True)]

    def _scores(self, rows: Sequence[Row]) -> list[Score]:
        out: dict[int, Score] = {}
        for batch in batches([len(row["input_ids"]) for row in rows], BUDGET):
            out |= zip(batch, self._read([rows[i] for i in batch]), strict=True)
        return [out[i] for i in range(len(rows))]

    def _read(self, rows: Sequence[Row]) -> Sequence[Score]:
        try:
            return self._model.read(rows)
        except RuntimeError as error:  # so does torch when memory runs out
            return [f"the model failed: {str(error).partition(chr(10))[0]}"] * len(rows)

    def _row(self, evidence: str, claim: str) -> Row:
        return self._model.encode(self._bare(evidence), self._bare(claim))

    def _bare(self, text: str) -> str:
        """The text without the tokenizer's own marks, which would end the evidence or begin a claim; blanks instead."""
        return self._marks.sub(lambda mark: " " * len(mark[0]), text)

    @cached_property
    def _marks(self) -> re.Pattern[str]:
        marks = sorted(self._model.tokenizer.all_special_tokens, key=len, reverse=True)
        return re.compile("|".join(map(re.escape, marks)))


def _lighter(kept: Sequence[int], share: Sequence[float], costs: Sequence[tuple[int, int]], over: int) -> list[int]:
    """Without the units that share least with the claim, the last first, until `over` tokens are gone; one at least."""
    left = sorted(kept, key=lambda i: (-share[i], i))
    while left and over > 0:
        over -= max(1, costs[left.pop()][0])
    return sorted(left)


def _verdict(pieces: Sequence[_Piece], table: Sequence[Score]) -> Verdict:
    for score in table:
        if isinstance(score, str):
            return Verdict(full=None, reason=score)
    known = [score for score in table if not isinstance(score, str)]
    if not all(isfinite(value) for score in known for value in score):
        return Verdict(full=None, reason="the model gave no number: it overflowed")
    full = max(score[0] for score in known)
    against = max(score[1] for score in known)
    side, value = (0, full) if full >= against else (1, against)
    decided = next(piece for piece, score in zip(pieces, known, strict=True) if score[side] == value)
    return Verdict(full=full, contradict=min(against, 1 - full), best=decided.stretches)
