"""The conformance suite lets sound domains pass and finds each fault that is planted in one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

import glossator_common
import glossator_medical
from glossator import Answer, Document, Domain, Host, InputError, Question, Score, Scorer, Source, Span, hookimpl
from glossator.domain import RewardPolicy
from glossator.scaffold import new
from glossator.testing import EXPLOITS, answer_from, check_domain


class Plugin:
    """A plugin with one domain and some scorers."""

    def __init__(self, domain: Domain, *scorers: Scorer) -> None:
        self.domain, self.scorers = domain, scorers

    @hookimpl
    def register_domains(self) -> Iterable[Domain]:
        return [self.domain]

    @hookimpl
    def register_scorers(self) -> Iterable[Scorer]:
        return self.scorers


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A sound domain's content, to plant faults in."""
    new("insurance", tmp_path)
    return tmp_path / "glossator-insurance" / "glossator_insurance" / "content"


def problems(domain: Domain, *scorers: Scorer) -> str:
    return "\n".join(check_domain(Host.of(common=glossator_common, planted=Plugin(domain, *scorers)), domain.name))


def problems_in(content: Path) -> str:
    return problems(Domain.from_content(content))


def paid(content: Path, *gates: str, **weights: float) -> Domain:
    """The domain with another reward policy."""
    return replace(Domain.from_content(content), rewards=RewardPolicy(weights=weights, gates=gates))


def swap(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_medical_domain_is_sound() -> None:
    assert check_domain(Host.of(common=glossator_common, medical=glossator_medical), "medical") == []


def test_an_unknown_domain_is_an_error() -> None:
    with pytest.raises(InputError, match="did you mean 'medical'"):
        check_domain(Host.of(common=glossator_common, medical=glossator_medical), "medicine")


def test_content_that_is_sound_has_no_problem(content: Path) -> None:
    assert problems_in(content) == ""


def test_a_shifted_span_is_found(content: Path) -> None:
    swap(content / "gold" / "test.jsonl", '"start": 277, "end": 333', '"start": 278, "end": 334')
    assert "question 'premiums-2': 'premiums' holds 'hoever pays monthly" in problems_in(content)


def test_a_span_behind_the_end_of_its_document_is_found(content: Path) -> None:
    swap(content / "gold" / "test.jsonl", '"end": 333', '"end": 33333')
    assert "question 'premiums-2': evidence outside document 'premiums'" in problems_in(content)


def test_a_document_that_changed_under_its_questions_is_found(content: Path) -> None:
    swap(content / "corpus" / "premiums.md", "four crowns", "five crowns")
    assert "question 'premiums-1'" in problems_in(content)


def test_a_family_on_both_sides_is_found(content: Path) -> None:
    swap(content / "corpus" / "premiums.md", "family: premiums", "family: making-a-claim")
    assert "train and test questions share 1 document families: making-a-claim" in problems_in(content)


def test_a_test_question_that_repeats_a_training_question_is_found(content: Path) -> None:
    swap(
        content / "gold" / "test.jsonl",
        "What does the cover cost in a year?",
        "For which goods do I need the receipts?",
    )
    assert "nearly repeats train question 'making-a-claim-3'" in problems_in(content)


def test_a_question_id_that_occurs_twice_is_found(content: Path) -> None:
    swap(content / "gold" / "test.jsonl", '"id": "premiums-3"', '"id": "making-a-claim-3"')
    assert "question id 'making-a-claim-3' occurs twice" in problems_in(content)


def test_a_test_split_without_unanswerable_questions_is_found(content: Path) -> None:
    gold = content / "gold" / "test.jsonl"
    rows = [row for row in gold.read_text(encoding="utf-8").splitlines() if '"answerable": true' in row]
    gold.write_text("\n".join(rows), encoding="utf-8")
    assert "no unanswerable question" in problems_in(content)


def test_gold_that_cannot_be_read_is_named_with_its_line(content: Path) -> None:
    swap(content / "gold" / "train.jsonl", '{"id": "what-is-covered-2"', '{"id": what-is-covered-2')
    assert "train.jsonl:2: not a JSON object" in problems_in(content)


def test_gold_that_is_no_utf8_is_named(content: Path) -> None:
    (content / "gold" / "train.jsonl").write_bytes(b'{"id": "\xff"}')
    assert "train.jsonl" in problems_in(content)


def test_a_document_without_licence_is_found(content: Path) -> None:
    swap(content / "corpus" / "premiums.md", "licence: Apache-2.0\n", "")
    assert problems_in(content) == "document 'premiums' names no licence; add `licence:` to its front matter"


def test_a_document_without_text_is_found(content: Path) -> None:
    (content / "corpus" / "blank.md").write_text("---\nlicence: CC0-1.0\n---\n\n", encoding="utf-8")
    assert problems_in(content) == "document 'blank' holds no text"


def test_a_file_that_no_loader_reads_is_found(content: Path) -> None:
    (content / "corpus" / "table.xls").write_bytes(b"\0")
    assert "no loader for .xls" in problems_in(content)


def test_a_policy_that_names_an_unknown_scorer_is_found(content: Path) -> None:
    assert "no loaded plugin registers: kindness" in problems(paid(content, kindness=1.0, abstains_well=1.0))


def test_a_policy_that_pays_for_citing_everything_is_found(content: Path) -> None:
    told = problems(paid(content, citation_recall=1.0, abstains_well=1.0))
    assert "the exploit 'every passage cited' is paid as much as the honest answer" in told
    assert "the exploit 'fabricated id beside the right one' is paid as much" in told


def test_a_policy_that_pays_every_answer_is_found(content: Path) -> None:
    eager = Scorer(
        name="eager", score=lambda q, a: Score(name="eager", value=float(not a.abstained)), summary="answers"
    )
    told = problems(paid(content, eager=1.0), eager)
    assert "the reward policy pays the abstention less than 0.95" in told
    assert "is paid more than the abstention that is right" in told


def test_a_policy_that_pays_refusals_is_found(content: Path) -> None:
    shy = Scorer(name="shy", score=lambda q, a: Score(name="shy", value=float(a.abstained)), summary="refuses")
    told = problems(paid(content, shy=1.0), shy)
    assert "the reward policy pays the gold less than 0.95" in told
    assert "the exploit 'refusal' is paid as much as the honest answer" in told


def test_a_scorer_that_breaks_on_the_right_answer_is_found(content: Path) -> None:
    def broken(question: Question, answer: Answer, /) -> Score:
        raise ZeroDivisionError("no words")

    told = problems(
        paid(content, "honest_form", abstains_well=1.0, citation_precision=1.0, broken=1.0),
        Scorer(name="broken", score=broken, summary="breaks"),
    )
    assert "scorer 'broken' fails on the right answer: ZeroDivisionError: no words (15 of 15 questions" in told


def test_a_corpus_without_anything_to_distract_is_found(content: Path) -> None:
    for name in ("what-is-covered", "making-a-claim", "ending-the-cover"):
        (content / "corpus" / f"{name}.md").unlink()
    (content / "corpus" / "premiums.md").write_text(
        "---\nlicence: CC0-1.0\n---\nIt costs four crowns.", encoding="utf-8"
    )
    row = '{"id": "%s", "question": "%s", "answerable": %s, "gold_spans": [%s]}'
    span = '{"doc_id": "premiums", "start": 0, "end": 21, "text": "It costs four crowns."}'
    (content / "gold" / "train.jsonl").write_text(row % ("a", "Why?", "false", ""), encoding="utf-8")
    (content / "gold" / "test.jsonl").write_text(
        row % ("b", "How much?", "true", span) + "\n" + row % ("c", "Whither?", "false", ""), encoding="utf-8"
    )
    assert problems_in(content).startswith("the corpus is too small for a distractor (3 of 3 questions")


def test_the_right_answer_quotes_each_gold_span_with_the_number_of_its_passage() -> None:
    texts = {
        name: f"The {name} is large. The {name} is also kind to everybody who meets it."
        for name in ("cat", "dog", "cow")
    }
    documents = {name: _document(name, text) for name, text in texts.items()}
    spans = tuple(Span(document_id=name, start=0, end=17) for name in ("cat", "dog"))
    text, passages = answer_from(Question(id="q", text="Which are large?", evidence=spans), documents, "No idea.")
    numbers = {passage.document_id: number for number, passage in enumerate(passages, 1)}
    assert text == f"[{numbers['cat']}]: “The cat is large.” [{numbers['dog']}]: “The dog is large.”"


def test_the_right_answer_to_an_unanswerable_question_is_the_abstention() -> None:
    documents = {"cat": _document("cat", "The cat is large.")}
    text, _ = answer_from(Question(id="q", text="Why?", answerable=False), documents, "No idea.")
    assert text == "No idea."


def test_the_matrix_holds_the_exploits_that_were_seen() -> None:
    assert len(EXPLOITS) >= 16


def _document(name: str, text: str) -> Document:
    return Document(
        id=name, title=name, text=text, source=Source(url="made up", licence="CC0-1.0", sha256=""), family=name
    )
