"""What a statement rests on, and whether that supports it: the run-time check, the metrics and rewards all ask here."""

from __future__ import annotations

from collections.abc import Sequence

from glossator.citations.read import cited_words
from glossator.claims import Claim, Verdict, Verifier
from glossator.records import Answer, Score, Statement


def claim_of(statement: Statement, answer: Answer) -> Claim | None:
    """What has to be supported, and by which words: its true quotes, else the whole passages it cites.

    None when it cites nothing, or names a passage that was not shown: nobody can say what it rests on.
    """
    cited = [answer.citations[index] for index in statement.citations]
    if not cited or any(citation.passage_id is None for citation in cited):
        return None
    return Claim(statement.claim, tuple(cited_words(statement, answer)))


def verdicts(statements: Sequence[Statement], answer: Answer, verifier: Verifier) -> list[Verdict | None]:
    """The verdict on each statement; None for one that rests on nothing."""
    claims = [claim_of(statement, answer) for statement in statements]
    judged = iter(verifier.judge([claim for claim in claims if claim is not None]))
    return [None if claim is None else next(judged) for claim in claims]


def supported(verdict: Verdict | None, least: float) -> bool:
    """Whether a statement may stand: it rests on something, could be judged, and is supported with `least` or more."""
    return verdict is not None and verdict.full is not None and verdict.full >= least


def support_rate(answer: Answer, verifier: Verifier, least: float) -> Score:
    """Share of the statements that are supported by what they cite; None for an abstention."""
    if answer.abstained or not answer.statements:
        return Score(name="supported", value=None, why="nothing is claimed")
    judged = verdicts(answer.statements, answer, verifier)
    good = sum(supported(verdict, least) for verdict in judged)
    return Score(name="supported", value=good / len(judged), why=f"{good} of {len(judged)} statements")
