"""A Python file as text: decoded as Python would, its lines with their offsets, and its syntax tree.

`ast` counts lines from 1 and columns in bytes of UTF-8; offsets here count code points.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from dataclasses import dataclass

from glossator import CorpusError

_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Lines:
    """A text by lines, numbered from 1. A lone carriage return ends a line, as it does for Python."""

    text: str
    starts: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Lines:
        return cls(text, (0, *(found.end() for found in _LINE_END.finditer(text))))

    def __len__(self) -> int:
        return len(self.starts)

    def __getitem__(self, number: int) -> str:
        """A line with its end."""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end]

    def number_at(self, offset: int) -> int:
        """The line that holds the code point at `offset`."""
        return bisect_right(self.starts, offset)

    def offset(self, number: int, column: int) -> int:
        """Offset of a place as `ast` gives it: a line, and a column in bytes."""
        before = self[number].encode("utf-8", "surrogatepass")[:column]
        return self.starts[number - 1] + len(before.decode("utf-8", "ignore"))


def decode(data: bytes, name: str) -> str:
    """The text of a Python file in the encoding that it declares (PEP 263), UTF-8 where it declares none.

    Raises CorpusError when its bytes are no text in that encoding.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding).replace("\r\n", "\n")
        text.encode("utf-8")  # some encodings can spell half of a surrogate pair, which no file can hold again
    except (SyntaxError, UnicodeError, LookupError) as error:
        raise CorpusError(f"{name}: no text in the encoding it declares: {error}; convert the file first") from error
    return text


def parse(text: str) -> ast.Module | None:
    """The syntax tree; None where Python cannot make one. Nothing is executed; warnings about the text are dropped."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
