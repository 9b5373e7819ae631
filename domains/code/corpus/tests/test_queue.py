# SPDX-License-Identifier: Apache-2.0
"""Putting, claiming and finishing jobs."""

from __future__ import annotations

import pytest
from draywork import (
    DuplicateJob,
    InvalidTransition,
    JobNotFound,
    JobState,
    LeaseLost,
    PayloadError,
    PayloadTooLarge,
)


def test_urgent_jobs_are_claimed_first(queue):
    queue.put("slow", priority=9)
    urgent = queue.put("fast", priority=0)
    assert queue.claim().job.id == urgent.id


def test_a_delayed_job_is_not_due_yet(queue, clock):
    queue.put("later", delay="5m")
    assert queue.claim() is None
    clock.advance(300)
    assert queue.claim() is not None


def test_a_key_is_free_again_once_its_job_is_done(queue):
    first = queue.put("report", key="daily")
    with pytest.raises(DuplicateJob) as caught:
        queue.put("report", key="daily")
    assert caught.value.existing_id == first.id
    queue.complete(queue.claim())
    assert queue.put("report", key="daily").state is JobState.READY


def test_five_failures_bury_a_job(queue, clock):
    job = queue.put("flaky")
    for _ in range(5):
        clock.advance(1_000)
        queue.fail(queue.claim(), "boom")
    assert queue.get(job.id).state is JobState.DEAD
    assert queue.get(job.id).last_error == "boom"


def test_an_expired_lease_goes_to_the_next_worker(queue, clock):
    job = queue.put("x")
    old = queue.claim()
    clock.advance(60)
    new = queue.claim()
    assert new.job.id == job.id and new.job.attempts == 2
    with pytest.raises(LeaseLost):
        queue.complete(old)


def test_renewing_counts_from_now(queue, clock):
    queue.put("x")
    lease = queue.claim()
    clock.advance(50)
    renewed = queue.renew(lease)
    assert renewed.expires_at == clock.now() + 60
    assert renewed.token == lease.token


def test_releasing_gives_the_attempt_back(queue):
    queue.put("x")
    assert queue.release(queue.claim()).attempts == 0


def test_a_running_job_cannot_be_cancelled(queue):
    job = queue.put("x")
    queue.claim()
    with pytest.raises(InvalidTransition):
        queue.cancel(job.id)


def test_prune_keeps_dead_letters(queue, clock):
    queue.put("good")
    queue.complete(queue.claim())
    queue.put("bad")
    queue.fail(queue.claim(), "no", retry=False)
    clock.advance(604_800)
    assert queue.prune() == 1
    assert [job.name for job in queue.jobs()] == ["bad"]


def test_payload_limits(queue):
    with pytest.raises(PayloadTooLarge):
        queue.put("x", {"text": "a" * 70_000})
    with pytest.raises(PayloadError):
        queue.put("x", {"when": object()})


def test_ids_cannot_leave_the_directory(queue):
    with pytest.raises(JobNotFound):
        queue.get("../format")
