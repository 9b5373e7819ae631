"""HTTP to an endpoint: what is tried again, what is refused, and that every failure says what happened."""

from __future__ import annotations

import json
from typing import Any

import pytest

from glossator import endpoint as module
from glossator.endpoint import Endpoint, Unanswered, is_address, is_here

from .served import Reply, Served, Start, events


def at(served: Served, **given: Any) -> Endpoint:
    return Endpoint(url=served.url, **({"seconds": 5.0, "pause": 0.01} | given))


def failure(served: Served, **given: Any) -> str:
    with pytest.raises(Unanswered) as caught:
        at(served, **given).post("chat/completions", {})
    return str(caught.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000/v1", "https://models.example/api/v1/", "http://[::1]:80"])
def test_what_is_an_address(url: str) -> None:
    assert is_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "127.0.0.1:8000",
        "http://a b",
        "http://u:p@host/v1",
        "http://host/v1?key=1",
        "http://host\n/",
    ],
)
def test_what_is_none(url: str) -> None:
    assert not is_address(url)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://127.9.9.9/v1", True),
        ("http://LOCALHOST/v1", True),
        ("http://[::1]/v1", True),
        ("http://0.0.0.0/v1", False),
        ("http://localhost.example/v1", False),
        ("http://127.0.0.1.example/v1", False),
        ("http://192.168.0.2/v1", False),
        ("http://2130706433/v1", False),
    ],
)
def test_which_addresses_are_this_machine(url: str, here: bool) -> None:
    assert is_here(url) == here


def test_the_key_is_sent_and_never_shown(start: Start) -> None:
    served = start(lambda body: "yes", key="secret")
    assert "secret" not in repr(at(served, key="secret"))
    assert b"yes" in at(served, key="secret").post("chat/completions", {})
    told = failure(served, key="wrong")
    assert told == "answered with HTTP status 401: no secret"
    assert "wrong" not in told


def test_what_a_server_says_is_told_without_the_key_and_without_control_characters(start: Start) -> None:
    said = {"error": {"message": "bad \x1b[31m key K3Y " + "x" * 1000}}
    told = failure(start(lambda body: Reply(400, json.dumps(said).encode())), key="K3Y")
    assert "K3Y" not in told and "\x1b" not in told and len(told) < 300
    assert told.startswith("answered with HTTP status 400: bad  [31m key … xxx")


@pytest.mark.parametrize("body", [b"", b"oops", b"[]", b'{"error": 7}', b"[" * 60_000, b'{"error": {}}'])
def test_a_refusal_without_words_is_told_by_its_status(body: bytes, start: Start) -> None:
    assert failure(start(lambda _: Reply(404, body))).startswith("answered with HTTP status 404")


def test_a_busy_server_is_asked_again(start: Start) -> None:
    replies = iter([Reply(429), Reply(503), "here"])
    served = start(lambda body: next(replies))
    assert b"here" in at(served).post("chat/completions", {})
    assert len(served.seen) == 3


def test_a_server_that_stays_busy_is_asked_three_times_and_a_refusal_once(start: Start) -> None:
    busy, refusing = start(lambda body: Reply(429)), start(lambda body: Reply(400))
    assert failure(busy) == "answered with HTTP status 429"
    assert failure(refusing) == "answered with HTTP status 400"
    assert (len(busy.seen), len(refusing.seen)) == (3, 1)


def test_a_redirect_is_not_followed(start: Start) -> None:
    other = start(lambda body: "stolen")
    served = start(lambda body: Reply(307, headers={"Location": f"{other.url}/chat/completions"}))
    assert failure(served, key="secret") == "answered with HTTP status 307"
    assert other.seen == []


def test_more_than_is_read_is_refused(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 1000)
    served = start(lambda body: Reply(body=b"x" * 1001))
    assert failure(served) == "sent more than 1000 bytes"
    assert len(served.seen) == 1
    with pytest.raises(Unanswered, match="sent more than 1000 bytes"):
        list(at(served).lines("chat/completions", {}))


def test_a_cut_answer_is_no_answer(start: Start) -> None:
    assert "2 bytes of the answer are missing" in failure(start(lambda body: Reply(body=b"{}", length=4)))


def test_silence_and_dripping_end(start: Start) -> None:
    assert "did not answer: TimeoutError" in failure(start(lambda body: Reply(wait=1.0)), seconds=0.05)
    drips = failure(start(lambda body: Reply(body=b"x" * 100, drip=0.02)), seconds=0.1)
    assert drips == "did not answer: TimeoutError: no whole answer after 0.1 s"


def test_nobody_there() -> None:
    with pytest.raises(Unanswered, match="did not answer: URLError: .*refused"):
        Endpoint(url="http://127.0.0.1:1/v1", pause=0.01).get("models")


def test_a_proxy_is_not_asked_for_this_machine(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = start(lambda body: "through the proxy")
    monkeypatch.setenv("http_proxy", proxy.url.removesuffix("/v1"))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert b"straight" in at(start(lambda body: "straight")).post("chat/completions", {})
    assert proxy.seen == []


def test_lines_come_and_a_broken_opening_is_tried_again(start: Start) -> None:
    made = b"".join(events("Ferritin"))
    replies = iter([Reply(503), Reply(body=made)])
    served = start(lambda body: next(replies))
    assert b"".join(at(served).lines("chat/completions", {"stream": True})) == made
    assert len(served.seen) == 2
