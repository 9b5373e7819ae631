"""The one renderer: a question and its passages -> messages -> tokens, for training, RL, evaluation and serving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from glossator.citations.parse import format_citation
from glossator.citations.quotable import pieces
from glossator.domain import Prompts
from glossator.records import Message, Passage, Question, Span


class ChatTokenizer(Protocol):
    """The part of a transformers tokenizer that rendering needs."""

    eos_token_id: int

    def apply_chat_template(self, conversation: list[Message], **options: object) -> list[int]: ...

    def encode(self, text: str, **options: object) -> list[int]: ...


def render(prompts: Prompts, question: str, passages: Sequence[Passage]) -> tuple[Message, ...]:
    """System and user message: numbered passages with their titles, then the question."""
    shown = "\n".join(f"[{n}] {passage.title}: {passage.text}" for n, passage in enumerate(passages, 1))
    return (
        {"role": "system", "content": prompts.system},
        {"role": "user", "content": f"{shown}\n\nQuestion: {question}"},
    )


def encode_prompt(tokenizer: ChatTokenizer, messages: Sequence[Message]) -> list[int]:
    """Token ids up to where the answer begins. Control tokens inside documents and questions stay plain text."""
    return tokenizer.apply_chat_template(
        list(messages), add_generation_prompt=True, tokenize=True, return_dict=False, sanitize_control_tokens=True
    )


def encode_completion(tokenizer: ChatTokenizer, completion: str) -> list[int]:
    """Token ids of an answer and its end mark; control tokens inside it stay plain text."""
    return [*tokenizer.encode(completion, add_special_tokens=False, split_special_tokens=True), tokenizer.eos_token_id]


def fit(
    prompts: Prompts, question: str, passages: Sequence[Passage], fits: Callable[[Sequence[Message]], bool]
) -> tuple[tuple[Message, ...], tuple[Passage, ...]]:
    """Render with as many passages as `fits` allows, dropping from the end; the question always stays."""
    kept = tuple(passages)
    while True:
        messages = render(prompts, question, kept)
        if not kept or fits(messages):
            return messages, kept
        kept = kept[:-1]


def target(
    question: Question, passages: Sequence[Passage], abstention: str, sentences: int | None = None
) -> str | None:
    """The right completion over these passages: each evidence span quoted with its number.

    With `sentences`, what a decoder that quotes so many whole ones can say: of each span the sentence or table row that
    holds most of it. The abstention when the question is unanswerable or none of its evidence is shown; None when only
    a part is, or when it is not known where the evidence stands.
    """
    touched = any(span.overlap(passage.span) for span in question.evidence for passage in passages)
    if not question.answerable or (question.evidence and not touched):
        return abstention
    found = [_holding(span, passages) for span in question.evidence]
    if not found or None in found:
        return None
    held = [(place, span) for place, span in zip(found, question.evidence, strict=True) if place is not None]
    quotes = [_quote(*place, span) if sentences is None else _sentence(*place, span) for place, span in held]
    return " ".join(list(dict.fromkeys(quotes))[:sentences])


def _holding(span: Span, passages: Sequence[Passage]) -> tuple[int, Passage] | None:
    """The first passage that holds the whole span, with its number."""
    for number, passage in enumerate(passages, 1):
        if passage.document_id == span.document_id and passage.start <= span.start and span.end <= passage.end:
            return number, passage
    return None


def _quote(number: int, passage: Passage, span: Span) -> str:
    return format_citation(passage.text[span.start - passage.start : span.end - passage.start], number)


def _sentence(number: int, passage: Passage, span: Span) -> str:
    most = max(pieces([passage]), key=lambda piece: piece.alone.span.overlap(span), default=None)
    return format_citation(most.text, number) if most else _quote(number, passage, span)
