"""A page is what a reader reads of it, cut by heading."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import glossator_common
from glossator import CorpusError, Host, NoTextError, NotInstalledError
from glossator.reading.process import Reader
from glossator_common.html import read_html

LOADER = Host.of(common=glossator_common).loaders["html"]
SECRET = Path("/etc/hostname")
LONG = "whatever the leaflet of last year said about it in its small print"
PAGE = f"""<!doctype html><html><head><title>Dosing
 of X</title><script>alert(1)</script></head><body>
<nav><a href="/">Home</a> <a href="/blog">Blog</a></nav>
<article><h1>Dosing</h1><p>Adults take <b>two</b> tablets <a href="http://127.0.0.1:9/">daily</a>, {LONG}.</p>
<h2>Children</h2><p>Children take one, {LONG}.</p><ul><li>with food</li><li>with water</li></ul>
<h3>Infants</h3><table><tr><th>Age</th><th>Dose</th></tr><tr><td>one</td><td>none</td></tr></table>
<p>Infants take none of it, {LONG}.</p></article>
<footer>Imprint</footer></body></html>"""


def test_headings_lists_and_tables_are_kept_and_menus_left_out() -> None:
    (made,) = read_html(PAGE.encode(), "site/dosing.html")
    assert (made.id, made.title) == ("site/dosing", "Dosing of X")
    assert [unit.locator for unit in made.units] == ["Dosing", "Children", "Children > Infants"]
    assert "Adults take two tablets daily," in made.text and "- with food\n- with water" in made.text
    assert "| Age | Dose |" in made.text and "| one | none |" in made.text
    assert not [word for word in ("Home", "Imprint", "alert", "http") if word in made.text]


def test_an_encoding_that_the_page_declares_is_used() -> None:
    page = PAGE.replace("<head>", '<head><meta charset="iso-8859-1">').replace("Children take", "Größe:")
    assert "Größe: one" in read_html(page.encode("latin-1"), "a.html")[0].text


@pytest.mark.parametrize("data", [b"", b" \n", b"\0\0\0", b"<html><body><p></p></body></html>"])
def test_a_page_without_text_is_no_document(data: bytes) -> None:
    with pytest.raises(CorpusError):
        read_html(data, "a.html")


@pytest.mark.parametrize(
    "data",
    [
        b"<html><body><article>" + b"<div>" * 100_000 + b"<p>deep</p>",
        b"<html><body><article>" + b"<p>x" * 100_000,
        b"<html><body>" + b"<table><tr><td>" * 20_000 + b"x",
        b"<html><body>" + b"<b><i>" * 50_000 + b"x",
        b'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]><html><body><p>&a;' + b" words" * 200,
        b"<html><body><p a='" + b"x" * 2_000_000,
        b"\xff\xfe" + "<p>words</p>".encode("utf-16-le") * 100,
        bytes(range(256)) * 400,
    ],
)
def test_a_nasty_page_has_a_typed_outcome(data: bytes) -> None:
    with Reader() as reader:
        outcome = reader.read(LOADER, "a.html", data)
        assert reader.read(LOADER, "b.html", PAGE.encode()).documents
    assert bool(outcome.documents) + bool(outcome.refused) + bool(outcome.empty) == 1
    assert not any(SECRET.read_text().strip() in document.text for document in outcome.documents)


def test_only_menus_is_no_text_and_not_an_error() -> None:
    with pytest.raises(NoTextError, match="a.html: no text besides menus"):
        read_html(b"<html><body><nav></nav></body></html>", "a.html")


def test_without_the_library_it_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(NotInstalledError, match=r"pip install 'glossator\[web\]'"):
        read_html(b"", "a.html")
