"""What may stand without evidence says nothing on the matter; a claim in the dress of an aside is a claim."""

from __future__ import annotations

import pytest

from glossator import read_answer
from glossator.citations.asides import is_aside

from ..conftest import ABSTENTION, document, passage

KNOWN = "Is iron given with milk in 2020? Iron tablets"
SHOWN = passage(document("Iron is not given with milk."))


def aside(text: str) -> bool:
    (statement,) = read_answer(text, [SHOWN], ABSTENTION, question="Is iron given with milk in 2020?").statements
    return is_aside(statement, KNOWN)


@pytest.mark.parametrize(
    "text",
    [
        "Here is what I found:",
        "Based on the passages above:",
        "## Iron tablets",
        "**Summary**",
        "|---|---|",
        "Is iron given with milk in 2020?",
        "I hope this helps!",
        "Let me know if you need more details.",
        "Please let me know if you want further information on iron.",
        "I cannot answer.",
        "The passages do not say whether iron is given with milk.",
        "I'm sorry, there is no information on this in the provided context.",
        "The answer is:",
    ],
)
def test_what_speaks_of_the_answer_is_an_aside(text: str) -> None:
    assert aside(text)


@pytest.mark.parametrize(
    "text",
    [
        "Iron is given with milk.",
        "Iron is given with milk in 2020.",
        "## Iron is given with milk",
        "**Iron is never given**",
        "## Iron cures cancer",
        "Is iron given with poison?",
        "Is iron given with milk in 2021?",
        "I hope you take 5 tablets.",
        "I hope you never take iron.",
        "I cannot answer, but iron cures cancer.",
        "Unfortunately iron kills.",
        "Here are 5 tablets:",
        "Therefore iron is given.",
        "`iron`",
        "```\niron\n```",
        "Here is what I found [1]:",
        "Here is what I found: “Iron” is a word.",
    ],
)
def test_what_says_something_on_the_matter_is_none(text: str) -> None:
    assert not aside(text)
