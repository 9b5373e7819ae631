# SPDX-License-Identifier: Apache-2.0
"""The right to work on one job for a limited time."""

from __future__ import annotations

import dataclasses
import secrets

from draywork.errors import LeaseLost
from draywork.model import Job, JobState


@dataclasses.dataclass(frozen=True, slots=True)
class Lease:
    """What ``Queue.claim`` hands out.

    Attributes:
        job: A copy of the job as it was claimed.
        token: The secret that proves ownership, 32 hexadecimal digits.
        expires_at: The time at which other workers may take the job.
        seconds: The length that was asked for, used again by ``renew``.
    """

    job: Job
    token: str
    expires_at: float
    seconds: float

    def remaining(self, now: float) -> float:
        """Return the seconds left, or 0.0 once the lease has run out.

        Args:
            now: The current time.
        """
        return max(0.0, self.expires_at - now)

    def expired(self, now: float) -> bool:
        """Tell whether the lease has run out; the exact moment of expiry counts as expired.

        Args:
            now: The current time.
        """
        return now >= self.expires_at


def grant(job: Job, seconds: float, now: float) -> Lease:
    """Mark a ready job as running and make the lease for it.

    Granting a lease counts as an attempt, whether or not the handler ever runs.

    Args:
        job: The job, changed in place.
        seconds: How long the lease lasts.
        now: The current time.

    Raises:
        ValueError: If ``seconds`` is not positive.
        InvalidTransition: If the job is not ready.
    """
    if seconds <= 0:
        raise ValueError("a lease must last longer than zero seconds")
    job.move_to(JobState.RUNNING, now)
    job.attempts += 1
    job.lease_token = secrets.token_hex(16)
    job.lease_until = now + seconds
    return Lease(job=dataclasses.replace(job), token=job.lease_token, expires_at=job.lease_until, seconds=seconds)


def check(job: Job, lease: Lease, now: float) -> None:
    """Make sure that a lease is still good for a job.

    Args:
        job: The job as the store holds it now.
        lease: The lease of the caller.
        now: The current time.

    Raises:
        LeaseLost: If the lease has expired or the job carries another token.
    """
    if job.state is not JobState.RUNNING or job.lease_token != lease.token:
        raise LeaseLost(f"job {job.id} is no longer held by this worker")
    if lease.expired(now):
        raise LeaseLost(f"the lease on job {job.id} ran out")
