"""One fault in the files of a sound domain is one problem, at its file and line, with a remedy."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from glossator import Document, Host, Loader, PluginError, Source, hookimpl

from .conftest import Copy

Plant = Callable[[Copy], str]
PLANTS: list[Plant] = []


def plant(fault: Plant) -> Plant:
    """A fault to plant; it returns how the problem that tells of it begins."""
    PLANTS.append(fault)
    return fault


def test_the_copy_is_sound_before(copy: Copy) -> None:
    assert copy.problems() == []


@pytest.mark.parametrize("fault", PLANTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_the_only_problem(fault: Plant, copy: Copy) -> None:
    expected = fault(copy)
    told = copy.problems()
    assert len(told) == 1, told
    assert told[0].startswith(expected)
    assert "; " in told[0][len(expected) - 1 :]


def document(copy: Copy, split: str = "test") -> str:
    """A document that no question of the other split rests on."""
    name: str = copy.rows(split)[copy.first(split) - 1]["gold_doc_ids"][0]
    return f"corpus/{name}.md"


def front_line(copy: Copy, name: str, key: str) -> int:
    lines = (copy.content / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.startswith(f"{key}:"))


def set_front(copy: Copy, key: str, value: str | None) -> str:
    """Set or remove a key of the front matter; returns the place of what is left."""
    name = document(copy)
    path, line = copy.content / name, front_line(copy, name, key)
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[line - 1 : line] = [] if value is None else [f"{key}: {value}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return f"{name}:{1 if value is None else line} document {path.stem!r}: "


@plant
def an_empty_prompt(copy: Copy) -> str:
    (copy.content / "prompts" / "system.txt").write_text(" \n", encoding="utf-8")
    return "prompts/system.txt:1: is empty"


@plant
def a_missing_prompt(copy: Copy) -> str:
    (copy.content / "prompts" / "abstention.txt").unlink()
    return "prompts/abstention.txt: cannot be read: No such file"


@plant
def a_prompt_that_is_no_utf8(copy: Copy) -> str:
    (copy.content / "prompts" / "system.txt").write_bytes(b"Answer.\nQuote \xff.\n")
    return "prompts/system.txt:2: byte 14 is not UTF-8"


@plant
def a_prompt_with_a_placeholder(copy: Copy) -> str:
    (copy.content / "prompts" / "system.txt").write_text("Answer.\nNow: {question}\n", encoding="utf-8")
    return "prompts/system.txt:2: the placeholder {question} would reach the model as it stands"


@plant
def a_misspelt_key_of_the_policy(copy: Copy) -> str:
    copy.swap("policy.yaml", "min_support", "min_suport")
    return f"policy.yaml:{front_line_of(copy, 'min_suport')}:3: answer.min_suport: unknown key (did you mean"


@plant
def a_wrong_value_of_the_domain(copy: Copy) -> str:
    copy.swap("domain.yaml", "k: 4", "k: 400")
    return f"domain.yaml:{front_line_of(copy, 'k: 400', 'domain.yaml')}:3: retrieval.k: Input should be less than"


@plant
def a_policy_that_is_no_yaml(copy: Copy) -> str:
    copy.swap("policy.yaml", "answer:", "answer: [")
    return "policy.yaml:"


def front_line_of(copy: Copy, words: str, name: str = "policy.yaml") -> int:
    lines = (copy.content / name).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


@plant
def a_document_without_licence(copy: Copy) -> str:
    return set_front(copy, "licence", None) + "names no licence"


@plant
def a_document_of_unknown_licence(copy: Copy) -> str:
    return set_front(copy, "licence", "unknown") + "names no licence"


@plant
def a_document_without_source(copy: Copy) -> str:
    return set_front(copy, "source", None) + "names no source"


@plant
def a_document_with_an_empty_source(copy: Copy) -> str:
    return set_front(copy, "source", "") + "names no source"


@plant
def a_revision_that_is_no_day(copy: Copy) -> str:
    return set_front(copy, "revised", "May 2026") + "the revision date 'May 2026' is no day"


@plant
def a_revision_on_a_day_that_never_was(copy: Copy) -> str:
    return set_front(copy, "revised", "2026-02-30") + "the revision date '2026-02-30' is no day"


@plant
def a_document_without_text(copy: Copy) -> str:
    text = "---\nlicence: CC0-1.0\nsource: nowhere\n---\n\n"
    (copy.content / "corpus" / "blank.md").write_text(text, encoding="utf-8")
    return "corpus/blank.md:1 document 'blank': holds no text"


@plant
def two_documents_of_one_id(copy: Copy) -> str:
    name = document(copy)
    known = copy.host.loader_for(".md")
    assert known is not None
    (one,) = known.read((copy.content / name).read_bytes(), Path(name).name)
    row = {"id": one.id, "text": one.text, "licence": "CC0-1.0", "source": "twice", "family": one.family}
    other = {"id": "aside", "text": "Nothing of note stands here.", "licence": "CC0-1.0", "source": "once"}
    lines = "\n".join(map(json.dumps, (other, row)))
    (copy.content / "corpus" / "zz.jsonl").write_text(lines, encoding="utf-8")
    return f"corpus/zz.jsonl:2 document {one.id!r}: the id is that of a document in {name} too"


@plant
def a_file_that_no_loader_reads(copy: Copy) -> str:
    (copy.content / "corpus" / "table.xls").write_bytes(b"\0")
    return "corpus/table.xls: no loader for .xls"


@plant
def a_document_that_is_no_utf8(copy: Copy) -> str:
    (copy.content / "corpus" / "old.md").write_bytes(b"caf\xe9")
    return "corpus/old.md: byte 3 is not UTF-8"


@plant
def a_hash_that_is_not_that_of_the_text(copy: Copy) -> str:
    class Lying:
        @hookimpl
        def register_loaders(self) -> list[Loader]:
            return [Loader(name="lie", suffixes=(".lie",), read=read, summary="hashes something else")]

    def read(data: bytes, name: str, /) -> list[Document]:
        source = Source(url="here", licence="CC0-1.0", sha256=hashlib.sha256(b"else").hexdigest())
        return [Document(id="lie", title="Lie", text=data.decode(), source=source, family="lie")]

    copy.plugins["lying"] = Lying()
    (copy.content / "corpus" / "tale.lie").write_text("Once upon a time there was a text.", encoding="utf-8")
    return "corpus/tale.lie:1 document 'lie': its sha256 is not that of its text"


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
def a_document_that_nearly_repeats_on_the_other_side(copy: Copy) -> str:
    name = document(copy)
    text = (copy.content / name).read_text(encoding="utf-8")
    text = text.replace(f"family: {Path(name).stem}", "family: twin") + "\nAnd one more remark.\n"
    (copy.content / "corpus" / "twin.md").write_text(text, encoding="utf-8")
    return f"{name}:1 document {Path(name).stem!r}: shares 9"


def test_gold_that_is_no_utf8_is_named(copy: Copy) -> None:
    (copy.content / "gold" / "train.jsonl").write_bytes(b'{"id": "\xff"}')
    assert copy.problems()[0].startswith("gold/train.jsonl: cannot be read: byte 8 is not UTF-8")


def test_a_missing_split_is_named(copy: Copy) -> None:
    (copy.content / "gold" / "test.jsonl").unlink()
    assert copy.problems()[0].startswith("gold/test.jsonl: cannot be read: No such file")


def test_an_empty_corpus_is_named(harbour: Copy) -> None:
    for path in (harbour.content / "corpus").iterdir():
        path.unlink()
    assert "corpus: holds no document; add one" in harbour.problems()


def test_a_policy_that_names_an_unknown_scorer_is_found_at_its_line(copy: Copy) -> None:
    copy.swap("policy.yaml", "evidence_f1", "kindness")
    copy.reload()
    (told,) = copy.found()
    assert told.where.startswith(f"policy.yaml:{front_line_of(copy, 'kindness')}:")
    assert told.what == "names scorers that no loaded plugin registers: kindness"
    assert "citation_f1" in told.remedy


def test_settings_that_cannot_be_read_name_plugin_file_and_line(harbour: Copy) -> None:
    harbour.swap("policy.yaml", "min_support", "min_suport")

    class Reading:
        @hookimpl
        def register_domains(self) -> None:
            harbour.reload()

    with pytest.raises(PluginError, match=r"plugin 'own' \(register_domains\): policy.yaml:\d:3 answer.min_suport"):
        Host.of(own=Reading())


def test_a_document_that_changed_under_its_questions_is_found(copy: Copy) -> None:
    line = copy.first()
    row = copy.rows("test")[line - 1]
    word = row["gold_spans"][0]["text"]
    copy.swap(f"corpus/{row['gold_doc_ids'][0]}.md", word, word[::-1])
    assert f"question {row['id']!r}: {row['gold_doc_ids'][0]!r} holds" in copy.problems()[0]
