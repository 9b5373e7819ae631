# SPDX-License-Identifier: Apache-2.0
"""Bring a 1.x store, one file called queue.json, into the 2.x layout."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from draywork.errors import StoreCorrupt
from draywork.model import Job, JobState, new_job_id
from draywork.store import FORMAT, JsonStore

OLD_FILE = "queue.json"
BACKUP = "queue.json.v1.bak"
STATES = {
    "waiting": JobState.READY,
    "working": JobState.READY,
    "finished": JobState.DONE,
    "failed": JobState.DEAD,
}


@dataclasses.dataclass(frozen=True, slots=True)
class MigrationReport:
    """What a migration did, or would do."""

    moved: int
    skipped: int
    backup: Path | None


def migrate_v1(directory: Path, *, now: float, dry_run: bool = False) -> MigrationReport:
    """Convert a 1.x store; the old file is kept under another name.

    Args:
        directory: The directory that holds ``queue.json``.
        now: The current time, used for jobs that carry no time of their own.
        dry_run: Only count, write nothing.

    Returns:
        The numbers of converted and skipped records.

    Raises:
        FileNotFoundError: If there is no ``queue.json``.
        StoreCorrupt: If the old file is not a JSON list.
    """
    old = directory / OLD_FILE
    try:
        records = json.loads(old.read_text(encoding="utf-8"))
    except ValueError as exc:
        raise StoreCorrupt(f"{old}: {exc}") from exc
    if not isinstance(records, list):
        raise StoreCorrupt(f"{old} does not hold a list")
    jobs = [_convert(record, now) for record in records]
    good = [job for job in jobs if job is not None]
    skipped = len(jobs) - len(good)
    if dry_run:
        return MigrationReport(len(good), skipped, None)
    (directory / "format").write_text(FORMAT, encoding="ascii")
    store = JsonStore(directory)
    for job in good:
        store.save(job)
    backup = directory / BACKUP
    old.replace(backup)
    return MigrationReport(len(good), skipped, backup)


def _convert(record: Any, now: float) -> Job | None:
    """Turn one old record into a job; records without a task or a known status, or with broken values, are skipped."""
    if not isinstance(record, dict):
        return None
    state = STATES.get(str(record.get("status")))
    task = record.get("task")
    if state is None or not isinstance(task, str) or not task:
        return None
    try:
        created = float(record.get("created", now))
        return Job(
            id=new_job_id(created), name=task, payload=dict(record.get("data") or {}), state=state,
            attempts=int(record.get("tries", 0)), run_at=created, created_at=created, updated_at=now,
            last_error=record.get("error"),
        )
    except (TypeError, ValueError):
        return None
