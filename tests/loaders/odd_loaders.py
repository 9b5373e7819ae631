"""Loaders that misbehave in one way each. A module of their own, for the process that reads has to import them."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from glossator import CorpusError, Document, Loader, NoTextError, Source, Unit


def document(text: str, name: str, units: tuple[Unit, ...] = ()) -> Document:
    source = Source(url="here", licence="CC0-1.0", sha256=hashlib.sha256(text.encode()).hexdigest())
    return Document(id=name, title=name, text=text, source=source, family=name, units=units)


def fine(data: bytes, name: str, /) -> list[Document]:
    return [document(data.decode(), name)]


def lie(data: bytes, name: str, /) -> list[Document]:
    source = Source(url="here", licence="CC0-1.0", sha256=hashlib.sha256(b"else").hexdigest())
    return [Document(id="lie", title="Lie", text=data.decode(), source=source, family="lie")]


def whatever(data: bytes, name: str, /) -> list[Document]:
    """Does what the file says: the worst that a file can make of a reader."""
    return ACTS[data.decode().strip()](name)


def _endless(name: str) -> list[Document]:
    while True:
        pass


def _asleep(name: str) -> list[Document]:
    signal.pause()
    return []


def _greedy(name: str) -> list[Document]:
    held = []
    while True:
        held.append(bytearray(16 * 1024 * 1024))


def _chatty(name: str) -> list[Document]:
    print("printed", "by a loader")
    os.write(1, b"written by a loader\n")
    return [document("Text.", name)]


def _killed(name: str) -> list[Document]:
    os.kill(os.getpid(), signal.SIGKILL)
    return []


def _crashed(name: str) -> list[Document]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return []


def _gone(name: str) -> list[Document]:
    os._exit(3)


def _quits(name: str) -> list[Document]:
    sys.exit("enough")


def _raises(name: str) -> list[Document]:
    raise KeyError("no luck")


def _recursive(name: str) -> list[Document]:
    return _recursive(name)


def _refuses(name: str) -> list[Document]:
    raise CorpusError(f"{name}: not one of ours")


def _blank(name: str) -> list[Document]:
    raise NoTextError(f"{name}: only pictures")


def _white(name: str) -> list[Document]:
    return [document(" \n", name)]


def _none(name: str) -> list[Document]:
    return []


def _wordy(name: str) -> list[Document]:
    return [document("x" * 300 * 1024 * 1024, name)]


def _hoarder(name: str) -> list[Document]:
    with Path("hoard").open("wb") as stream:
        for _ in range(100):
            stream.write(bytes(1024 * 1024))
    return []


def _connects(name: str) -> list[Document]:
    socket.create_connection(("127.0.0.1", 9))
    return []


def _resolves(name: str) -> list[Document]:
    socket.getaddrinfo("example.org", 80)
    return []


def _fetches(name: str) -> list[Document]:
    urlopen("http://127.0.0.1:9/")
    return []


def _runs(name: str) -> list[Document]:
    subprocess.run(["true"], check=True)
    return []


def _shells(name: str) -> list[Document]:
    os.system("true")
    return []


def _forks(name: str) -> list[Document]:
    os.fork()
    return []


def _asks(name: str) -> list[Document]:
    return [document(f"read {sys.stdin.read()!r}", name)]


def _no_document(name: str) -> list[Document]:
    return ["text"]  # type: ignore[list-item]


def _bad_units(name: str) -> list[Document]:
    return [document("Text.", name, (Unit(start=3, end=9),))]


def _number(name: str) -> list[Document]:
    source = Source(url="here", licence="CC0-1.0", sha256="0" * 64)
    return [Document(id=name, title=name, text=7, source=source, family=name)]  # type: ignore[arg-type]


ACTS = {name.removeprefix("_"): act for name, act in list(globals().items()) if name.startswith("_") and callable(act)}
ODD = Loader(name="odd", suffixes=(".odd",), read=whatever, summary="does what the file says")
FINE = Loader(name="fine", suffixes=(".fine",), read=fine, summary="takes text as it is")


def network(data: bytes, name: str, /) -> list[Document]:
    return [document(os.readlink("/proc/self/ns/net"), name)]


def once(data: bytes, name: str, /) -> list[Document]:
    """Reads one file in each process."""
    mark = Path("used")
    if mark.exists():
        os.kill(os.getpid(), signal.SIGSEGV)
    mark.touch()
    return fine(data, name)
