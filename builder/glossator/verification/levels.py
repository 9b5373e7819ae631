"""What all levels share: plain cases are settled, the rest is weighed, and the sentences that decided are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glossator.claims import Claim, Place, Verdict
from glossator.verification.logistic import Logistic
from glossator.verification.verbatim import settled
from glossator.verification.windows import choose, shares, units, weighed
from glossator.verification.words import words

Figures = Callable[[Sequence[Claim]], Sequence[Sequence[float]]]


def judge_by(claims: Sequence[Claim], figures: Figures, model: Logistic) -> list[Verdict]:
    """A verdict for each claim, in order; claims that are alike are weighed once."""
    plain = {claim: settled(claim) for claim in claims}
    open_ = [claim for claim, verdict in plain.items() if verdict is None]
    rows = model.probabilities(figures(open_)).tolist() if open_ else []
    judged = {claim: _verdict(claim, row) for claim, row in zip(open_, rows, strict=True)}
    return [plain[claim] or judged[claim] for claim in claims]


def _verdict(claim: Claim, row: Sequence[float]) -> Verdict:
    full, partial, contradict = (round(value, 4) for value in row)
    return Verdict(full=full, partial=partial, contradict=contradict, best=nearest(claim))


def nearest(claim: Claim) -> tuple[Place, ...]:
    """The places of the sentences that hold most of the claim's words."""
    found, weight = units(claim.evidence), weighed(words(claim.text))
    chosen = choose(weight, found, [0.0] * len(found), room=60, most=2)
    held = shares(weight, found)
    return tuple(Place(evidence=found[i].source, start=found[i].start, end=found[i].end) for i in chosen if held[i] > 0)
