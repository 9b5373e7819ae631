"""One gold question on trial: its right answer, and what an exploit may play with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from glossator.citations.parse import format_citation
from glossator.citations.read import read_answer
from glossator.gold import evidence_of, holding, paragraphs_of, passage_at, text_at
from glossator.records import Answer, Document, Passage, Question, Span
from glossator.testing.gold import collapsed
from glossator.testing.material import Material, Row

TELLING = 4
"""Letters of a word that says what a text is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One gold question, its right answer, and what an exploit may play with."""

    row: Row
    question: Question
    passages: tuple[Passage, ...]
    honest: str
    quotes: tuple[tuple[str, int], ...]
    """Right words with the number of their passage; for an unanswerable question, words that look right."""
    wrong: int
    """Number of a passage that is no evidence."""
    neighbour: str
    """The right answer to another question, over these passages."""
    abstention: str

    def read(self, text: str) -> Answer:
        return read_answer(text, self.passages, self.abstention)


def trials_of(material: Material) -> Iterator[Trial | Row]:
    """A trial for each question; the row itself where the corpus leaves no passage that is not evidence."""
    for row in material.rows:
        yield _trial(row, _neighbour(row, material), material) or row


def looks_honest(text: str, documents: Mapping[str, Document], abstention: str) -> Answer:
    """An answer such as an assistant might give: the paragraph that has most words of the question, quoted."""
    asked = _telling(text)
    nearest = max(paragraphs_of(documents), key=lambda passage: len(asked & _telling(passage.text)))
    return read_answer(format_citation(nearest.text, 1), (nearest,), abstention)


def _trial(row: Row, neighbour: Span | None, material: Material) -> Trial | None:
    question, documents, abstention = row.question, material.documents, material.domain.prompts.abstention
    first = material.forms(row)[0]
    honest, passages = first.text, first.passages
    evidence = evidence_of(question, documents)
    places = [(text_at(documents, span), n) for span in evidence for n in holding(span, passages)[:1]]
    wrong = [n for n, shown in enumerate(passages, 1) if not any(shown.span.overlap(span) for span in evidence)]
    if len(wrong) < (1 if places else 2):
        return None
    if neighbour and not holding(neighbour, passages):
        passages = (*passages, passage_at(neighbour, documents))
    number = holding(neighbour, passages)[0] if neighbour else wrong[-1]
    return Trial(
        row=row,
        question=question,
        passages=passages,
        honest=honest,
        quotes=tuple(places) or ((passages[0].text, 1),),
        wrong=wrong[-1],
        neighbour=format_citation(text_at(documents, neighbour) if neighbour else passages[number - 1].text, number),
        abstention=abstention,
    )


def _neighbour(row: Row, material: Material) -> Span | None:
    """Evidence of the next question that rests on other words."""
    split = material.split(row.split)
    at = split.index(row)
    mine = row.question.evidence
    spans = (span for other in (*split[at + 1 :], *split[:at]) for span in other.question.evidence)
    return next((span for span in spans if not any(span.overlap(own) for own in mine)), None)


def _telling(text: str) -> set[str]:
    return {word.strip("?.,;:!()") for word in collapsed(text).split() if len(word) >= TELLING}
