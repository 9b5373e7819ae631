"""The code blocks of an answer: where they stand, and what in them is Python. Linear in the length of the answer."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"`{3,}|~{3,}")
_PROMPT = re.compile(r"^[ \t]*(>>>|\.\.\.)(?: |$)(.*)$", re.MULTILINE)
LONGEST_FENCE = 10
PYTHON = frozenset({"python", "py", "python3", "py3", "pycon", "python-repl", "pyi"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block; `start` and `end` enclose its fences."""

    start: int
    end: int
    label: str
    """First word after the fence, in lower case."""
    code: str

    @property
    def python(self) -> bool:
        """Whether it says that it is Python, or is an unnamed session of the interpreter."""
        return self.label in PYTHON or (not self.label and self.session)

    @property
    def session(self) -> bool:
        return any(found[1] == ">>>" for found in _PROMPT.finditer(self.code))

    def sources(self) -> list[str]:
        """What has to parse: each input of a session by itself, else the whole block."""
        return _inputs(self.code) if self.session else [textwrap.dedent(self.code)]


def blocks(text: str) -> Iterator[Block]:
    """Fenced blocks from left to right; a fence that is never closed reaches to the end.

    >>> [(block.label, block.code) for block in blocks("Say:\\n```python\\nx = 1\\n```\\nDone.")]
    [('python', 'x = 1\\n')]
    """
    at, line_end = 0, -1
    while fence := _FENCE.search(text, at):
        line_end = text.find("\n", fence.end()) if line_end < fence.end() else line_end
        if line_end < 0:
            return
        closed = text.find(fence[0][0], fence.end(), line_end)
        if closed >= 0:  # opened and closed on one line: no block
            run = _FENCE.match(text, closed)
            at = run.end() if run else closed + 1
            continue
        close = re.compile(rf"^[ \t]*{fence[0][:LONGEST_FENCE]}", re.MULTILINE).search(text, line_end + 1)
        at = close.end() if close else len(text)
        label = text[fence.end() : line_end].strip(" \t{}.").casefold().split()
        code = text[line_end + 1 : close.start() if close else len(text)]
        yield Block(start=fence.start(), end=at, label=label[0] if label else "", code=code)


def python_blocks(text: str) -> list[Block]:
    """The blocks that are Python. Others are read like prose, so that a label hides nothing."""
    return [block for block in blocks(text) if block.python]


def _inputs(code: str) -> list[str]:
    """What was typed at the prompts; output is left out."""
    typed: list[str] = []
    for found in _PROMPT.finditer(code):
        if found[1] == ">>>":
            typed.append(found[2])
        elif typed:
            typed[-1] += f"\n{found[2]}"
    return typed
