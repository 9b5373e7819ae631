"""The citation metrics of `glossator.citations.metrics` as scorers: metric, reward and gate in one."""

from __future__ import annotations

from functools import cache

from glossator import (
    Answer,
    Question,
    Score,
    Scorer,
    Verifier,
    abstains_well,
    answer_match,
    citation_f1,
    citation_precision,
    citation_recall,
    evidence_f1,
    honest_form,
    quote_fidelity,
    retrieval_recall,
    support_rate,
)

_EVIDENCE = frozenset({"evidence"})
_LEAST = 0.5
"""Where the verifiers are calibrated to say "rather yes"."""


@cache
def _verifier() -> Verifier:
    from glossator.verification.lexical import LexicalVerifier

    return LexicalVerifier()


def _supported(question: Question, answer: Answer) -> Score:
    """By the level without a model, so that a reward does not train against the run-time check's own verifier."""
    return support_rate(answer, _verifier(), _LEAST)


SCORERS = (
    Scorer(
        name="retrieval_recall",
        score=retrieval_recall,
        needs=_EVIDENCE,
        summary="share of the gold evidence among the passages that were shown: recall@k of search",
    ),
    Scorer(
        name="citation_precision",
        score=citation_precision,
        needs=_EVIDENCE,
        summary="share of the citations that point at gold evidence; invented ids count against it",
    ),
    Scorer(
        name="citation_recall",
        score=citation_recall,
        needs=_EVIDENCE,
        summary="share of the gold evidence that is cited",
    ),
    Scorer(
        name="citation_f1",
        score=citation_f1,
        needs=_EVIDENCE,
        summary="harmonic mean of both on answerable questions; an abstention there is 0",
    ),
    Scorer(
        name="evidence_f1",
        score=evidence_f1,
        needs=_EVIDENCE,
        summary="overlap of cited and gold stretches, by code point",
    ),
    Scorer(
        name="quote_fidelity",
        score=quote_fidelity,
        summary="share of the quoting statements whose quotes are byte-exact",
    ),
    Scorer(
        name="abstains_well",
        score=abstains_well,
        needs=_EVIDENCE,
        summary="right answer 1, abstention 0.5, wrong answer 0; unanswerable: abstention 1",
    ),
    Scorer(
        name="answer_match",
        score=answer_match,
        needs=frozenset({"answers"}),
        summary="1 when the answer's words hold a gold short answer; looks at no citation",
    ),
    Scorer(
        name="supported",
        score=_supported,
        summary="share of the statements that their cited words support, by the lexical verifier; needs no gold",
    ),
    Scorer(
        name="honest_form",
        score=honest_form,
        gate=True,
        summary="0 for empty, uncited, misquoted, cite-everything or copy-the-context answers",
    ),
)
