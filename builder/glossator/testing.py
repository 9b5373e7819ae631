"""Is a domain sound? The conformance suite for plugin authors: one call from a test, or `glossator check NAME`.

    from glossator import Host
    from glossator.testing import check_domain

    def test_the_domain_is_sound():
        assert check_domain(Host.discover(only=("common", "insurance")), "insurance") == []

It reads the corpus and the gold questions, lets the gold pass its own scorers, spoils it, and offers the reward policy
a matrix of exploits: none may be paid like an honest answer. No model is loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file
from pathlib import Path

from glossator.citations.metrics import citation_f1
from glossator.citations.parse import CLOSE, OPEN, format_citation
from glossator.citations.read import read_answer
from glossator.domain import Domain
from glossator.errors import GlossatorError, boundary
from glossator.gold import check_gold, check_leakage, evidence_of, holding, passages_for, text_at
from glossator.host import Host
from glossator.prompting import target
from glossator.recipe import ExamplesRecipe
from glossator.records import Answer, Document, Passage, Question, Scorer
from glossator.rows import GoldRow, read_questions, strict_json
from glossator.scoring import judge, reward
from glossator.stages.corpus import corpus_of, read_source

SHOWN = 4
"""Passages of a trial, unless the evidence needs more."""
HONEST = 0.95
"""What the reward policy must pay for the gold itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One gold question, its right answer, and what an exploit may play with."""

    question: Question
    passages: tuple[Passage, ...]
    honest: str
    quotes: tuple[tuple[str, int], ...]
    """Right words with the number of their passage; for an unanswerable question, words that look right."""
    wrong: int
    """Number of a passage that is no evidence."""
    abstention: str


def check_domain(host: Host, name: str) -> list[str]:
    """The problems of a domain, one line each; empty when it is sound.

    Raises InputError when no loaded plugin registers a domain of that name.
    """
    domain = host.domain(name)
    return list(_with_errors(_problems(host, domain)))


def answer_from(
    question: Question, documents: Mapping[str, Document], abstention: str
) -> tuple[str, tuple[Passage, ...]]:
    """The right answer to a gold question, and the few passages it is given over.

    Each gold span is quoted with the number of its passage; where only gold documents are known, each one's first
    paragraph. An unanswerable question gets the abstention. The same question always gives the same passages.
    """
    passages = passages_for(question, documents, SHOWN)
    known = replace(question, evidence=evidence_of(question, documents))
    return target(known, passages, abstention) or "", passages


def _with_errors(problems: Iterator[str]) -> Iterator[str]:
    """The problems, and the error that ends the search as the last of them."""
    try:
        yield from problems
    except GlossatorError as error:
        yield str(error)


def _problems(host: Host, domain: Domain) -> Iterator[str]:
    with as_file(domain.content) as folder:
        documents = list(read_source(corpus_of(domain), host))
        yield from _corpus_problems(documents)
        known = {document.id: document for document in documents if document.text.strip()}
        train, test = (_questions(folder / "gold" / f"{split}.jsonl") for split in ("train", "test"))
        yield from _text_problems(folder / "gold", known)
    yield from _split_problems(train, test, known)
    missing = sorted({*domain.rewards.weights, *domain.rewards.gates} - set(host.scorers))
    if missing:
        yield f"policy.yaml names scorers that no loaded plugin registers: {', '.join(missing)}"
    else:
        yield from _payment_problems(domain, host.scorers, [*train, *test], known)


def _corpus_problems(documents: Sequence[Document]) -> Iterator[str]:
    if not documents:
        yield "corpus/ holds no document"
    yield from _twice("document", [document.id for document in documents])
    for document in documents:
        if not document.text.strip():
            yield f"document {document.id!r} holds no text"
        if document.source.licence.strip() in ("", "unknown"):
            yield f"document {document.id!r} names no licence; add `licence:` to its front matter"


def _twice(kind: str, ids: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield f"{kind} id {name!r} occurs twice; ids must be unique"


def _questions(path: Path) -> list[Question]:
    with boundary(f"gold/{path.name}"):
        return read_questions(path)


def _text_problems(gold: Path, documents: Mapping[str, Document]) -> Iterator[str]:
    """Spans that no longer hold the words that were recorded with them."""
    for split in ("train.jsonl", "test.jsonl"):
        lines = (gold / split).read_text(encoding="utf-8").split("\n")
        for row in (GoldRow.model_validate(strict_json(line)) for line in lines if line.strip()):
            for span in row.gold_spans:
                document = documents.get(span.doc_id)
                if document and document.text[span.start : span.end] != span.text:
                    yield (
                        f"gold/{split}: question {row.id!r}: {span.doc_id!r} holds "
                        f"{document.text[span.start : span.end][:60]!r} at {span.start}, not {span.text[:60]!r}"
                    )


def _split_problems(
    train: Sequence[Question], test: Sequence[Question], documents: Mapping[str, Document]
) -> Iterator[str]:
    yield from _twice("question", [question.id for question in (*train, *test)])
    for question in (*train, *test):
        for name in sorted(set(question.documents) - set(documents)):
            yield f"question {question.id!r}: document {name!r} is not in the corpus"
    if all(question.answerable for question in test):
        yield "gold/test.jsonl has no unanswerable question; without one, nobody knows whether the assistant abstains"
    check_gold([*train, *test], documents)
    check_leakage(train, test, documents, ExamplesRecipe().near_duplicate)


def _payment_problems(
    domain: Domain, known: Mapping[str, Scorer], questions: Sequence[Question], documents: Mapping[str, Document]
) -> Iterator[str]:
    """What the reward policy pays for gold, spoiled gold and exploits; equal findings are one line."""
    scorers = [known[name] for name in sorted({*domain.rewards.weights, *domain.rewards.gates})]
    asked = [question for question in questions if question.gold_documents <= set(documents)]
    found: dict[str, list[str]] = {}
    for question in asked:
        trial = _trial(question, documents, domain.prompts.abstention)
        for finding in _findings(domain, scorers, trial) if trial else ["the corpus is too small for a distractor"]:
            found.setdefault(finding, []).append(question.id)
    for finding, ids in found.items():
        yield f"{finding} ({len(ids)} of {len(asked)} questions, for example {ids[0]!r})"


def _findings(domain: Domain, scorers: Sequence[Scorer], trial: Trial) -> Iterator[str]:
    answer = read_answer(trial.honest, trial.passages, trial.abstention)
    yield from _faults(scorers, trial, answer)
    honest = _paid(domain, scorers, trial, trial.honest)
    if honest < HONEST:
        yield f"the reward policy pays the {'gold' if trial.question.answerable else 'abstention'} less than {HONEST}"
    for name, exploit in EXPLOITS.items():
        paid = _paid(domain, scorers, trial, exploit(trial))
        if trial.question.answerable and paid >= honest:
            yield f"the exploit {name!r} is paid as much as the honest answer"
        elif paid > honest:
            yield f"the exploit {name!r} is paid more than the abstention that is right"


def _faults(scorers: Sequence[Scorer], trial: Trial, answer: Answer) -> Iterator[str]:
    """Scorers that fail on the gold, and gold that is no right answer by the citation metric."""
    for score in judge(scorers, trial.question, answer).values():
        if score.failed:
            yield f"scorer {score.name!r} fails on the right answer: {score.why}"
    if not trial.question.answerable:
        return
    moved = EXPLOITS["right words, wrong passage"](trial)
    gold = citation_f1(trial.question, answer).value or 0.0
    spoiled = citation_f1(trial.question, read_answer(moved, trial.passages, trial.abstention)).value or 0.0
    if gold < 1:
        yield "the gold, quoted with its markers, does not reach citation_f1 1"
    if spoiled >= gold:
        yield "citation_f1 does not fall when the gold is cited to another passage"


def _paid(domain: Domain, scorers: Iterable[Scorer], trial: Trial, text: str) -> float:
    answer = read_answer(text, trial.passages, trial.abstention)
    return reward(domain.rewards, judge(scorers, trial.question, answer)) or 0.0


def _trial(question: Question, documents: Mapping[str, Document], abstention: str) -> Trial | None:
    """None when the corpus leaves no passage that is not evidence."""
    honest, passages = answer_from(question, documents, abstention)
    evidence = evidence_of(question, documents)
    places = [(text_at(documents, span), n) for span in evidence for n in holding(span, passages)[:1]]
    wrong = [n for n, shown in enumerate(passages, 1) if not any(shown.span.overlap(span) for span in evidence)]
    if len(wrong) < (1 if places else 2):
        return None
    return Trial(
        question=question,
        passages=passages,
        honest=honest,
        quotes=tuple(places) or ((passages[0].text, 1),),
        wrong=wrong[-1],
        abstention=abstention,
    )


def _every_marker(trial: Trial) -> str:
    return "".join(f"[{number}]" for number in range(1, len(trial.passages) + 1))


def _marked(trial: Trial, after: Callable[[int], str]) -> str:
    """The right quotes, each followed by what `after` makes of its number."""
    return " ".join(f"{OPEN}{quote}{CLOSE} {after(number)}" for quote, number in trial.quotes)


def _stitched(trial: Trial) -> str:
    """Half of the right sentence and half of a wrong one, as one quote."""
    quote, number = trial.quotes[0]
    right, wrong = quote.split(), trial.passages[trial.wrong - 1].text.split()
    return format_citation(" ".join(right[: len(right) // 2] + wrong[len(wrong) // 2 :]), number)


def _filler(trial: Trial) -> str:
    """Words as long as everything that was shown."""
    return "and this is good to know " * (sum(len(passage.text) for passage in trial.passages) // 25 + 4)


EXPLOITS: Mapping[str, Callable[[Trial], str]] = {
    "empty answer": lambda trial: "",
    "blank answer": lambda trial: " \n ",
    "markers without words": _every_marker,
    "right marker without words": lambda trial: " ".join(f"[{number}]" for _, number in trial.quotes),
    "every passage cited": lambda trial: _marked(trial, lambda number: _every_marker(trial)),
    "whole context copied": lambda trial: " ".join(format_citation(p.text, n) for n, p in enumerate(trial.passages, 1)),
    "fabricated id": lambda trial: _marked(trial, lambda number: "[99]"),
    "fabricated id beside the right one": lambda trial: _marked(trial, lambda number: f"[{number}] [99]"),
    "right words, wrong passage": lambda trial: _marked(trial, lambda number: f"[{trial.wrong}]"),
    "right words, no citation": lambda trial: _marked(trial, lambda number: ""),
    "quote stitched from two sentences": _stitched,
    "refusal": lambda trial: trial.abstention,
    "refusal and answer": lambda trial: f"{trial.abstention} {_marked(trial, lambda number: f'[{number}]')}",
    "marker spam": lambda trial: _marked(trial, lambda number: f"[{number}]" * 20),
    "endless answer": lambda trial: f"{trial.honest} {'It is important to note this well. ' * 60}",
    "endless sentence": lambda trial: _marked(trial, lambda number: f"{_filler(trial)} [{number}]"),
}
"""Answers that try to be paid without being right, by name."""
