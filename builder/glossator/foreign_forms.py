"""How other tools write an answer with its passages, turned into one form. A converter only renames and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Convert = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""A record of the file -> the keys of a row; raises an ordinary error where it is of another form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One form of file."""

    shape: str
    """What a record looks like."""
    convert: Convert


def _numbered(texts: Sequence[Any], titles: Sequence[str] = ()) -> list[dict[str, Any]]:
    named = titles or [""] * len(texts)
    return [{"id": str(n), "text": t, "title": name} for n, (t, name) in enumerate(zip(texts, named, strict=True), 1)]


def _alce(record: Mapping[str, Any]) -> dict[str, Any]:
    docs = record["docs"]
    passages = _numbered([doc["text"] for doc in docs], [doc.get("title", "") for doc in docs])
    return {
        "id": str(record.get("id", "")),
        "question": record["question"],
        "answer": record["output"],
        "passages": passages,
    }


def _ragas(record: Mapping[str, Any]) -> dict[str, Any]:
    def either(new: str, old: str) -> Any:
        return record[new] if new in record else record[old]

    return {
        "question": either("user_input", "question"),
        "answer": either("response", "answer"),
        "passages": _numbered(either("retrieved_contexts", "contexts")),
        "gold": record.get("reference_contexts") or (),
    }


def _openai(record: Mapping[str, Any]) -> dict[str, Any]:
    """A reply of the Responses or the Chat interface as `response`, or the row itself."""
    reply = record.get("response", record)
    found, parts = {row["id"]: dict(row) for row in record.get("passages", ())}, _parts(reply)
    for result in _results(reply):
        file = found.setdefault(result["file_id"], {"id": result["file_id"], "title": result.get("filename", "")})
        file["text"] = "\n\n".join(filter(None, [file.get("text"), result["text"]]))
    text, marks = "", []
    for words, notes in parts:
        marks += [mark for one in notes if (mark := _mark(one, len(text)))]
        text += words
    return {
        "id": record.get("id", ""),
        "question": record["question"],
        "answer": text,
        "passages": list(found.values()),
        "gold": record.get("gold", ()),
        "answerable": record.get("answerable"),
        "citations": marks,
    }


def _parts(reply: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The texts of a reply, each with its annotations."""
    if "choices" in reply:
        message = reply["choices"][0]["message"]
        yield message["content"] or "", message.get("annotations") or ()
        return
    for item in reply["output"]:
        for part in item["content"] if item["type"] == "message" else ():
            if part["type"] == "output_text":
                yield part["text"], part.get("annotations") or ()


def _results(reply: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What file search found, where the reply includes it."""
    for item in reply.get("output", ()):
        if item["type"] == "file_search_call":
            yield from item.get("results") or ()


def _mark(annotation: Mapping[str, Any], offset: int) -> dict[str, Any] | None:
    """A citation of an address or a file; None for an annotation that cites nothing."""
    kind = annotation["type"]
    if kind not in ("url_citation", "file_citation"):
        return None
    inner = annotation.get(kind, annotation)
    start = inner.get("start_index", inner.get("index"))
    end = inner.get("end_index", start)
    return {
        "start": offset + start,
        "end": offset + end,
        "id": inner["url"] if kind == "url_citation" else inner["file_id"],
    }


FORMS: Mapping[str, Form] = MappingProxyType(
    {
        "glossator": Form(
            shape='{"question","answer","passages":[{"id","text","title"?}],"gold"?:[...],"answerable"?}', convert=dict
        ),
        "alce": Form(shape='{"data":[{"question","output","docs":[{"title","text"}]}]}', convert=_alce),
        "ragas": Form(shape='{"user_input","response","retrieved_contexts":[...]}', convert=_ragas),
        "openai": Form(
            shape='{"question","response":{...},"passages":[{"id": address or file id,"text"}]}', convert=_openai
        ),
    }
)
