"""What is shown of an answer, put together statement by statement: what stands, what replaces, what is gone.

The same in one go and in a stream, so that a stream says what the whole answer will say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from glossator.amendments import Amendment, Fault
from glossator.citations.parse import find_quotes

_ENDS = tuple(".!?…]”")
"""After one of these a statement may follow on the same line."""


@dataclass(frozen=True, slots=True)
class Part:
    """A statement as it is shown, with its support; None for one that needs none."""

    text: str
    support: float | None


@dataclass(slots=True)
class Composition:
    """Statements that may be shown, in their order."""

    parts: list[Part] = field(default_factory=list)
    amendments: list[Amendment] = field(default_factory=list)
    _text: list[str] = field(default_factory=list)
    _gap: str = ""
    """Line breaks since the last statement that is shown."""
    _waiting: str = ""
    """Asides at the head: they are shown when a supported statement follows."""
    _bound: bool = False
    """Whether a supported statement is shown."""

    @property
    def dropped(self) -> int:
        return sum(not amendment.repaired for amendment in self.amendments)

    @property
    def notes(self) -> tuple[str, ...]:
        """How many statements were replaced and dropped, in words."""
        count = sum(amendment.repaired for amendment in self.amendments)
        words = f"{count} statement{'s' * (count > 1)} replaced by a quote: not supported by the cited words"
        return (*((words,) if count else ()), *dropped_note(self.dropped))

    @property
    def texts(self) -> tuple[str, ...]:
        """The whole text, then the same with a paragraph for each statement; none without a supported statement.

        The second is for statements that would run into each other, now that those between them are gone.
        """
        return ("".join(self._text), "\n\n".join(part.text for part in self.parts)) if self._bound else ()

    def add(self, gap: str, written: str, fault: Fault | None, part: Part, repair: Part | None) -> str:
        """Take up the next statement; returns what is shown from now on that was not before, "" for nothing.

        `gap` is what stood between the last statement and this one; a repair that says again what is shown already is
        none.
        """
        self.skip(gap)
        chosen = part if fault is None else repair
        if fault is not None:
            chosen = None if chosen is not None and self._says(chosen) else chosen
            given = chosen.text if chosen is not None else None
            self.amendments.append(Amendment(statement=written, fault=fault, support=part.support, replacement=given))
        return "" if chosen is None else self._show(chosen)

    def skip(self, gap: str) -> None:
        """Something stood here that is no statement: only its line breaks count."""
        self._gap += "\n" * gap.count("\n")

    def lead(self, gap: str) -> str | None:
        """What stands before the words of the next statement if it is shown; None while asides wait."""
        return None if self._waiting else self._between(self._gap + gap)

    def _says(self, part: Part) -> bool:
        """Whether every quote of the part is shown already."""
        return all(any(quote.text in shown.text for shown in self.parts) for quote in find_quotes(part.text))

    def _show(self, part: Part) -> str:
        more = self._between(self._gap) + part.text
        self.parts.append(part)
        self._gap = ""
        self._text.append(more)
        self._waiting += more
        self._bound = self._bound or part.support is not None
        if not self._bound:
            return ""
        more, self._waiting = self._waiting, ""
        return more

    def _between(self, gap: str) -> str:
        if not self.parts:
            return ""
        breaks = min(2, gap.count("\n"))
        return "\n" * breaks or (" " if self.parts[-1].text.endswith(_ENDS) else "\n")


def dropped_note(count: int) -> tuple[str, ...]:
    """How many statements were dropped, in words; nothing for none."""
    return (f"{count} statement{'s' * (count > 1)} dropped: not supported by the cited words",) if count else ()
