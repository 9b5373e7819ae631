"""What a verifier says of every statement of an answer against everything it may rest on. All metrics are views of it.

The idea of one table from which every figure is read is RAGChecker's (Ru et al. 2024, section 3); the rows are those of
ALCE (Gao et al. 2023) and of misattribution: each citation alone, all together, all but one, every passage shown, gold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from glossator.citations.kinds import needs_citation
from glossator.citations.support import claim_of, supported
from glossator.claims import Claim, Verdict, Verifier
from glossator.records import Answer, Statement

LIKELY = 0.5
"""Probability from which a verifier "rather says yes"; what its calibration promises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The verdicts on one statement. None where there is nothing to judge: no evidence, or it was not asked."""

    statement: Statement
    needed: bool
    """Whether it has to name its evidence. One that need not is here for the citations it carries."""
    union: Verdict | None
    """All its citations together: the definition of the run-time check."""
    alone: tuple[Verdict | None, ...]
    """Each citation by itself, in order; None for one that names nothing shown."""
    without: tuple[Verdict | None, ...] = ()
    """All but one, in order; only where two or more citations support it together."""
    shown: tuple[Verdict, ...] = ()
    """Every passage that was shown, in order; only where its citations do not support it."""
    gold: Verdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensor:
    """One answer and the verdicts on its statements."""

    answer: Answer
    rows: tuple[Row, ...]
    least: float
    """Probability from which a statement counts as supported."""

    @property
    def silent(self) -> bool:
        """Whether it claims nothing: an abstention, or no statement that needs evidence."""
        return self.answer.abstained or not any(row.needed for row in self.rows)


class Once:
    """A verifier that is asked the same thing once: equal claims on equal evidence share a verdict."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._known: dict[Claim, Verdict] = {}

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        """One verdict for each claim, in order."""
        new = [claim for claim in dict.fromkeys(claims) if claim not in self._known]
        if new:
            self._known.update(zip(new, self._verifier.judge(new), strict=True))
        return [self._known[claim] for claim in claims]

    def one(self, claim: Claim | None) -> Verdict | None:
        """The verdict on one claim; None where there is nothing to judge."""
        return None if claim is None else self.judge([claim])[0]


def tensors(
    answers: Sequence[Answer], verifier: Verifier, *, gold: Sequence[Sequence[str]], least: float = LIKELY
) -> list[Tensor]:
    """Judge many answers in two calls: what every statement needs, then what its verdict makes worth asking.

    `gold` holds the gold evidence of each answer's question, as texts, or nothing where it is not known. Answers to one
    question share passages, and so verdicts.
    """
    once = Once(verifier)
    asked = [_asked(answer, tuple(texts)) for answer, texts in zip(answers, gold, strict=True)]
    once.judge([claim for each in asked for question in each for claim in question.first])
    once.judge([claim for each in asked for question in each for claim in question.then(once, least)])
    return [
        Tensor(answer=answer, rows=tuple(question.row(once, least) for question in each), least=least)
        for answer, each in zip(answers, asked, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Everything that could be asked about one statement."""

    statement: Statement
    union: Claim | None
    alone: tuple[Claim | None, ...]
    without: tuple[Claim | None, ...]
    shown: tuple[Claim, ...]
    gold: Claim | None

    @property
    def first(self) -> list[Claim]:
        return [claim for claim in (self.union, *self.alone, self.gold) if claim is not None]

    def then(self, once: Once, least: float) -> list[Claim]:
        return [claim for part in self._then(once, least) for claim in part if claim is not None]

    def row(self, once: Once, least: float) -> Row:
        without, shown = self._then(once, least)
        return Row(
            statement=self.statement,
            needed=needs_citation(self.statement.kind),
            union=once.one(self.union),
            alone=tuple(once.one(claim) for claim in self.alone),
            without=tuple(once.one(claim) for claim in without),
            shown=tuple(once.judge(shown)),
            gold=once.one(self.gold),
        )

    def _then(self, once: Once, least: float) -> tuple[tuple[Claim | None, ...], tuple[Claim, ...]]:
        """All but one citation where two or more support the statement; every passage where they do not."""
        union = once.one(self.union)
        if supported(union, least):
            return (self.without if len(self.without) > 1 else ()), ()
        unjudged = union is not None and union.full is None
        return (), (() if unjudged or not self.statement.citations else self.shown)


def _asked(answer: Answer, gold: tuple[str, ...]) -> list[_Asked]:
    """What could be asked about the statements of an answer that need evidence or name some."""
    made = []
    for statement in () if answer.abstained else answer.statements:
        cited = statement.citations
        if needs_citation(statement.kind) or cited:
            rest = [tuple(other for other in cited if other != index) for index in cited]
            made.append(
                _Asked(
                    statement=statement,
                    union=claim_of(statement, answer),
                    alone=tuple(claim_of(replace(statement, citations=(index,)), answer) for index in cited),
                    without=tuple(claim_of(replace(statement, citations=others), answer) for others in rest),
                    shown=tuple(Claim(statement.claim, (passage.text,)) for passage in answer.passages),
                    gold=Claim(statement.claim, gold) if gold else None,
                )
            )
    return made
