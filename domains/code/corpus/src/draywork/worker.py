# SPDX-License-Identifier: Apache-2.0
"""Run handlers for claimed jobs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from typing import Any

from draywork._compat import deprecated
from draywork.errors import LeaseLost, NoHandlers, PermanentFailure, RetryLater
from draywork.lease import Lease
from draywork.model import Job
from draywork.queue import Queue

logger = logging.getLogger("draywork.worker")


class JobContext:
    """What a handler receives: the job, its payload and a heartbeat."""

    def __init__(self, queue: Queue, lease: Lease) -> None:
        self._queue = queue
        self.lease = lease

    @property
    def job(self) -> Job:
        """The job as it was claimed."""
        return self.lease.job

    @property
    def payload(self) -> dict[str, Any]:
        """The payload of the job."""
        return self.lease.job.payload

    def heartbeat(self, seconds: float | None = None) -> None:
        """Renew the lease; long handlers should call this more often than the lease lasts.

        Args:
            seconds: The new length of the lease; by default the old one.

        Raises:
            LeaseLost: If the lease ran out before the call.
        """
        self.lease = self._queue.renew(self.lease, seconds)


Handler = Callable[[JobContext], None]


class Worker:
    """Claim jobs one after the other and run the handler for each."""

    def __init__(
        self,
        queue: Queue,
        *,
        poll_interval: float | None = None,
        on_error: Callable[[Job, BaseException], None] | None = None,
    ) -> None:
        """Make a worker without any handlers.

        Args:
            queue: Where to take jobs from.
            poll_interval: Seconds to sleep when nothing is due; by default the setting.
            on_error: Called after each failed attempt, before the failure is recorded.
        """
        self.queue = queue
        self.poll_interval = queue.settings.poll_interval if poll_interval is None else poll_interval
        self.on_error = on_error
        self._handlers: dict[str, Handler] = {}
        self._stopping = False

    def register(self, name: str, handler: Handler) -> None:
        """Use a function for all jobs of one name.

        Args:
            name: The job name.
            handler: Called with a JobContext; its return value is ignored.

        Raises:
            ValueError: If the name already has a handler.
        """
        if name in self._handlers:
            raise ValueError(f"{name!r} already has a handler")
        self._handlers[name] = handler

    def handler(self, name: str) -> Callable[[Handler], Handler]:
        """Return a decorator that registers a function and leaves it unchanged.

        Args:
            name: The job name.
        """

        def decorate(func: Handler) -> Handler:
            self.register(name, func)
            return func

        return decorate

    def run_once(self) -> bool:
        """Claim and run at most one job; jobs without a handler stay in the queue.

        Returns:
            Whether a job was run.

        Raises:
            NoHandlers: If no handler is registered.
        """
        if not self._handlers:
            raise NoHandlers("register a handler before running the worker")
        lease = self.queue.claim(names=self._handlers.keys())
        if lease is None:
            return False
        context = JobContext(self.queue, lease)
        try:
            self._handlers[lease.job.name](context)
        except Exception as exc:
            self._failed(context, exc)
        else:
            self._finish(lambda: self.queue.complete(context.lease), lease.job)
        return True

    def run(self, *, max_jobs: int | None = None, idle_exit: bool = False) -> int:
        """Run jobs until told to stop.

        Args:
            max_jobs: Stop after this many jobs; by default never.
            idle_exit: Stop as soon as nothing is due.

        Returns:
            How many jobs were run, failed ones included.
        """
        self._stopping, count = False, 0
        while not self._stopping and (max_jobs is None or count < max_jobs):
            if self.run_once():
                count += 1
            elif idle_exit:
                break
            else:
                self.queue.clock.sleep(self.poll_interval)
        return count

    def stop(self) -> None:
        """Ask ``run`` to return after the current job; safe to call from a signal handler."""
        self._stopping = True

    @deprecated("Worker.loop", "Worker.run", removed_in="3.0")
    def loop(self) -> None:
        """Deprecated since 2.1: use ``run``, which returns the number of jobs."""
        self.run()

    def _failed(self, context: JobContext, exc: Exception) -> None:
        if self.on_error is not None:
            self.on_error(context.job, exc)
        error = "".join(traceback.format_exception_only(exc)).strip()
        retry = not isinstance(exc, PermanentFailure)
        delay = exc.delay if isinstance(exc, RetryLater) else None
        self._finish(lambda: self.queue.fail(context.lease, error, retry=retry, delay=delay), context.job)

    @staticmethod
    def _finish(record: Callable[[], Job], job: Job) -> None:
        """Record an outcome; a lost lease is only logged, because another worker owns the job now."""
        try:
            record()
        except LeaseLost as exc:
            logger.warning("outcome of job %s was dropped: %s", job.id, exc)
