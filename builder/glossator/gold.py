"""Gold questions and their documents: what is wrong between them, and passages that show the evidence."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from glossator.errors import QuestionsError
from glossator.records import Document, Passage, Question, Span

WINDOW, SHORTEST = 300, 40
"""Code points: most on each side of the evidence, and least of a paragraph worth showing."""


def text_at(documents: Mapping[str, Document], span: Span) -> str:
    """The words of a span."""
    return documents[span.document_id].text[span.start : span.end]


def check_gold(questions: Sequence[Question], documents: Mapping[str, Document]) -> None:
    """Raise QuestionsError when a gold span does not lie in a document of the corpus."""
    for question in questions:
        for span in question.evidence:
            document = documents.get(span.document_id)
            if document is None or span.end > len(document.text):
                raise QuestionsError(f"question {question.id!r}: evidence outside document {span.document_id!r}")


def check_leakage(
    train: Sequence[Question], test: Sequence[Question], documents: Mapping[str, Document], limit: float
) -> None:
    """Raise QuestionsError when a document family stands on both sides, or when questions nearly repeat."""
    shared = families(train, documents) & families(test, documents)
    if shared:
        raise QuestionsError(
            f"train and test questions share {len(shared)} document families: {', '.join(sorted(shared)[:5])}; "
            "move each family to one side"
        )
    for held in test:
        for seen in train:
            if similarity(held.text, seen.text) >= limit:
                raise QuestionsError(
                    f"test question {held.id!r} nearly repeats train question {seen.id!r}: {held.text!r}"
                )


def families(questions: Sequence[Question], documents: Mapping[str, Document]) -> set[str]:
    """The document families that the questions rest on."""
    return {documents[name].family for question in questions for name in question.gold_documents if name in documents}


def similarity(one: str, other: str) -> float:
    """Jaccard overlap of the words.

    >>> similarity("What is ferritin?", "what is Ferritin")
    1.0
    """
    a, b = ({word.strip("?.,;:!") for word in text.casefold().split()} for text in (one, other))
    return len(a & b) / len(a | b) if a | b else 0.0


def evidence_of(question: Question, documents: Mapping[str, Document]) -> tuple[Span, ...]:
    """The gold spans; where only documents are known, the first paragraph of each."""
    return question.evidence or tuple(_paragraphs(documents[name])[0] for name in question.documents)


def passages_for(question: Question, documents: Mapping[str, Document], count: int) -> tuple[Passage, ...]:
    """Paragraphs that hold the evidence, filled up to `count` with at least one other; the id gives the order."""
    rng = random.Random(question.id)
    shown: list[Passage] = []
    for span in evidence_of(question, documents):
        if not holding(span, shown):
            shown.append(passage_at(_around(span, documents[span.document_id].text), documents))
    shown += _distractors(question, documents, shown, count, rng)
    rng.shuffle(shown)
    return tuple(shown)


def passages_in_order(question: Question, documents: Mapping[str, Document], count: int) -> tuple[Passage, ...]:
    """Passage n holds the n-th evidence span, as `Question.reference` counts them; distractors follow.

    Spans that stand side by side in one paragraph get a passage each, cut where the next one begins.
    """
    spans = evidence_of(question, documents)
    shown = [passage_at(_apart(span, spans, documents[span.document_id].text), documents) for span in spans]
    return (*shown, *_distractors(question, documents, shown, count, random.Random(question.id)))


def paragraphs_of(documents: Mapping[str, Document]) -> list[Passage]:
    """Every paragraph worth showing."""
    return [passage_at(span, documents) for document in documents.values() for span in _paragraphs(document)]


def holding(span: Span, passages: Sequence[Passage]) -> list[int]:
    """Numbers, from 1, of the passages that hold the whole span."""
    return [n for n, shown in enumerate(passages, 1) if shown.span.overlap(span) == span.end - span.start]


def _distractors(
    question: Question, documents: Mapping[str, Document], shown: Sequence[Passage], count: int, rng: random.Random
) -> list[Passage]:
    """Paragraphs beside those shown, up to `count` in all, at least one; none of a document that is gold as a whole."""
    elsewhere = [d for d in documents.values() if question.evidence or d.id not in question.documents]
    taken = [passage.span for passage in shown]
    others = [span for d in elsewhere for span in _paragraphs(d) if not any(span.overlap(other) for other in taken)]
    return [passage_at(span, documents) for span in rng.sample(others, min(len(others), max(count - len(shown), 1)))]


def passage_at(span: Span, documents: Mapping[str, Document]) -> Passage:
    """The passage that is exactly this span."""
    return Passage(
        id=f"{span.document_id}:{span.start}-{span.end}",
        document_id=span.document_id,
        title=documents[span.document_id].title,
        text=text_at(documents, span),
        start=span.start,
        end=span.end,
        revised=documents[span.document_id].source.revised,
    )


def _paragraphs(document: Document) -> list[Span]:
    """Stretches worth showing: no headings, none short, none long; the first one when there is no better."""
    cut, at = [], 0
    for part in document.text.split("\n\n"):
        start = at + len(part) - len(part.lstrip())
        cut.append((start, min(at + len(part.rstrip()), start + 2 * WINDOW)))
        at += len(part) + 2
    full = [Span(document_id=document.id, start=start, end=end) for start, end in cut if start < end]
    return [s for s in full if s.end - s.start >= SHORTEST and document.text[s.start] != "#"] or full[:1]


def _around(span: Span, text: str) -> Span:
    """The paragraph around a span, no wider than WINDOW on each side."""
    before, after = text.rfind("\n\n", 0, span.start), text.find("\n\n", span.end)
    start = max(before + 2 if before >= 0 else 0, span.start - WINDOW)
    return replace(span, start=start, end=min(after if after >= 0 else len(text), span.end + WINDOW))


def _apart(span: Span, spans: Sequence[Span], text: str) -> Span:
    """The paragraph around a span, without the other spans in it where they do not overlap."""
    wide = _around(span, text)
    beside = [other for other in spans if other.document_id == span.document_id and other != span]
    start = max([wide.start, *(other.end for other in beside if other.end <= span.start)])
    end = min([wide.end, *(other.start for other in beside if other.start >= span.end)])
    return replace(span, start=start, end=end)
