"""Training rows: what is shown, what the right completion is, and a ledger of everything left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from glossator import Passage, Question
from glossator.citations.parse import format_citation
from glossator.domain import Prompts, RerankRecipe
from glossator.examples import ExampleMaker, Ledger
from glossator.prompting import encode_prompt
from glossator.recipe import ExamplesRecipe
from glossator.records import Message

from .conftest import ABSTENTION, asked, document, passage

PROMPTS = Prompts(system="Quote.", abstention=ABSTENTION)
TEXTS = {f"d{n}": document(f"Fact {n} is that iron matters to blood.", f"d{n}") for n in range(8)}
SHELF = [passage(of) for of in TEXTS.values()]
QUESTION = asked(SHELF[0].span)


class Words:
    """A tokenizer whose tokens are words."""

    eos_token_id = 0

    def apply_chat_template(self, conversation: list[Message], **_: object) -> list[int]:
        return [1 for message in conversation for _ in message["content"].split()]

    def encode(self, text: str, **_: object) -> list[int]:
        return [1 for _ in text.split()]


class Shelf:
    """A retriever that always finds the same passages in the same order."""

    def __init__(self, found: list[Passage]) -> None:
        self.passages, self.documents, self.found = SHELF, TEXTS, found

    def search(self, question: str, k: int, reranking: RerankRecipe | None, per_document: int | None) -> list[Passage]:
        return self.found[:k]

    def scores(self, question: str) -> list[float]:
        return [0.1 * place for place in range(len(self.passages))]


def maker(
    found: list[Passage] | None = None,
    *,
    k: int = 3,
    seed: int = 1,
    reranking: RerankRecipe | None = None,
    **recipe: Any,
) -> ExampleMaker:
    given = {"variants": 4, "left_out": 0.0} | recipe
    shelf = Shelf(SHELF if found is None else found)
    return ExampleMaker(
        retriever=shelf,  # type: ignore[arg-type]  # the fake has what is used
        tokenizer=Words(),
        prompts=PROMPTS,
        recipe=ExamplesRecipe(**given),
        k=k,
        reranking=reranking,
        per_document=None,
        sentences=None,
        seed=seed,
    )


def test_each_row_quotes_the_evidence_with_the_number_it_is_shown_under() -> None:
    rows = maker().rows([QUESTION])
    assert len(rows) == 4
    for row in rows:
        number = row.passages.index(SHELF[0].id) + 1
        assert row.completion == format_citation(SHELF[0].text, number) and row.answerable
        assert f"[{number}] d0: {SHELF[0].text}\n" in row.messages[1]["content"]
        assert row.messages[1]["content"].endswith("Question: What falls first?")


def test_the_first_variant_shows_what_serving_would_show() -> None:
    assert maker(SHELF[::-1], k=8).rows([QUESTION])[0].passages == tuple(p.id for p in SHELF[::-1])


def test_the_other_variants_draw_other_distractors() -> None:
    rows = maker(variants=6).rows([QUESTION])
    assert len({frozenset(row.passages) for row in rows}) > 2
    assert all(len(row.passages) == len(set(row.passages)) == 3 for row in rows)


def test_evidence_that_was_not_found_is_shown_all_the_same() -> None:
    rows = maker(SHELF[1:]).rows([QUESTION])
    assert all(SHELF[0].id in row.passages and row.answerable for row in rows)


def test_a_maker_that_shows_sentences_adds_the_sentence_that_was_not_found_alone() -> None:
    long = document("Iron is a metal. Ferritin falls first. Then iron falls.", "d0")
    made = maker(SHELF[1:], reranking=RerankRecipe(show="sentences"), variants=1)
    made.retriever.passages[:] = [passage(long), *SHELF[1:]]
    made = replace(made, ledger=Ledger(), shown={})
    evidence = replace(passage(long).span, start=17, end=38)
    (row,) = made.rows([asked(evidence)])
    assert row.completion == format_citation("Ferritin falls first.", 3)
    assert made.shown["d0:17-38"].text == "Ferritin falls first."
    assert set(row.passages) == set(made.shown)


def test_evidence_left_out_on_purpose_gives_an_abstention_and_is_counted() -> None:
    made = maker(left_out=1.0)
    rows = made.rows([QUESTION])
    assert {(row.completion, row.answerable, SHELF[0].id in row.passages) for row in rows} == {
        (ABSTENTION, False, False)
    }
    assert (made.ledger.evidence_left_out, made.ledger.abstentions, made.ledger.rows) == (4, 4, 4)


def test_the_share_left_out_is_about_the_recipes() -> None:
    made = maker(left_out=0.25, variants=50)
    made.rows([replace(QUESTION, id=f"q{n}") for n in range(10)])
    assert 75 < made.ledger.evidence_left_out < 175


def test_an_unanswerable_question_abstains_in_half_as_many_rows() -> None:
    made = maker(variants=5)
    rows = made.rows([asked(name="none")])
    assert [row.completion for row in rows] == [ABSTENTION] * 2
    assert (made.ledger.abstentions, made.ledger.evidence_left_out) == (2, 0)


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    questions = [replace(QUESTION, id=f"q{n}") for n in range(3)]
    assert maker(left_out=0.5).rows(questions) == maker(left_out=0.5).rows(questions)
    assert maker(left_out=0.5).rows(questions) != maker(left_out=0.5, seed=2).rows(questions)


def test_the_rows_of_a_question_do_not_depend_on_the_others() -> None:
    other = asked(SHELF[1].span, name="other")
    assert maker().rows([other, QUESTION])[4:] == maker().rows([QUESTION])


def test_passages_are_cut_from_the_end_and_counted() -> None:
    made = maker(variants=1, max_tokens=64, k=8)
    (row,) = made.rows([QUESTION])
    assert row.answerable and row.passages == tuple(p.id for p in SHELF[: len(row.passages)])
    assert made.ledger.passages_cut == 8 - len(row.passages) > 0
    spent = len(encode_prompt(Words(), row.messages)) + len(Words().encode(row.completion))
    assert spent <= 64


def test_a_row_that_loses_its_evidence_by_the_cut_abstains_and_is_counted() -> None:
    made = maker(SHELF[::-1], variants=1, max_tokens=64, k=8)
    (row,) = made.rows([QUESTION])
    assert (row.completion, row.answerable) == (ABSTENTION, False)
    assert (made.ledger.evidence_cut, made.ledger.evidence_left_out) == (1, 0)


def test_a_row_with_a_part_of_its_evidence_is_skipped_and_counted() -> None:
    made = maker(k=1, variants=2)
    assert made.rows([asked(SHELF[0].span, SHELF[1].span)]) == []
    assert (made.ledger.split_evidence, made.ledger.rows, made.ledger.questions) == (2, 0, 1)


def test_all_evidence_is_quoted_in_the_order_of_the_gold() -> None:
    for row in maker(k=4).rows([asked(SHELF[5].span, SHELF[0].span)]):
        five, zero = (row.passages.index(SHELF[n].id) + 1 for n in (5, 0))
        assert row.completion == f"{format_citation(SHELF[5].text, five)} {format_citation(SHELF[0].text, zero)}"


def test_a_question_with_gold_documents_alone_does_not_train_to_abstain() -> None:
    rows = maker().rows([Question(id="q", text="?", documents=("d0",))])
    assert not [row for row in rows if row.completion == ABSTENTION and SHELF[0].id in row.passages]
