"""A loader is told by name: what another process would not find, or would find otherwise, is refused here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import odd_loaders
import pytest

from glossator import Document
from glossator.reading.reference import reference_of, resolve
from glossator.retrieval.readers import LlamaIndexRead


@dataclass(frozen=True)
class Held:
    what: object

    def __call__(self, data: bytes, name: str, /) -> list[Document]:
        return []


def test_functions_and_plain_dataclasses_are_found_again() -> None:
    for read in (odd_loaders.fine, LlamaIndexRead("a.b:C", '{"x": 1}')):
        assert resolve(reference_of(read)) == read


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda data, name: [], "cannot be found"),
        (partial(odd_loaders.fine), "a partial has no name"),
        (Held(object()), "its field 'what' is no plain value"),
        (None, "a NoneType has no name"),
    ],
)
def test_anything_else_is_refused_with_the_reason(read: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        reference_of(read)


def test_a_name_that_means_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    before = odd_loaders.fine
    monkeypatch.setattr(odd_loaders, "fine", odd_loaders.lie)
    with pytest.raises(ValueError, match="its name means something else"):
        reference_of(before)
