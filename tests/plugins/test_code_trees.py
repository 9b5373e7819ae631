"""Source files of each language are cut by symbol; every locator names lines that hold what it says."""

from __future__ import annotations

import sys

import pytest

import glossator_code
from glossator import CorpusError, Host, Loader, NotInstalledError
from glossator.reading.reference import reference_of, resolve

HOST = Host.of(code=glossator_code)

JAVASCRIPT = """\
// SPDX-License-Identifier: MIT
import { x } from "y";

/** A queue. */
export default class Queue {
  // Puts one.
  put(item) { this.items.push(item); }

  get size() { return this.items.length; }
  take = () => this.items.pop();
}
const LIMIT = 3; // not of what follows
const twice = (a) => {
  function inner() {}
  return 2 * a;
};
function* count() { yield 1; }
"""
TYPESCRIPT = """\
interface Shape {
  area(): number;
}

@Component()
export class Round implements Shape {
  @Input()
  area(): number { return 3; }
}
namespace Tools {
  export function cut() {}
}
type Pair = [number, number];
"""
JAVA = """\
package a.b;

/** Counts. */
@Deprecated
public class Counter {
    private int n;

    Counter() { n = 0; }

    /* Adds. */
    int add(int by) { return n += by; }
    enum Kind { ONE, TWO }
}
"""
GO = """\
package queue

// Queue holds.
type Queue struct { items []int }

// Put adds.
func (q *Queue) Put(item int) {}

func New() *Queue { return nil }
"""
RUST = """\
//! Head.

/// A queue.
#[derive(Debug)]
pub struct Queue<T> { items: Vec<T> }

impl<T> Queue<T> {
    /// Puts.
    pub fn put(&mut self, item: T) {}
}
mod tools { fn cut() {} }
"""
C = """\
#include <stdio.h>
/* A point. */
struct point { int x; };
typedef struct { int y; } other;

static int *find(struct point *p)
{
    return 0;
}
"""
CASES = [
    ("a/queue.js", JAVASCRIPT, ["a.queue, lines 1-2", "a.queue.Queue, lines 4-5", "a.queue.Queue.put, lines 6-7",
     "a.queue.Queue.size, line 9", "a.queue.Queue.take, line 10", "a.queue.Queue, line 11", "a.queue, line 12",
     "a.queue.twice, lines 13-16", "a.queue.count, line 17"]),
    ("shape.ts", TYPESCRIPT, ["shape.Shape, line 1", "shape.Shape.area, line 2", "shape.Shape, line 3",
     "shape.Round, lines 5-6", "shape.Round.area, lines 7-8", "shape.Round, line 9", "shape.Tools, line 10",
     "shape.Tools.cut, line 11", "shape.Tools, line 12", "shape.Pair, line 13"]),
    ("shape.tsx", "function View() { return <b>x</b>; }\n", ["shape.View, line 1"]),
    ("src/a/Counter.java", JAVA, ["a.Counter, line 1", "a.Counter.Counter, lines 3-6",
     "a.Counter.Counter.Counter, line 8", "a.Counter.Counter.add, lines 10-11", "a.Counter.Counter.Kind, line 12",
     "a.Counter.Counter, line 13"]),
    ("queue.go", GO, ["queue, line 1", "queue.Queue, lines 3-4", "queue.Queue.Put, lines 6-7", "queue.New, line 9"]),
    ("src/lib.rs", RUST, ["lib, line 1", "lib.Queue, lines 3-5", "lib.Queue, line 7", "lib.Queue.put, lines 8-9",
     "lib.Queue, line 10", "lib.tools.cut, line 11"]),
    ("point.c", C, ["point, line 1", "point.point, lines 2-3", "point.other, line 4", "point.find, lines 6-9"]),
]  # fmt: skip


def loader(name: str) -> Loader:
    found = HOST.loader_for("." + name.rsplit(".", 1)[1])
    assert found is not None
    return found


@pytest.mark.parametrize(("name", "text", "locators"), CASES, ids=[case[0] for case in CASES])
def test_a_file_is_cut_by_symbol(name: str, text: str, locators: list[str]) -> None:
    (made,) = loader(name).read(text.encode(), name)
    assert [unit.locator for unit in made.units] == locators
    assert (made.id, made.text) == (name, text)
    lines = text.splitlines()
    for unit in made.units:
        numbers = unit.locator.rsplit(" ", 1)[1].split("-")
        assert made.text[unit.start : unit.end] == "\n".join(lines[int(numbers[0]) - 1 : int(numbers[-1])])


@pytest.mark.parametrize("name", [case[0] for case in CASES])
def test_broken_blank_and_odd_files(name: str) -> None:
    read = loader(name).read
    assert read(b" \n\n", name) == []
    assert read(b"))) ((( \x00 {{{ \xc3\xa4", name)[0].text == "))) ((( \0 {{{ \u00e4"
    assert read("\ufeff// \U0001f600\r\nint a;\rint b;\r\n".encode(), name)[0].text.startswith("// \U0001f600\nint a;")
    with pytest.raises(CorpusError, match="byte 3 is not UTF-8"):
        read(b"// \xff", name)
    assert resolve(reference_of(read)) == read


def test_the_licence_is_that_of_the_head() -> None:
    assert loader("a.js").read(JAVASCRIPT.encode(), "a.js")[0].source.licence == "MIT"


def test_offsets_count_code_points() -> None:
    text = "// \U0001f600\U0001f600\nfunction a() { return '\u00e4\u00e4'; }\nfunction b() {}\n"
    (made,) = loader("a.js").read(text.encode(), "a.js")
    assert [made.text[unit.start : unit.end] for unit in made.units] == [
        text.split("function b")[0].strip(),
        "function b() {}",
    ]


def test_deep_nesting_is_no_recursion() -> None:
    for text in ("{" * 50_000, "(" * 50_000, "namespace a { " * 5_000):
        assert len(loader("a.ts").read(text.encode(), "a.ts")) == 1


def test_a_grammar_that_is_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tree_sitter_go", None)
    with pytest.raises(NotInstalledError, match=r"a.go: reading go needs: pip install 'glossator\[code\]'"):
        loader("a.go").read(b"package a", "a.go")
