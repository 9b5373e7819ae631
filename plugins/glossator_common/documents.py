"""What every loader here needs: a document of its parts, and sections by heading."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from glossator import CorpusError, Document, Source, Unit

_BORDER = re.compile(r"^(?:(?P<marks>#{1,6}) +(?P<heading>.+)|(?P<clause>\d{1,3}(?:\.\d{1,3})+)\.? )", re.MULTILINE)
_UNUSABLE = re.compile("[\0\ud800-\udfff]")


KNOWN = frozenset({"id", "title", "text", "source", "licence", "revised", "family", "groups"})
"""Fields that mean something; every other one is a label, by which a search may be narrowed."""


def made(name: str, title: str, text: str, fields: Mapping[str, str], units: tuple[Unit, ...] = ()) -> Document:
    """A document; `fields` may say its `source`, `licence`, `revised`, `family`, the `groups` that may read it
    (separated by commas), and labels."""
    source = Source(
        url=fields.get("source", name),
        licence=fields.get("licence", "unknown"),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        revised=fields.get("revised"),
        groups=_groups(fields, name),
    )
    return Document(
        id=name,
        title=title,
        text=text,
        source=source,
        family=fields.get("family") or name,
        units=units,
        labels={key: value for key, value in fields.items() if key not in KNOWN},
    )


def _groups(fields: Mapping[str, str], name: str) -> tuple[str, ...]:
    if "groups" not in fields:
        return ()
    groups = tuple(sorted(filter(None, map(str.strip, fields["groups"].split(",")))))
    if not groups:
        raise CorpusError(f"{name}: `groups` names nobody who may read it; name a group, or leave the field out")
    return groups


def decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: byte {error.start} is not UTF-8; convert the file first") from error


def stem(name: str) -> str:
    return name.rsplit(".", 1)[0]


def usable(text: str) -> str:
    """Without what no file can hold: text that a library extracted may have NUL and halves of surrogate pairs.

    >>> usable("a\\0b\\ud800c")
    'abc'
    """
    return _UNUSABLE.sub("", text)


def sections(text: str) -> Iterator[Unit]:
    """Sections by heading, and in them each clause with a number such as `4.2` by itself.

    The locator is the path of headings. A heading of the first level is the document's own where others stand below.

    >>> [unit.locator for unit in sections("# Aspirin\\n## Dosing\\n### Children\\nNone.\\n4.2 Never.\\n")]
    ['Aspirin', 'Dosing', 'Dosing > Children', 'Dosing > Children, 4.2']
    """
    starts = [0, *(found.start() for found in _BORDER.finditer(text) if found.start())]
    trail: list[tuple[int, str]] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        border = _BORDER.match(text, start)
        if border and border["heading"]:
            level = len(border["marks"])
            trail = [*(step for step in trail if step[0] < level), (level, border["heading"].strip())]
        clause = border["clause"] if border else None
        if text[start:end].strip():
            yield Unit(start=start, end=end, locator=", ".join(filter(None, [_path(trail), clause])))


def _path(trail: list[tuple[int, str]]) -> str:
    below = [heading for level, heading in trail if level > 1]
    return " > ".join(below or [heading for _, heading in trail])
