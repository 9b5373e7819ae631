"""Read an answer whose citations stand beside it, with offsets, and not in it: OpenAI's annotations are the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from glossator.citations.kinds import kind_of
from glossator.citations.parse import find_markers
from glossator.citations.read import is_abstention
from glossator.citations.segment import claim_of, statements
from glossator.records import Answer, Citation, Passage, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One citation: the place in the answer that it is attached to, and the passage that it names."""

    start: int
    end: int
    """Code points; equal to `start` where it is attached to a point."""
    passage_id: str
    """May be the id of none that was shown: kept and counted."""


def read_annotated(
    text: str, annotations: Sequence[Annotation], passages: Sequence[Passage], abstention: str, *, question: str = ""
) -> Answer:
    """An answer with exactly these citations. What looks like a marker in the text is taken out of the claims.

    A citation belongs to the statement in which its place ends, or to the one before when it stands between two.
    """
    places = statements(text)
    citations = [_citation(one, text, passages) for one in sorted(annotations, key=lambda one: (one.end, one.start))]
    owners = [_owner(places, one.answer_end) for one in citations]
    made = tuple(
        _statement(text, start, end, citations, [n for n, owner in enumerate(owners) if owner == place], question)
        for place, (start, end) in enumerate(places)
    )
    return Answer(
        text=text,
        statements=made,
        citations=tuple(citations),
        passages=tuple(passages),
        abstained=is_abstention(text, abstention),
    )


def _citation(one: Annotation, text: str, passages: Sequence[Passage]) -> Citation:
    shown = next((passage for passage in passages if passage.id == one.passage_id), None)
    return Citation(
        marker=text[one.start : one.end] or f"[{one.passage_id}]",
        passage_id=shown.id if shown else None,
        span=shown.span if shown else None,
        quote=None,
        answer_start=one.start,
        answer_end=one.end,
    )


def _owner(places: Sequence[tuple[int, int]], end: int) -> int:
    """Place of the last statement that begins before `end`; the first where none does."""
    return max((place for place, (start, _) in enumerate(places) if start < end), default=0)


def _statement(
    text: str, start: int, end: int, citations: Sequence[Citation], own: Sequence[int], question: str
) -> Statement:
    """A statement and its citations. A place that is only a link or a marker is no part of the claim."""
    part = text[start:end]
    ranges = {(max(0, c.answer_start - start), c.answer_end - start) for c in (citations[index] for index in own)}
    last = len(part)
    for a, b in sorted(ranges, reverse=True):
        if b <= last and _is_marker(part[a:b]):
            part, last = part[:a] + part[b:], a
    return Statement(
        text=text[start:end],
        start=start,
        end=end,
        citations=tuple(own),
        claim=claim_of(part),
        kind=kind_of(part, question),
    )


def _is_marker(place: str) -> bool:
    """Whether the words are a marker alone: `[1]`, `【4†source】`, `([site](https://...))`."""
    markers = find_markers(place)
    rest = "".join(
        place[a:b]
        for a, b in zip([0, *(m.end for m in markers)], [*(m.start for m in markers), len(place)], strict=True)
    )
    return not any(sign.isalnum() for sign in rest)
