"""How well the answers of one system are supported by what they cite: means, intervals, and the verifier's own error.

Two means, both: over answers, where each counts the same (the plain names), and over statements or citations, where
long answers count more (`_micro`). An abstention claims nothing and is in neither; the figures of `everything` count it
as an answer that supports nothing, unless the question is known to have no answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from glossator.citations.nuggets import nugget_views
from glossator.citations.tensor import LIKELY
from glossator.citations.views import VIEWS
from glossator.claims import WORD_FOR_WORD
from glossator.rows import strict_json
from glossator.scorecard import AnswerCard, Card
from glossator.statistics.agreement import Confusion
from glossator.statistics.clusters import Floats
from glossator.statistics.correction import Corrected, correct_rate
from glossator.statistics.estimates import Estimate, Measure, estimate, estimate_sums, rate
from glossator.statistics.intervals import ratio

FAMILY = ("support_recall", "support_precision", "support_f1")
"""The figures that are also given over every answer, abstentions included."""
ERRORS = ("redundancy", "misattribution", "contradiction", "uncited", "fabricated", "over_citation")
"""Rates of error: less is better."""


class Support(Card):
    """The figures of many answers."""

    verifier: str
    answers: int
    abstained: int
    """In no figure of `metrics` and `micro`."""
    empty: int
    """Answers that are no abstention and claim nothing: in no figure of support."""
    metrics: dict[str, Estimate]
    """Means over answers."""
    micro: dict[str, Estimate]
    """Over all statements, or all citations; `n` is the number of answers that have any."""
    everything: dict[str, Estimate]
    """Means over every answer: one that claims nothing counts 0, an abstention where it is right not at all."""
    corrected: dict[str, Corrected]
    """Over all statements or citations: as the verifier says, and as people would."""
    unjudged: dict[str, int]
    """Statements or citations that could not be judged."""
    quotes: dict[str, int]

    def figures(self) -> dict[str, float | None]:
        """Every figure by the name that a threshold uses."""
        parts = (("", self.metrics), ("_micro", self.micro), ("_everything", self.everything))
        return {f"{name}{suffix}": found.mean for suffix, part in parts for name, found in part.items()}


def summarise(
    cards: Sequence[AnswerCard],
    *,
    clusters: Sequence[str],
    answerable: Sequence[bool | None],
    verifier: str,
    confusion: Confusion | None,
) -> Support:
    """The figures of many answers. Answers to one question, or about one document, are one cluster."""
    counted = list(dict.fromkeys(name for one in cards for name in one.counts))
    names = list(dict.fromkeys([*counted, *(name for one in cards for name in one.values)]))
    return Support(
        verifier=verifier,
        answers=len(cards),
        abstained=sum(one.abstained for one in cards),
        empty=sum(one.empty for one in cards),
        metrics={
            name: estimate([c.value(name) for c in cards], clusters, failed=sum(c.failed(name) for c in cards))
            for name in names
        },
        micro={**{name: _micro(cards, name, clusters) for name in counted}, "support_f1": _micro_f1(cards, clusters)},
        everything={name: estimate(_all(cards, answerable, name), clusters) for name in FAMILY},
        corrected=_corrected(cards, clusters, verifier, confusion),
        unjudged={name: total for name in counted if (total := sum(c.counts[name].unjudged for c in cards))},
        quotes=dict(sum((Counter(one.quotes) for one in cards), Counter())),
    )


def support_names(values: Sequence[str]) -> list[str]:
    """The names of `Support.figures()`, before anything is scored; `values` are those that others work out."""
    counted = [*VIEWS, *nugget_views([], LIKELY), "quotes_faithful"]
    plain = [*counted, "support_f1", *values]
    return [*plain, *(f"{name}_micro" for name in (*counted, "support_f1")), *(f"{name}_everything" for name in FAMILY)]


def confusion_of(verifier: str) -> Confusion | None:
    """What people's labels say of a built-in verifier; None where nobody has compared it."""
    path = files("glossator") / "weights" / "verifier" / "confusion.json"
    known: dict[str, Any] = strict_json(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return Confusion(**known[verifier]) if verifier in known else None


def _micro(cards: Sequence[AnswerCard], name: str, clusters: Sequence[str]) -> Estimate:
    rows = [(one.counts[name].part, one.counts[name].whole) for one in cards]
    return _of_sums(lambda total: ratio(total[..., 0], total[..., 1]), rows, clusters)


def _micro_f1(cards: Sequence[AnswerCard], clusters: Sequence[str]) -> Estimate:
    pairs = [(one.counts["support_precision"], one.counts["support_recall"]) for one in cards]

    def measure(total: Floats) -> Floats:
        precision = np.nan_to_num(ratio(total[..., 0], total[..., 1]))
        recall = ratio(total[..., 2], total[..., 3])
        return np.where(recall == 0, 0.0, ratio(2 * precision * recall, precision + recall))

    return _of_sums(measure, [(p.part, p.whole, r.part, r.whole) for p, r in pairs], clusters)


def _of_sums(measure: Measure, rows: Sequence[tuple[float, ...]], clusters: Sequence[str]) -> Estimate:
    """A statistic of totals over the answers that have anything to count; their number is `n`."""
    known = [(row, cluster) for row, cluster in zip(rows, clusters, strict=True) if any(row[1::2])]
    if not known:
        return Estimate(mean=None, low=None, high=None, n=0)
    return estimate_sums({"": measure}, [row for row, _ in known], [cluster for _, cluster in known])[""]


def _all(cards: Sequence[AnswerCard], answerable: Sequence[bool | None], name: str) -> list[float | None]:
    return [
        None
        if one.failed(name) or (one.abstained and known is False)
        else 0.0
        if one.abstained
        else one.value(name) or 0.0
        for one, known in zip(cards, answerable, strict=True)
    ]


class Flag(NamedTuple):
    """One statement, or one citation."""

    cluster: str
    supported: bool
    sure: bool
    """No verifier was asked: it rests on nothing, or stands there word for word."""


def _corrected(
    cards: Sequence[AnswerCard], clusters: Sequence[str], verifier: str, confusion: Confusion | None
) -> dict[str, Corrected]:
    statements = [
        Flag(cluster, bool(said.supported), said.full is None or said.reason == WORD_FOR_WORD)
        for one, cluster in zip(cards, clusters, strict=True)
        for said in one.statements
        if said.needed and said.supported is not None
    ]
    citations = [
        Flag(cluster, not idle and (cited.full or 0.0) >= one.least, idle or cited.reason == WORD_FOR_WORD)
        for one, cluster in zip(cards, clusters, strict=True)
        for said in one.statements
        for cited in said.citations
        if (idle := cited.again or cited.passage_id is None) or cited.full is not None
    ]
    rates = {"support_recall": statements, "support_precision_strict": citations}
    return {name: _correct(flags, verifier, confusion) for name, flags in rates.items() if flags}


def _correct(flags: Sequence[Flag], verifier: str, confusion: Confusion | None) -> Corrected:
    """What rests on nothing, or stands there word for word, is sure: the others are corrected, then weighed.

    The interval is that of the others; their share is taken as it is. Where all are sure there is nothing to correct.
    """
    raw = rate([flag.supported for flag in flags], [flag.cluster for flag in flags])
    asked = [flag for flag in flags if not flag.sure]
    if not asked:
        return Corrected(raw=raw, corrected=raw)
    if confusion is None:
        nothing = Estimate(mean=None, low=None, high=None, n=len(flags))
        return Corrected(raw=raw, corrected=nothing, why=f"no human labels of verifier {verifier!r}")
    found = correct_rate([flag.supported for flag in asked], [flag.cluster for flag in asked], confusion)
    sure = sum(flag.sure and flag.supported for flag in flags)
    return Corrected(raw=raw, corrected=_weighed(found.corrected, len(asked), sure, len(flags)), why=found.why)


def _weighed(found: Estimate, asked: int, sure: int, n: int) -> Estimate:
    ends = (found.low, found.mean, found.high)
    low, mean, high = (None if end is None else round((end * asked + sure) / n, 4) for end in ends)
    return Estimate(mean=mean, low=low, high=high, n=n)
