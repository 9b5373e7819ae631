"""One fault in the gold questions or between the splits is one problem, at its file and line."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from glossator.testing.material import Placed
from glossator.testing.split import alike

from ..conftest import document
from .conftest import Copy
from .faults import Plant, assert_only, set_front, some_document

PLANTS: list[Plant] = []


def plant(fault: Plant) -> Plant:
    PLANTS.append(fault)
    return fault


@plant
def a_shifted_span(copy: Copy) -> str:
    line = copy.first()
    (span, *rest) = copy.rows("test")[line - 1]["gold_spans"]
    moved = span | {"start": span["start"] + 1, "end": span["end"] + 1}
    place = copy.edit(line, gold_spans=[moved, *rest])
    return f"{place}: {span['doc_id']!r} holds {span['text'][1:9]!r}"[:-1]


@plant
def a_span_behind_the_end_of_its_document(copy: Copy) -> str:
    line = copy.first()
    (span, *rest) = copy.rows("test")[line - 1]["gold_spans"]
    place = copy.edit(line, gold_spans=[span | {"end": 99999}, *rest])
    return f"{place}: evidence outside document {span['doc_id']!r}"


@plant
def a_span_that_ends_before_it_begins(copy: Copy) -> str:
    line = copy.first()
    (span, *rest) = copy.rows("test")[line - 1]["gold_spans"]
    place = copy.edit(line, gold_spans=[span | {"end": span["start"]}, *rest])
    return f"{place.split(' ')[0]}: span of {span['doc_id']!r}: start"


@plant
def a_span_named_twice(copy: Copy) -> str:
    line = copy.first()
    span = copy.rows("test")[line - 1]["gold_spans"][0]
    return copy.edit(line, gold_spans=[span, span]) + ": names the span"


@plant
def a_document_that_is_not_there(copy: Copy) -> str:
    return copy.edit(copy.first(), gold_doc_ids=["atlantis"]) + ": document 'atlantis' is not in the corpus"


@plant
def an_answerable_question_without_evidence(copy: Copy) -> str:
    place = copy.edit(copy.first(), gold_doc_ids=[], gold_spans=[])
    return f"{place.split(' ')[0]}: an answerable question needs gold_spans or gold_doc_ids"


@plant
def an_unanswerable_question_with_evidence(copy: Copy) -> str:
    spans = copy.rows("test")[copy.first() - 1]["gold_spans"]
    return copy.edit(copy.first(answerable=False), gold_spans=spans) + ": is unanswerable, and yet has evidence"


@plant
def an_unanswerable_question_with_an_answer(copy: Copy) -> str:
    return (
        copy.edit(copy.first(answerable=False), answers=["42"]) + ": is unanswerable, and yet has evidence or answers"
    )


@plant
def an_id_that_occurs_twice(copy: Copy) -> str:
    first, line = copy.first("train"), copy.first()
    place = copy.edit(line, id=copy.rows("train")[first - 1]["id"])
    return f"{place}: the id occurs twice, first at gold/train.jsonl:{first}"


@plant
def a_question_without_kind(copy: Copy) -> str:
    return copy.edit(copy.first(), kind=" ") + ": has no kind"


@plant
def a_question_for_advice_that_is_answerable(copy: Copy) -> str:
    return copy.edit(copy.first(), kind="advice") + ": is a question for advice, and yet answerable"


@plant
def an_answer_that_its_evidence_does_not_bear_out(copy: Copy) -> str:
    return copy.edit(copy.first(), answers=["Forty  Thieves"]) + ": the answer 'Forty  Thieves' stands neither in"


@plant
def a_reference_that_names_a_third_span(copy: Copy) -> str:
    line = copy.first()
    spans = copy.rows("test")[line - 1]["gold_spans"]
    place = copy.edit(line, reference=f"{spans[0]['text']} [1] [{len(spans) + 1}]")
    return f"{place}: the reference names [{len(spans) + 1}], and there are {len(spans)} evidence spans"


@plant
def a_reference_without_a_marker(copy: Copy) -> str:
    line = copy.first()
    spans = copy.rows("test")[line - 1]["gold_spans"]
    return copy.edit(line, reference=spans[0]["text"]) + ": the reference names no evidence"


@plant
def a_row_that_is_no_json(copy: Copy) -> str:
    copy.swap("gold/train.jsonl", '"question"', "question")
    return "gold/train.jsonl:1: not a JSON object"


@plant
def a_row_without_a_question(copy: Copy) -> str:
    line = copy.first()
    rows = copy.rows("test")
    del rows[line - 1]["question"]
    copy.write("test", rows)
    return f"gold/test.jsonl:{line}: question: Field required"


@plant
def too_few_unanswerable_questions(copy: Copy) -> str:
    kept = [row for row in copy.rows("test") if row["answerable"]]
    copy.write("test", kept)
    return f"gold/test.jsonl: 0 of {len(kept)} questions are unanswerable; at least one in 5 must be, in each split"


@plant
def a_family_on_both_sides(copy: Copy) -> str:
    seen = copy.rows("train")[copy.first("train") - 1]
    set_front(copy, "family", seen["gold_doc_ids"][0])
    line = copy.first()
    place = f"gold/test.jsonl:{line} question {copy.rows('test')[line - 1]['id']!r}"
    return f"{place}: rests on family {seen['gold_doc_ids'][0]!r}, as does gold/train.jsonl:{copy.first('train')}"


@plant
def a_question_that_is_asked_on_both_sides(copy: Copy) -> str:
    line = copy.first("train")
    seen = copy.rows("train")[line - 1]
    place = copy.edit(copy.first(), question=f"{seen['question'].upper()}!")
    return f"{place}: nearly repeats gold/train.jsonl:{line} question {seen['id']!r}"


@plant
def practice_with_a_question_of_the_test(copy: Copy) -> str:
    line = copy.first(answerable=False)
    asked = copy.rows("test")[line - 1]
    copy.write("practice", [asked | {"id": "again"}])
    return f"gold/test.jsonl:{line} question {asked['id']!r}: nearly repeats gold/practice.jsonl:1 question 'again'"


@plant
def practice_without_a_question_to_abstain_on(copy: Copy) -> str:
    kept = [row | {"id": f"{row['id']}-again"} for row in copy.rows("train") if row["answerable"]]
    copy.write("practice", kept)
    return f"gold/practice.jsonl: 0 of {len(kept)} questions are unanswerable; at least one in 5 must be"


@plant
def a_document_that_nearly_repeats_on_the_other_side(copy: Copy) -> str:
    name = some_document(copy)
    text = (copy.content / name).read_text(encoding="utf-8")
    text = text.replace(f"family: {Path(name).stem}", "family: twin") + "\nAnd one more remark.\n"
    (copy.content / "corpus" / "twin.md").write_text(text, encoding="utf-8")
    return f"{name}:1 document {Path(name).stem!r}: shares 9"


@pytest.mark.parametrize("fault", PLANTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_the_only_problem(fault: Plant, copy: Copy) -> None:
    assert_only(fault, copy)


def test_gold_that_is_no_utf8_is_named(copy: Copy) -> None:
    (copy.content / "gold" / "train.jsonl").write_bytes(b'{"id": "\xff"}')
    assert copy.problems()[0].startswith("gold/train.jsonl: cannot be read: byte 8 is not UTF-8")


def test_a_missing_split_is_named(copy: Copy) -> None:
    (copy.content / "gold" / "test.jsonl").unlink()
    assert copy.problems()[0].startswith("gold/test.jsonl: cannot be read: No such file")


def test_a_document_that_changed_under_its_questions_is_found(copy: Copy) -> None:
    line = copy.first()
    row = copy.rows("test")[line - 1]
    word = row["gold_spans"][0]["text"]
    copy.swap(f"corpus/{row['gold_doc_ids'][0]}.md", word, word[::-1])
    assert f"question {row['id']!r}: {row['gold_doc_ids'][0]!r} holds" in copy.problems()[0]


def test_sixty_documents_are_compared_in_less_than_two_seconds() -> None:
    words = "the a of in which over under stone river engine paper glass copper night salt wind road".split()
    rng = random.Random(7)
    texts = [" ".join(rng.choices(words, k=3000)) for _ in range(60)]
    texts[59] = f"{texts[0]} and a little more"
    placed = [Placed(document=document(text, f"d{n}"), file="", lines=(), alone=True) for n, text in enumerate(texts)]
    start = time.process_time()
    found = [(one.document.id, other.document.id) for one, other, _ in alike(placed[:30], placed[30:])]
    assert (found, time.process_time() - start < 2) == ([("d0", "d59")], True)
