# SPDX-License-Identifier: Apache-2.0
"""Jobs that were given up, and ways to bring them back."""

from __future__ import annotations

from draywork._compat import deprecated
from draywork.durations import parse_duration
from draywork.errors import InvalidTransition
from draywork.model import Job, JobState
from draywork.queue import Queue


class DeadLetters:
    """A view of the ``dead`` folder of a queue."""

    def __init__(self, queue: Queue) -> None:
        """Attach to a queue.

        Args:
            queue: The queue whose dead letters are meant.
        """
        self.queue = queue

    def jobs(self, *, name: str | None = None) -> list[Job]:
        """Return the dead letters, the most recent death first.

        Args:
            name: Only return jobs with this name.
        """
        found = [job for job in self.queue.store.load_all(dead=True) if name is None or job.name == name]
        return sorted(found, key=lambda job: job.updated_at, reverse=True)

    def requeue(self, job_id: str, *, reset_attempts: bool = True) -> Job:
        """Make one dead letter ready again, due at once.

        Args:
            job_id: The id of the dead letter.
            reset_attempts: Start counting attempts from zero; otherwise the job gets exactly one more.

        Raises:
            InvalidTransition: If the job exists but is not dead.
            JobNotFound: If there is no such job.
        """
        with self.queue.lock():
            job = self.queue.store.load(job_id)
            if job.state is not JobState.DEAD:
                raise InvalidTransition(f"job {job_id} is {job.state.value}, not dead")
            return self._revive(job, reset_attempts)

    def requeue_all(self, *, name: str | None = None, reset_attempts: bool = True) -> int:
        """Make all dead letters ready again.

        Args:
            name: Only requeue jobs with this name.
            reset_attempts: Start counting attempts from zero.

        Returns:
            How many jobs were requeued.
        """
        with self.queue.lock():
            jobs = self.jobs(name=name)
            for job in jobs:
                self._revive(job, reset_attempts)
        return len(jobs)

    def purge(self, *, older_than: float | str = 0.0) -> int:
        """Delete dead letters for good.

        Args:
            older_than: Only delete jobs that died at least this long ago; by default all.

        Returns:
            How many jobs were deleted.
        """
        age = parse_duration(older_than)
        with self.queue.lock():
            limit = self.queue.clock.now() - age
            old = [job for job in self.jobs() if job.updated_at <= limit]
            for job in old:
                self.queue.store.delete(job.id)
        return len(old)

    @deprecated("DeadLetters.retry_all", "DeadLetters.requeue_all", removed_in="3.0")
    def retry_all(self) -> int:
        """Deprecated since 2.2: use ``requeue_all``; this one keeps the attempt counts."""
        return self.requeue_all(reset_attempts=False)

    def _revive(self, job: Job, reset_attempts: bool) -> Job:
        now = self.queue.clock.now()
        job.move_to(JobState.READY, now)
        job.run_at = now
        if reset_attempts:
            job.attempts = 0
        else:
            job.attempts = min(job.attempts, job.max_attempts - 1)
        self.queue.store.save(job)
        self.queue.events.emit("requeued", job.id, reset=reset_attempts)
        return job
