"""What may become a document: regular files of the named folder, with text, of one id each."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from glossator import CorpusError, Host, Loader
from glossator.domain import Domain
from glossator.plan import Root
from glossator.reading.sources import files_of
from glossator.stages.corpus import make_corpus, read_corpus

STOP = SimpleNamespace(corpus=SimpleNamespace(refused="stop"))


def plan(*sources: Path) -> Any:
    """The part of a plan that the corpus reads."""
    return SimpleNamespace(recipe=STOP, sources=tuple(Root(path=source) for source in sources))


@contextmanager
def deadline(seconds: float = 2) -> Iterator[None]:
    """Whatever still runs after this long is stuck."""

    def stuck(*_: object) -> None:
        raise TimeoutError("still waiting")

    before = signal.signal(signal.SIGALRM, stuck)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def refusal(host: Host, *sources: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(plan(*sources), host)
    return str(caught.value)


def test_our_own_corpus_is_read_with_text_hash_and_licence(host: Host) -> None:
    domain: Domain = host.domains["medical"]
    documents = read_corpus(SimpleNamespace(recipe=STOP, sources=(), domain=domain), host).documents  # type: ignore[arg-type]
    assert len(documents) == len({document.id for document in documents}) > 20
    assert all(document.text.strip() and len(document.source.sha256) == 64 for document in documents)


def test_every_format_gives_documents_in_order_of_path(tmp_path: Path, host: Host) -> None:
    (tmp_path / "b.txt").write_text("\nFirst line\nmore", encoding="utf-8")
    (tmp_path / "a.md").write_text("---\ntitle: T\nlicence: MIT\nfamily: f\n---\n# Head\n\nText.\n", encoding="utf-8")
    (tmp_path / "c.jsonl").write_text('{"id": "x", "text": "X."}\n\n{"id": "y", "text": "Y.", "title": "Why"}\n')
    found = [(d.id, d.title, d.family, d.source.licence, d.text) for d in read_corpus(plan(tmp_path), host).documents]
    assert found == [
        ("a", "T", "f", "MIT", "# Head\n\nText.\n"),
        ("b", "First line", "b", "unknown", "\nFirst line\nmore"),
        ("x", "x", "x", "unknown", "X."),
        ("y", "Why", "y", "unknown", "Y."),
    ]


def test_a_byte_order_mark_and_windows_line_ends_are_no_text(tmp_path: Path, host: Host) -> None:
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf# Head\r\n\r\nText.\r\n")
    assert read_corpus(plan(tmp_path / "a.md"), host).documents[0].text == "# Head\n\nText.\n"


def test_a_missing_source_is_named(tmp_path: Path, host: Host) -> None:
    assert f"{tmp_path}/nowhere does not exist" in refusal(host, tmp_path / "nowhere")


def test_an_empty_folder_is_an_empty_corpus(tmp_path: Path, host: Host) -> None:
    (tmp_path / ".hidden").write_text("x")
    assert "the corpus is empty" in refusal(host, tmp_path)


def test_a_document_without_text_is_named(tmp_path: Path, host: Host) -> None:
    (tmp_path / "good.md").write_text("Text.")
    (tmp_path / "blank.md").write_text("---\ntitle: Blank\n---\n \n\t\n")
    message = refusal(host, tmp_path)
    assert "blank.md: holds no text" in message and "1 of 2 documents cannot be used" in message


def test_one_id_twice_is_named(tmp_path: Path, host: Host) -> None:
    for name in ("same.md", "same.txt"):
        (tmp_path / name).write_text("Text.")
    assert "1 document ids occur twice: same" in refusal(host, tmp_path)


@pytest.mark.parametrize("name", ["scan.tiff", "README"])
def test_an_unknown_suffix_lists_the_known(tmp_path: Path, host: Host, name: str) -> None:
    (tmp_path / name).write_text("x")
    message = refusal(host, tmp_path)
    assert name in message and "known: .docx, .htm, .html, .jsonl, .md, .pdf, .txt" in message


def test_bytes_that_are_not_utf_8_are_placed(tmp_path: Path, host: Host) -> None:
    (tmp_path / "latin.md").write_bytes("Grüße".encode("latin-1"))
    assert "latin.md: byte 2 is not UTF-8" in refusal(host, tmp_path)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('{"id": "b"}', "needs the strings 'id' and 'text'"),
        ('{"id": 7, "text": "x"}', "needs the strings"),
        ("[1]", "needs the strings"),
        ('{"id": "b", "text": "x", "score": NaN}', "NaN is not JSON"),
        ('{"id": "b", "text": "x", "n": -Infinity}', "-Infinity is not JSON"),
        ('{"id": "b", "id": "c", "text": "x"}', "a key occurs twice"),
        ('{"id": "b", "text": "x"', "not a JSON object"),
        ("[" * 100_000, "not a JSON object"),
        ('{"id": " ", "text": "x"}', "the id is empty"),
        ('{"id": "a\\u0000b", "text": "x"}', "NUL"),
    ],
)
def test_a_bad_row_is_placed_by_its_line(tmp_path: Path, host: Host, line: str, why: str) -> None:
    (tmp_path / "c.jsonl").write_text(f'{{"id": "a", "text": "A.\u2028B."}}\n\n{line}\n', encoding="utf-8")
    message = refusal(host, tmp_path)
    assert message.startswith("c.jsonl:3: ") and why in message


def test_rows_without_a_row_are_no_text(tmp_path: Path, host: Host) -> None:
    (tmp_path / "c.jsonl").write_text("\n \n")
    assert "c.jsonl: it holds no row" in refusal(host, tmp_path)


def test_sections_are_named_by_the_path_of_their_headings(tmp_path: Path, host: Host) -> None:
    text = "# Aspirin\n\n## Dosing\n\nTwo.\n\n### Children\n\nNone.\n\n4.2 Never.\n\n## Risks\n\nSome.\n\n#### Rare\n\nOne.\n"
    (tmp_path / "a.md").write_text(text)
    (made,) = read_corpus(plan(tmp_path), host).documents
    paths = ["Aspirin", "Dosing", "Dosing > Children", "Dosing > Children, 4.2", "Risks", "Risks > Rare"]
    assert [unit.locator for unit in made.units] == paths


def test_a_row_that_cannot_be_written_again_is_refused(tmp_path: Path, host: Host) -> None:
    (tmp_path / "c.jsonl").write_text('{"id": "a", "text": "A \\ud800."}\n')
    assert "c.jsonl:1" in refusal(host, tmp_path)


def test_a_link_that_leaves_the_source_is_refused(tmp_path: Path, host: Host) -> None:
    (tmp_path / "secret.md").write_text("Secret.")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").symlink_to(tmp_path / "secret.md")
    assert "a.md is a link that leaves" in refusal(host, tmp_path / "docs")


def test_a_link_within_the_source_is_followed(tmp_path: Path, host: Host) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "a.md").write_text("Text.")
    (tmp_path / "b.md").symlink_to(tmp_path / "deep" / "a.md")
    assert [document.id for document in read_corpus(plan(tmp_path), host).documents] == ["b", "deep/a"]


def test_a_linked_folder_that_leaves_the_source_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "elsewhere").symlink_to(tmp_path)
    with pytest.raises(CorpusError, match="leaves"):
        list(files_of(Root(path=tmp_path / "docs")))


def test_hidden_folders_are_left_out_like_hidden_files(tmp_path: Path) -> None:
    for name in (".a.md", "b.md", ".ipynb_checkpoints/b.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("Text.")
    assert [path.name for path in files_of(Root(path=tmp_path))] == ["b.md"]


def test_a_pipe_is_refused_without_waiting(tmp_path: Path, host: Host) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with deadline():
        assert "pipe.md is not a regular file" in refusal(host, tmp_path)


def test_a_pipe_does_not_hold_up_the_key_of_the_stage(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with deadline(0.5), pytest.raises(CorpusError, match="not a regular file"):
        make_corpus.reads(plan(tmp_path))


def test_the_key_of_the_stage_follows_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.")
    before = make_corpus.reads(plan(tmp_path))
    assert before == make_corpus.reads(plan(tmp_path))
    (tmp_path / "a.md").write_text("Text!")
    assert before != make_corpus.reads(plan(tmp_path))


def test_markdown_is_cut_by_heading_and_by_numbered_clause(tmp_path: Path, host: Host) -> None:
    text = "Preamble.\n\n# Lease\n\n## 4. Rent\n\n4.1 Rent is due monthly.\n(a) in advance\n\n4.2 Late rent bears interest.\n"
    (tmp_path / "lease.md").write_text(text)
    (made,) = read_corpus(plan(tmp_path), host).documents
    cut = [(made.text[unit.start : unit.end].strip(), unit.locator) for unit in made.units]
    assert cut == [
        ("Preamble.", ""),
        ("# Lease", "Lease"),
        ("## 4. Rent", "4. Rent"),
        ("4.1 Rent is due monthly.\n(a) in advance", "4. Rent, 4.1"),
        ("4.2 Late rent bears interest.", "4. Rent, 4.2"),
    ]


def test_a_loader_reads_the_folder_it_knows_and_leaves_out_what_it_skips(tmp_path: Path, host: Host) -> None:
    for name in ("a.py", "test/b.py", "c.txt", ".d.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("text")
    read = host.loaders["text"].read
    loader = Loader(
        name="tree", suffixes=(".py",), read=read, summary="", folder=lambda: tmp_path, skip=frozenset({"test"})
    )
    assert [path.name for path in files_of(Root(path=tmp_path, loader=loader))] == [".d.py", "a.py"]
