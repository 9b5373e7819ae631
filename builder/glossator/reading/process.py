"""Reading in a limited process: the process that asks lives, whatever a file does to the one that reads."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from typing import Any

from glossator.errors import PluginError, StageError
from glossator.reading.frames import TooLong, receive, send, send_json
from glossator.reading.limits import MIB, Limits
from glossator.reading.reference import reference_of
from glossator.records import Document, Loader
from glossator.rows import checked_document

START = 60
"""Seconds in which the process must be ready."""
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from glossator.reading.child import serve; serve()"
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
"""Idle threads hold address space, and that is what is limited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one file."""

    documents: tuple[Document, ...] = ()
    refused: str = ""
    """Why it cannot be read."""
    empty: str = ""
    """Why it holds no text."""


class Died(Exception):
    """The process ended, or had to be ended, over a file."""


class Reader:
    """Reads files, one after the other, in one process that is started when it is needed and again when it dies.

    A file on which the process dies is tried once more in a fresh one, for it may have inherited the trouble.

    >>> with Reader() as reader:
    ...     reader.read(loader, "a.md", b"# Head").documents[0].title     # doctest: +SKIP
    'Head'
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._room: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, loader: Loader, name: str, data: bytes) -> Outcome:
        """The documents of one file, or why there are none. Raises PluginError for a loader that cannot be sent."""
        limits = self._limits.for_size(len(data))
        job = {"read": _named(loader), "loader": loader.name, "name": name, "limits": asdict(limits)}
        fresh = self._process is None
        try:
            return self._attempt(job, data, limits)
        except Died as death:
            return Outcome(refused=f"{name}: {death}") if fresh else self.read(loader, name, data)

    def close(self) -> None:
        """End the process, whatever it does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._connection is not None:
            self._connection.close()
        if self._room is not None:
            self._room.cleanup()
        self._process = self._connection = self._room = None

    def _attempt(self, job: dict[str, Any], data: bytes, limits: Limits) -> Outcome:
        connection = self._connection or self._start()
        until = time.monotonic() + limits.seconds
        try:
            send_json(connection, job, until)
            send(connection, data, until)
            return self._collect(connection, job, limits, until)
        except TimeoutError:
            reason = _slow(limits)
        except TooLong:
            reason = f"it gave more than {limits.output // MIB} MiB of text"
        except OSError:
            reason = self._cause(limits)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"the reader sent no document: {error}"
        except Died as death:
            reason = str(death)
        self.close()
        raise Died(reason)

    def _collect(self, connection: socket.socket, job: dict[str, Any], limits: Limits, until: float) -> Outcome:
        """The documents that the process sends, until it says how reading ended."""
        documents: list[Document] = []
        left = limits.output
        while True:
            frame = receive(connection, left, until)
            if frame is None:
                raise Died(self._cause(limits))
            left -= len(frame)
            said = json.loads(frame)
            if "document" not in said:
                return _outcome(said, documents, job, limits)
            documents.append(checked_document(said["document"]))

    def _start(self) -> socket.socket:
        """A fresh process with an empty folder of its own, which ends with it."""
        ours, theirs = socket.socketpair()
        self._connection = ours
        self._room = tempfile.TemporaryDirectory(prefix="glossator-", ignore_cleanup_errors=True)
        paths = json.dumps([os.path.abspath(path) for path in sys.path])
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own words
                [sys.executable, "-P", "-c", _BOOT, paths],
                stdin=theirs.fileno(),
                cwd=self._room.name,
                env=os.environ | _ONE_THREAD | {"TMPDIR": self._room.name},
            )
        try:
            ready = receive(ours, until=time.monotonic() + START)
        except TimeoutError:
            ready = None
        if ready is None:
            self.close()
            raise StageError("the process that reads documents did not start; what it said stands above")
        return ours

    def _cause(self, limits: Limits) -> str:
        """Why the process has gone."""
        assert self._process is not None
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "the reader closed its connection"
        if code == -signal.SIGXCPU:
            return _slow(limits)
        if code < 0:
            return f"the reader crashed: signal {-code} ({signal.Signals(-code).name})"
        return f"the reader ended with exit code {code}"


def _outcome(said: dict[str, Any], documents: list[Document], job: dict[str, Any], limits: Limits) -> Outcome:
    match said.get("outcome"):
        case "read":
            return Outcome(documents=tuple(documents))
        case "empty":
            return Outcome(empty=str(said["reason"]))
        case "refused":
            return Outcome(refused=str(said["reason"]))
        case "memory":
            raise Died(f"it needed more than {limits.memory / 1024 / MIB:.3g} GiB of memory")
        case "broken":
            raise _unsendable(job["loader"], said["reason"])
    raise ValueError("an unknown message")


def _named(loader: Loader) -> str:
    """The function that reads, by name; the other process imports it."""
    try:
        return reference_of(loader.read)
    except ValueError as error:
        raise _unsendable(loader.name, error) from error


def _unsendable(loader: str, reason: object) -> PluginError:
    return PluginError(
        f"loader {loader!r} cannot be sent to the process that reads documents: {reason}; let its `read` be a function "
        "of a module that can be imported, or a frozen dataclass of one, with plain fields and `__call__`"
    )


def _slow(limits: Limits) -> str:
    return f"it took longer than {limits.seconds:.0f} s"
