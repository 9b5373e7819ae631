# SPDX-License-Identifier: Apache-2.0
"""Every exception that Draywork raises, each with a stable code."""

from __future__ import annotations


class DrayworkError(Exception):
    """Base class of all errors raised by the library.

    Attributes:
        code: A stable identifier such as ``DW201`` that never changes its meaning.
    """

    code = "DW000"

    def __str__(self) -> str:
        """Return the message with the code in front, as the command line prints it."""
        return f"[{self.code}] {super().__str__()}"


class ConfigError(DrayworkError):
    """A setting is unknown, has the wrong type or is out of range."""

    code = "DW101"


class DurationError(DrayworkError, ValueError):
    """A text such as ``5 minutes`` could not be read as a duration."""

    code = "DW102"


class JobNotFound(DrayworkError, LookupError):
    """No job with the given id exists in the store."""

    code = "DW201"


class DuplicateJob(DrayworkError):
    """An unfinished job with the same key is already in the queue.

    Attributes:
        existing_id: The id of the job that holds the key.
    """

    code = "DW202"

    def __init__(self, key: str, existing_id: str) -> None:
        super().__init__(f"key {key!r} is held by unfinished job {existing_id}")
        self.key = key
        self.existing_id = existing_id


class LeaseLost(DrayworkError):
    """The lease ran out or another worker holds the job now."""

    code = "DW203"


class InvalidTransition(DrayworkError):
    """The job's state does not allow the requested change."""

    code = "DW204"


class StoreLocked(DrayworkError, TimeoutError):
    """The directory lock could not be taken before the timeout."""

    code = "DW301"


class StoreCorrupt(DrayworkError):
    """A job file holds something that is not a valid job."""

    code = "DW302"


class PayloadTooLarge(DrayworkError, ValueError):
    """The encoded payload is larger than ``max_payload_bytes``."""

    code = "DW303"


class StoreVersion(DrayworkError):
    """The directory was written by another major version of the store format."""

    code = "DW304"


class PayloadError(DrayworkError, TypeError):
    """The payload holds a value that JSON cannot express."""

    code = "DW305"


class ScheduleError(DrayworkError, ValueError):
    """A schedule could not be parsed, or its name is already taken."""

    code = "DW401"


class NoHandlers(DrayworkError):
    """A worker was started before any handler was registered."""

    code = "DW402"


class PermanentFailure(Exception):
    """Raise this in a handler to send the job to the dead letters at once."""


class RetryLater(Exception):
    """Raise this in a handler to be retried after a delay of your own choice.

    Attributes:
        delay: Seconds to wait; the retry policy is not asked.
    """

    def __init__(self, delay: float, reason: str = "retry requested") -> None:
        super().__init__(reason)
        self.delay = delay
