"""The process that reads: takes a loader and a file, answers with documents, again and again until nobody asks.

It is told a loader by name and gives JSON, so what a file makes of it can never run in the process that asked.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from typing import Any

from glossator.errors import GlossatorError, NoTextError, boundary
from glossator.reading.frames import receive, send_json
from glossator.reading.limits import Limits, address_space, bound, confine, unbound
from glossator.reading.reference import resolve
from glossator.records import ReadFile
from glossator.rows import document_row

Reads = dict[str, ReadFile]


def serve() -> None:
    """Answer until the other side closes the connection, which is this process's standard input."""
    connection = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    confine()
    baseline, reads = address_space(), Reads()
    send_json(connection, {"outcome": "ready"})
    while (job := receive(connection)) is not None:
        data = receive(connection)
        if data is None:
            break
        send_json(connection, _answer(connection, json.loads(job), data, baseline, reads))
    sys.stderr.flush()
    os._exit(0)


def _answer(connection: socket.socket, job: dict[str, Any], data: bytes, baseline: int, reads: Reads) -> dict[str, str]:
    """Send the documents of one file; the answer says how it ended."""
    try:
        read = _read_of(job["read"], reads)
    except Exception as error:
        return {"outcome": "broken", "reason": f"{type(error).__name__}: {error}"}
    bound(baseline, Limits(**job["limits"]))
    try:
        with boundary(f"{job['name']}: loader {job['loader']!r}"):
            for document in read(data, job["name"]):
                send_json(connection, {"document": document_row(document)})
    except GlossatorError as error:
        return _failed(error)
    finally:
        unbound()
    return {"outcome": "read"}


def _read_of(told: str, reads: Reads) -> ReadFile:
    if told not in reads:
        reads[told] = resolve(told)
    return reads[told]


def _failed(error: GlossatorError) -> dict[str, str]:
    if isinstance(error.__cause__, MemoryError):
        return {"outcome": "memory"}
    return {"outcome": "empty" if isinstance(error, NoTextError) else "refused", "reason": str(error)}
