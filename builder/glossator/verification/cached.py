"""Verdicts that were given once are not asked for again: in this process, and in a file when one is named.

So an evaluation that was stopped goes on where it was, and a judge that costs money is paid once.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from glossator.claims import Claim, Place, Verdict, Verifier
from glossator.errors import InputError

VARIABLE = "GLOSSATOR_VERDICTS"
ROOM = 100_000
"""Verdicts kept in the process."""
FORM = 1
"""Goes into every key: to be raised when a verifier comes to judge the same otherwise."""
AT_ONCE = 500
"""Keys of one query; SQLite takes 999 or more."""


class CachedVerifier:
    """Asks another verifier what is not known yet. What could not be judged is asked for again."""

    def __init__(self, verifier: Verifier, identity: str, *, room: int = ROOM, file: Path | None = None) -> None:
        """`identity` must differ for verifiers that may judge differently: weights, prompt, address."""
        self._verifier, self._identity, self._room = verifier, identity, room
        self._known: dict[str, Verdict] = {}
        self._file = None if file is None else _Table(file)

    def judge(self, claims: Sequence[Claim]) -> list[Verdict]:
        keys = {claim: key_of(self._identity, claim) for claim in dict.fromkeys(claims)}
        known = self._recalled(keys.values())
        new = [claim for claim, key in keys.items() if key not in known]
        judged = dict(zip((keys[claim] for claim in new), self._verifier.judge(new), strict=True)) if new else {}
        self._remember(known, {key: verdict for key, verdict in judged.items() if verdict.full is not None})
        return [known[key] if (key := keys[claim]) in known else judged[key] for claim in claims]

    def _recalled(self, keys: Collection[str]) -> dict[str, Verdict]:
        here = {key: self._known[key] for key in keys if key in self._known}
        return here if self._file is None else here | self._file.read([key for key in keys if key not in here])

    def _remember(self, known: Mapping[str, Verdict], new: Mapping[str, Verdict]) -> None:
        if self._file is not None:
            self._file.write(new)
        self._known.update({**known, **new})
        for key in list(self._known)[: max(0, len(self._known) - self._room)]:
            del self._known[key]


class _Table:
    """Verdicts in a file of SQLite, opened anew each time, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        """Raises InputError when the file cannot be made or is no database."""
        self._path = path
        try:
            with closing(self._open()) as base, base:
                base.execute("CREATE TABLE IF NOT EXISTS verdicts (key TEXT PRIMARY KEY, verdict TEXT NOT NULL)")
        except sqlite3.Error as error:
            raise InputError(f"{path}: verdicts cannot be kept here: {error}") from error

    def read(self, keys: Sequence[str]) -> dict[str, Verdict]:
        found: dict[str, Verdict] = {}
        with suppress(sqlite3.Error), closing(self._open()) as base:  # what cannot be recalled is judged again
            for at in range(0, len(keys), AT_ONCE):
                part = keys[at : at + AT_ONCE]
                marks = ",".join("?" * len(part))
                rows = base.execute(f"SELECT key, verdict FROM verdicts WHERE key IN ({marks})", part)  # noqa: S608
                found |= {key: verdict_of(json.loads(text)) for key, text in rows}
        return found

    def write(self, new: Mapping[str, Verdict]) -> None:
        rows = [(key, json.dumps(asdict(verdict), allow_nan=False)) for key, verdict in new.items()]
        with suppress(sqlite3.Error), closing(self._open()) as base, base:
            base.executemany("INSERT OR REPLACE INTO verdicts VALUES (?, ?)", rows)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=30)


def key_of(identity: str, claim: Claim) -> str:
    """sha256 of who judges what."""
    whole = json.dumps([FORM, identity, claim.evidence, claim.text])
    return hashlib.sha256(whole.encode()).hexdigest()


def verdict_of(row: Mapping[str, Any]) -> Verdict:
    """A verdict from its fields."""
    return Verdict(**{**row, "best": tuple(Place(**place) for place in row["best"])})


def remembered(verifier: Verifier, identity: Callable[[], str]) -> CachedVerifier:
    """The verifier with a memory, in the file that GLOSSATOR_VERDICTS names, or in this process only.

    `identity` is asked for only when there is a file, since it may hash gigabytes.
    """
    name = os.environ.get(VARIABLE, "")
    return CachedVerifier(verifier, identity(), file=Path(name)) if name else CachedVerifier(verifier, "")
