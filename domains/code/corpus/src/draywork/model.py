# SPDX-License-Identifier: Apache-2.0
"""The job record and the states it can be in."""

from __future__ import annotations

import dataclasses
import enum
import secrets
from typing import Any

from draywork.errors import InvalidTransition, StoreCorrupt


class JobState(enum.StrEnum):
    """Where a job stands in its life."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"
    CANCELLED = "cancelled"

    @property
    def finished(self) -> bool:
        """Tell whether the state is done, dead or cancelled."""
        return self in (JobState.DONE, JobState.DEAD, JobState.CANCELLED)


TRANSITIONS: dict[JobState, frozenset[JobState]] = {
    JobState.READY: frozenset({JobState.RUNNING, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.READY, JobState.DONE, JobState.DEAD}),
    JobState.DEAD: frozenset({JobState.READY}),
    JobState.DONE: frozenset(),
    JobState.CANCELLED: frozenset(),
}


def new_job_id(now: float) -> str:
    """Make an id: the time in milliseconds, a hyphen and eight random hex digits.

    Args:
        now: The current time in seconds.

    Returns:
        A text of 22 characters that sorts by creation time.
    """
    return f"{int(now * 1000):013d}-{secrets.token_hex(4)}"


@dataclasses.dataclass(slots=True)
class Job:
    """One unit of work; ``run_at`` is the earliest time at which it may be claimed."""

    id: str
    name: str
    payload: dict[str, Any]
    state: JobState = JobState.READY
    priority: int = 5
    attempts: int = 0
    max_attempts: int = 5
    run_at: float = 0.0
    created_at: float = 0.0
    updated_at: float = 0.0
    key: str | None = None
    lease_token: str | None = None
    lease_until: float | None = None
    last_error: str | None = None

    def move_to(self, state: JobState, now: float) -> None:
        """Change the state if the table of transitions allows it.

        Args:
            state: The new state.
            now: The time to record in ``updated_at``.

        Raises:
            InvalidTransition: If the change is not allowed.
        """
        if state not in TRANSITIONS[self.state]:
            raise InvalidTransition(f"job {self.id} cannot go from {self.state.value} to {state.value}")
        self.state = state
        self.updated_at = now
        if state is not JobState.RUNNING:
            self.lease_token = None
            self.lease_until = None

    @property
    def sort_key(self) -> tuple[int, float, str]:
        """Order of claiming: priority first, then due time, then id."""
        return (self.priority, self.run_at, self.id)

    def to_dict(self) -> dict[str, Any]:
        """Return the job as a dictionary that JSON can express."""
        data = dataclasses.asdict(self)
        data["state"] = self.state.value
        return data

    @classmethod
    def from_dict(cls, data: Any) -> Job:
        """Build a job from its stored form.

        Args:
            data: What ``to_dict`` returned, read back from JSON.

        Raises:
            StoreCorrupt: If a field is missing, unknown or has a state that does not exist.
        """
        try:
            fields = dict(data)
            fields["state"] = JobState(fields["state"])
            return cls(**fields)
        except (KeyError, TypeError, ValueError) as exc:
            raise StoreCorrupt(f"not a valid job record: {exc}") from exc
