"""Answers of other systems: four forms, one record, and errors that say where and what."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from glossator import InputError
from glossator.foreign import Submission, read_submissions

from .conftest import ABSTENTION

TEXT = "Ferritin falls first [1]."
ROW = {"question": "What falls?", "answer": TEXT, "passages": [{"id": "blood", "text": "Ferritin falls first."}]}


def read(tmp_path: Path, *rows: Any, form: str = "glossator", text: str | None = None) -> list[Submission]:
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows) if text is None else text, encoding="utf-8")
    return read_submissions(path, form, ABSTENTION)


def cited(submission: Submission) -> list[str | None]:
    return [citation.passage_id for citation in submission.answer.citations]


def test_a_row_of_ours(tmp_path: Path) -> None:
    gold = ["blood", {"id": "blood", "start": 0, "end": 8}, "Iron is stored."]
    (one,) = read(tmp_path, {**ROW, "gold": gold, "answerable": True, "nuggets": ["a", {"text": "b", "vital": False}]})
    assert cited(one) == ["blood"] and one.answerable is True
    assert one.gold == ("Ferritin falls first.", "Ferritin", "Iron is stored.")
    assert [(span.start, span.end) for span in one.question.evidence] == [(0, 21), (0, 8)]
    assert [(nugget.text, nugget.vital) for nugget in one.nuggets] == [("a", True), ("b", False)]


def test_alce_results(tmp_path: Path) -> None:
    docs = [{"title": "Blood", "text": "Ferritin falls first."}, {"title": "Zinc", "text": "Zinc rises."}]
    (one,) = read(tmp_path, {"data": [{"question": "q", "output": "Zinc rises [2].", "docs": docs}]}, form="alce")
    assert cited(one) == ["2"] and one.answer.passages[1].title == "Zinc"


@pytest.mark.parametrize("keys", [("user_input", "response", "retrieved_contexts"), ("question", "answer", "contexts")])
def test_ragas_rows(tmp_path: Path, keys: tuple[str, str, str]) -> None:
    (one,) = read(tmp_path, dict(zip(keys, ("q", TEXT, ["Ferritin falls first."]), strict=True)), form="ragas")
    assert cited(one) == ["1"] and one.question.text == "q"


def test_an_array_is_read_like_lines(tmp_path: Path) -> None:
    assert len(read(tmp_path, text=json.dumps([ROW, ROW], indent=1))) == 2


def test_openai_responses_with_file_search(tmp_path: Path) -> None:
    found = {"type": "file_search_call", "results": [{"file_id": "f1", "filename": "b.pdf", "text": "Iron falls."}]}
    note = {"type": "file_citation", "index": 11, "file_id": "f1", "filename": "b.pdf"}
    said = {"type": "output_text", "text": "Iron falls. Zinc rises.", "annotations": [note]}
    reply = {"output": [found, {"type": "message", "content": [said]}]}
    (one,) = read(tmp_path, {"question": "q", "response": reply}, form="openai")
    assert cited(one) == ["f1"] and [s.citations for s in one.answer.statements] == [(0,), ()]


def test_openai_chat_with_addresses(tmp_path: Path) -> None:
    text = "Iron falls ([a](https://a.org)). Zinc rises."
    start, end = text.index("("), text.index(". Zinc")
    inner = {"url": "https://a.org", "title": "a", "start_index": start, "end_index": end}
    message = {"content": text, "annotations": [{"type": "url_citation", "url_citation": inner}]}
    row = {
        "question": "q",
        "choices": [{"message": message}],
        "passages": [{"id": "https://a.org", "text": "Iron falls."}],
    }
    (one,) = read(tmp_path, row, form="openai")
    assert cited(one) == ["https://a.org"] and one.answer.statements[0].claim == "Iron falls ."


@pytest.mark.parametrize(
    ("answer", "given", "abstained"),
    [
        (ABSTENTION, {}, True),
        ("I cannot answer this question from the passages.", {}, True),
        ("I cannot answer this. Ferritin falls first [1].", {}, False),
        (TEXT, {"abstained": True}, True),
        (TEXT, {}, False),
    ],
)
def test_who_abstains(tmp_path: Path, answer: str, given: dict[str, bool], abstained: bool) -> None:
    (one,) = read(tmp_path, {**ROW, "answer": answer, **given})
    assert one.answer.abstained is abstained


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        (json.dumps(ROW) + "\n{", "glossator", "answers.jsonl:2: not JSON"),
        (json.dumps(ROW) + '\n{"question": "x"}', "glossator", "answers.jsonl:2: answer: Field required"),
        (json.dumps(ROW) + "\n7", "glossator", "answers.jsonl:2: an answer is a JSON object, not int"),
        (json.dumps({**ROW, "passages": ROW["passages"] * 2}), "glossator", "two passages have the same id"),
        (json.dumps({**ROW, "gold": [{"id": "zinc"}]}), "glossator", "gold: no passage 'zinc'"),
        (json.dumps({**ROW, "gold": [{"id": "blood", "start": 99}]}), "glossator", "no place in passage"),
        (json.dumps({**ROW, "citations": [{"start": 3, "end": 999, "id": "blood"}]}), "glossator", "beyond the answer"),
        (json.dumps(ROW), "alce", "is --format right?"),
        (json.dumps(ROW), "ragas", "is --format right?"),
        (json.dumps(ROW), "openai", "is --format right?"),
        ("", "glossator", "holds no answers"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, form: str, words: str) -> None:
    with pytest.raises(InputError, match="answers.jsonl") as caught:
        read(tmp_path, form=form, text=text)
    assert words in str(caught.value)
