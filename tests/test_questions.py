"""Gold questions are read strictly, and every mistake has its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator import Span, strict_json
from glossator.errors import QuestionsError
from glossator.gold import check_gold, check_leakage, families, similarity
from glossator.rows import document_row, passage_row, read_document, read_passage, read_questions

from .conftest import asked, document, passage

GOOD = (
    '{"id": "a", "question": "What?", "answerable": true, "gold_doc_ids": ["d"],'
    ' "gold_spans": [{"doc_id": "d", "start": 0, "end": 4, "text": "Iron"}], "answers": ["iron"], "other_tool": 1}'
)


def refusal(folder: Path, *lines: str) -> str:
    (folder / "gold.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(QuestionsError) as caught:
        read_questions(folder / "gold.jsonl")
    return str(caught.value)


def test_a_question_is_read_with_its_evidence(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(f'{GOOD}\n\n{{"id": "b", "question": "?", "answerable": false}}\n')
    first, second = read_questions(tmp_path / "gold.jsonl")
    assert first.evidence == (Span(document_id="d", start=0, end=4),)
    assert (first.documents, first.answers, first.gold_documents) == (("d",), ("iron",), {"d"})
    assert (second.answerable, second.evidence, second.gold_documents) == (False, (), set())


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": "b", "answerable": false}', "question: Field required"),
        ('{"id": "b", "question": "", "answerable": false}', "question: String should have at least 1"),
        ('{"id": "b", "question": "x", "answerable": "perhaps"}', "answerable:"),
        ('{"id": "b", "question": "x", "answerable": true}', "needs gold_spans or gold_doc_ids"),
        (GOOD.replace('"start": 0', '"start": 4'), "start 4 and end 4 are not in order"),
        (GOOD.replace('"start": 0', '"start": -1'), "gold_spans.0.start"),
        (GOOD.replace('"start"', '"begin"'), "gold_spans.0"),
        ('{"id": "b", "question": "x", "answerable": false, "n": NaN}', "NaN is not JSON"),
        ('{"id": "b", "id": "c", "question": "x", "answerable": false}', "a key occurs twice"),
        ("not json", "not a JSON object"),
        ("[1]", "valid dictionary"),
        ("[" * 100_000, "not a JSON object"),
    ],
)
def test_a_bad_line_is_placed_and_explained(tmp_path: Path, line: str, why: str) -> None:
    message = refusal(tmp_path, GOOD, "", line)
    assert "gold.jsonl:3: " in message and why in message


def test_a_missing_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(QuestionsError, match="no questions file at"):
        read_questions(tmp_path / "none.jsonl")
    assert "holds no questions" in refusal(tmp_path, "", " ")


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_bytes(GOOD.encode("utf-16"))
    with pytest.raises(QuestionsError, match="UTF-8"):
        read_questions(tmp_path / "gold.jsonl")


def test_line_separators_inside_a_question_are_text(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(GOOD.replace("What?", "a\u2028b\x85c"), encoding="utf-8")
    assert read_questions(tmp_path / "gold.jsonl")[0].text == "a\u2028b\x85c"


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', '{"a": 1, "a": 1}', "", "{", "'a'"])
def test_strict_json_refuses_what_json_does_not_have(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # any kind of ValueError will do
        strict_json(text)


def test_records_come_back_from_rows_as_they_were() -> None:
    blood = document("Ferritin falls.", title="Blood", family="lab")
    assert read_document(document_row(blood)) == blood
    assert read_passage(passage_row(passage(blood, 0, 8))) == passage(blood, 0, 8)


def test_evidence_outside_its_document_is_refused() -> None:
    blood = document("Ferritin falls.")
    check_gold([asked(Span(document_id="blood", start=0, end=15))], {"blood": blood})
    for span in (Span(document_id="blood", start=0, end=16), Span(document_id="bone", start=0, end=1)):
        with pytest.raises(QuestionsError, match=f"question 'q': evidence outside document '{span.document_id}'"):
            check_gold([asked(span)], {"blood": blood})


def test_splits_without_a_shared_family_or_question_pass() -> None:
    known = {name: document("Some text.", name) for name in ("a", "b")}
    train = asked(Span(document_id="a", start=0, end=4), text="When is iron low?", name="t1")
    test = asked(Span(document_id="b", start=0, end=4), text="How is warfarin dosed?", name="t2")
    check_leakage([train], [test], known, 0.8)
    assert families([train, test], known) == {"a", "b"}


def test_similarity_ignores_case_order_and_punctuation() -> None:
    assert similarity("When is iron low?", "LOW iron, is when") == 1.0
    assert similarity("When is iron low?", "How is warfarin dosed?") == pytest.approx(1 / 7)
    assert similarity("", "") == 0.0
