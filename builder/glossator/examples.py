"""Gold questions -> training rows: which passages are shown, in which order, and what the right completion is."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from glossator.citations.quotable import pieces
from glossator.domain import Prompts, RerankRecipe
from glossator.gold import text_at
from glossator.prompting import ChatTokenizer, encode_prompt, fit, target
from glossator.recipe import ExamplesRecipe
from glossator.records import Example, Passage, Question
from glossator.retrieval.hybrid import Retriever

POOL = 3
"""Distractors come from the best POOL * k hits."""


@dataclass(slots=True)
class Ledger:
    """What was cut or left out on the way, so that nothing happens in silence."""

    questions: int = 0
    rows: int = 0
    abstentions: int = 0
    evidence_left_out: int = 0
    """Answerable questions shown without their evidence on purpose."""
    passages_cut: int = 0
    """Passages dropped because a row was too long; the answer and the question never are."""
    evidence_cut: int = 0
    """Rows that lost their evidence that way and therefore abstain."""
    split_evidence: int = 0
    """Rows skipped because only a part of several evidence spans was shown."""


def most_rows(questions: Sequence[Question], recipe: ExamplesRecipe) -> int:
    """How many rows are made at most."""
    return sum(_variants(question, recipe) for question in questions)


def _variants(question: Question, recipe: ExamplesRecipe) -> int:
    return recipe.variants if question.answerable else max(1, recipe.variants // 2)


@dataclass(slots=True, kw_only=True)
class ExampleMaker:
    """Makes the rows of one domain over one index of its training documents."""

    retriever: Retriever
    tokenizer: ChatTokenizer
    prompts: Prompts
    recipe: ExamplesRecipe
    k: int
    reranking: RerankRecipe | None
    per_document: int | None
    """These as in serving."""
    sentences: int | None
    """Most whole sentences of an answer, see `prompting.target`."""
    seed: int
    ledger: Ledger = field(default_factory=Ledger)
    shown: dict[str, Passage] = field(default_factory=dict)
    """All passages that stand in a row, by id."""
    _showable: list[tuple[int, Passage]] = field(init=False, repr=False)
    """All that may be shown, with the place of the passage that it is or stands in."""

    def __post_init__(self) -> None:
        alone = self.reranking is not None and self.reranking.show == "sentences"
        passages = self.retriever.passages
        cut = [(piece.number - 1, piece.alone) for piece in pieces(passages)]
        self._showable = cut if alone else list(enumerate(passages))

    def rows(self, questions: Sequence[Question]) -> list[Example]:
        """All rows of all questions, in order; the same seed gives the same rows."""
        made = [row for question in questions for row in self._of(question)]
        self.ledger.questions, self.ledger.rows = len(questions), len(made)
        self.ledger.abstentions = sum(not row.answerable for row in made)
        return made

    def _of(self, question: Question) -> list[Example]:
        found = self.retriever.search(
            question.text, POOL * self.k, reranking=self.reranking, per_document=self.per_document
        )
        rows = (self._row(question, found, variant) for variant in range(_variants(question, self.recipe)))
        return [row for row in rows if row is not None]

    def _row(self, question: Question, found: list[Passage], variant: int) -> Example | None:
        rng = random.Random(f"{self.seed}/{question.id}/{variant}")
        left_out = question.answerable and rng.random() < self.recipe.left_out
        self.ledger.evidence_left_out += left_out
        shown = self._choose(question, found, variant, rng, left_out)
        limit = self.recipe.max_tokens - 2 * self._answer_tokens(question)
        messages, kept = fit(
            self.prompts, question.text, shown, lambda rendered: len(encode_prompt(self.tokenizer, rendered)) <= limit
        )
        completion = self._target(question, kept)
        self._note(question, shown, kept, completion)
        if completion is None:
            return None
        self.shown |= {passage.id: replace(passage, score=None) for passage in kept}
        return Example(
            question_id=question.id,
            messages=messages,
            completion=completion,
            passages=tuple(passage.id for passage in kept),
            scores=tuple(passage.score or 0.0 for passage in kept),
            answerable=completion != self.prompts.abstention,
        )

    def _target(self, question: Question, shown: Sequence[Passage]) -> str | None:
        return target(question, shown, self.prompts.abstention, self.sentences)

    def _choose(
        self, question: Question, found: list[Passage], variant: int, rng: random.Random, left_out: bool
    ) -> list[Passage]:
        """The first variant shows what serving would; the others draw other distractors.

        Passages stand in the order of retrieval, as in serving: how far to trust that order is part of the lesson.
        """
        evidence = self._evidence(question)
        ids = {passage.id for passage in evidence}
        others = [passage for passage in found if passage.id not in ids]
        if left_out:
            return others[: self.k]
        if variant == 0 and ids <= {passage.id for passage in found[: self.k]}:
            return found[: self.k]
        if variant > 0:
            others = rng.sample(others, len(others))
        rank = {passage.id: place for place, passage in enumerate(found)}
        return sorted((evidence + others)[: self.k], key=lambda passage: rank.get(passage.id, len(found)))

    def _evidence(self, question: Question) -> list[Passage]:
        """Everything showable that holds evidence, with the score that search would give it."""
        found = [(at, p) for at, p in self._showable if any(p.span.overlap(span) for span in question.evidence)]
        if not found:
            return []
        scores = self.retriever.scores(question.text)
        return [replace(passage, score=float(scores[place])) for place, passage in found]

    def _answer_tokens(self, question: Question) -> int:
        documents = self.retriever.documents
        words = " ".join(text_at(documents, span) for span in question.evidence) or self.prompts.abstention
        return len(self.tokenizer.encode(words, add_special_tokens=False)) + 8

    def _note(self, question: Question, shown: list[Passage], kept: Sequence[Passage], completion: str | None) -> None:
        self.ledger.passages_cut += len(shown) - len(kept)
        self.ledger.split_evidence += completion is None
        before = self._target(question, shown)
        self.ledger.evidence_cut += before != completion and completion == self.prompts.abstention
