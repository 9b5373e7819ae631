"""A user's documents -> the corpus, the starter questions and the datasheet of a new domain.

Names and front matter are made safe here; the text of a document is copied as it is read and never evaluated.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from glossator.errors import CorpusError
from glossator.proposals import KIND, Proposal, Proposals, propose
from glossator.records import Document

UNKNOWN = "unknown"
"""Licence of a document that names none; `glossator check` asks for it."""
_LONGEST_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was made of the user's documents."""

    documents: tuple[Document, ...]
    proposals: Proposals

    @property
    def told(self) -> list[str]:
        """What a person should know about it, one line each."""
        proposed, unknown = self.proposals.all, sum(document.source.licence == UNKNOWN for document in self.documents)
        without = sum(proposal.evidence is None for proposal in proposed)
        lines = [f"{len(proposed)} questions are proposed, {without} of them without an answer; review each, see gold/"]
        missing = f"{unknown} of {len(self.documents)} documents name no licence: fill in `licence:` on top of each"
        return [*lines, f"{missing}, or start again with --licence"] if unknown else lines


def take(documents: Sequence[Document], licence: str) -> Taken:
    """The documents as the new domain will read them, and the questions proposed for them.

    `licence` is that of every document that names none. Raises QuestionsError when no questions can be proposed,
    CorpusError for text that no file can hold.
    """
    adopted = _adopted(documents, licence)
    return Taken(documents=adopted, proposals=propose(adopted))


def write(taken: Taken, content: Path, title: str) -> None:
    """Write `corpus/`, `gold/` and `DATASHEET.md` below a content folder."""
    (content / "corpus").mkdir(parents=True)
    (content / "gold").mkdir()
    for document in taken.documents:
        (content / "corpus" / f"{document.id}.md").write_bytes(f"{_front_matter(document)}{document.text}".encode())
    texts = {document.id: document.text for document in taken.documents}
    for split, proposals in (("train", taken.proposals.train), ("test", taken.proposals.test)):
        rows = [_row(f"{split}-{n:03}", proposal, texts) for n, proposal in enumerate(proposals, 1)]
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (content / "gold" / f"{split}.jsonl").write_bytes(lines.encode())
    (content / "DATASHEET.md").write_bytes(_datasheet(taken, title).encode())


def _adopted(documents: Sequence[Document], licence: str) -> tuple[Document, ...]:
    """With names that files can have, one kind of line end, a licence, and one family for equal texts."""
    names: set[str] = set()
    families: dict[str, str] = {}
    made = []
    for document in documents:
        name = _free(_file_name(document.id), names)
        names.add(name.casefold())
        text = document.text.replace("\r\n", "\n")
        digest = _digest(text, document.id)
        own = name if document.family == document.id else _file_name(document.family)
        source = replace(
            document.source,
            url=_line(document.source.url) or name,
            licence=_line(document.source.licence) if document.source.licence not in ("", UNKNOWN) else licence,
            sha256=digest,
            revised=_line(document.source.revised or "") or None,
        )
        made.append(
            replace(
                document,
                id=name,
                title=_line(document.title) or name,
                text=text,
                source=source,
                family=families.setdefault(digest, own),
                units=(),
            )
        )
    return tuple(made)


def _digest(text: str, name: str) -> str:
    try:
        return hashlib.sha256(text.encode()).hexdigest()
    except UnicodeEncodeError as error:
        raise CorpusError(f"{name}: half of a surrogate pair at {error.start} is no character; repair it") from error


def _file_name(name: str) -> str:
    """A name that is a file's everywhere and that the reader of a corpus does not pass over.

    >>> _file_name("../Hive inspections/{{7*7}}"), _file_name("..."), _file_name("Überwinterung")
    ('Hive-inspections-7-7', 'document', 'Überwinterung')
    """
    return re.sub(r"[^\w.]+", "-", name)[:_LONGEST_NAME].strip("-._") or "document"


def _free(name: str, taken: set[str]) -> str:
    count, free = 1, name
    while free.casefold() in taken:
        count += 1
        free = f"{name}-{count}"
    return free


def _line(text: str) -> str:
    """One line of front matter: printable, without doubled spaces."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _front_matter(document: Document) -> str:
    source = document.source
    fields = {"title": document.title, "source": source.url, "licence": source.licence, "family": document.family}
    fields |= {"revised": source.revised} if source.revised else {}
    return "".join(["---\n", *(f"{key}: {value}\n" for key, value in fields.items()), "---\n"])


def _row(name: str, proposal: Proposal, texts: dict[str, str]) -> dict[str, Any]:
    span = proposal.evidence
    found = [] if span is None else [{"doc_id": span.document_id, "start": span.start, "end": span.end}]
    return {
        "id": name,
        "question": proposal.text,
        "answerable": span is not None,
        "kind": KIND,
        "made_by": proposal.form,
        "answers": [proposal.answer] if proposal.answer else [],
        "gold_doc_ids": [place["doc_id"] for place in found],
        "gold_spans": [place | {"text": texts[span.document_id][span.start : span.end]} for place in found if span],
    }


def _datasheet(taken: Taken, title: str) -> str:
    train, test, every = taken.proposals.train, taken.proposals.test, taken.proposals.all
    forms = Counter(proposal.form for proposal in every)
    licences = Counter(document.source.licence for document in taken.documents)
    without = sum(proposal.evidence is None for proposal in every)
    characters = sum(len(document.text) for document in taken.documents)
    made_by = ", ".join(f"{count} {form}" for form, count in sorted(forms.items()))
    rows = {
        "Purpose": "fill in: whom the assistant serves, and what with",
        "Documents": f"{len(taken.documents)} documents, {characters:,} characters, copied by `glossator new`",
        "Origin": "fill in: who wrote the documents, and whether they hold data of persons",
        "Licence": ", ".join(f"{_cell(name)} ({count})" for name, count in licences.most_common()),
        "Questions": f"{len(train)} for training, {len(test)} for testing, {without} of them without an answer",
        "Awaiting review": f'**{len(every)} of {len(every)}**: all of `"kind": "{KIND}"`',
        "Made by": f"rules from the form of sentences: {made_by}",
        "Splits": "by document family: no family stands on both sides",
        "Limits": "proposals ask in the words of the documents, and those without an answer are far from them: "
        "both are easier than what people ask; add your own",
        "Not for": "fill in",
        "Upkeep": "after a change of a document, move the spans of its questions and run `glossator check`",
    }
    table = "".join(f"| **{key}** | {value} |\n" for key, value in rows.items())
    return f"# Datasheet: {title}\n\n| | |\n|---|---|\n{table}\n{_REVIEW}"


def _cell(text: str) -> str:
    return text.replace("|", "/")


_REVIEW = f"""## Review

Read each line of `gold/train.jsonl` and `gold/test.jsonl`. Is it a question that somebody would ask, and does the text
of its `gold_spans` answer it? Is a question without spans really answered nowhere? Repair or delete it, and put
another word, for example `reviewed`, in the place of `{KIND}`. This counts what is left:

    grep -c '"kind": "{KIND}"' gold/*.jsonl
"""
