"""How well one answer is supported by what it cites: every figure, and every statement with its verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from glossator.citations.nuggets import Stated, nugget_views
from glossator.citations.quotes import judge_quotes
from glossator.citations.support import supported
from glossator.citations.tensor import Row, Tensor
from glossator.citations.views import VIEWS, Tally, f1
from glossator.claims import Verdict
from glossator.records import Citation


class Card(BaseModel):
    """Base of what is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Count(Card):
    """So many of so many in one answer."""

    part: float
    whole: int
    unjudged: int = 0
    """Those that should have been judged and could not: in neither."""


class Cited(Card):
    """One citation of a statement, taken alone."""

    marker: str
    passage_id: str | None
    """None where it names nothing that was shown."""
    again: bool
    """It names a place that the statement has cited before."""
    full: float | None
    """Probability that it alone supports the statement; None also where it could not be judged."""
    reason: str = ""
    """Why it could not be judged, or the plainest sign for or against it."""


class Judged(Card):
    """One statement and what the verifier said of it."""

    text: str
    kind: str
    start: int
    end: int
    """Where it stands in the answer, in code points."""
    needed: bool
    """Whether it has to name its evidence."""
    citations: tuple[Cited, ...]
    full: float | None
    """Probability that all together support it."""
    partial: float
    contradict: float
    supported: bool | None
    """None: it cites something and could not be judged."""
    reason: str
    """Why it could not be judged, or the plainest sign for or against it."""


class AnswerCard(Card):
    """The figures of one answer."""

    abstained: bool
    least: float
    """Probability from which a statement counts as supported."""
    counts: dict[str, Count]
    """View -> so many of so many."""
    values: dict[str, float | None]
    """Figures that are no counts: F1, and those against gold."""
    quotes: dict[str, int]
    """Class of quote -> how many."""
    statements: tuple[Judged, ...]

    def value(self, name: str) -> float | None:
        """One figure; None where there is none to be had."""
        count = self.counts.get(name)
        if count is None:
            return self.values.get(name)
        return count.part / count.whole if count.whole else None

    def failed(self, name: str) -> bool:
        """Whether there would be a figure if the verifier could have judged."""
        if name == "support_f1":
            return self.values[name] is None and (self.failed("support_recall") or self.failed("support_precision"))
        count = self.counts.get(name)
        return count is not None and count.whole == 0 and count.unjudged > 0

    def why(self, name: str) -> str:
        """What the figure is made of."""
        count = self.counts.get(name)
        if count is None or not (count.whole or count.unjudged):
            return "" if self.value(name) is not None else "nothing is claimed"
        return f"{count.part:g} of {count.whole}" + (f", {count.unjudged} not judged" if count.unjudged else "")

    @property
    def empty(self) -> bool:
        """Whether it claims nothing and yet is no abstention."""
        return not self.abstained and not any(statement.needed for statement in self.statements)


def card(
    tensor: Tensor, nuggets: Sequence[Stated] = (), values: Mapping[str, float | None] | None = None
) -> AnswerCard:
    """The figures of one answer; `values` are those that others worked out, such as against gold."""
    tallies = {name: view(tensor) for name, view in VIEWS.items()} | nugget_views(nuggets, tensor.least)
    quotes = judge_quotes(tensor.answer)
    tallies["quotes_faithful"] = Tally(part=sum(quote.faithful for quote in quotes), whole=len(quotes))
    score = f1(tallies["support_precision"].share, tallies["support_recall"].share)
    return AnswerCard(
        abstained=tensor.answer.abstained,
        least=tensor.least,
        counts={name: Count(part=t.part, whole=t.whole, unjudged=t.unjudged) for name, t in tallies.items()},
        values={"support_f1": score, **(values or {})},
        quotes=dict(Counter(quote.kind for quote in quotes)),
        statements=tuple(_judged(row, tensor) for row in tensor.rows),
    )


def _judged(row: Row, tensor: Tensor) -> Judged:
    statement, verdict = row.statement, row.union or Verdict(full=None)
    cited = [tensor.answer.citations[index] for index in statement.citations]
    unjudged = row.union is not None and row.union.full is None
    return Judged(
        text=statement.text,
        kind=statement.kind,
        start=statement.start,
        end=statement.end,
        needed=row.needed,
        citations=tuple(_cited(cited[: number + 1], alone) for number, alone in enumerate(row.alone)),
        full=verdict.full,
        partial=verdict.partial,
        contradict=verdict.contradict,
        supported=None if unjudged else supported(row.union, tensor.least),
        reason=verdict.reason,
    )


def _cited(upto: Sequence[Citation], alone: Verdict | None) -> Cited:
    """The last of these citations of one statement."""
    *before, this = upto
    again = any((other.passage_id, other.span) == (this.passage_id, this.span) for other in before)
    verdict = alone or Verdict(full=None)
    return Cited(
        marker=this.marker,
        passage_id=this.passage_id,
        again=again,
        full=verdict.full,
        reason=verdict.reason,
    )
