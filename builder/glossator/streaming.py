"""An answer as it comes: events that say what is shown so far, and what is taken back.

The events, played in order, give exactly the text of the answer that ends them, which is the one `answer` gives: a
statement is shown when it is complete and checked, a quote word by word as long as its words stand in the passage that
its marker names. Whatever the whole text turns out to say otherwise is taken back by an event of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from glossator.amendments import Amendment
from glossator.citations.composition import Composition
from glossator.citations.stream import Doubt, Found, StatementStream, Whole, Words
from glossator.mending import Draft, Mender
from glossator.records import Answer, Citation, Passage, Span

NO_QUOTE = "its words are not those of the passage"
OTHERWISE = "the whole text reads otherwise"


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """The first event: what the model is shown."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """More text; `offset` is the length of what was shown before, in code points, as are all offsets here."""

    offset: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Text that was shown is a quote, byte-equal to its document at `span`; `start` to `end` is the marker's place."""

    start: int
    end: int
    passage_id: str
    span: Span
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker in the text that was shown, and the passage that it names as a whole."""

    start: int
    end: int
    marker: str
    passage_id: str
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A statement of the model is not shown: what follows stands in its place, or nothing does."""

    offset: int
    amendment: Amendment


@dataclass(frozen=True, slots=True, kw_only=True)
class Retracted:
    """The text from `start` to its end is taken back, and what other events said of it."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The last event: the whole answer."""

    answer: Answer


Event = Started | Text | Quote | Marker | Amended | Retracted | Finished
Conclude = Callable[[Answer], Answer]
"""The checked answer -> the answer after everybody's last word."""


def replay(events: Iterable[Event]) -> str:
    """The text that is shown after these events.

    >>> replay([Text(offset=0, text="Iron falls."), Retracted(start=5, end=11, why="-"), Text(offset=5, text="rises.")])
    'Iron rises.'
    """
    text = ""
    for event in events:
        if isinstance(event, Text):
            text = text[: event.offset] + event.text
        elif isinstance(event, Retracted):
            text = text[: event.start]
    return text


@dataclass(slots=True, kw_only=True)
class Live:
    """One answer while it is written."""

    mender: Mender
    draft: Draft
    """Its text is what comes."""
    _made: Composition = field(default_factory=Composition)
    _shown: list[str] = field(default_factory=list)
    _length: int = 0
    _said: str = ""
    """What is shown of a statement that is not complete."""
    _silent: bool = False
    """Whether the statement that comes is not shown word by word."""

    def events(self, pieces: Iterable[str], conclude: Conclude) -> Iterator[Event]:
        """Read the pieces to their end; the text of the model is all of them together."""
        start, waited, text = time.monotonic(), 0.0, []
        stream = StatementStream(self.mender.quotable(self.draft))
        yield Started(passages=self.draft.passages)
        asked = start
        for piece in pieces:
            waited += time.monotonic() - asked
            text.append(piece)
            for found in stream.feed(piece):
                yield from self._take(found)
            asked = time.monotonic()
        waited += time.monotonic() - asked
        for found in stream.close():
            yield from self._take(found)
        (checked,) = self.mender.answers([replace(self.draft, text="".join(text))])
        answer = conclude(checked)
        yield from self._reconciled(answer)
        spent = {"generate": waited, **self.mender.shares(time.monotonic() - start - waited)}
        times = {step: round(seconds, 4) for step, seconds in spent.items()}
        yield Finished(answer=replace(answer, timings={**answer.timings, **times}))

    def _take(self, found: Found) -> Iterator[Event]:
        match found:
            case Words():
                yield from self._words(found)
            case Doubt():
                self._silent = True
                yield from self._back(NO_QUOTE)
            case Whole():
                yield from self._whole(found)
                self._said, self._silent = "", False

    def _words(self, words: Words) -> Iterator[Event]:
        lead = "" if self._said else self._made.lead(words.gap)
        if lead is None or self._silent:
            self._silent = True
            return
        self._said += lead + words.text
        yield self._text(lead + words.text)

    def _whole(self, whole: Whole) -> Iterator[Event]:
        """Show a complete statement, what replaces it, or nothing; the abstention waits for the end."""
        read = self.mender.read(self.draft, whole.text)
        before, more = len(self._made.amendments), self._added(read, whole.gap)
        amended = self._made.amendments[before:]
        start = self._length - len(self._said)
        if not more.startswith(self._said):
            yield from self._back(amended[0].fault if amended else OTHERWISE)
        rest = more[len(self._said) :]
        yield from (Amended(offset=self._length, amendment=amendment) for amendment in amended)
        if rest:
            yield self._text(rest)
        for citation in self.mender.read(self.draft, more).citations if more else ():
            yield from _cited(citation, start)

    def _added(self, read: Answer, gap: str) -> str:
        found = self.mender.findings(self.draft, read)
        repairs = self.mender.repairs([(self.draft, finding) for finding in found])
        more = ""
        for finding, repair in zip(found, repairs, strict=True):
            more += self._made.add(gap, finding.statement.text, finding.fault, finding.part, repair)
            gap = ""
        self._made.skip(gap)
        return more

    def _reconciled(self, answer: Answer) -> Iterator[Event]:
        """What is shown made what the answer says, from the first statement that differs."""
        shown = "".join(self._shown)
        if shown == answer.text:
            return
        same = next((i for i, (a, b) in enumerate(zip(shown, answer.text, strict=False)) if a != b), len(shown))
        start = max((s.end for s in answer.statements if s.end <= same), default=0)
        self._said = shown[start:]
        yield from self._back(answer.notes[-1] if answer.abstained and answer.notes else OTHERWISE)
        if answer.text[start:]:
            yield self._text(answer.text[start:])
        for citation in answer.citations:
            if citation.answer_start >= start:
                yield from _cited(citation, 0)

    def _text(self, text: str) -> Text:
        event = Text(offset=self._length, text=text)
        self._shown.append(text)
        self._length += len(text)
        return event

    def _back(self, why: str) -> Iterator[Event]:
        """Take back what is shown of the statement that comes."""
        if self._said:
            start, end = self._length - len(self._said), self._length
            self._shown, self._length, self._said = ["".join(self._shown)[:start]], start, ""
            yield Retracted(start=start, end=end, why=why)


def _cited(citation: Citation, start: int) -> Iterator[Event]:
    """The event of a citation in a text that begins at `start`; none for one that names nothing."""
    name, span = citation.passage_id, citation.span
    begin, end = start + citation.answer_start, start + citation.answer_end
    if name is not None and span is not None and citation.quote is not None:
        yield Quote(start=begin, end=end, passage_id=name, span=span, quote=citation.quote)
    elif name is not None and span is not None:
        yield Marker(start=begin, end=end, marker=citation.marker, passage_id=name, span=span)
