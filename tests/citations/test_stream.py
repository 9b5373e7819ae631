"""Text cut anywhere gives the same statements; work is linear, and what is given word by word is a quote so far."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator.citations.segment import statements
from glossator.citations.stream import AHEAD, Doubt, Found, StatementStream, Whole, Words

from ..conftest import takes_linear_time

SOURCE = "Ferritin falls first, e.g. in “iron” deficiency. Stores are then empty."
QUOTED = "[1]: “Ferritin falls first, e.g. in “iron” deficiency.” [1]: “Stores are then empty.”"
TEXTS = (
    QUOTED,
    "Ferritin falls. [1] B12 is low [2], see No. 4 below.\n\n- An item [1]\n- Another [2]\n\nThe end.",
    "So it is `a. B` and ```\ncode. More\n``` here. $$a. B$$ is it. “A quote. With two” [1]. “Unclosed. Words",
    "[1]: “Ferritin rises first.” And more words that follow on, up to the end of it all. Then the next one [2].",
    "",
    " \n ",
    "[1]: “",
    "[9]: “Ferritin falls first.”",
    f"Long {'word ' * 60}[1]. Next {'word ' * 60}[1]. {QUOTED}",
)


def found(pieces: Iterable[str]) -> list[Found]:
    stream = StatementStream({1: SOURCE})
    return [one for piece in pieces for one in stream.feed(piece)] + list(stream.close())


def joined(parts: list[Found]) -> list[Found]:
    """With neighbouring words as one portion."""
    made: list[Found] = []
    for part in parts:
        if isinstance(part, Words) and made and isinstance(made[-1], Words):
            made[-1] = Words(made[-1].text + part.text, made[-1].gap)
        else:
            made.append(part)
    return made


@pytest.mark.parametrize("text", TEXTS)
def test_where_a_text_is_cut_changes_nothing(text: str) -> None:
    whole = joined(found([text]))
    assert joined(found(text)) == whole
    for cut in range(len(text)):
        assert joined(found([text[:cut], text[cut:]])) == whole


@pytest.mark.parametrize("text", TEXTS)
def test_the_statements_are_those_of_the_whole_text(text: str) -> None:
    wholes = [part for part in found(text) if isinstance(part, Whole)]
    assert [part.text for part in wholes] == [text[start:end] for start, end in statements(text)]
    assert "".join(part.gap + part.text for part in wholes) == text.rstrip()


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="aB .\n[]1:“”`$#-|", max_size=300), st.integers(1, 50))
def test_any_text_comes_out_whole_and_cuts_do_not_matter(text: str, size: int) -> None:
    parts = joined(found(text[start : start + size] for start in range(0, len(text), size)))
    assert parts == joined(found([text]))
    assert "".join(part.gap + part.text for part in parts if isinstance(part, Whole)) == text.rstrip()


def test_a_quote_is_given_word_by_word_and_its_head_with_the_first() -> None:
    text = "[1]: “Stores are”"
    words = [part.text for part in found(text) if isinstance(part, Words)]
    assert words == ["[1]: “S", *"tores are”"]


@pytest.mark.parametrize("head", ["[1]: “Stores are ", "[1]: “", "[1]: “Ferritin falls first, e.g. in “iron"])
def test_a_word_that_the_passage_does_not_hold_is_a_doubt_at_once(head: str) -> None:
    parts = joined(found(f"{head}Xfull” and so on"))
    assert parts[-2:] == [Doubt(), Whole(f"{head}Xfull” and so on", "")]
    assert [part.text for part in parts if isinstance(part, Words)] == ([head] if not head.endswith(": “") else [])


def test_a_statement_waits_for_enough_of_the_next() -> None:
    stream, text = StatementStream({}), "Ferritin falls [1]. B12 is low " + "and " * 30
    given = 0
    for place, sign in enumerate(text):
        if list(stream.feed(sign)):
            given = place
            break
    assert text.index("B12") + AHEAD <= given < text.index("B12") + 2 * AHEAD


def test_a_passage_that_may_not_be_quoted_is_not_given_word_by_word() -> None:
    assert not any(isinstance(part, Words) for part in joined(found("[2]: “Stores are then empty.”")))


@pytest.mark.parametrize("unit", ["word ", "A b. ", "“A b. ", "`A b. ", "[1]: “", "\n\n", "| a "])
def test_the_work_is_linear(unit: str) -> None:
    assert takes_linear_time(found, unit, 24_000)
