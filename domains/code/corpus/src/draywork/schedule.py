# SPDX-License-Identifier: Apache-2.0
"""Times of recurring jobs: fixed intervals, times of day and days of the week, all in UTC."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Protocol

from draywork.durations import format_duration, parse_duration
from draywork.errors import DurationError, ScheduleError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIN_INTERVAL = 1.0


class Schedule(Protocol):
    """Anything that can name the next time after a given one."""

    def next_after(self, moment: float) -> float:
        """Return the first run strictly after ``moment``."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Every:
    """Run at a fixed interval, counted from the Unix epoch."""

    seconds: float

    def __post_init__(self) -> None:
        """Refuse intervals below one second.

        Raises:
            ScheduleError: If the interval is too short.
        """
        if self.seconds < MIN_INTERVAL:
            raise ScheduleError("an interval must be at least one second")

    def next_after(self, moment: float) -> float:
        """Return the first multiple of the interval after ``moment``."""
        return (moment // self.seconds + 1) * self.seconds

    def __str__(self) -> str:
        return f"every {format_duration(self.seconds)}"


@dataclasses.dataclass(frozen=True, slots=True)
class DailyAt:
    """Run once a day at a time of the UTC day."""

    hour: int
    minute: int = 0

    def __post_init__(self) -> None:
        """Refuse times that no clock shows.

        Raises:
            ScheduleError: If hour or minute is out of range.
        """
        if not (0 <= self.hour <= 23 and 0 <= self.minute <= 59):
            raise ScheduleError(f"not a time of day: {self.hour}:{self.minute}")

    def next_after(self, moment: float) -> float:
        """Return the next moment at which the UTC clock shows this time."""
        now = datetime.fromtimestamp(moment, UTC)
        run = now.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return (run if run > now else run + timedelta(days=1)).timestamp()

    def __str__(self) -> str:
        return f"daily {self.hour:02d}:{self.minute:02d}"


@dataclasses.dataclass(frozen=True, slots=True)
class WeeklyAt:
    """Run once a week; ``day`` is one of mon, tue, wed, thu, fri, sat, sun."""

    day: str
    hour: int
    minute: int = 0

    def __post_init__(self) -> None:
        """Check the day and, through DailyAt, the time.

        Raises:
            ScheduleError: If the day or the time is unknown.
        """
        if self.day not in DAYS:
            raise ScheduleError(f"not a day: {self.day!r}")
        DailyAt(self.hour, self.minute)

    def next_after(self, moment: float) -> float:
        """Return the next moment at which day and time both fit."""
        run = DailyAt(self.hour, self.minute).next_after(moment)
        while datetime.fromtimestamp(run, UTC).weekday() != DAYS.index(self.day):
            run += 86_400
        return run

    def __str__(self) -> str:
        return f"weekly {self.day} {self.hour:02d}:{self.minute:02d}"


def parse_schedule(text: str) -> Every | DailyAt | WeeklyAt:
    """Read ``every 15m``, ``daily 03:30`` or ``weekly mon 03:30``.

    Args:
        text: The schedule; upper and lower case are the same.

    Raises:
        ScheduleError: If the text has none of the three forms.
    """
    try:
        match text.lower().split():
            case ["every", interval]:
                return Every(parse_duration(interval))
            case ["daily", time]:
                hour, minute = time.split(":")
                return DailyAt(int(hour), int(minute))
            case ["weekly", day, time]:
                hour, minute = time.split(":")
                return WeeklyAt(day, int(hour), int(minute))
    except (DurationError, ValueError) as exc:
        if isinstance(exc, ScheduleError):
            raise
        raise ScheduleError(f"not a schedule: {text!r}") from exc
    raise ScheduleError(f"not a schedule: {text!r}")
