"""The citation metrics of `glossator.citations.metrics` as scorers: metric, reward and gate in one."""

from __future__ import annotations

from glossator import (
    Scorer,
    abstains_well,
    citation_f1,
    citation_precision,
    citation_recall,
    evidence_f1,
    honest_form,
    quote_fidelity,
    retrieval_recall,
)

_EVIDENCE = frozenset({"evidence"})

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
        name="honest_form",
        score=honest_form,
        gate=True,
        summary="0 for empty, uncited, misquoted, cite-everything or copy-the-context answers",
    ),
)
