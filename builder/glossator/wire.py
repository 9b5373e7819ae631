"""An answer as JSON: the form other programs read. Offsets count code points."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from glossator.records import Answer, Citation, Passage


def answer_json(answer: Answer) -> dict[str, Any]:
    """`{"text","abstained","statements","citations","passages","timings","lock","notes","amendments"}`."""
    return {
        "text": answer.text,
        "abstained": answer.abstained,
        "statements": [
            {"text": s.text, "start": s.start, "end": s.end, "citations": list(s.citations)} for s in answer.statements
        ],
        "citations": [_citation(citation) for citation in answer.citations],
        "passages": [_passage(passage) for passage in answer.passages],
        "timings": dict(answer.timings),
        "lock": answer.lock,
        "notes": list(answer.notes),
        "amendments": [asdict(amendment) for amendment in answer.amendments],
    }


def _citation(citation: Citation) -> dict[str, Any]:
    span = citation.span
    return {
        "marker": citation.marker,
        "passage_id": citation.passage_id,
        "document_id": span.document_id if span else None,
        "start": span.start if span else None,
        "end": span.end if span else None,
        "quote": citation.quote,
        "answer_start": citation.answer_start,
        "answer_end": citation.answer_end,
        "support": citation.support,
    }


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "id": passage.id,
        "document_id": passage.document_id,
        "title": passage.title,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
    }
