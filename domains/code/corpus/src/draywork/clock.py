# SPDX-License-Identifier: Apache-2.0
"""Sources of the current time, so that tests need not sleep."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the library needs from a clock."""

    def now(self) -> float:
        """Return the current time in seconds since the Unix epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait for the given number of seconds."""
        ...


class SystemClock:
    """The real clock of the machine; the default everywhere."""

    def now(self) -> float:
        """Return ``time.time()``."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Block the calling thread.

        Args:
            seconds: How long to wait; negative values return at once.
        """
        if seconds > 0:
            time.sleep(seconds)


class ManualClock:
    """A clock that only moves when told to.

    Calling ``sleep`` advances the clock instead of waiting, so worker tests finish at once.
    """

    def __init__(self, start: float = 1_000_000.0) -> None:
        self._now = start
        self.slept: list[float] = []

    def now(self) -> float:
        """Return the time the clock stands at."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward.

        Args:
            seconds: How far to move.

        Raises:
            ValueError: If ``seconds`` is negative, because time never runs backwards here.
        """
        if seconds < 0:
            raise ValueError("a ManualClock cannot go back in time")
        self._now += seconds

    def sleep(self, seconds: float) -> None:
        """Record the request in ``slept`` and advance the clock by it.

        Args:
            seconds: How long the caller wanted to wait.
        """
        self.slept.append(seconds)
        self.advance(max(0.0, seconds))
