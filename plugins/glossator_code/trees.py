"""Source files of other languages -> documents that are cut by symbol, as Python files are.

One table: what a language calls its symbols. Python is not in it; `ast` knows it better.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glossator import CorpusError, Document, NotInstalledError, Source, Unit
from glossator_code.loaders import Span, cut, digest, licence_of, module_name
from glossator_code.source import Lines

if TYPE_CHECKING:
    from tree_sitter import Node, Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """A language, as its tree-sitter grammar names things."""

    name: str
    suffixes: tuple[str, ...]
    module: str
    """The package of the grammar, a wheel of its own."""
    entry: str = "language"
    owners: frozenset[str]
    """Kinds of nodes that are symbols and hold symbols: classes, modules."""
    symbols: frozenset[str]
    """Kinds of nodes that are symbols and are not looked into: functions, types."""
    assigned: frozenset[str] = frozenset()
    """Kinds of nodes that are symbols when what they assign is a function."""

    @property
    def summary(self) -> str:
        return f"a {self.name} file, cut by symbol"


def _kinds(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SCRIPT = _kinds("function_declaration generator_function_declaration method_definition")
_TYPED = _SCRIPT | _kinds(
    "function_signature method_signature abstract_method_signature type_alias_declaration enum_declaration"
)
_TYPED_OWNERS = _kinds("class_declaration abstract_class_declaration interface_declaration internal_module module")
_FIELDS = _kinds("variable_declarator field_definition public_field_definition")
_FUNCTIONS = _kinds("arrow_function function_expression generator_function")

GRAMMARS = (
    Grammar(
        name="javascript",
        suffixes=(".js", ".mjs", ".cjs", ".jsx"),
        module="tree_sitter_javascript",
        owners=_kinds("class_declaration"),
        symbols=_SCRIPT,
        assigned=_FIELDS,
    ),
    Grammar(
        name="typescript",
        suffixes=(".ts", ".mts", ".cts"),
        module="tree_sitter_typescript",
        entry="language_typescript",
        owners=_TYPED_OWNERS,
        symbols=_TYPED,
        assigned=_FIELDS,
    ),
    Grammar(
        name="tsx",
        suffixes=(".tsx",),
        module="tree_sitter_typescript",
        entry="language_tsx",
        owners=_TYPED_OWNERS,
        symbols=_TYPED,
        assigned=_FIELDS,
    ),
    Grammar(
        name="java",
        suffixes=(".java",),
        module="tree_sitter_java",
        owners=_kinds(
            "class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration"
        ),
        symbols=_kinds("method_declaration constructor_declaration compact_constructor_declaration"),
    ),
    Grammar(
        name="go",
        suffixes=(".go",),
        module="tree_sitter_go",
        owners=frozenset(),
        symbols=_kinds("function_declaration method_declaration type_spec type_alias"),
    ),
    Grammar(
        name="rust",
        suffixes=(".rs",),
        module="tree_sitter_rust",
        owners=_kinds("impl_item trait_item mod_item"),
        symbols=_kinds(
            "function_item function_signature_item struct_item enum_item union_item type_item macro_definition"
        ),
    ),
    Grammar(
        name="c",
        suffixes=(".c", ".h"),
        module="tree_sitter_c",
        owners=frozenset(),
        symbols=_kinds("function_definition struct_specifier union_specifier enum_specifier type_definition"),
    ),
)

_ATTACHED = _kinds("comment line_comment block_comment attribute_item decorator")
"""What belongs to the symbol below it."""
_WRAPPERS = _kinds("export_statement lexical_declaration variable_declaration type_declaration expression_statement")
"""What stands around one symbol and begins with it."""
_BODIES = _kinds("struct_specifier union_specifier enum_specifier")
"""Definitions only with a body; without one they are uses."""


@dataclass(frozen=True, slots=True)
class TreeReader:
    """Reads the files of one language; told by its name, so that another process can be told too."""

    language: str

    def __call__(self, data: bytes, name: str, /) -> list[Document]:
        """One document, with a unit for each symbol and for what stands between them; a blank file gives none."""
        try:
            text = data.decode("utf-8-sig").replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            raise CorpusError(f"{name}: byte {error.start} is not UTF-8; convert the file first") from error
        module = module_name(name)
        source = Source(url=name, licence=licence_of(text), sha256=digest(text))
        units = tuple(self._units(text, module, name))
        document = Document(id=name, title=module, text=text, source=source, family=name, units=units)
        return [document] if text.strip() else []

    @property
    def grammar(self) -> Grammar:
        return next(grammar for grammar in GRAMMARS if grammar.name == self.language)

    def _units(self, text: str, module: str, name: str) -> Iterator[Unit]:
        lines = Lines(text, (0, *(found.end() for found in re.finditer("\n", text))))
        spans = [
            (f"{module}.{symbol}", first, last)
            for symbol, first, last in _spans(_parse(self.grammar, text, name), self.grammar)
        ]
        return cut(lines, module, spans) if spans else iter(())


def _parse(grammar: Grammar, text: str, name: str) -> Tree:
    try:
        from tree_sitter import Language, Parser

        module = importlib.import_module(grammar.module)
    except ImportError as error:
        raise NotInstalledError(f"{name}: reading {grammar.name} needs: pip install 'glossator[code]'") from error
    return Parser(Language(getattr(module, grammar.entry)())).parse(text.encode())


Entry = tuple["Node", str, int]
"""A node, the prefix of names in it, and the row with which what is attached to it begins."""


def _spans(tree: Tree, grammar: Grammar) -> Iterator[Span]:
    """Symbols with their lines, outer ones first. A stack and no recursion: code can be nested as deep as a file."""
    stack = _below(tree.root_node, "", None)
    while stack:
        node, prefix, above = stack.pop()
        name = _symbol(node, grammar)
        if name:
            yield prefix + name, above + 1, _last_row(node) + 1
        if node.type in grammar.owners:
            stack += _below(node, f"{prefix}{name}." if name else prefix, None)
        elif not name:
            stack += _below(node, prefix, above if node.type in _WRAPPERS else None)


def _below(node: Node, prefix: str, outer: int | None) -> list[Entry]:
    """The nodes directly in another, last one first, each with the comments and decorators that stand right above."""
    entries: list[Entry] = []
    begun, ended, last = -1, -2, -1
    for child in node.children:
        row = child.start_point.row
        above = begun if ended + 1 >= row else row
        if child.type in _ATTACHED and row > last:
            begun, ended = above, _last_row(child)
        else:
            entries.append((child, prefix, above if outer is None else outer))
            begun, ended, last = -1, -2, _last_row(child)
    return entries[::-1]


def _symbol(node: Node, grammar: Grammar) -> str:
    """The name of what a node defines; "" when it defines nothing that is cited by itself."""
    value = node.child_by_field_name("value")
    assigned = node.type in grammar.assigned and value is not None and value.type in _FUNCTIONS
    defined = node.type in grammar.owners | grammar.symbols and (
        node.type not in _BODIES or node.child_by_field_name("body") is not None
    )
    return ".".join(filter(None, [_receiver(node), _name(node)])) if assigned or defined else ""


def _name(node: Node) -> str:
    found = _field(node, "name", "declarator", "property", "type")
    while found is not None and (inner := _field(found, "declarator", "type")) is not None:
        found = inner
    return "" if found is None or found.text is None else " ".join(found.text.decode(errors="replace").split())


def _receiver(node: Node) -> str:
    """The type whose method a Go function is."""
    stack = list(filter(None, [node.child_by_field_name("receiver")]))
    while stack:
        inner = stack.pop()
        if inner.type == "type_identifier" and inner.text is not None:
            return inner.text.decode(errors="replace")
        stack += inner.children[::-1]
    return ""


def _field(node: Node, *names: str) -> Node | None:
    return next(filter(None, map(node.child_by_field_name, names)), None)


def _last_row(node: Node) -> int:
    """The last row on which a node has text; some kinds of comments end at the start of the next."""
    end = node.end_point
    return end.row - 1 if end.column == 0 and end.row > node.start_point.row else end.row
