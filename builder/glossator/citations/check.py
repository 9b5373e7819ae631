"""The run-time check: what may reach the user. Unsupported statements are dropped, never silently kept.

A quote that is not byte-equal to its passage loses its quotation marks and must be supported like any other claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from glossator.citations.forms import Key
from glossator.citations.parse import CLOSE, OPEN, find_definitions, find_markers
from glossator.citations.read import read_answer
from glossator.citations.segment import statements
from glossator.citations.support import supported, verdicts
from glossator.claims import Verifier
from glossator.records import Answer, Document, Passage, Statement


def check_answer(
    answer: Answer, verifier: Verifier, *, min_support: float, abstention: str, documents: Mapping[str, Document]
) -> Answer:
    """Keep the supported statements of an answer; abstain when none is left.

    The result is read again from its own text, so that every offset fits what is shown.
    """
    if answer.abstained:
        return replace(answer, notes=(_searched(answer),))
    footnotes = {note.key for note in find_definitions(answer.text)}
    sound = [statement for statement in answer.statements if _cites_truly(statement, answer, documents)]
    kept = [
        (shown, verdict.full)
        for statement, verdict in zip(sound, verdicts(sound, answer, verifier), strict=True)
        if verdict is not None and verdict.full is not None and supported(verdict, min_support)
        if (shown := _shown(statement)) and not _noted(shown, footnotes)
    ]
    if not kept:
        empty = read_answer(abstention, answer.passages, abstention)
        dropped = len(answer.statements)
        return replace(empty, dropped=dropped, notes=(*_dropped(dropped), _searched(answer)))
    text = " ".join(shown for shown, _ in kept)
    checked = read_answer(text, answer.passages, abstention, documents=documents)
    dropped = len(answer.statements) - len(kept)
    return replace(_with_support(checked, [s for _, s in kept]), dropped=dropped, notes=_dropped(dropped))


def _cites_truly(statement: Statement, answer: Answer, documents: Mapping[str, Document]) -> bool:
    """Whether every passage that it cites still stands in its document."""
    shown = {passage.id: passage for passage in answer.passages}
    named = [answer.citations[index].passage_id for index in statement.citations]
    return all(_true(shown[name], documents) for name in named if name is not None)


def _true(passage: Passage, documents: Mapping[str, Document]) -> bool:
    """Whether the document still says what the passage shows."""
    document = documents.get(passage.document_id)
    return document is not None and document.text[passage.start : passage.end] == passage.text


def _shown(statement: Statement) -> str | None:
    """The statement as it may be shown: without its quotation marks when it misquotes.

    None when the bare words would read as something else: as several statements, or with other markers.
    """
    if not statement.misquoted:
        return statement.text
    bare = statement.text.replace(OPEN, "").replace(CLOSE, "")
    markers = [marker.keys for marker in find_markers(statement.text)]
    same = len(statements(bare)) == 1 and [marker.keys for marker in find_markers(bare)] == markers
    return bare if same else None


def _noted(statement: str, footnotes: Set[Key]) -> bool:
    """Whether it cites through a footnote: that is not shown, so the marker alone would name something else."""
    return bool(footnotes) and any(key in footnotes for marker in find_markers(statement) for key in marker.keys)


def _with_support(answer: Answer, supports: list[float]) -> Answer:
    citations = list(answer.citations)
    for statement, support in zip(answer.statements, supports, strict=False):
        for index in statement.citations:
            citations[index] = replace(citations[index], support=round(support, 4))
    return replace(answer, citations=tuple(citations))


def _dropped(count: int) -> tuple[str, ...]:
    return (f"{count} statement{'s' * (count > 1)} dropped: not supported by the cited words",) if count else ()


def _searched(answer: Answer) -> str:
    titles = list(dict.fromkeys(passage.title for passage in answer.passages))
    return (
        f"searched {len(answer.passages)} passages of: {', '.join(titles)}" if titles else "nothing was found to search"
    )
