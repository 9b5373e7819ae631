# SPDX-License-Identifier: Apache-2.0
"""Numbers for a dashboard, taken from the store at one moment."""

from __future__ import annotations

import dataclasses

from draywork.model import JobState
from draywork.queue import Queue


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """Counts and ages of the jobs in a queue.

    Attributes:
        counts: How many jobs are in each state; every state is present.
        delayed: Ready jobs that are not due yet.
        oldest_ready_seconds: How long the longest-waiting due job has been due, or 0.0.
        expired_leases: Running jobs whose lease has run out and was not collected yet.
    """

    counts: dict[str, int]
    delayed: int
    oldest_ready_seconds: float
    expired_leases: int


def snapshot(queue: Queue) -> Snapshot:
    """Measure a queue without taking its lock.

    Args:
        queue: The queue to look at.

    Returns:
        A snapshot that may mix two moments if jobs move while it is taken.
    """
    now = queue.clock.now()
    counts = {state.value: 0 for state in JobState}
    delayed, oldest, expired = 0, 0.0, 0
    for job in queue.jobs():
        counts[job.state.value] += 1
        if job.state is JobState.READY:
            if job.run_at > now:
                delayed += 1
            else:
                oldest = max(oldest, now - job.run_at)
        elif job.state is JobState.RUNNING and (job.lease_until or 0.0) <= now:
            expired += 1
    return Snapshot(counts=counts, delayed=delayed, oldest_ready_seconds=oldest, expired_leases=expired)


def to_prometheus(snap: Snapshot) -> str:
    """Write a snapshot in the text format that Prometheus scrapes.

    Args:
        snap: The snapshot.

    Returns:
        Lines that end with a newline; all metric names start with ``draywork_``.
    """
    lines = ["# TYPE draywork_jobs gauge"]
    lines += [f'draywork_jobs{{state="{state}"}} {count}' for state, count in snap.counts.items()]
    lines += [
        "# TYPE draywork_jobs_delayed gauge",
        f"draywork_jobs_delayed {snap.delayed}",
        "# TYPE draywork_oldest_ready_seconds gauge",
        f"draywork_oldest_ready_seconds {snap.oldest_ready_seconds:.3f}",
        "# TYPE draywork_expired_leases gauge",
        f"draywork_expired_leases {snap.expired_leases}",
    ]
    return "\n".join(lines) + "\n"
