"""A citation belongs to its sentence and to its clause."""

from __future__ import annotations

import pytest
from citation_cases import BOUND, CLAUSES, Keys

from glossator.citations.parse import find_markers
from glossator.citations.read import clause_claims
from glossator.citations.segment import clauses, statements

from ..conftest import document, passage, read

IRON, ZINC = (passage(document(text, name)) for name, text in (("iron", "Iron falls."), ("zinc", "Zinc rises.")))


@pytest.mark.parametrize(("text", "keys"), BOUND)
def test_a_citation_belongs_to_its_sentence(text: str, keys: list[Keys]) -> None:
    parts = [text[start:end] for start, end in statements(text)]
    assert [tuple(key for marker in find_markers(part) for key in marker.keys) for part in parts] == keys


@pytest.mark.parametrize(("text", "expected"), CLAUSES)
def test_a_citation_belongs_to_its_clause(text: str, expected: list[tuple[str, Keys]]) -> None:
    found = [(text[c.start : c.end], tuple(key for m in c.markers for key in m.keys)) for c in clauses(text)]
    assert found == expected


def test_an_answer_reports_both_levels() -> None:
    answer = read("Note well. Iron falls [1] and zinc rises [2].", IRON, ZINC)
    statement = answer.statements[1]
    assert statement.citations == (0, 1)
    assert clause_claims(statement, answer) == [("Iron falls", (0,)), ("and zinc rises .", (1,))]
