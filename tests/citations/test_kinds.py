"""A statement has the kind that a reader gives it, and only claims need a citation."""

from __future__ import annotations

import pytest

from glossator import read_answer
from glossator.citations.kinds import kind_of, needs_citation

from ..conftest import ABSTENTION

QUESTION = "Which blood test falls first in iron deficiency?"
KINDS = {
    "factual": [
        "Ferritin falls first [1].",
        "Based on the passages, warfarin is monitored weekly.",
        "According to passage 2, iron falls.",
        "The contract does not contain a penalty clause [1].",
        "The document does not need a seal.",
        "Ferritin cannot be found in the serum of some patients.",
        "A tenant may not sublet.",
        "[1]: “The passages do not mention it.”",
        "“Here is what I found:” [1]",
        "If you have diabetes, stop taking it.",
        "Note: do not crush the tablet.",
        "- Iron falls [1].",
        "1. Iron falls [1].",
        "| iron | 5 mg | [1] |",
        "Ferritin.",
        "Use `retry_all()` to start again.",
        "Summary: iron falls first in all cases.",
        "He was sorry for the delay of the ruling.",
        "It is so cold that pipes burst.",
    ],
    "echo": [
        QUESTION,
        "The blood test that falls first in iron deficiency.",
        "What test falls first?",
        "You ask which blood test falls first in iron deficiency",
    ],
    "derived": [
        "Therefore the clause is void.",
        "Thus, iron falls before zinc.",
        "Hence it is allowed.",
        "Consequently, notice is needed.",
        "In total, 8 mg are given.",
        "The two doses add up to 8 mg.",
        "5 mg + 3 mg = 8 mg.",
        "It follows that the tenant pays.",
        "Taken together, both rules apply.",
        "This means that the tenant pays.",
        "Overall, both rules apply.",
        "So, the tenant pays.",
    ],
    "meta": [
        "Here is what I found:",
        "Here are the main points:",
        "Based on the passages:",
        "Based on the provided documents, the answer is as follows:",
        "According to the sources:",
        "# Iron",
        "**Summary**",
        "|---|---|",
        "---",
        "[1]",
        "I hope this helps.",
        "Let me know if you need more.",
        "Feel free to ask again.",
        "Sure!",
        "Sources:",
        "Key points:",
        "Would you like more details.",
    ],
    "refusal": [
        "I cannot answer this from the passages.",
        "I can't find the dose.",
        "I am unable to determine the dose.",
        "The passages do not mention the dose.",
        "The provided context doesn't contain the answer.",
        "The dose is not stated in the passages.",
        "No information about the dose is given.",
        "There is not enough information to answer.",
        "I do not know.",
        "I don't have information on that.",
        "Sorry.",
        "I'm sorry, but I can't help.",
        "The text does not say whether it may be crushed.",
        ABSTENTION,
    ],
    "code": ["```py\nx = 1\n```", "```\nx[1]\n\ny\n```", "~~~\nx\n~~~", "`x = 1`", "`x`."],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in KINDS.items() for text in texts])
def test_a_statement_has_its_kind(kind: str, text: str) -> None:
    assert kind_of(text, QUESTION) == kind


def test_only_a_claim_needs_a_citation() -> None:
    assert [kind for kind in KINDS if needs_citation(kind)] == ["factual"]


def test_an_answer_says_the_kind_of_each_statement() -> None:
    text = f"Here is what I found:\nFerritin falls first [1].\n{QUESTION}\n```\nx\n```\nThus it is iron."
    answer = read_answer(text, (), ABSTENTION, question=QUESTION)
    assert [statement.kind for statement in answer.statements] == ["meta", "factual", "echo", "code", "derived"]
