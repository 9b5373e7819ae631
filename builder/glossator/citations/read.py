"""Read an answer: the text of a model and the passages it was shown -> statements and resolved citations."""

from __future__ import annotations

from collections.abc import Sequence

from glossator.citations.parse import Quote, find_markers, find_quotes
from glossator.citations.segment import claim_of, statements
from glossator.records import Answer, Citation, Passage, Span, Statement


def read_answer(text: str, passages: Sequence[Passage], abstention: str) -> Answer:
    """Parse `text` as an answer to a question that was asked over `passages`, shown as [1], [2], ...

    Nothing is dropped or repaired: markers that name no shown passage stay, as citations without a passage.
    """
    made: list[Statement] = []
    citations: list[Citation] = []
    abstained = is_abstention(text, abstention)
    for start, end in [] if abstained else statements(text):
        statement, cited = _statement(text, start, end, passages, len(citations))
        made.append(statement)
        citations += cited
    return Answer(
        text=text,
        statements=tuple(made),
        citations=tuple(citations),
        passages=tuple(passages),
        abstained=abstained,
    )


def is_abstention(text: str, abstention: str) -> bool:
    """Whether the text is the domain's abstention sentence, apart from case and spaces."""
    return " ".join(text.split()).casefold() == " ".join(abstention.split()).casefold()


def _statement(
    text: str, start: int, end: int, passages: Sequence[Passage], first: int
) -> tuple[Statement, list[Citation]]:
    part = text[start:end]
    quotes = [quote for quote in find_quotes(part) if quote.text.strip()]
    cited = [
        _citation(f"[{number}]", number, passages, quotes, start + marker.start, start + marker.end)
        for marker in find_markers(part)
        for number in marker.numbers
    ]
    places = {citation.quote for citation in cited}
    statement = Statement(
        text=part,
        start=start,
        end=end,
        citations=tuple(range(first, first + len(cited))),
        claim=claim_of(part),
        misquoted=any(quote.text not in places for quote in quotes),
    )
    return statement, cited


def _citation(
    marker: str, number: int, passages: Sequence[Passage], quotes: Sequence[Quote], start: int, end: int
) -> Citation:
    shown = passages[number - 1] if 1 <= number <= len(passages) else None
    place = next((found for quote in quotes if shown and (found := locate(quote.text, shown))), None)
    return Citation(
        marker=marker,
        passage_id=shown.id if shown else None,
        span=place or (shown.span if shown else None),
        quote=shown.text[place.start - shown.start : place.end - shown.start] if shown and place else None,
        answer_start=start,
        answer_end=end,
    )


def locate(quote: str, passage: Passage) -> Span | None:
    """Where the passage holds these very words; None when it does not."""
    at = passage.text.find(quote)
    if at < 0 or not quote:
        return None
    begin = passage.start + at
    return Span(document_id=passage.document_id, start=begin, end=begin + len(quote))
