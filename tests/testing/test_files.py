"""One fault in the settings, prompts or documents of a sound domain is one problem, at its file and line."""

from __future__ import annotations

import json
from pathlib import Path

import odd_loaders
import pytest

from glossator import Host, Loader, PluginError, hookimpl

from .conftest import Copy
from .faults import Plant, assert_only, line_of, set_front, some_document

PLANTS: list[Plant] = []


def plant(fault: Plant) -> Plant:
    PLANTS.append(fault)
    return fault


def test_the_copy_is_sound_before(copy: Copy) -> None:
    assert copy.problems() == []


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
    return f"policy.yaml:{line_of(copy, 'min_suport')}:3: answer.min_suport: unknown key (did you mean"


@plant
def a_wrong_value_of_the_domain(copy: Copy) -> str:
    copy.swap("domain.yaml", "k: 4", "k: 400")
    return f"domain.yaml:{line_of(copy, 'k: 400', 'domain.yaml')}:3: retrieval.k: Input should be less than"


@plant
def a_policy_that_is_no_yaml(copy: Copy) -> str:
    copy.swap("policy.yaml", "answer:", "answer: [")
    return "policy.yaml:"


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
    name = some_document(copy)
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
            return [Loader(name="lie", suffixes=(".lie",), read=odd_loaders.lie, summary="hashes something else")]

    copy.plugins["lying"] = Lying()
    (copy.content / "corpus" / "tale.lie").write_text("Once upon a time there was a text.", encoding="utf-8")
    return "corpus/tale.lie:1 document 'lie': its sha256 is not that of its text"


@pytest.mark.parametrize("fault", PLANTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_the_only_problem(fault: Plant, copy: Copy) -> None:
    assert_only(fault, copy)


def test_an_empty_corpus_is_named(harbour: Copy) -> None:
    for path in (harbour.content / "corpus").iterdir():
        path.unlink()
    assert "corpus: holds no document; add one" in harbour.problems()


def test_a_policy_that_names_an_unknown_scorer_is_found_at_its_line(copy: Copy) -> None:
    copy.swap("policy.yaml", "evidence_f1", "kindness")
    copy.reload()
    (told,) = copy.found()
    assert told.where.startswith(f"policy.yaml:{line_of(copy, 'kindness')}:")
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
