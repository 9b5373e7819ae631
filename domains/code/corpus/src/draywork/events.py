# SPDX-License-Identifier: Apache-2.0
"""An append-only log of what happened to each job, and callbacks for it."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from draywork.clock import Clock, SystemClock

logger = logging.getLogger("draywork.events")

KINDS = (
    "put", "claimed", "renewed", "done", "retry", "dead", "released", "cancelled", "lease-expired", "requeued",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Event:
    """One line of the log."""

    kind: str
    job_id: str
    at: float
    data: dict[str, Any] = dataclasses.field(default_factory=dict)


class EventLog:
    """Write events to a JSON-lines file and tell subscribers about them."""

    def __init__(
        self,
        path: Path | None,
        *,
        clock: Clock | None = None,
        max_bytes: int = 1_048_576,
    ) -> None:
        """Open a log.

        Args:
            path: The file to append to; ``None`` keeps callbacks but writes nothing.
            clock: The source of the time stamps.
            max_bytes: The size from which the file is rotated to ``<name>.1``.
        """
        self.path = path
        self.max_bytes = max_bytes
        self._clock = clock or SystemClock()
        self._subscribers: list[Callable[[Event], None]] = []

    def emit(self, kind: str, job_id: str, **data: Any) -> Event:
        """Record one event; payloads are never written to the log.

        Args:
            kind: One of ``KINDS``.
            job_id: The job it is about.
            **data: Further facts that JSON can express.

        Returns:
            The event as it was recorded.

        Raises:
            ValueError: If the kind is unknown.
        """
        if kind not in KINDS:
            raise ValueError(f"unknown event kind {kind!r}")
        event = Event(kind, job_id, self._clock.now(), data)
        if self.path is not None:
            self._rotate()
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(dataclasses.asdict(event), ensure_ascii=False) + "\n")
        for callback in list(self._subscribers):
            try:
                callback(event)
            except Exception:
                logger.exception("event subscriber failed for %s", event.kind)
        return event

    def subscribe(self, callback: Callable[[Event], None]) -> Callable[[], None]:
        """Call a function for every later event in this process.

        Args:
            callback: Receives the event; its exceptions are logged and swallowed.

        Returns:
            A function that ends the subscription and may be called twice.
        """
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def read(self, kind: str | None = None) -> Iterator[Event]:
        """Yield the events of the current file, oldest first; the rotated file is not read.

        Args:
            kind: Only yield events of this kind.
        """
        if self.path is None or not self.path.exists():
            return
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                try:
                    event = Event(**json.loads(line))
                except (ValueError, TypeError):
                    continue
                if kind is None or event.kind == kind:
                    yield event

    def _rotate(self) -> None:
        """Keep one older file; what was in it before is lost."""
        assert self.path is not None
        if self.path.exists() and self.path.stat().st_size >= self.max_bytes:
            self.path.replace(self.path.with_name(self.path.name + ".1"))
