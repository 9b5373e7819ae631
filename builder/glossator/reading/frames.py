"""Messages between the two processes: eight bytes of length, then JSON or the bytes of a file."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

_LENGTH = 8
_CHUNK = 1024 * 1024


class TooLong(ValueError):
    """The other side wants to send more than is allowed."""


def send(connection: socket.socket, data: bytes, until: float | None = None) -> None:
    """Send a message. Raises TimeoutError at `until` (`time.monotonic`), OSError when the other side has gone."""
    connection.settimeout(_left(until))
    connection.sendall(len(data).to_bytes(_LENGTH, "big"))
    connection.settimeout(_left(until))
    connection.sendall(data)


def receive(connection: socket.socket, most: int | None = None, until: float | None = None) -> bytes | None:
    """The next message; None when the other side has gone.

    Raises TimeoutError at `until`, TooLong for a message of more than `most` bytes.
    """
    head = _exactly(connection, _LENGTH, until)
    if head is None:
        return None
    length = int.from_bytes(head, "big")
    if most is not None and length > most:
        raise TooLong(length)
    return _exactly(connection, length, until)


def send_json(connection: socket.socket, value: Any, until: float | None = None) -> None:
    send(connection, json.dumps(value).encode(), until)


def _exactly(connection: socket.socket, length: int, until: float | None) -> bytes | None:
    parts, missing = [], length
    while missing:
        connection.settimeout(_left(until))
        try:
            part = connection.recv(min(missing, _CHUNK))
        except ConnectionError:
            return None
        if not part:
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _left(until: float | None) -> float | None:
    if until is None:
        return None
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
