"""Signatures: those an answer states, those a passage defines, and whether they agree. Nothing is executed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from glossator import Passage
from glossator_code.mentions import DOTTED, Words
from glossator_code.source import parse
from glossator_code.symbols import CONSTRUCTORS

_DEF = re.compile(r"\bdef[ \t]{1,9}([^\W\d]\w*)[ \t]{0,9}(?:\[[^\]\n]{0,200}\])?\(")
LONGEST = 1000
"""Code points of a list of parameters that is still read."""
MARKS = ("*", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter, or one of the marks `*` and `/`."""

    name: str
    """With its stars."""
    default: str | None = None
    annotation: str | None = None

    def says(self, defined: Parameter) -> bool:
        """Whether it is that parameter with that default; an annotation may be left out, but not be another."""
        same = (self.name, self.default) == (defined.name, defined.default)
        return same and self.annotation in (None, defined.annotation)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A name with parameters, without `self` and `cls`."""

    name: str
    """As written; it may be dotted."""
    parameters: tuple[Parameter, ...]
    written: str
    """Name and parameters as written, without white space."""

    def says(self, defined: Signature) -> bool:
        """Whether order, names and defaults are those of a definition; the bare marks may be left out together."""
        marked = any(parameter.name in MARKS for parameter in self.parameters)
        wanted = [p for p in defined.parameters if marked or p.name not in MARKS]
        return len(wanted) == len(self.parameters) and all(
            mine.says(true) for mine, true in zip(self.parameters, wanted, strict=True)
        )


def stated(text: str) -> Iterator[Signature]:
    """Signatures in a text: a name with at least one parameter, and nothing in the brackets but parameters.

    >>> [s.written for s in stated("Call `put(name, payload=None)`, put('x'), put() or put(name, ...).")]
    ['put(name,payload=None)']
    """
    calls = (found for found in DOTTED.finditer(text) if text.startswith("(", found.end()))
    places = ((found[0], found.end() + 1) for found in calls)
    return (found for found in _signatures(places, text) if found.parameters)


def supported(signature: Signature, passages: Sequence[Passage]) -> bool:
    """Whether a passage defines the signature so, or, where none defines that name, spells it so."""
    found = [
        defined for passage in passages for defined in _defined(passage.text) if _meant(signature, defined, passage)
    ]
    if found:
        return any(signature.says(defined) for defined in found)
    owner, _, own = signature.written.partition("(")
    spelt = re.compile(rf"(?<!\w){re.escape(owner.rsplit('.', 1)[-1] + '(' + own)}")
    return any(Words.of([p]).hold(signature.name) and spelt.search("".join(p.text.split())) for p in passages)


def _meant(signature: Signature, defined: Signature, passage: Passage) -> bool:
    """Whether a definition is of that name: a function, a method of that owner, or the constructor of that class."""
    own = signature.name.rsplit(".", 1)[-1]
    if defined.name in CONSTRUCTORS:
        return f"{own}.{defined.name}" in passage.locator or f"class {own}" in passage.text
    return own == defined.name and Words.of([passage]).hold(signature.name)


def _defined(text: str) -> Iterator[Signature]:
    return _signatures(((found[1], found.end()) for found in _DEF.finditer(text)), text)


def _signatures(places: Iterable[tuple[str, int]], text: str) -> Iterator[Signature]:
    """What can be read as a signature at the places: a name, and where the bracket after it has opened."""
    for name, start in places:
        inside = _inside(text, start)
        parameters = None if inside is None else _parameters(inside)
        if parameters is not None:
            yield Signature(name=name, parameters=parameters, written="".join(f"{name}({inside})".split()))


def _inside(text: str, start: int) -> str | None:
    """What stands before the bracket that closes; None when it is too far or missing."""
    depth, literal = 1, ""
    for place in range(start, min(len(text), start + LONGEST)):
        character = text[place]
        if literal:
            literal = "" if character in (literal, "\n") else literal
        elif character in "'\"":
            literal = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
            if depth == 0:
                return text[start:place]
    return None


def _parameters(inside: str) -> tuple[Parameter, ...] | None:
    """The parameters of a `def`; None when the text is anything else, as the arguments of a call are."""
    tree = parse(f"def _({inside}\n): pass")
    node = tree.body[0] if tree and len(tree.body) == 1 else None
    if not isinstance(node, ast.FunctionDef) or node.name != "_" or not isinstance(node.body[0], ast.Pass):
        return None
    try:
        parameters = tuple(_listed(node.args))
    except RecursionError:
        return None
    return parameters[1:] if parameters and parameters[0].name in ("self", "cls") else parameters


def _listed(args: ast.arguments) -> Iterator[Parameter]:
    """The parameters in the order in which they are written, marks included."""
    positional = [*args.posonlyargs, *args.args]
    bare: list[ast.expr | None] = [None] * (len(positional) - len(args.defaults))
    for number, (arg, default) in enumerate(zip(positional, [*bare, *args.defaults], strict=True), 1):
        yield _parameter(arg, default)
        if number == len(args.posonlyargs):
            yield Parameter(name="/")
    if args.vararg:
        yield replace(_parameter(args.vararg, None), name=f"*{args.vararg.arg}")
    elif args.kwonlyargs:
        yield Parameter(name="*")
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default)
    if args.kwarg:
        yield replace(_parameter(args.kwarg, None), name=f"**{args.kwarg.arg}")


def _parameter(arg: ast.arg, default: ast.expr | None) -> Parameter:
    return Parameter(
        name=arg.arg,
        default=None if default is None else ast.unparse(default),
        annotation=None if arg.annotation is None else ast.unparse(arg.annotation),
    )
