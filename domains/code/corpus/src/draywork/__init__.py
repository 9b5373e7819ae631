# SPDX-License-Identifier: Apache-2.0
"""Draywork: a file-backed job queue with leases, retries, schedules and dead letters.

The package keeps every job in one small JSON file below a directory that you choose.
No server, no database and no third-party package is needed.
"""

from __future__ import annotations

from typing import Any

from draywork._compat import warn_deprecated
from draywork.clock import Clock, ManualClock, SystemClock
from draywork.config import Settings, load_settings
from draywork.deadletter import DeadLetters
from draywork.durations import format_duration, parse_duration
from draywork.errors import (
    ConfigError,
    DrayworkError,
    DuplicateJob,
    DurationError,
    InvalidTransition,
    JobNotFound,
    LeaseLost,
    NoHandlers,
    PayloadError,
    PayloadTooLarge,
    PermanentFailure,
    RetryLater,
    ScheduleError,
    StoreCorrupt,
    StoreLocked,
    StoreVersion,
)
from draywork.events import Event, EventLog
from draywork.lease import Lease
from draywork.metrics import Snapshot, snapshot
from draywork.model import Job, JobState
from draywork.queue import Queue
from draywork.retry import RetryPolicy
from draywork.schedule import DailyAt, Every, WeeklyAt, parse_schedule
from draywork.scheduler import Scheduler
from draywork.worker import JobContext, Worker

__version__ = "2.2.0"

__all__ = [
    "Clock", "ConfigError", "DailyAt", "DeadLetters", "DrayworkError", "DuplicateJob",
    "DurationError", "Event", "EventLog", "Every", "InvalidTransition", "Job", "JobContext",
    "JobNotFound", "JobState", "Lease", "LeaseLost", "ManualClock", "NoHandlers",
    "PayloadError", "PayloadTooLarge", "PermanentFailure", "Queue", "RetryLater",
    "RetryPolicy", "ScheduleError", "Scheduler", "Settings", "Snapshot", "StoreCorrupt",
    "StoreLocked", "StoreVersion", "SystemClock", "WeeklyAt", "Worker", "format_duration",
    "load_settings", "parse_duration", "parse_schedule", "snapshot",
]


def __getattr__(name: str) -> Any:
    """Serve names of the 1.x series that moved, with a DeprecationWarning.

    Args:
        name: The attribute that was not found in the module.

    Raises:
        AttributeError: If the name never existed.
    """
    if name == "FileQueue":
        warn_deprecated("draywork.FileQueue", "draywork.Queue", removed_in="3.0")
        return Queue
    raise AttributeError(f"module 'draywork' has no attribute {name!r}")
