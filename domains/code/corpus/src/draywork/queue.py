# SPDX-License-Identifier: Apache-2.0
"""The queue itself: put, claim, finish."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from draywork import lease as leases
from draywork._compat import deprecated
from draywork.clock import Clock, SystemClock
from draywork.codec import decode_payload, encode_payload
from draywork.config import Settings, load_settings
from draywork.durations import parse_duration
from draywork.errors import DuplicateJob, JobNotFound, LeaseLost
from draywork.events import EventLog
from draywork.lease import Lease
from draywork.lockfile import DirectoryLock
from draywork.model import Job, JobState, new_job_id
from draywork.retry import RetryPolicy
from draywork.store import JsonStore

MAX_ERROR_CHARS = 2_000


class Queue:
    """A queue of jobs in one directory, safe to use from several processes."""

    def __init__(
        self,
        directory: Path | str | None = None,
        *,
        settings: Settings | None = None,
        clock: Clock | None = None,
    ) -> None:
        """Open a queue, creating the directory when it is missing.

        Args:
            directory: Where the jobs live; wins over ``settings.directory``.
            settings: Settings to use; by default those that ``load_settings`` finds.
            clock: The source of time.
        """
        self.settings = settings or load_settings()
        self.directory = Path(directory) if directory is not None else self.settings.directory
        self.directory.mkdir(parents=True, exist_ok=True)
        self.clock = clock or SystemClock()
        self.store = JsonStore(self.directory, fsync=self.settings.fsync)
        self.retry = RetryPolicy.from_settings(self.settings)
        log = self.directory / "events.jsonl" if self.settings.log_events else None
        self.events = EventLog(log, clock=self.clock)

    def lock(self) -> DirectoryLock:
        """Return a new lock on the directory, with the timeouts of the settings."""
        return DirectoryLock(
            self.directory, timeout=self.settings.lock_timeout, stale_after=self.settings.lock_stale_after
        )

    def put(
        self,
        name: str,
        payload: Mapping[str, Any] | None = None,
        *,
        priority: int = 5,
        delay: float | str = 0.0,
        key: str | None = None,
        max_attempts: int | None = None,
    ) -> Job:
        """Add a job.

        Args:
            name: The name under which a handler is registered.
            payload: Data for the handler; must be a mapping that JSON can express.
            priority: From 0, the most urgent, to 9.
            delay: How long to hold the job back, in seconds or as a duration text.
            key: No two unfinished jobs may share a key.
            max_attempts: Overrides the setting for this job.

        Returns:
            The stored job.

        Raises:
            ValueError: If the name is empty, or the priority or ``max_attempts`` is out of range.
            DuplicateJob: If an unfinished job has the same key.
            PayloadTooLarge: If the encoded payload is above ``max_payload_bytes``.
        """
        if not name:
            raise ValueError("a job needs a name")
        if not 0 <= priority <= 9:
            raise ValueError("priority must lie between 0 and 9")
        if max_attempts is not None and max_attempts < 1:
            raise ValueError("max_attempts must be at least 1")
        text = encode_payload(payload, limit=self.settings.max_payload_bytes)
        wait = parse_duration(delay)
        with self.lock():
            if key is not None:
                self._refuse_duplicate(key)
            now = self.clock.now()
            job = Job(
                id=new_job_id(now), name=name, payload=decode_payload(text), priority=priority, key=key,
                max_attempts=max_attempts or self.settings.max_attempts,
                run_at=now + wait, created_at=now, updated_at=now,
            )
            self.store.save(job)
            self.events.emit("put", job.id, name=name)
        return job

    def claim(
        self, *, names: Collection[str] | None = None, lease_seconds: float | None = None
    ) -> Lease | None:
        """Take the most urgent job that is due.

        Expired leases are collected first, so a crashed worker's job can be claimed in the same call.

        Args:
            names: Only take jobs with one of these names; ``None`` takes any.
            lease_seconds: How long the lease lasts; by default the setting.

        Returns:
            A lease, or ``None`` when nothing is due.
        """
        seconds = self.settings.lease_seconds if lease_seconds is None else lease_seconds
        with self.lock():
            self._reap()
            now = self.clock.now()
            due = [
                job for job in self.store.load_all()
                if job.state is JobState.READY and job.run_at <= now and (names is None or job.name in names)
            ]
            if not due:
                return None
            job = min(due, key=lambda item: item.sort_key)
            granted = leases.grant(job, seconds, now)
            self.store.save(job)
            self.events.emit("claimed", job.id, attempt=job.attempts)
        return granted

    def complete(self, lease: Lease) -> Job:
        """Mark a job as done.

        Args:
            lease: The lease that ``claim`` returned.

        Raises:
            LeaseLost: If the lease has run out or another worker holds the job.
        """
        with self.lock():
            job = self._held(lease)
            job.move_to(JobState.DONE, self.clock.now())
            self.store.save(job)
            self.events.emit("done", job.id, attempt=job.attempts)
        return job

    def fail(self, lease: Lease, error: str, *, retry: bool = True, delay: float | None = None) -> Job:
        """Record a failed attempt and plan the next one, or bury the job.

        Args:
            lease: The lease that ``claim`` returned.
            error: What went wrong; only the first 2,000 characters are kept.
            retry: ``False`` sends the job to the dead letters at once.
            delay: Seconds until the next attempt; by default the retry policy decides.

        Raises:
            LeaseLost: If the lease has run out or another worker holds the job.
        """
        with self.lock():
            job = self._held(lease)
            self._after_failure(job, error, retry=retry, delay=delay)
        return job

    def renew(self, lease: Lease, seconds: float | None = None) -> Lease:
        """Extend a lease; the new end is counted from now, not from the old end.

        Args:
            lease: The lease to extend.
            seconds: The new length; by default that of the lease.

        Returns:
            A new lease with the same token.

        Raises:
            ValueError: If ``seconds`` is not positive.
            LeaseLost: If the lease has already run out.
        """
        length = lease.seconds if seconds is None else seconds
        if length <= 0:
            raise ValueError("a lease must last longer than zero seconds")
        with self.lock():
            job = self._held(lease)
            job.lease_until = self.clock.now() + length
            self.store.save(job)
            self.events.emit("renewed", job.id, until=job.lease_until)
            return Lease(job=job, token=lease.token, expires_at=job.lease_until, seconds=length)

    def release(self, lease: Lease) -> Job:
        """Give a job back unharmed; the attempt does not count.

        Args:
            lease: The lease to give up.

        Raises:
            LeaseLost: If the lease has run out or another worker holds the job.
        """
        with self.lock():
            job = self._held(lease)
            job.move_to(JobState.READY, self.clock.now())
            job.attempts -= 1
            self.store.save(job)
            self.events.emit("released", job.id)
        return job

    def cancel(self, job_id: str) -> Job:
        """Cancel a job that is still waiting.

        Args:
            job_id: The job.

        Raises:
            InvalidTransition: If the job is running or finished.
        """
        with self.lock():
            job = self.store.load(job_id)
            job.move_to(JobState.CANCELLED, self.clock.now())
            self.store.save(job)
            self.events.emit("cancelled", job.id)
        return job

    def get(self, job_id: str) -> Job:
        """Return one job, live or dead.

        Args:
            job_id: The id of the job.

        Raises:
            JobNotFound: If there is no such job.
        """
        return self.store.load(job_id)

    def jobs(self, state: JobState | None = None) -> list[Job]:
        """List jobs in the order in which they would be claimed.

        Args:
            state: Only list jobs in this state; by default all, dead ones included.
        """
        found = {job.id: job for job in self.store.load_all()}
        found.update((job.id, job) for job in self.store.load_all(dead=True))
        wanted = (job for job in found.values() if state is None or job.state is state)
        return sorted(wanted, key=lambda job: job.sort_key)

    def reap(self) -> int:
        """Take back all jobs whose lease has run out.

        Returns:
            How many leases had expired.
        """
        with self.lock():
            return self._reap()

    def prune(self) -> int:
        """Delete done and cancelled jobs that are older than ``keep_done``; dead letters stay.

        Returns:
            How many jobs were deleted.
        """
        with self.lock():
            limit = self.clock.now() - self.settings.keep_done
            old = [j for j in self.store.load_all() if j.state.finished and j.updated_at <= limit]
            for job in old:
                self.store.delete(job.id)
        return len(old)

    @deprecated("Queue.push", "Queue.put", removed_in="3.0")
    def push(self, name: str, data: Mapping[str, Any] | None = None) -> str:
        """Deprecated since 2.0: use ``put``, which returns the job and not only its id.

        Args:
            name: The name of the job.
            data: The payload.
        """
        return self.put(name, data).id

    @deprecated("Queue.pop", "Queue.claim", removed_in="2.4")
    def pop(self) -> Job | None:
        """Deprecated since 2.0: use ``claim``; a popped job is marked as done before it runs."""
        lease = self.claim()
        return None if lease is None else self.complete(lease)

    def _held(self, lease: Lease) -> Job:
        try:
            job = self.store.load(lease.job.id)
        except JobNotFound as exc:
            raise LeaseLost(f"job {lease.job.id} was deleted") from exc
        leases.check(job, lease, self.clock.now())
        return job

    def _refuse_duplicate(self, key: str) -> None:
        for job in self.store.load_all():
            if job.key == key and not job.state.finished:
                raise DuplicateJob(key, job.id)

    def _after_failure(self, job: Job, error: str, *, retry: bool, delay: float | None) -> None:
        now = self.clock.now()
        job.last_error = error[:MAX_ERROR_CHARS]
        if retry and self.retry.should_retry(job.attempts, max_attempts=job.max_attempts):
            job.move_to(JobState.READY, now)
            job.run_at = now + (self.retry.delay_for(job.attempts) if delay is None else delay)
        else:
            job.move_to(JobState.DEAD, now)
        self.store.save(job)
        kind = "dead" if job.state is JobState.DEAD else "retry"
        self.events.emit(kind, job.id, attempt=job.attempts, error=job.last_error[:200])

    def _reap(self) -> int:
        now, count = self.clock.now(), 0
        for job in list(self.store.load_all()):
            if job.state is JobState.RUNNING and (job.lease_until or 0.0) <= now:
                self.events.emit("lease-expired", job.id)
                self._after_failure(job, "lease expired", retry=True, delay=0.0)
                count += 1
        return count
