"""Documents and their passages: one SQLite file.

A passage is a stretch of its document's text, which stands there once; so what is shown is what the document says, by
construction. Its row is an id that SQLite never gives twice (AUTOINCREMENT), and rows ascend: the place of a passage
is the position of its row among all rows, in every part of an index.
"""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from glossator.artifacts import digest_of
from glossator.records import EVERYTHING, Document, Passage, Scope
from glossator.rows import document_row, read_document

REMEMBERED = 256
"""Documents kept in memory, and scopes."""

_TABLES = """
CREATE TABLE documents (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, digest TEXT NOT NULL,
  described TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE passages (
  row INTEGER PRIMARY KEY AUTOINCREMENT, document INTEGER NOT NULL REFERENCES documents ON DELETE CASCADE,
  start INTEGER NOT NULL, end INTEGER NOT NULL, locator TEXT NOT NULL, key TEXT NOT NULL
);
CREATE INDEX passages_of ON passages (document);
"""

Ids = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class PassageTable:
    """An open table. Reading it needs no lock: a published file never changes."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._documents: OrderedDict[int, Document] = OrderedDict()
        self._seen: dict[Scope, Mask] = {}

    @classmethod
    def create(cls, path: Path) -> PassageTable:
        """A new table to write to, in the place of one that was not finished."""
        database = _writable(path)
        database.executescript(_TABLES)
        return cls(database)

    @classmethod
    def copy(cls, source: Path, path: Path) -> PassageTable:
        """A table to write to that begins as `source`."""
        database = _writable(path)
        with closing(_readable(source)) as old:
            old.backup(database)
        return cls(database)

    @classmethod
    def open(cls, path: Path) -> PassageTable:
        """A published table, whose hash the caller has verified."""
        return cls(_readable(path))

    def save(self) -> None:
        """Commit, drop what was deleted from the file's bytes too, and close."""
        self._database.commit()
        self._database.execute("VACUUM")
        self._database.close()

    def add(self, document: Document, passages: Sequence[Passage], keys: Sequence[str]) -> Ids:
        """Add a document with its passages, each with the hash of what is embedded of it; returns their rows."""
        described = document_row(document)
        text = described.pop("text")
        values = (document.id, document_digest(document), json.dumps(described, ensure_ascii=False), text)
        number = self._insert("documents (id, digest, described, text)", values)
        rows = [
            self._insert("passages (document, start, end, locator, key)", (number, p.start, p.end, p.locator, key))
            for p, key in zip(passages, keys, strict=True)
        ]
        return np.array(rows, dtype=np.int64)

    def delete(self, ids: Iterable[str]) -> None:
        """Delete documents with their passages."""
        self._database.executemany("DELETE FROM documents WHERE id = ?", ((name,) for name in ids))

    def _insert(self, table: str, values: tuple[Any, ...]) -> int:
        marks = ", ".join("?" * len(values))
        return self._database.execute(f"INSERT INTO {table} VALUES ({marks})", values).lastrowid or 0  # noqa: S608

    def rows(self) -> Ids:
        """All rows, ascending."""
        return self._column("SELECT row FROM passages ORDER BY row")

    def digests(self) -> dict[str, str]:
        """What each document is, by id: equal digests mean that nothing has to be done."""
        return dict(self._database.execute("SELECT id, digest FROM documents"))

    def keys(self) -> list[str]:
        """Hash of what is embedded, by place."""
        return [key for (key,) in self._database.execute("SELECT key FROM passages ORDER BY row")]

    def last_row(self) -> int:
        """The highest row that was ever given."""
        found = self._database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'passages'").fetchone()
        return int(found[0]) if found else 0

    def passage(self, row: int, scope: Scope = EVERYTHING) -> Passage | None:
        """The passage of a row; None when the scope does not see its document."""
        query = "SELECT document, start, end, locator FROM passages WHERE row = ?"
        number, start, end, locator = self._database.execute(query, (row,)).fetchone()
        document = self._document(number)
        if not scope.sees(document.source.groups, document.labels.items()):
            return None
        return passage_of(document, start, end, locator)

    def passages(self) -> Iterator[Passage]:
        """All passages, in order of place."""
        query = "SELECT document, start, end, locator FROM passages ORDER BY row"
        for number, start, end, locator in self._database.execute(query).fetchall():
            yield passage_of(self._document(number), start, end, locator)

    @property
    def documents(self) -> Mapping[str, Document]:
        """Documents by id, read when asked for."""
        return _Documents(self)

    def seen(self, scope: Scope) -> Mask | None:
        """The places that a scope sees; None when it sees all."""
        if scope == EVERYTHING:
            return None
        if scope not in self._seen:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            self._seen[scope] = self._allowed(scope)
        return self._seen[scope]

    def owners(self) -> list[str]:
        """Id of the document of each place."""
        query = "SELECT id FROM passages JOIN documents ON number = document ORDER BY row"
        return [name for (name,) in self._database.execute(query)]

    def rights(self) -> tuple[list[str], Ids]:
        """Names of the combinations of groups and labels that documents have, and by place which one it is.

        A scope sees all passages of a combination or none. The names are hashes, so that they mean the same in any
        index and no character of a group reaches the query language of a database.
        """
        names = {number: _rights_name(groups, labels) for number, groups, labels in self._rights}
        kinds = sorted(set(names.values()))
        code = {name: place for place, name in enumerate(kinds)}
        by_number = np.zeros(max(names, default=0) + 1, dtype=np.int64)
        by_number[list(names)] = [code[name] for name in names.values()]
        return kinds, by_number[self.numbers]

    def _allowed(self, scope: Scope) -> Mask:
        visible = [number for number, groups, labels in self._rights if scope.sees(groups, labels)]
        return np.isin(self.numbers, visible)

    @cached_property
    def numbers(self) -> Ids:
        """The document of each place."""
        return self._column("SELECT document FROM passages ORDER BY row")

    @cached_property
    def _rights(self) -> list[tuple[int, list[str], list[tuple[str, str]]]]:
        query = "SELECT number, described ->> '$.source.groups', described ->> '$.labels' FROM documents"
        rows = self._database.execute(query)
        return [(number, json.loads(groups), list(json.loads(labels).items())) for number, groups, labels in rows]

    def _document(self, number: int) -> Document:
        if number not in self._documents:
            query = "SELECT described, text FROM documents WHERE number = ?"
            described, text = self._database.execute(query, (number,)).fetchone()
            self._documents[number] = read_document({**json.loads(described), "text": text})
            while len(self._documents) > REMEMBERED:
                self._documents.popitem(last=False)
        self._documents.move_to_end(number)
        return self._documents[number]

    def _column(self, query: str) -> Ids:
        return np.fromiter((value for (value,) in self._database.execute(query)), dtype=np.int64)


class _Documents(Mapping[str, Document]):
    def __init__(self, table: PassageTable) -> None:
        self._table = table

    def __getitem__(self, name: str) -> Document:
        found = self._table._database.execute("SELECT number FROM documents WHERE id = ?", (name,)).fetchone()
        if found is None:
            raise KeyError(name)
        return self._table._document(found[0])

    def __iter__(self) -> Iterator[str]:
        rows = self._table._database.execute("SELECT id FROM documents ORDER BY number").fetchall()
        return iter([name for (name,) in rows])

    def __len__(self) -> int:
        return int(self._table._database.execute("SELECT count(*) FROM documents").fetchone()[0])


def document_digest(document: Document) -> str:
    """Hash of everything that is known of a document, its rights included."""
    return digest_of(asdict(document))


def _rights_name(groups: Iterable[str], labels: Iterable[tuple[str, str]]) -> str:
    return f"r{digest_of([sorted(groups), sorted(labels)])[:16]}"


def passage_of(document: Document, start: int, end: int, locator: str) -> Passage:
    """A stretch of a document, named by its place."""
    return Passage(
        id=f"{document.id}:{start}-{end}",
        document_id=document.id,
        title=document.title,
        text=document.text[start:end],
        start=start,
        end=end,
        locator=locator,
        revised=document.source.revised,
    )


def _writable(path: Path) -> sqlite3.Connection:
    for name in (path.name, f"{path.name}-journal"):
        path.with_name(name).unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA secure_delete = ON")
    return database


def _readable(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    database.execute("PRAGMA trusted_schema = OFF")
    return database
