"""What the keys of a marker name: passages that were shown, by number, by a name, or through a footnote.

A number is the place of a passage in what was shown, from 1. A name is, in this order: the id of a passage, of its
document, the address of its source, its title or locator; `Doc 2` that names nothing is number 2. An author with a
year names a source whose title, locator, date or labels hold both; a section one whose locator or title begins with
it. A key that a footnote of the answer defines names what that footnote names, and nothing when that was not shown.

An author with a year that names nothing shown is a false citation, for no text holds such a bracket by chance; a
section that names nothing is a reference inside the text, which `known` tells apart.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from glossator.citations.fold import fold
from glossator.citations.forms import Key
from glossator.citations.parse import Marker, find_markers
from glossator.records import Document, Passage

_SECTION = re.compile(
    r"(?:^|[>/|;,] ?|§{1,2} ?|\b(?:sections?|clauses?|articles?|chapters?|paragraphs?|art\.|cl\.|para\.|s\.|ch\.) ?)"
    r"(\d[\w-]*(?:\.[\w-]+)*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[A-Za-z]+[ _#:-]?(\d{1,4})")
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://[^\s<>\"”)\]]{1,500}", re.IGNORECASE)
_YEAR = re.compile(r"(\d{4})[a-z]?$")
_SHORTEST = 3
"""Letters of a name that a footnote may mention in passing."""

Found = tuple[Passage, ...]


class Sources:
    """The passages that were shown, and every name by which an answer may call them."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document], footnotes: Mapping[Key, str]):
        self.passages = passages
        self._documents = documents
        self._footnotes = footnotes

    def known(self, name: str) -> bool:
        """Whether a name that may be a word of the text is the name of a source."""
        if name.startswith("§"):
            return name.strip("§ ").casefold() in self._sections
        return _normal(name) in self._names

    def keys(self, marker: Marker) -> tuple[Key, ...]:
        """The keys of a marker: a run of superscript digits is several numbers where it is none.

        >>> marker = find_markers("Iron falls.¹²")[0]
        >>> Sources([], {}, {}).keys(marker)
        (12,)
        """
        if marker.style != "superscript":
            return marker.keys
        count = len(self.passages)
        spelt: list[Key] = []
        for number in marker.numbers:
            digits = [int(digit) for digit in str(number)]
            spelt += digits if number > count and all(1 <= digit <= count for digit in digits) else [number]
        return tuple(spelt)

    def find(self, key: Key) -> Found:
        """The passages that a key may name, the likeliest first; none when it names nothing that was shown."""
        note = self._footnotes.get(key)
        if note is not None:
            return self._noted(note)
        return self._direct(key)

    def _direct(self, key: Key) -> Found:
        if isinstance(key, int):
            return (self.passages[key - 1],) if 1 <= key <= len(self.passages) else ()
        if key.startswith("§"):
            return self._sections.get(key.strip("§ ").casefold(), ())
        if found := self._names.get(_normal(key)):
            return found
        numbered = _NUMBERED.fullmatch(key)
        return self._direct(int(numbered[1])) if numbered else self._written(key)

    def _noted(self, note: str) -> Found:
        """What a footnote names: its own marker, its address, or a name that it mentions."""
        address = _ADDRESS.search(note)
        markers = find_markers(note, self.known)
        for key in [note, *([address[0]] if address else []), *(key for marker in markers for key in marker.keys)]:
            if found := self._direct(key):
                return found
        words = f" {_normal(note)} "
        named = [
            name
            for name in self._names
            if len(name) >= _SHORTEST and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words)
        ]
        return self._names[max(named, key=len)] if named else ()

    def _written(self, key: str) -> Found:
        """The passages of a source by this author of this year."""
        year = _YEAR.search(key)
        if not year:
            return ()
        author = re.split(r",| and | & | et al", fold(key))[0]
        words = {*re.findall(r"\w+", author), year[1]}
        return tuple(passage for passage, held in self._written_words if words <= held)

    @cached_property
    def _names(self) -> dict[str, Found]:
        names: dict[str, Found] = {}
        kinds = [
            [(passage, passage.id) for passage in self.passages],
            [(passage, passage.document_id) for passage in self.passages],
            [
                (passage, self._documents[passage.document_id].source.url)
                for passage in self.passages
                if passage.document_id in self._documents
            ],
            [(passage, passage.title) for passage in self.passages],
            [(passage, passage.locator) for passage in self.passages],
        ]
        for kind in kinds:
            these: dict[str, Found] = {}
            for passage, name in kind:
                these[_normal(name)] = (*these.get(_normal(name), ()), passage)
            names = {**these, **names}
        return {name: found for name, found in names.items() if name}

    @cached_property
    def _sections(self) -> dict[str, Found]:
        sections: dict[str, Found] = {}
        for passage in self.passages:
            for number in {n.casefold() for text in (passage.locator, passage.title) for n in _SECTION.findall(text)}:
                sections[number] = (*sections.get(number, ()), passage)
        return sections

    @cached_property
    def _written_words(self) -> list[tuple[Passage, set[str]]]:
        return [(passage, set(re.findall(r"[^\W_]+", fold(self._described(passage))))) for passage in self.passages]

    def _described(self, passage: Passage) -> str:
        document = self._documents.get(passage.document_id)
        labels = [*document.labels.values(), document.source.url] if document else []
        return " ".join([passage.document_id, passage.title, passage.locator, passage.revised or "", *labels])


def _normal(name: str) -> str:
    """One spelling of a name: no scheme of an address, no fragment, no end slash, no case."""
    bare = _SCHEME.sub("", name.strip())
    return fold(bare.split("#")[0].rstrip("/") if bare != name.strip() else bare)
