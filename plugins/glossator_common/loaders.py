"""Plain file formats -> documents. Text is kept exactly; offsets of citations count its code points."""

from __future__ import annotations

import re

from glossator import CorpusError, Document, NoTextError, strict_json
from glossator_common.documents import decode, made, sections, stem

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_FIELD = re.compile(r"^([a-z_]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_TITLE = re.compile(r"^# +(.+)$", re.MULTILINE)


def read_markdown(data: bytes, name: str) -> list[Document]:
    """One document. Front matter (`title`, `source`, `licence`, `revised`, `family`, `groups`, labels) is taken off."""
    text = decode(data, name)
    front = _FRONT.match(text)
    fields = dict(_FIELD.findall(front[1])) if front else {}
    body = text[front.end() :] if front else text
    heading = _TITLE.search(body)
    title = fields.get("title") or (heading[1].strip() if heading else stem(name))
    return [made(stem(name), title, body, fields, tuple(sections(body)))]


def read_text(data: bytes, name: str) -> list[Document]:
    """One document; its first line that is not empty is the title."""
    text = decode(data, name)
    lines = (line.strip() for line in text.splitlines())
    return [made(stem(name), next(filter(None, lines), stem(name)), text, {})]


def read_jsonl(data: bytes, name: str) -> list[Document]:
    """A document per line: `id` and `text`, and the fields of front matter where known."""
    lines = enumerate(decode(data, name).split("\n"), 1)
    documents = [_row(line, f"{name}:{number}") for number, line in lines if line.strip()]
    if not documents:
        raise NoTextError(f"{name}: it holds no row")
    return documents


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
    if not isinstance(row.get("groups", ""), str):
        raise CorpusError(f"{place}: 'groups' is a string, names separated by commas")
    return made(row["id"], fields.get("title") or row["id"], row["text"], fields)
