"""What becomes of the text of a model before anybody sees it: each statement is checked, repaired once, or dropped.

A repair is the same model's answer to the question and the faulty statement together, in quoted form: of the sentences
of the passages that were shown, weighed by the prior as every quoted answer is, the likeliest; the abstention among
them means that none is near enough. It is checked like any other statement, and not repaired again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from glossator.citations.check import Finding, examine, settle, stands
from glossator.citations.composition import Part
from glossator.citations.read import read_answer
from glossator.citations.tensor import Once
from glossator.domain import AnswerPolicy, Prompts
from glossator.prompting import render
from glossator.records import Answer, Document, Message, Passage

if TYPE_CHECKING:
    from glossator.generation.generator import Generator
    from glossator.generation.grounds import Possible

LONGEST_CLAIM = 400
"""Code points of a faulty statement that a repair is asked with."""

Ask = Callable[[str, Sequence[Passage]], "Possible"]
"""A question and the passages shown -> what a quoting assistant may answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a model wrote, and what it was shown."""

    question: str
    text: str
    passages: tuple[Passage, ...]
    documents: Mapping[str, Document]


@dataclass(slots=True, kw_only=True)
class Mender:
    """Checks drafts and repairs them; asks verifier and generator nothing twice."""

    generator: Generator
    verifier: Once
    prompts: Prompts
    policy: AnswerPolicy
    possible: Ask
    repair_seconds: float = 0.0
    """What the repairs cost, their own check included."""
    _known: dict[tuple[str, str], Part | None] = field(default_factory=dict)

    def answers(self, drafts: Sequence[Draft]) -> list[Answer]:
        """What may be shown of each draft; the repairs of all are decoded together."""
        read = [self.read(draft, draft.text) for draft in drafts]
        found = [self.findings(draft, answer) for draft, answer in zip(drafts, read, strict=True)]
        repairs = self.repairs([(draft, one) for draft, each in zip(drafts, found, strict=True) for one in each])
        return [
            settle(
                answer,
                each,
                [next(repairs) for _ in each],
                abstention=self.prompts.abstention,
                documents=draft.documents,
                question=draft.question,
            )
            for draft, answer, each in zip(drafts, read, found, strict=True)
        ]

    def quotable(self, draft: Draft) -> dict[int, str]:
        """The texts that may be quoted, by the number of their passage: those that their documents still hold."""
        numbered = enumerate(draft.passages, 1)
        return {number: passage.text for number, passage in numbered if stands(passage, draft.documents)}

    def shares(self, seconds: float) -> dict[str, float]:
        """Seconds of check and repair: repairs are within what both took."""
        repair = {"repair": self.repair_seconds} if self.repair_seconds else {}
        return {"check": seconds - self.repair_seconds, **repair}

    def read(self, draft: Draft, text: str) -> Answer:
        """A draft, or a part of it, as it stands."""
        abstention = self.prompts.abstention
        return read_answer(text, draft.passages, abstention, question=draft.question, documents=draft.documents)

    def findings(self, draft: Draft, answer: Answer) -> list[Finding]:
        """What is wrong with each statement."""
        least = self.policy.min_support
        return examine(answer, self.verifier, min_support=least, documents=draft.documents, question=draft.question)

    def repairs(self, rows: Sequence[tuple[Draft, Finding]]) -> Iterator[Part | None]:
        """What may stand for each finding: None where nothing is wrong, nothing near, or answers are quotes anyway."""
        start = time.monotonic()
        wanted = {
            (draft.question, finding.statement.claim): draft
            for draft, finding in rows
            if self.policy.grounding == "cited" and finding.fault is not None
        }
        new = [(claim, draft) for (question, claim), draft in wanted.items() if (question, claim) not in self._known]
        for (claim, draft), part in zip(new, self._repaired(new), strict=True):
            self._known[draft.question, claim] = part
        self.repair_seconds += time.monotonic() - start if wanted else 0.0
        return iter([self._known.get((draft.question, finding.statement.claim)) for draft, finding in rows])

    def _repaired(self, rows: Sequence[tuple[str, Draft]]) -> list[Part | None]:
        if not rows:
            return []
        asked = [(f"{draft.question} {claim[:LONGEST_CLAIM]}".strip(), draft) for claim, draft in rows]
        texts = self.generator.complete(
            [self._prompt(question, draft) for question, draft in asked],
            self.policy.max_new_tokens,
            [self.possible(question, draft.passages) for question, draft in asked],
        )
        return [self._checked(draft, text) for (_, draft), text in zip(asked, texts, strict=True)]

    def _prompt(self, question: str, draft: Draft) -> tuple[Message, ...]:
        """The passages keep their numbers, so that only the statement may go where it does not fit."""
        whole = render(self.prompts, question, draft.passages)
        if self.generator.fits(whole, self.policy.max_new_tokens):
            return whole
        return render(self.prompts, draft.question, draft.passages)

    def _checked(self, draft: Draft, text: str) -> Part | None:
        """A repair that is itself in order: one true quote with its marker."""
        answer = self.read(draft, text)
        quoted = len(answer.statements) == 1 and all(citation.quote for citation in answer.citations)
        if answer.abstained or not quoted:
            return None
        finding = self.findings(draft, answer)[0]
        return finding.part if finding.fault is None else None
