"""Plain file formats -> documents. Text is kept exactly; offsets of citations count its code points."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace

from glossator import CorpusError, Document, Source, Unit, strict_json

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FIELD = re.compile(r"^([a-z_]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_BORDER = re.compile(r"^(?:#{1,6} +(?P<heading>.+)|(?P<clause>\d{1,3}(?:\.\d{1,3})+)\.? )", re.MULTILINE)
_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)


def read_markdown(data: bytes, name: str) -> list[Document]:
    """One document. Front matter (`title`, `source`, `licence`, `revised`, `family`) is taken off and used."""
    text = _decode(data, name)
    front = _FRONT.match(text)
    fields = dict(_FIELD.findall(front[1])) if front else {}
    body = text[front.end() :] if front else text
    heading = _TITLE.search(body)
    title = fields.get("title") or (heading[1].strip() if heading else _stem(name))
    return [replace(_document(_stem(name), title, body, fields), units=tuple(_units(body)))]


def _units(text: str) -> Iterator[Unit]:
    """Sections by heading, and in them each clause with a number such as `4.2` by itself."""
    starts = [0, *(found.start() for found in _BORDER.finditer(text) if found.start())]
    heading = ""
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        border = _BORDER.match(text, start)
        heading = border["heading"].strip() if border and border["heading"] else heading
        clause = border["clause"] if border else None
        if text[start:end].strip():
            yield Unit(start=start, end=end, locator=", ".join(filter(None, [heading, clause])))


def read_text(data: bytes, name: str) -> list[Document]:
    """One document; its first line that is not empty is the title."""
    text = _decode(data, name)
    lines = (line.strip() for line in text.splitlines())
    return [_document(_stem(name), next(filter(None, lines), _stem(name)), text, {})]


def read_jsonl(data: bytes, name: str) -> list[Document]:
    """A document per line: `id` and `text`, and `title`, `source`, `licence`, `revised`, `family` where known."""
    lines = enumerate(_decode(data, name).split("\n"), 1)
    return [_row(line, f"{name}:{number}") for number, line in lines if line.strip()]


def _row(line: str, place: str) -> Document:
    try:
        row = strict_json(line)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{place}: not a JSON object: {error}") from error
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("id", "text")):
        raise CorpusError(f"{place}: a document needs the strings 'id' and 'text'")
    fields = {key: value for key, value in row.items() if isinstance(value, str)}
    if any("\ud800" <= character <= "\udfff" for key in ("id", "text") for character in row[key]):
        raise CorpusError(f"{place}: half of a surrogate pair is no character; repair the escape")
    if "\0" in row["id"] or not row["id"].strip():
        raise CorpusError(f"{place}: the id is empty or holds a NUL character")
    return _document(row["id"], fields.get("title") or row["id"], row["text"], fields)


def _document(name: str, title: str, text: str, fields: dict[str, str]) -> Document:
    source = Source(
        url=fields.get("source", name),
        licence=fields.get("licence", "unknown"),
        sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        revised=fields.get("revised"),
    )
    return Document(id=name, title=title, text=text, source=source, family=fields.get("family") or name)


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{name}: byte {error.start} is not UTF-8; convert the file first") from error


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0]
