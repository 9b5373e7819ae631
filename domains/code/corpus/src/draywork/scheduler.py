# SPDX-License-Identifier: Apache-2.0
"""Named schedules that put a job whenever they are due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from draywork.errors import DuplicateJob, ScheduleError
from draywork.model import Job
from draywork.queue import Queue
from draywork.schedule import parse_schedule


class Scheduler:
    """Keep named schedules in ``schedules.json`` and put their jobs when they are due."""

    def __init__(self, queue: Queue) -> None:
        """Attach to a queue.

        Args:
            queue: Where due jobs are put.
        """
        self.queue = queue
        self.path = queue.directory / "schedules.json"

    def add(
        self, name: str, schedule: str, job_name: str, payload: Mapping[str, Any] | None = None,
        *, replace: bool = False,
    ) -> float:
        """Register a schedule.

        Args:
            name: A unique name for the schedule.
            schedule: A text that ``parse_schedule`` accepts.
            job_name: The name of the jobs to put.
            payload: The payload of every job.
            replace: Overwrite a schedule of the same name.

        Returns:
            The time of the first run.

        Raises:
            ScheduleError: If the text is invalid, or the name is taken and ``replace`` is false.
        """
        plan = parse_schedule(schedule)
        with self.queue.lock():
            entries = self.entries()
            if name in entries and not replace:
                raise ScheduleError(f"a schedule named {name!r} exists")
            first = plan.next_after(self.queue.clock.now())
            entries[name] = {
                "schedule": schedule.lower(), "job": job_name, "payload": dict(payload or {}), "next": first,
            }
            self.queue.store.write_json(self.path, entries)
        return first

    def remove(self, name: str) -> bool:
        """Forget a schedule; jobs it already put stay in the queue.

        Args:
            name: The name of the schedule.

        Returns:
            Whether there was one.
        """
        with self.queue.lock():
            entries = self.entries()
            found = entries.pop(name, None) is not None
            self.queue.store.write_json(self.path, entries)
        return found

    def entries(self) -> dict[str, dict[str, Any]]:
        """Return all schedules by name."""
        if not self.path.exists():
            return {}
        found: dict[str, dict[str, Any]] = json.loads(self.path.read_text(encoding="utf-8"))
        return found

    def tick(self) -> list[Job]:
        """Put one job for every schedule that is due; runs that were missed are merged into one.

        A schedule is skipped while the job of its previous run is unfinished.

        Returns:
            The jobs that were put.
        """
        now, due = self.queue.clock.now(), []
        with self.queue.lock():
            entries = self.entries()
            for name, entry in entries.items():
                if entry["next"] <= now:
                    due.append((name, entry))
                    entry["next"] = parse_schedule(entry["schedule"]).next_after(now)
            if due:
                self.queue.store.write_json(self.path, entries)
        jobs = []
        for name, entry in due:
            try:
                jobs.append(self.queue.put(entry["job"], entry["payload"], key=f"schedule:{name}"))
            except DuplicateJob:
                continue
        return jobs
