"""Read an answer: the text of a model and the passages it was shown -> statements and resolved citations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from glossator.citations.forms import Key, Style, format_marker
from glossator.citations.kinds import kind_of
from glossator.citations.parse import Marker, Quote, find_definitions, find_markers, find_quotes
from glossator.citations.resolve import Sources
from glossator.citations.segment import claim_of, clauses, statements
from glossator.records import Answer, Citation, Document, Passage, Span, Statement


def read_answer(
    text: str,
    passages: Sequence[Passage],
    abstention: str,
    *,
    question: str = "",
    documents: Mapping[str, Document] | None = None,
) -> Answer:
    """Parse `text` as an answer to a question that was asked over `passages`, shown as [1], [2], ...

    Nothing is dropped or repaired: markers that name no shown passage stay, as citations without a passage. The
    definitions of footnotes are no statements. The question tells which statements only repeat it; the documents, by
    id, bring addresses and labels by which an answer may cite them.
    """
    made: list[Statement] = []
    citations: list[Citation] = []
    abstained = is_abstention(text, abstention)
    notes = [] if abstained else find_definitions(text)
    sources = Sources(passages, documents or {}, {note.key: note.text for note in notes})
    defined = {note.start for note in notes}
    for start, end in [] if abstained else statements(text):
        if start in defined:
            continue
        statement, cited = _statement(text, start, end, sources, len(citations), question)
        made.append(statement)
        citations += cited
    return Answer(
        text=text,
        statements=tuple(made),
        citations=tuple(citations),
        passages=tuple(passages),
        abstained=abstained,
    )


def cited_words(statement: Statement, answer: Answer) -> list[str]:
    """The words that a statement rests on: its true quotes, else the whole passages it cites.

    Each once and in the order in which they were shown: the order of the markers does not matter.
    """
    shown = {passage.id: (place, passage.text) for place, passage in enumerate(answer.passages)}
    named = [answer.citations[index] for index in statement.citations]
    places = {(*shown[c.passage_id], c.span.start, c.quote) for c in named if c.passage_id and c.span}
    cited = sorted(places, key=lambda place: (place[0], place[2]))
    quotes = [quote for *_, quote in cited if quote]
    if quotes and not statement.misquoted:
        return list(dict.fromkeys(quotes))
    return list(dict.fromkeys(text for _, text, *_ in cited))


def clause_claims(statement: Statement, answer: Answer) -> list[tuple[str, tuple[int, ...]]]:
    """The claim of each clause of a statement, with the indices of the citations that speak for it.

    The statement's own `citations` are all of them: a citation speaks for its clause and for the whole statement.
    """
    return [
        (
            claim_of(statement.text[clause.start : clause.end]),
            tuple(
                index
                for index in statement.citations
                if clause.start <= answer.citations[index].answer_start - statement.start < clause.end
            ),
        )
        for clause in clauses(statement.text)
    ]


def is_abstention(text: str, abstention: str) -> bool:
    """Whether the text is the domain's abstention sentence, apart from case and spaces; never where there is none."""
    words = abstention.casefold().split()
    return bool(words) and text.casefold().split() == words


def _statement(
    text: str, start: int, end: int, sources: Sources, first: int, question: str
) -> tuple[Statement, list[Citation]]:
    part = text[start:end]
    quotes = [quote for quote in find_quotes(part) if quote.text.strip()]
    markers = find_markers(part, sources.known)
    cited: list[Citation] = []
    for run, bound in _bound(part, markers, quotes):
        cited += _citations(run, bound, sources, start)
    places = {citation.quote for citation in cited}
    statement = Statement(
        text=part,
        start=start,
        end=end,
        citations=tuple(range(first, first + len(cited))),
        claim=claim_of(part, markers),
        misquoted=any(quote.text not in places for quote in quotes),
        kind=kind_of(part, question),
    )
    return statement, cited


def _bound(part: str, markers: Sequence[Marker], quotes: Sequence[Quote]) -> Iterator[tuple[list[Marker], list[Quote]]]:
    """Each run of markers with the quotes it speaks for: those before it; those after it when it ends in a colon or
    nothing stands before."""
    found: list[Marker | Quote] = sorted([*markers, *quotes], key=lambda item: item.start)
    runs = [list(run) for _, run in groupby(found, key=type)]
    for place, run in enumerate(runs):
        these = [item for item in run if isinstance(item, Marker)]
        if these:
            after = place == 0 or part[these[-1].end :].startswith(":")
            beside = runs[place + 1 : place + 2] if after else runs[place - 1 : place]
            yield these, [item for other in beside for item in other if isinstance(item, Quote)]


def _citations(markers: Sequence[Marker], quotes: Sequence[Quote], sources: Sources, offset: int) -> Iterator[Citation]:
    """A citation for every key and, where its passage holds several of the quotes, for every one of those.

    A key that the run names again is a citation of its own, to the place of the first. Where a key names several
    passages, such as all of one document, the first that holds one of the quotes is meant, else the first.
    """
    places: dict[Key, list[Span | None]] = {}
    for marker in markers:
        for key in sources.keys(marker):
            shown = _meant(sources.find(key), quotes)
            if key in places:
                spans = places[key][:1]
            else:
                spans = places[key] = _places(quotes, shown)
            for span in spans:
                yield _citation(_written(key, marker.style), shown, span, offset + marker.start, offset + marker.end)


def _meant(found: Sequence[Passage], quotes: Sequence[Quote]) -> Passage | None:
    if len(found) < 2:
        return found[0] if found else None
    return next((shown for shown in found if any(locate(quote.text, shown) for quote in quotes)), found[0])


def _written(key: Key, style: Style) -> str:
    return f"[{key}]" if isinstance(key, int) and style == "bracket" else format_marker([key], style)


def _places(quotes: Sequence[Quote], shown: Passage | None) -> list[Span | None]:
    found = (locate(quote.text, shown) for quote in quotes) if shown else ()
    return list(dict.fromkeys(span for span in found if span)) or [None]


def _citation(marker: str, shown: Passage | None, place: Span | None, start: int, end: int) -> Citation:
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
