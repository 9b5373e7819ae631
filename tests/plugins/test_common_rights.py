"""Who may read a document, and what it is labelled with, stands in its front matter or row."""

from __future__ import annotations

import pytest

from glossator import CorpusError
from glossator_common.loaders import read_jsonl, read_markdown


def test_front_matter_names_groups_and_labels() -> None:
    text = b"---\ntitle: T\ngroups: nurses, doctors\nyear: 2024\n---\nText.\n"
    (document,) = read_markdown(text, "a.md")
    assert document.source.groups == ("doctors", "nurses") and document.labels == {"year": "2024"}


def test_a_row_names_them_too() -> None:
    (document,) = read_jsonl(b'{"id": "a", "text": "T.", "groups": "board", "year": "2024", "n": 4}\n', "a.jsonl")
    assert document.source.groups == ("board",) and document.labels == {"year": "2024"}


@pytest.mark.parametrize("value", ['["board"]', "7", "null", '""', '" , "'])
def test_rights_that_cannot_be_read_refuse_the_document(value: str) -> None:
    with pytest.raises(CorpusError, match="groups"):
        read_jsonl(f'{{"id": "a", "text": "T.", "groups": {value}}}\n'.encode(), "a.jsonl")


def test_rights_that_name_nobody_refuse_the_document() -> None:
    with pytest.raises(CorpusError, match="names nobody"):
        read_markdown(b"---\ngroups:\n---\nText.\n", "a.md")
