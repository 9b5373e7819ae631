# SPDX-License-Identifier: Apache-2.0
"""Handlers, heartbeats and failures."""

from __future__ import annotations

import pytest
from draywork import JobState, NoHandlers, PermanentFailure, RetryLater, Worker


def test_a_worker_without_handlers_refuses_to_start(queue):
    with pytest.raises(NoHandlers):
        Worker(queue).run_once()


def test_the_handler_sees_the_payload(queue):
    worker, seen = Worker(queue), []
    worker.register("mail", lambda ctx: seen.append(ctx.payload["to"]))
    queue.put("mail", {"to": "a@example.org"})
    assert worker.run(idle_exit=True) == 1
    assert seen == ["a@example.org"]


def test_jobs_without_a_handler_stay(queue):
    worker = Worker(queue)
    worker.register("known", lambda ctx: None)
    job = queue.put("unknown")
    assert worker.run_once() is False
    assert queue.get(job.id).state is JobState.READY


def test_a_permanent_failure_is_not_retried(queue):
    worker = Worker(queue)

    @worker.handler("bad")
    def bad(ctx):
        raise PermanentFailure("no such customer")

    job = queue.put("bad")
    worker.run_once()
    assert queue.get(job.id).state is JobState.DEAD


def test_retry_later_chooses_its_own_delay(queue, clock):
    worker = Worker(queue)

    @worker.handler("busy")
    def busy(ctx):
        raise RetryLater(42)

    job = queue.put("busy")
    worker.run_once()
    assert queue.get(job.id).run_at == clock.now() + 42


def test_a_heartbeat_keeps_the_lease(queue, clock):
    worker = Worker(queue)

    @worker.handler("long")
    def long_job(ctx):
        for _ in range(3):
            clock.advance(50)
            ctx.heartbeat()

    job = queue.put("long")
    worker.run_once()
    assert queue.get(job.id).state is JobState.DONE


def test_an_outcome_after_the_lease_is_dropped(queue, clock, caplog):
    worker = Worker(queue)
    worker.register("late", lambda ctx: clock.advance(61))
    job = queue.put("late")
    worker.run_once()
    assert queue.get(job.id).state is JobState.RUNNING
    assert "was dropped" in caplog.text


def test_an_idle_worker_sleeps_between_polls(queue, clock):
    worker = Worker(queue)
    worker.register("x", lambda ctx: worker.stop())
    queue.put("x", delay=1.0)
    assert worker.run() == 1
    assert clock.slept == [0.5, 0.5]
