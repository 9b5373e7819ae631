"""One file never harms the process that asks for it, nor the next file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import odd_loaders
import pytest

from glossator import Document, Loader, PluginError
from glossator.reading.limits import MIB, Limits
from glossator.reading.process import Outcome, Reader

SMALL = Limits(seconds=1, memory=256 * MIB, output=MIB, written=8 * MIB)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(SMALL) as reader:
        yield reader


def read(reader: Reader, act: str, name: str = "a.odd") -> Outcome:
    return reader.read(odd_loaders.ODD, name, act.encode())


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("endless", "a.odd: it took longer than 1 s"),
        ("asleep", "a.odd: it took longer than 1 s"),
        ("greedy", "a.odd: it needed more than 0.25 GiB of memory"),
        ("killed", "a.odd: the reader crashed: signal 9 (SIGKILL)"),
        ("crashed", "a.odd: the reader crashed: signal 11 (SIGSEGV)"),
        ("gone", "a.odd: the reader ended with exit code 3"),
        ("quits", "a.odd: loader 'odd' raised SystemExit: enough"),
        ("raises", "a.odd: loader 'odd' raised KeyError: 'no luck'"),
        ("recursive", "a.odd: loader 'odd' raised RecursionError"),
        ("refuses", "a.odd: not one of ours"),
        ("hoarder", "a.odd: loader 'odd' raised OSError"),
        ("no_document", "a.odd: loader 'odd' raised"),
        ("bad_units", "a.odd: the reader sent no document: the units of document 'a.odd' are not in order"),
        ("number", "a.odd: the reader sent no document: a field of a document is no text"),
        ("nonsense", "a.odd: loader 'odd' raised KeyError"),
    ],
)
def test_what_goes_wrong_is_a_reason_and_the_next_file_is_read(reader: Reader, act: str, reason: str) -> None:
    assert read(reader, act).refused.startswith(reason)
    assert reader.read(odd_loaders.FINE, "b.fine", b"Text.").documents[0].text == "Text."


@pytest.mark.parametrize("act", ["connects", "resolves", "fetches", "runs", "shells", "forks"])
def test_a_reader_has_neither_network_nor_programs(reader: Reader, act: str) -> None:
    assert "documents are read without network and other programs" in read(reader, act).refused


def test_a_reader_has_no_network_of_its_own(reader: Reader) -> None:
    """Below Python: the kernel shows this process another network, where it permits that."""
    made = reader.read(replace(odd_loaders.FINE, read=odd_loaders.network), "a.fine", b"").documents[0].text
    if made == os.readlink("/proc/self/ns/net"):
        pytest.skip("this kernel lets no process leave the network")


def test_a_document_that_is_too_long_is_refused() -> None:
    with Reader(replace(SMALL, seconds=20, memory=2048 * MIB)) as reader:
        assert read(reader, "wordy").refused == "a.odd: it gave more than 1 MiB of text"


def test_no_text_is_no_refusal(reader: Reader) -> None:
    assert read(reader, "blank") == Outcome(empty="a.odd: only pictures")
    assert read(reader, "none") == Outcome()


def test_what_a_reader_prints_is_no_answer(reader: Reader, capfd: pytest.CaptureFixture[str]) -> None:
    with Reader(SMALL) as other:
        assert read(other, "chatty").documents[0].text == "Text."
        assert read(other, "asks").documents[0].text == "read ''"
    assert capfd.readouterr().out == ""


def test_a_file_is_tried_again_in_a_fresh_process(tmp_path: Path) -> None:
    """What the first file left behind fells the second, which is without fault."""
    with Reader(SMALL) as reader:
        fragile = replace(odd_loaders.FINE, read=odd_loaders.once)
        assert [reader.read(fragile, name, b"Text.").refused for name in ("a", "b", "c")] == ["", "", ""]


def test_characters_of_every_kind_come_back_as_they_are(reader: Reader) -> None:
    text = "".join(map(chr, range(0x250))) + "\u2028\ufffe\U0001f600\U0010ffff"
    assert reader.read(odd_loaders.FINE, "a.fine", text.encode()).documents[0].text == text


def test_a_loader_that_cannot_be_sent_is_named(reader: Reader) -> None:
    def local(data: bytes, name: str, /) -> list[Document]:
        return []

    for loader in (replace(odd_loaders.FINE, name="mine", read=local), _of_main("mine")):
        with pytest.raises(PluginError, match=r"loader 'mine' cannot be sent .* a function of a module"):
            reader.read(loader, "a.md", b"")


def _of_main(name: str) -> Loader:
    """As in a notebook: the other process has another `__main__`."""

    def read(data: bytes, name: str, /) -> list[Document]:
        return []

    read.__module__, read.__qualname__ = "__main__", "elsewhere"
    sys.modules["__main__"].elsewhere = read  # type: ignore[attr-defined]
    return Loader(name=name, suffixes=(), read=read, summary="")


def test_nothing_is_left_when_it_is_closed() -> None:
    with Reader(SMALL) as reader:
        read(reader, "none")
        assert reader._process is not None and reader._room is not None
        process, room = reader._process, Path(reader._room.name)
        assert room.is_dir() and room.stat().st_mode & 0o777 == 0o700
    assert process.returncode is not None and not room.exists()


def test_the_process_ends_with_the_one_that_started_it() -> None:
    body = (
        "import odd_loaders, os, threading, time\n"
        "from glossator.reading.process import Reader\n"
        "reader = Reader()\n"
        "reader.read(odd_loaders.FINE, 'a', b'Text.')\n"
        "print(reader._process.pid, flush=True)\n"
        "threading.Thread(target=reader.read, args=(odd_loaders.ODD, 'a', b'endless'), daemon=True).start()\n"
        "time.sleep(0.5)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", body], check=False, env=env, stdout=subprocess.PIPE, text=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    assert _ends(int(done.stdout))


def _ends(process: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1][0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
