# SPDX-License-Identifier: Apache-2.0
"""The directory that holds the jobs: one JSON file each, replaced atomically."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from draywork.errors import JobNotFound, StoreCorrupt, StoreVersion
from draywork.model import Job, JobState

FORMAT = "2"


class JsonStore:
    """Read and write job files; the caller is expected to hold the directory lock."""

    def __init__(self, directory: Path, *, fsync: bool = True) -> None:
        """Open a store and create its directories when they are missing.

        Args:
            directory: The root of the store.
            fsync: Whether each write is forced to disk before it replaces the old file.

        Raises:
            StoreVersion: If the directory holds a 1.x store or one from a later format.
        """
        self.directory = directory
        self.fsync = fsync
        self.live = directory / "jobs"
        self.dead = directory / "dead"
        marker = directory / "format"
        if not marker.exists() and (directory / "queue.json").exists():
            raise StoreVersion(f"{directory} holds a 1.x store; run 'draywork migrate' first")
        for folder in (self.live, self.dead):
            folder.mkdir(parents=True, exist_ok=True)
        if not marker.exists():
            fresh = directory / f"format.{os.getpid()}.tmp"
            fresh.write_text(FORMAT, encoding="ascii")
            os.replace(fresh, marker)
        found = marker.read_text(encoding="ascii").strip()
        if found != FORMAT:
            raise StoreVersion(f"{directory} has format {found}, this version reads {FORMAT}")

    def save(self, job: Job) -> None:
        """Write a job to the folder that fits its state and remove it from the other.

        Args:
            job: The job to write.
        """
        home, other = (self.dead, self.live) if job.state is JobState.DEAD else (self.live, self.dead)
        self.write_json(home / f"{job.id}.json", job.to_dict())
        (other / f"{job.id}.json").unlink(missing_ok=True)

    def load(self, job_id: str) -> Job:
        """Read one job.

        Args:
            job_id: The id that ``put`` returned.

        Raises:
            JobNotFound: If neither folder holds the job.
            StoreCorrupt: If the file cannot be read as a job.
        """
        if "/" in job_id or "\\" in job_id or job_id.startswith("."):
            raise JobNotFound(f"not a job id: {job_id!r}")
        for folder in (self.live, self.dead):
            with contextlib.suppress(FileNotFoundError):
                return self._read(folder / f"{job_id}.json")
        raise JobNotFound(f"no job {job_id}")

    def load_all(self, *, dead: bool = False) -> Iterator[Job]:
        """Yield every job of one folder; damaged files are renamed to ``*.json.bad`` and skipped.

        Args:
            dead: Read the dead letters instead of the live jobs.
        """
        folder = self.dead if dead else self.live
        for path in sorted(folder.glob("*.json")):
            try:
                yield self._read(path)
            except FileNotFoundError:
                continue
            except StoreCorrupt:
                path.replace(path.with_name(path.name + ".bad"))

    def delete(self, job_id: str) -> None:
        """Remove a job from both folders; a job that is not there is no error.

        Args:
            job_id: The job to remove.
        """
        for folder in (self.live, self.dead):
            (folder / f"{job_id}.json").unlink(missing_ok=True)

    def write_json(self, path: Path, data: object) -> None:
        """Write JSON to a temporary file and rename it over the target.

        Args:
            path: The target file.
            data: Anything that JSON can express.
        """
        temporary = path.with_name(path.name + ".tmp")
        try:
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(data, file, ensure_ascii=False, sort_keys=True)
                file.flush()
                if self.fsync:
                    os.fsync(file.fileno())
            os.replace(temporary, path)
            if self.fsync:
                self._sync_folder(path.parent)
        finally:
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()

    @staticmethod
    def _sync_folder(folder: Path) -> None:
        """Make a rename durable; platforms that cannot open a folder are left alone."""
        with contextlib.suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @staticmethod
    def _read(path: Path) -> Job:
        try:
            return Job.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as exc:
            raise StoreCorrupt(f"{path.name}: {exc}") from exc
