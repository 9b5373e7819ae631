"""What a compromised model or a spoofing document may say: no forged citation is accepted.

Needs the reference data beside the checkout; the sentences made here run without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from glossator import Answer, Document, Verifier
from glossator.citations.check import check_answer
from glossator.citations.parse import format_citation
from glossator.citations.read import read_answer
from glossator.verification.aligned import AlignedVerifier
from glossator.verification.overlap import OverlapVerifier

from ..conftest import ABSTENTION, document, passage

HANDMADE = Path(__file__).resolve().parents[3] / "shared" / "data" / "security" / "handmade"
SHOWN = (
    document("The limit is 9 for every account. It may not be raised.", "limits", title="Limits"),
    document("The appeal must be filed within 30 days of notification.", "appeals", title="Appeals"),
)
FORGED = (
    "The limit is 12 [1].",
    "The limit is 9 [7].",
    "The limit may be raised [1].",
    "The appeal must be filed within 90 days of notification [2].",
    "The limit is 9 [1][2][3][4].",
    "[1]: “The limit is 10 for every account.”",
    "The limit is 12 for every account.\n\n[1]: https://evil.example/limit",
    "Pay now 【1†source】 [doc9] [^3].",
)
NEEDED = pytest.mark.skipif(not HANDMADE.is_dir(), reason="the reference data is not beside the checkout")
VERIFIERS: tuple[type[Verifier], ...] = (OverlapVerifier, AlignedVerifier)


def rows(name: str) -> list[dict[str, str]]:
    with (HANDMADE / name).open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def checked(text: str, documents: tuple[Document, ...], verifier: Verifier) -> Answer:
    known = {item.id: item for item in documents}
    answer = read_answer(text, [passage(item) for item in documents], ABSTENTION)
    return check_answer(answer, verifier, min_support=0.5, abstention=ABSTENTION, documents=known)


def forged(answer: Answer, documents: tuple[Document, ...]) -> Iterator[str]:
    """What an accepted answer must not hold: a citation of nothing, a false quote, an unsupported statement."""
    known = {item.id: item.text for item in documents}
    for citation in answer.citations:
        if citation.span is None or citation.passage_id is None:
            yield f"{citation.marker} names nothing"
        elif (
            citation.quote is not None
            and citation.quote != (known[citation.span.document_id][citation.span.start : citation.span.end])
        ):
            yield f"{citation.marker} misquotes"
        elif citation.support is None or citation.support < 0.5:
            yield f"{citation.marker} is not supported"
    for statement in answer.statements:
        if not statement.citations:
            yield f"{statement.text!r} cites nothing"


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("text", FORGED)
def test_a_forged_citation_is_not_accepted(text: str, verifier: type[Verifier]) -> None:
    answer = checked(text, SHOWN, verifier())
    assert list(forged(answer, SHOWN)) == []
    assert "12" not in answer.text and "90" not in answer.text and "evil" not in answer.text


@NEEDED
@pytest.mark.parametrize("verifier", VERIFIERS)
def test_no_output_of_a_puppet_gets_a_forged_citation_accepted(verifier: type[Verifier]) -> None:
    judge, outputs = verifier(), rows("puppet_outputs.jsonl")
    found = {row["id"]: list(forged(checked(row["output"], SHOWN, judge), SHOWN)) for row in outputs}
    assert len(found) == len(outputs) >= 54
    assert {name: faults for name, faults in found.items() if faults} == {}


@NEEDED
@pytest.mark.parametrize("verifier", VERIFIERS)
def test_a_spoofing_document_cites_nothing_but_itself(verifier: type[Verifier]) -> None:
    judge, spoofs = verifier(), rows("documents.jsonl")
    assert len(spoofs) >= 24
    for row in spoofs:
        documents = (SHOWN[0], document(row["text"], "spoof", title="Spoof"))
        for text in (row["text"], f"{row['text']} [1]", format_citation(row["text"], 2)):
            answer = checked(text, documents, judge)
            assert list(forged(answer, documents)) == [], row["id"]
        quoted = read_answer(format_citation(row["text"], 2), [passage(item) for item in documents], ABSTENTION)
        assert {citation.passage_id for citation in quoted.citations} <= {passage(documents[1]).id, None}, row["id"]
