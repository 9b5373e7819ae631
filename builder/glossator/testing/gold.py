"""Gold questions: evidence that stands where it is said to stand, and answers that stand in the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil

from glossator.citations.parse import find_markers
from glossator.testing.material import PRACTICE, SPLITS, Material, Row
from glossator.testing.problem import Problem

ADVICE = "advice"
"""Kind of the questions that ask what the asker should do."""
LEAST = 5
"""One question in so many is unanswerable, in each split; else nobody knows whether the assistant abstains."""


def gold_problems(material: Material) -> Iterator[Problem]:
    for split in SPLITS:
        if split != PRACTICE or material.split(split):
            yield from _share(split, material.split(split))
    yield from _twice(material.rows)
    for row in material.rows:
        evidence = list(_evidence(row, material))
        yield from evidence or _answers(row, material)
        if not row.question.kind.strip():
            what = "has no kind"
            yield Problem(where=row.where, what=what, remedy='add "kind", for example "single-fact" or "near-miss"')


def collapsed(text: str) -> str:
    """Words alone: one case, one space between.

    >>> collapsed("Four  Crowns ")
    'four crowns'
    """
    return " ".join(text.casefold().split())


def _share(split: str, rows: Sequence[Row]) -> Iterator[Problem]:
    where, without = f"gold/{split}.jsonl", sum(not row.question.answerable for row in rows)
    if not rows:
        yield Problem(where=where, what="holds no question that can be read", remedy="add some")
    elif LEAST * without < len(rows):
        more = ceil((len(rows) - LEAST * without) / (LEAST - 1))
        what = f"{without} of {len(rows)} questions are unanswerable; at least one in {LEAST} must be, in each split"
        yield Problem(where=where, what=what, remedy=f"add {more} that the corpus does not answer")


def _twice(rows: Sequence[Row]) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in rows:
        before = first.setdefault(row.question.id, row)
        if before is not row:
            what = f"the id occurs twice, first at {before.place}"
            yield Problem(where=row.where, what=what, remedy="give each question an id of its own")


def _evidence(row: Row, material: Material) -> Iterator[Problem]:
    if not row.question.answerable:
        if row.gold.gold_spans or row.gold.gold_doc_ids or any(answer.strip() for answer in row.gold.answers):
            what = "is unanswerable, and yet has evidence or answers"
            yield Problem(where=row.where, what=what, remedy='empty these lists, or set "answerable" to true')
        return
    if row.question.kind == ADVICE:
        what = "is a question for advice, and yet answerable: the review has to refuse it"
        yield Problem(where=row.where, what=what, remedy='set "answerable" to false, or give it another kind')
    for name in sorted(row.question.gold_documents - set(material.documents)):
        what = f"document {name!r} is not in the corpus"
        yield Problem(where=row.where, what=what, remedy="add the document or correct its id")
    seen = set()
    for span in row.gold.gold_spans:
        text = material.documents[span.doc_id].text if span.doc_id in material.documents else None
        if text is not None and span.end > len(text):
            what = f"evidence outside document {span.doc_id!r}: it ends at {len(text)}, the span at {span.end}"
            yield Problem(where=row.where, what=what, remedy="correct the span")
        elif text is not None and text[span.start : span.end] != span.text:
            what = f"{span.doc_id!r} holds {text[span.start : span.end][:60]!r} at {span.start}, not {span.text[:60]!r}"
            yield Problem(where=row.where, what=what, remedy="move the span to its words")
        elif (place := (span.doc_id, span.start, span.end)) in seen:
            yield Problem(where=row.where, what=f"names the span {place} twice", remedy="name it once")
        seen.add((span.doc_id, span.start, span.end))


def _answers(row: Row, material: Material) -> Iterator[Problem]:
    """Answers that nothing bears out, and markers of the reference that point nowhere."""
    question, documents = row.question, material.documents
    shown = [documents[s.document_id].text[s.start : s.end] for s in question.evidence]
    held = [
        collapsed(text) for text in [*(shown or [documents[n].text for n in question.documents]), question.reference]
    ]
    for answer in question.answers:
        if question.answerable and not any(collapsed(answer) in text for text in held):
            what = f"the answer {answer!r} stands neither in its evidence nor in its reference"
            yield Problem(where=row.where, what=what, remedy="use the words of the evidence, or move the span")
    named = [number for marker in find_markers(question.reference) for number in marker.numbers]
    count = len(question.evidence) or len(question.documents)
    if question.answerable and question.reference and not named:
        what = "the reference names no evidence"
        yield Problem(where=row.where, what=what, remedy="put [n] after each sentence for its n-th span")
    for number in sorted({number for number in named if not 1 <= number <= count}):
        what = f"the reference names [{number}], and there are {count} evidence spans"
        yield Problem(where=row.where, what=what, remedy="let [n] name the n-th span")
