"""Readers of llama-index are loaders like any other, in the process that reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator import CorpusError, Host, InputError, Loader, NotInstalledError, hookimpl, llama_index_loader
from glossator.plan import Root
from glossator.reading.ingest import Ingest, ingest
from glossator.reading.reference import reference_of, resolve

JSON = "llama_index.core.readers.json:JSONReader"
PAGES = "paged_reader:PagedReader"


def read(at: Path, *loaders: Loader) -> Ingest:
    class Plugin:
        @hookimpl
        def register_loaders(self) -> list[Loader]:
            return list(loaders)

    return ingest([Root(path=at)], Host.of(plugin=Plugin()))


def test_a_reader_that_comes_with_the_library(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.json").write_text('{"dose": {"adults": 2}, "note": "Never double."}')
    loader = llama_index_loader("json", (".json",), reader=JSON, arguments={"levels_back": 0})
    (made,) = read(tmp_path, loader).documents
    assert (made.id, made.title, made.family) == ("deep/a", "deep/a", "deep/a")
    assert "dose adults 2" in made.text and "note Never double." in made.text


def test_pages_are_documents_of_one_family_with_their_page(tmp_path: Path) -> None:
    (tmp_path / "a.pages").write_text("One.\f \fThree.")
    loader = llama_index_loader("pages", (".pages",), reader=PAGES, summary="by page")
    found = read(tmp_path, loader)
    assert found.names == {"a.pages": ("a#1", "a#2")}
    told = [(d.title, d.text, d.family, [unit.locator for unit in d.units]) for d in found.documents]
    assert told == [("a.pages", "One.", "a", ["page 1"]), ("a.pages", "Three.", "a", ["page 3"])]


@pytest.mark.parametrize(
    ("text", "outcome", "reason"),
    [
        (" \f ", "empty", "paged_reader:PagedReader found no text in it"),
        ("strings", "refused", "paged_reader:PagedReader gave a str, which is no llama-index Document"),
        ("raise", "refused", "loader 'pages' raised ValueError: no luck"),
    ],
)
def test_what_a_reader_does_wrong_is_a_reason(tmp_path: Path, text: str, outcome: str, reason: str) -> None:
    (tmp_path / "a.pages").write_text(text)
    (left,) = read(tmp_path, llama_index_loader("pages", (".pages",), reader=PAGES)).left_out
    assert (left.outcome, left.reason) == (outcome, reason)


def test_it_can_be_sent_and_says_what_it_is() -> None:
    loader = llama_index_loader("json", (".json",), reader=JSON)
    assert resolve(reference_of(loader.read)) == loader.read
    assert loader.summary == "read by JSONReader of llama_index.core.readers.json"


def test_what_is_no_reader_is_refused_when_it_is_registered_or_used() -> None:
    with pytest.raises(InputError, match="must be module:Class"):
        llama_index_loader("json", (".json",), reader="JSONReader")
    with pytest.raises(InputError, match="must be plain JSON values"):
        llama_index_loader("json", (".json",), reader=JSON, arguments={"a": object()})
    with pytest.raises(NotInstalledError, match="a.json: reading it needs llama_index.readers.nowhere"):
        llama_index_loader("json", (".json",), reader="llama_index.readers.nowhere:R").read(b"", "a.json")
    with pytest.raises(CorpusError, match="paged_reader has no Nothing"):
        llama_index_loader("json", (".json",), reader="paged_reader:Nothing").read(b"", "a.json")
