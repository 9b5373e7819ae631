"""Pieces of text while tokens come: together they are the whole text, and no character is ever cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator.content import weights
from glossator.generation.grounding import choices
from glossator.generation.grounds import Grounds
from glossator.generation.pieces import CUT, pieces

from .test_grounding import ABSTENTION, BLOOD, DRUGS, PROMPT_A, generator  # noqa: F401

TEXTS = ("", " ", "  Iron falls.\n\n", "naïve 🩸🩸 漢字 e\u0301 “quoted” §3\u00a0mg", "a\ufffdb", "\ufffd", "👩‍⚕️👩‍⚕️")


def raw(ids: Sequence[int]) -> str:
    """A byte a token."""
    return bytes(ids).decode("utf-8", "replace")


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    from glossator.generation.transformers_local import load_tokenizer

    return load_tokenizer(str(weights()))


@pytest.mark.parametrize("text", TEXTS)
def test_bytes_are_held_back_until_they_are_a_character(text: str) -> None:
    made = list(pieces(text.encode(), raw))
    assert "".join(made) == text.strip() and "" not in made
    assert all(CUT not in piece for piece in made) or CUT in text


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_text_comes_out_whole(text: str) -> None:
    assert "".join(pieces(text.encode(), raw)) == text.strip()


def test_bytes_that_are_no_text_come_out_as_they_decode() -> None:
    ids = [0x41, 0xF0, 0x9F, 0x42, 0xF0, 0x9F]
    assert "".join(pieces(ids, raw)) == raw(ids)


@pytest.mark.parametrize("text", TEXTS)
def test_the_embedded_tokenizer_gives_the_text_of_all_tokens(tokenizer: Any, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert "".join(pieces(ids, tokenizer.decode)) == tokenizer.decode(ids).strip()


def test_no_token_is_decoded_more_than_a_few_times() -> None:
    decoded = 0

    def counting(ids: Sequence[int]) -> str:
        nonlocal decoded
        decoded += len(ids)
        return raw(ids)

    assert len("".join(pieces([0x41] * 3000, counting))) == 3000
    assert decoded < 6 * 3000


@pytest.mark.parametrize("bound", [True, False])
def test_a_stream_is_the_likeliest_completion(generator: Any, bound: bool) -> None:  # noqa: F811
    among = choices([BLOOD, DRUGS], ABSTENTION) if bound else None
    (whole,) = generator.complete([PROMPT_A], 40, among and [among])
    made = list(generator.stream(PROMPT_A, 40, among))
    assert "".join(made) == whole and len(made) > 3


@pytest.mark.parametrize("silence", [-30.0, 30.0])
def test_a_stream_of_free_quotes_is_the_likeliest_completion(generator: Any, silence: float) -> None:  # noqa: F811
    basis = Grounds(
        passages=(BLOOD, DRUGS), abstention=ABSTENTION, weights=(silence, 0.0, 0.0, 0.0), quotes=2, spans="clauses"
    )
    (whole,) = generator.complete([PROMPT_A], 90, [basis])
    made = list(generator.stream(PROMPT_A, 90, basis))
    assert "".join(made) == whole and (whole == ABSTENTION) == (silence > 0)
