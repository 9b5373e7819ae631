"""Python files become documents that are cut by symbol: nothing lost, nothing twice, every line number true."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import glossator_code
import glossator_common
from glossator import CorpusError, Document, Host
from glossator.retrieval.chunking import cut
from glossator_code.loaders import module_name, read_python
from glossator_code.source import Lines, parse

MODULE = '''# SPDX-License-Identifier: MIT
"""What it is for."""

import os

LIMIT = 3


# Why it exists.
@decorate
@decorate(1)
async def put(name: str, *, delay: float = 0.0) -> None:
    """Add a job."""
    return None


class Queue(Base):
    """Jobs – in order."""

    kind = "q"

    def claim(self):
        # the oldest first
        def inner(): ...
        return inner

    limit = 3

    class Inner:
        def deep(self): pass

if os.name == "nt":
    def only(): pass
else:
    def only(): return 1
'''

PIECES = st.sampled_from(
    [
        '"""Über 🙂 docs."""\n',
        "import os\n",
        "x = '''a\n# no comment\n'''\n",
        "# äöü comment\n",
        "@deco\ndef f(a, b='é'):\n    '''Doc.'''\n    return 1\n",
        "def f(): pass\n",
        "class A:\n    '''Döc.'''\n    x = 1\n\n    # about m\n    @p\n    def m(self): pass\n\n    y = 2\n",
        "if x:\n    def g(): pass\nelif y:\n    class B: pass\nelse:\n    z = '🙂'\n",
        "try:\n    import a\nexcept E:\n    def h():\n        return '\u2028'\n",
        "@(\n    deco\n)\nclass C: pass\n",
        "\n",
        "\f\n",
        "   \n",
        "x = 1; y = 2\r",
        "match x:\n    case 1:\n        def k(): pass\n",
        "def broken(:\n",
    ]
)
TEXTS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=80)
LOCATOR = re.compile(r"(?P<place>.*), lines? (?P<first>\d+)(?:-(?P<last>\d+))?")


def load(text: str, name: str = "src/pkg/mod.py") -> Document:
    (made,) = read_python(text.encode(), name)
    return made


def shown(made: Document) -> list[tuple[str, str]]:
    return [(unit.locator, made.text[unit.start : unit.end]) for unit in made.units]


@given(TEXTS)
def test_units_are_in_order_apart_inside_the_text_and_lose_nothing(text: str) -> None:
    for made in read_python(text.encode("utf-8"), "m.py") if "coding" not in text else []:
        assert all(0 <= unit.start < unit.end <= len(made.text) for unit in made.units)
        assert all(before.end <= after.start for before, after in pairwise(made.units))
        edges = [0, *(edge for unit in made.units for edge in (unit.start, unit.end)), len(made.text)]
        between = [made.text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
        assert not made.units or "".join(between).strip() == ""
        assert bool(made.units) == (parse(made.text) is not None)


@given(TEXTS)
def test_the_lines_of_a_locator_are_where_the_unit_stands(text: str) -> None:
    for made in read_python(text.encode("utf-8"), "m.py") if "coding" not in text else []:
        lines = Lines.of(made.text)
        for unit in made.units:
            found = LOCATOR.fullmatch(unit.locator)
            assert found
            assert int(found["first"]) == lines.number_at(unit.start)
            assert int(found["last"] or found["first"]) == lines.number_at(unit.end - 1)


@given(TEXTS)
def test_lines_join_to_the_text_and_a_byte_column_is_its_code_point(text: str) -> None:
    lines = Lines.of(text)
    assert "".join(lines[number] for number in range(1, len(lines) + 1)) == text
    for number in range(1, len(lines) + 1):
        for width in range(len(lines[number]) + 1):
            column = len(lines[number][:width].encode("utf-8"))
            assert lines.offset(number, column) == lines.starts[number - 1] + width


def test_a_module_is_cut_by_symbol() -> None:
    made = load(MODULE)
    assert (made.id, made.title, made.family, made.source.licence) == (
        "src/pkg/mod.py",
        "pkg.mod",
        "src/pkg/mod.py",
        "MIT",
    )
    assert [locator for locator, _ in shown(made)] == [
        "pkg.mod, line 1",
        "pkg.mod, line 2",
        "pkg.mod, lines 4-6",
        "pkg.mod.put, lines 9-14",
        "pkg.mod.Queue, lines 17-20",
        "pkg.mod.Queue.claim, lines 22-25",
        "pkg.mod.Queue, line 27",
        "pkg.mod.Queue.Inner, line 29",
        "pkg.mod.Queue.Inner.deep, line 30",
        "pkg.mod, line 32",
        "pkg.mod.only, line 33",
        "pkg.mod, line 34",
        "pkg.mod.only, line 35",
    ]
    texts = dict(shown(made))
    assert texts["pkg.mod.put, lines 9-14"].startswith("# Why it exists.\n@decorate\n@decorate(1)\nasync def put")
    assert texts["pkg.mod.Queue, lines 17-20"] == 'class Queue(Base):\n    """Jobs – in order."""\n\n    kind = "q"'
    assert "def inner()" in texts["pkg.mod.Queue.claim, lines 22-25"]


def test_passages_keep_the_locator_of_their_symbol() -> None:
    found = list(cut(load(MODULE), 12, lambda text: len(text.split())))
    assert {p.locator for p in found} >= {"pkg.mod.put, lines 9-14", "pkg.mod.Queue.claim, lines 22-25"}
    assert all(MODULE[p.start : p.end] == p.text for p in found)


def test_the_decorator_of_several_lines_belongs_to_its_class() -> None:
    assert shown(load("x = 1\n@(\n    deco\n)\nclass C: pass\n"))[1] == (
        "pkg.mod.C, lines 2-5",
        "@(\n    deco\n)\nclass C: pass",
    )


def test_the_end_of_a_string_is_no_comment_of_the_next_function() -> None:
    assert [text for _, text in shown(load('x = """\n# end"""\ndef f(): pass\n'))] == [
        'x = """\n# end"""',
        "def f(): pass",
    ]


def test_two_functions_of_one_name_are_two_units() -> None:
    assert len(load("@overload\ndef f(): ...\n@overload\ndef f(a): ...\n").units) == 2


@pytest.mark.parametrize("text", ["def f(:\n", "print 'old'\n", "x = 1\0\n", "(" * 5000, "x = " + "-" * 60000 + "1"])
def test_a_file_that_does_not_parse_is_still_a_document(text: str) -> None:
    made = load(text)
    assert made.text == text
    assert made.units == ()


@pytest.mark.parametrize("data", [b"", b" \n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_a_blank_file_is_no_document(data: bytes) -> None:
    assert read_python(data, "pkg/__init__.py") == []


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("# coding: latin-1\nx = 'é'\n".encode("latin-1"), "# coding: latin-1\nx = 'é'\n"),
        (
            "#!/bin/python\n# -*- coding: cp1252 -*-\nx = '€'\n".encode("cp1252"),
            "#!/bin/python\n# -*- coding: cp1252 -*-\nx = '€'\n",
        ),
        (b"\xef\xbb\xbfx = 1\r\ny = 2\r\n", "x = 1\ny = 2\n"),
        ("x = '🙂'\n".encode(), "x = '🙂'\n"),
    ],
)
def test_the_declared_encoding_is_used(data: bytes, text: str) -> None:
    assert read_python(data, "m.py")[0].text == text


@pytest.mark.parametrize(
    "data",
    [
        b"x = '\xe9'\n",
        b"# coding: nonsense\nx = 1\n",
        b"# coding: rot13\nx = 1\n",
        b"# coding: hex\n61\n",
        b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
        b"# coding: raw_unicode_escape\nx = '\\ud800'\n",
        b"# coding: undefined\nx = 1\n",
    ],
)
def test_bytes_that_are_no_text_are_named(data: bytes) -> None:
    with pytest.raises(CorpusError, match=r"m\.py: no text in the encoding"):
        read_python(data, "m.py")


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("queue.py", "queue"),
        ("src/draywork/queue.py", "draywork.queue"),
        ("json/__init__.py", "json"),
        ("__init__.py", "__init__"),
        ("src.py", "src"),
        ("src/__init__.py", "__init__"),
        ("tools/run-me.py", "tools.run-me"),
    ],
)
def test_the_title_is_the_dotted_path(name: str, module: str) -> None:
    assert module_name(name) == module


def test_a_long_chain_of_elif_is_walked() -> None:
    text = "if a: pass\n" + "elif b: pass\n" * 500 + "else:\n    def last(): pass\n"
    assert load(text).units[-1].locator == "pkg.mod.last, line 503"


def test_python_files_have_a_loader_and_the_library_does_not_take_it() -> None:
    host = Host.of(common=glossator_common, code=glossator_code)
    loader = host.loader_for(".py")
    assert loader is not None
    assert loader.name == "python"
    assert host.loaders["stdlib"].folder is not None
