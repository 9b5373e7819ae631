# SPDX-License-Identifier: Apache-2.0
"""Schedules and the scheduler."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from draywork import DailyAt, Every, ScheduleError, Scheduler, WeeklyAt, parse_schedule


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_every_counts_from_the_epoch():
    assert Every(900).next_after(901) == 1800


def test_daily_moves_to_the_next_day():
    assert DailyAt(3, 30).next_after(at("2026-03-01T03:30")) == at("2026-03-02T03:30")


def test_weekly_finds_its_day():
    assert WeeklyAt("mon", 9).next_after(at("2026-11-24T00:00")) == at("2026-11-30T09:00")


@pytest.mark.parametrize("text", ["every", "every 10ms", "daily 25:00", "weekly someday 03:00", "0 3 * * *"])
def test_bad_schedules_are_refused(text):
    with pytest.raises(ScheduleError):
        parse_schedule(text)


def test_missed_runs_become_one_job(queue, clock):
    scheduler = Scheduler(queue)
    scheduler.add("sweep", "every 1m", "sweep")
    clock.advance(600)
    assert len(scheduler.tick()) == 1
    assert scheduler.tick() == []


def test_an_unfinished_run_blocks_the_next(queue, clock):
    scheduler = Scheduler(queue)
    scheduler.add("sweep", "every 1m", "sweep")
    clock.advance(60)
    assert len(scheduler.tick()) == 1
    clock.advance(60)
    assert scheduler.tick() == []


def test_names_are_unique_unless_replaced(queue):
    scheduler = Scheduler(queue)
    scheduler.add("a", "daily 03:30", "x")
    with pytest.raises(ScheduleError):
        scheduler.add("a", "daily 04:00", "x")
    scheduler.add("a", "Daily 04:00", "x", replace=True)
    assert scheduler.entries()["a"]["schedule"] == "daily 04:00"
    assert scheduler.remove("a") is True
    assert scheduler.remove("a") is False
