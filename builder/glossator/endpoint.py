"""An OpenAI-compatible endpoint over HTTP: few tries, small answers, no redirects. Standard library only.

A redirect would carry evidence and key elsewhere, so it is not followed. This machine is asked directly, whatever proxy
the environment names; another machine through that proxy.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

TRIES, LONGEST, PIECE = 3, 4_000_000, 65_536
"""Requests for one answer at most; bytes of an answer that are read, and of one read."""
BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
"""HTTP statuses that may be gone at the next try."""
TOLD = 200
"""Characters of a server's own message that are shown."""
_ADDRESS = re.compile(r"https?://(?:[\w.-]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?(?:/[\w./~%-]*)?", re.ASCII)

T = TypeVar("T")


class Unanswered(Exception):
    """An endpoint gave no answer; the message says what it did instead, as `"it " + message`."""

    def __init__(self, did: str, status: int | None = None) -> None:
        super().__init__(did)
        self.status = status
        """Of HTTP, where there was one."""


def is_address(text: str) -> bool:
    """Whether this is the base of an interface, for example http://127.0.0.1:8000/v1: no user, no query."""
    return _ADDRESS.fullmatch(text) is not None


def is_here(url: str) -> bool:
    """Whether an address is of this machine itself.

    >>> is_here("http://localhost:8000/v1"), is_here("http://[::1]:80"), is_here("http://10.0.0.7/v1")
    (True, True, False)
    """
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The base of an interface; all methods raise Unanswered."""

    url: str
    """For example http://127.0.0.1:8000/v1; `is_address` must hold."""
    key: str = field(default="", repr=False)
    """Sent as bearer token; empty: none."""
    seconds: float = 60.0
    """Longest silence of the server, and longest time for a whole answer that is not streamed."""
    pause: float = 1.0
    """Seconds before the second try; twice that before the third."""

    def get(self, path: str) -> bytes:
        """The body at a path below the base."""
        return self._tried(lambda: self._whole(self._request(path, None)))

    def post(self, path: str, body: dict[str, Any]) -> bytes:
        """The body of the answer to a JSON object."""
        return self._tried(lambda: self._whole(self._request(path, body)))

    def lines(self, path: str, body: dict[str, Any]) -> Iterator[bytes]:
        """The lines of the answer to a JSON object, as they come; only the opening is tried again."""
        answer, left = self._tried(lambda: self._open(self._request(path, body))), LONGEST
        try:
            with answer:
                while line := answer.readline(left + 1):
                    left -= len(line)
                    if left < 0:
                        raise Unanswered(f"sent more than {LONGEST} bytes")
                    yield line
        except (OSError, HTTPException) as error:
            raise Unanswered(f"broke off its answer: {type(error).__name__}: {error}") from error

    def _request(self, path: str, body: dict[str, Any] | None) -> Request:
        head = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {self.key}"} if self.key else {})
        data = None if body is None else json.dumps(body).encode()
        return Request(f"{self.url.rstrip('/')}/{path}", data, head)  # noqa: S310  # is_address holds

    def _open(self, request: Request) -> Any:
        return _opener(is_here(self.url)).open(request, timeout=self.seconds)

    def _whole(self, request: Request) -> bytes:
        until, read = time.monotonic() + self.seconds, bytearray()
        with self._open(request) as answer:
            while piece := answer.read1(PIECE):
                read += piece
                if len(read) > LONGEST:
                    raise Unanswered(f"sent more than {LONGEST} bytes")
                if time.monotonic() > until:
                    raise TimeoutError(f"no whole answer after {self.seconds:g} s")
            if answer.length:
                raise ConnectionError(f"{answer.length} bytes of the answer are missing")
        return bytes(read)

    def _tried(self, ask: Callable[[], T]) -> T:
        for tried in range(1, TRIES + 1):
            try:
                return ask()
            except HTTPError as error:
                told = self._told(error)
                if error.code not in BUSY or tried == TRIES:
                    raise Unanswered(f"answered with HTTP status {error.code}{told}", error.code) from error
            except (OSError, HTTPException) as error:
                if tried == TRIES:
                    raise Unanswered(f"did not answer: {type(error).__name__}: {error}") from error
            time.sleep(self.pause * 2 ** (tried - 1))
        raise AssertionError("unreachable")

    def _told(self, error: HTTPError) -> str:
        """What the server says of its refusal, without the key and without control characters."""
        with error:
            try:
                said = json.loads(error.read(PIECE))["error"]
                text = str(said["message"] if isinstance(said, dict) else said)
            except (OSError, HTTPException, ValueError, LookupError, TypeError, RecursionError):
                return ""
        bare = text.replace(self.key, "…") if self.key else text
        return ": " + "".join(sign if sign.isprintable() else " " for sign in bare)[:TOLD]


class _Stay(HTTPRedirectHandler):
    """Does not follow a redirect, which then is an HTTPError."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener(here: bool) -> OpenerDirector:
    return build_opener(_Stay, ProxyHandler({})) if here else build_opener(_Stay)
