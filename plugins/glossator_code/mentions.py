"""The symbols that an answer names, and whether a passage names them too. Nothing is executed.

Words are compared, not meanings: `claim` stands in a passage that uses the English word. The figure is a floor that
catches invented names, no proof that a method exists.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from glossator import Answer, Passage, Statement, find_quotes
from glossator_code.blocks import Block
from glossator_code.source import parse

_NAME = re.compile(r"[^\W\d]\w*")
DOTTED = re.compile(r"(?<!\w)[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_TICKED = re.compile(r"(`{1,2})([^`]+)\1|`([^\s`]+)")
_LITERAL = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'")
_PLURAL = re.compile(r"\(e?s\)")
LONGEST = 20_000
"""Code points of a block that is still taken apart."""
KNOWN = frozenset(
    {name for kind in (str, bytes, list, dict, set, tuple, int, float, Exception) for name in dir(kind)}
    | set(dir(builtins))
)
"""What every program may use without a word about it in the documents."""


@dataclass(frozen=True, slots=True)
class Words:
    """The names in a passage and in its title and locator."""

    exact: frozenset[str]
    folded: frozenset[str]

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> Words:
        texts = (f"{passage.text} {passage.locator} {passage.title}" for passage in passages)
        names = {name for text in texts for name in _NAME.findall(text)}
        return cls(frozenset(names), frozenset(name.casefold() for name in names))

    def hold(self, symbol: str) -> bool:
        """Whether the symbol stands there; an owner may be written as a variable is, `queue.put` for `Queue.put`."""
        *owners, own = symbol.split(".")
        return own in self.exact and all(owner == "self" or owner.casefold() in self.folded for owner in owners)


def cited_passages(statement: Statement, answer: Answer) -> list[Passage]:
    """The shown passages that a statement cites, each once."""
    cited = {answer.citations[index].passage_id for index in statement.citations}
    return [passage for passage in answer.passages if passage.id in cited]


def own_words(answer: Answer, code: Iterable[Block]) -> list[str]:
    """Each statement without its Python blocks and its true quotes; a misquote is the answer's own words."""
    bare = _blank(answer.text, ((block.start, block.end) for block in code))
    return [_own(bare[statement.start : statement.end], statement, answer) for statement in answer.statements]


def named(text: str) -> Iterator[str]:
    """Symbols of a text: every name in backticks, and what has the form of a call or a path.

    >>> sorted(set(named("Call `put` or queue.claim(), e.g. with job(s); see `Lease | None`.")))
    ['Lease', 'put', 'queue.claim']
    """
    for found in _TICKED.finditer(text):
        yield from _names(_LITERAL.sub(" ", found[2] or found[3]))
    for found in DOTTED.finditer(text):
        call = text.startswith("(", found.end()) and not _PLURAL.match(text, found.end())
        path = "." in found[0] and any(len(part) > 1 for part in found[0].split("."))
        if call or path:
            yield from _names(found[0])


def used(block: Block) -> set[str]:
    """Symbols that a Python block takes from elsewhere: attributes, calls and imports that it does not bind itself.

    Built-in names and what is reached through a module of the standard library are no claims about the documents.
    """
    return {name for source in block.sources() for name in _used(source)}


def _used(source: str) -> Iterator[str]:
    tree = parse(source) if len(source) <= LONGEST else None
    if tree is None:
        yield from named(source)
        return
    nodes = list(ast.walk(tree))
    library = {name for node in nodes for name in _library(node)}
    bound = KNOWN | {name for node in nodes for name in _bound(node)} | library
    for node in nodes:
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id in library):
            yield from {node.attr} - bound
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from {node.func.id} - bound
        elif isinstance(node, ast.Import | ast.ImportFrom) and not set(_roots(node)) <= sys.stdlib_module_names:
            yield from {part for name in _imported(node) for part in name.split(".")}


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that a block gives by itself; what it imports is not among them."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        yield node.name
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.alias) and node.asname:
        yield node.asname


def _library(node: ast.AST) -> Iterator[str]:
    """Names bound by an import from the standard library."""
    if isinstance(node, ast.Import | ast.ImportFrom) and set(_roots(node)) <= sys.stdlib_module_names:
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0]


def _roots(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [name.split(".")[0] for name in (_imported(node) if isinstance(node, ast.Import) else [node.module or ""])]


def _imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    names = [alias.name for alias in node.names if alias.name != "*"]
    return [*names, node.module] if isinstance(node, ast.ImportFrom) and node.module else names


def _names(text: str) -> list[str]:
    return [name for name in DOTTED.findall(text) if not keyword.iskeyword(name)]


def _own(bare: str, statement: Statement, answer: Answer) -> str:
    true = {answer.citations[index].quote for index in statement.citations}
    return _blank(bare, ((quote.start, quote.end) for quote in find_quotes(statement.text) if quote.text in true))


def _blank(text: str, places: Iterable[tuple[int, int]]) -> str:
    kept, last = [], 0
    for start, end in places:
        kept += [text[last:start], " " * (end - start)]
        last = end
    return "".join([*kept, text[last:]])
