"""A server on the loopback that speaks OpenAI's interface and is played by a function."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What is sent instead of a text."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    """Announced length, when it is not the true one."""
    wait: float = 0.0
    """Seconds before the head is sent."""
    drip: float = 0.0
    """Seconds before each byte of the body."""


Play = Callable[[Body], "str | Reply"]
Start = Callable[..., "Served"]
"""The fixture `start`: a server that a function plays, closed after the test."""


class Served:
    """Answers chats as `play` says, and lists `models`; keeps what it was sent."""

    def __init__(self, play: Play, *, models: Sequence[str] = ("m",), key: str = "") -> None:
        self.seen: list[Body] = []
        self.listed = 0
        served = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                served.listed += 1
                self.reply({"data": [{"id": name} for name in models]})

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                served.seen.append(body)
                if key and self.headers["Authorization"] != f"Bearer {key}":
                    self.send(Reply(401, json.dumps({"error": {"message": f"no {key}"}}).encode()))
                    return
                made = play(body)
                if isinstance(made, Reply):
                    self.send(made)
                elif body.get("stream"):
                    self.send(Reply(body=b"".join(events(made)), headers={"Content-Type": "text/event-stream"}))
                else:
                    message = {"role": "assistant", "content": made}
                    self.reply({"choices": [{"message": message, "finish_reason": "stop"}]})

            def reply(self, value: Any) -> None:
                self.send(Reply(body=json.dumps(value).encode()))

            def send(self, made: Reply) -> None:
                time.sleep(made.wait)
                try:
                    self.send_response(made.status)
                    for name, value in made.headers.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(made.body) if made.length is None else made.length))
                    self.send_header("Connection", "close")
                    self.end_headers()
                    for piece in [made.body] if not made.drip else [bytes([byte]) for byte in made.body]:
                        time.sleep(made.drip)
                        self.wfile.write(piece)
                        self.wfile.flush()
                except OSError:
                    pass

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def events(text: str, size: int = 3) -> Iterator[bytes]:
    """A text as server-sent events of a few characters, with what real servers send around them."""
    yield b": ping\r\n\r\n"
    for start in range(0, len(text), size):
        delta = {"delta": {"content": text[start : start + size]}, "finish_reason": None}
        yield b"data: " + json.dumps({"choices": [delta]}).encode() + b"\n\n"
    yield b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\n'
    yield b'data: {"choices": [], "usage": {"total_tokens": 7}}\n\n'
    yield b"data: [DONE]\n\n"


def literals(grammar: str) -> list[str]:
    """What a grammar of alternatives accepts, read as llama.cpp reads it: `root ::= "..." | "..."`."""
    head, rest = grammar[:9], grammar[9:]
    assert head == "root ::= "
    found: list[str] = []
    while True:
        assert rest[0] == '"'
        text, at = "", 1
        while rest[at] != '"':
            sign, at = _sign(rest, at)
            text += sign
        found.append(text)
        rest = rest[at + 1 :]
        if not rest:
            return found
        assert rest[:3] == " | "
        rest = rest[3:]


def _sign(text: str, at: int) -> tuple[str, int]:
    """One character of a literal, escapes read as in llama.cpp's `parse_char`; a raw newline ends the rule there."""
    if text[at] != "\\":
        assert text[at] not in "\n\r"
        return text[at], at + 1
    kind = text[at + 1]
    if kind in "xuU":
        size = {"x": 2, "u": 4, "U": 8}[kind]
        return chr(int(text[at + 2 : at + 2 + size], 16)), at + 2 + size
    return {"t": "\t", "r": "\r", "n": "\n", "\\": "\\", '"': '"', "[": "[", "]": "]"}[kind], at + 2
