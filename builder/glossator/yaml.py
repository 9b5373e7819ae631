"""YAML at the border: small, strict, and every complaint with line and column.

Anchors, aliases, deep nesting and large files are refused before anything is built from them; a duplicate key is an
error; scalars follow YAML 1.2 (`1e-4` is a number, `no` is a word).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent

from glossator.errors import RecipeError

MAX_BYTES, MAX_DEPTH = 1_000_000, 50

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A YAML mapping that remembers where each key stood."""

    name: str
    data: dict[str, Any]
    tree: CommentedMap

    def place(self, path: Sequence[str | int]) -> str:
        """`file:line:column` of the deepest part of `path` that stands in the file; lines and columns count from 1."""
        node: Any = self.tree
        line, column = 0, 0
        for part in path:
            if isinstance(node, CommentedMap) and part in node:
                line, column = node.lc.key(part)
            elif isinstance(node, CommentedSeq) and isinstance(part, int) and part < len(node):
                line, column = node.lc.item(part)
            else:
                break
            node = node[part]
        return f"{self.name}:{line + 1}:{column + 1}"


def read_yaml(text: str, name: str) -> Parsed:
    """Parse one mapping. Raises RecipeError for anything else."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise RecipeError([f"{name}: larger than {MAX_BYTES} bytes; a recipe is a page, not a data file"])
    try:
        _refuse_bombs(text, name)
        loader = YAML(typ="rt")
        loader.version = (1, 2)
        tree = loader.load(text)
    except RecipeError:
        raise
    except Exception as error:  # a hostile file breaks the parser in many ways; all of them are the file's fault
        raise RecipeError([_syntax(error, name)]) from error
    if not isinstance(tree, CommentedMap):
        raise RecipeError([f"{name}:1:1 expected `key: value` lines, found {type(tree).__name__}"])
    _refuse_odd_keys(tree, name)
    return Parsed(name, _plain(tree), tree)


def _refuse_odd_keys(node: Any, name: str) -> None:
    """Keys are words: `1` and `"1"` would be one key after reading."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        if isinstance(node, CommentedMap) and not isinstance(key, str):
            line, column = node.lc.key(key)
            raise RecipeError([f"{name}:{line + 1}:{column + 1} the key {key!r} is not a word; put it in quotes"])
        _refuse_odd_keys(value, name)


def _refuse_bombs(text: str, name: str) -> None:
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            mark = event.start_mark
            raise RecipeError([f"{name}:{mark.line + 1}:{mark.column + 1} anchors and aliases are not accepted"])
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise RecipeError([f"{name}:1:1 directives are not accepted; a recipe is plain YAML 1.2"])
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecipeError([f"{name}: nested deeper than {MAX_DEPTH} levels"])


def _syntax(error: Exception, name: str) -> str:
    if isinstance(error, MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"{name}:{mark.line + 1}:{mark.column + 1} {error.problem}"
    return f"{name}: not readable as YAML: {str(error).splitlines()[0]}"


def _plain(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def validated(model: type[M], parsed: Parsed) -> M:
    """The mapping as `model`. Raises RecipeError with every problem, each with place, reason and a guess."""
    try:
        return model.model_validate(parsed.data)
    except ValidationError as error:
        raise RecipeError(list(explain(error, model, parsed))) from error


def explain(error: ValidationError, model: type[BaseModel], parsed: Parsed) -> Iterator[str]:
    """One line for each problem pydantic found."""
    for problem in error.errors():
        if problem["type"] == "default_factory_not_called":
            continue  # a default that depends on a faulty key: the fault is among the others
        path = [part for part in problem["loc"] if not (isinstance(part, str) and part.startswith("function-"))]
        dotted = ".".join(map(str, path))
        if problem["type"] == "extra_forbidden":
            yield f"{parsed.place(path)} {dotted}: unknown key{guess(model, path)}"
        elif problem["type"] == "missing":
            yield f"{parsed.place(path[:-1])} {dotted}: missing"
        else:
            given = repr(problem.get("input"))
            yield f"{parsed.place(path)} {dotted}: {problem['msg']}, found {given[:60]}"


def guess(model: type[BaseModel], path: Sequence[str | int]) -> str:
    """A near key of the same level, or the section that has this very key."""
    key, here = str(path[-1]), _level(model, path[:-1])
    near = difflib.get_close_matches(key, list(here.model_fields) if here else [], n=1)
    if near:
        return f" (did you mean '{near[0]}'?)"
    home = next((home for home in _sections(model) if key in home[1].model_fields), None)
    if home is not None:
        return f" ('{key}' belongs under '{home[0]}:')"
    return f" (known here: {', '.join(here.model_fields)})" if here else ""


def _sections(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            yield prefix + name, inner
            yield from _sections(inner, f"{prefix}{name}.")


def _level(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    here: type[BaseModel] | None = model
    for part in path:
        field = here.model_fields.get(str(part)) if here else None
        here = _model_in(field.annotation) if field else None
    return here


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)
