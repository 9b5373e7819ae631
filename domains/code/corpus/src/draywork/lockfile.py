# SPDX-License-Identifier: Apache-2.0
"""An exclusive lock on a directory, made of one file."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from pathlib import Path
from types import TracebackType

from draywork.errors import StoreLocked

DEFAULT_TIMEOUT = 10.0
DEFAULT_STALE_AFTER = 120.0


class DirectoryLock:
    """Hold ``<directory>/lock`` while a block runs.

    The lock is advisory: only programs that use this class respect it.
    The lock is not re-entrant: taking it twice in one thread waits until the timeout.
    """

    def __init__(
        self,
        directory: Path,
        *,
        timeout: float = DEFAULT_TIMEOUT,
        stale_after: float = DEFAULT_STALE_AFTER,
        poll: float = 0.05,
    ) -> None:
        """Prepare the lock without taking it.

        Args:
            directory: An existing directory.
            timeout: Seconds to wait before giving up.
            stale_after: Age in seconds from which a lock left behind by a crash is broken.
            poll: Seconds between two attempts.
        """
        self.path = directory / "lock"
        self.timeout = timeout
        self.stale_after = stale_after
        self.poll = poll
        self._token: str | None = None

    def acquire(self) -> None:
        """Take the lock, waiting for up to ``timeout`` seconds.

        Raises:
            StoreLocked: If another holder kept the lock for the whole time.
        """
        deadline = time.monotonic() + self.timeout
        token = f"{os.getpid()} {secrets.token_hex(8)}"
        while not self._try_create(token):
            self._break_if_stale()
            if time.monotonic() >= deadline:
                raise StoreLocked(f"{self.path} is held by another process")
            time.sleep(self.poll)
        self._token = token

    def release(self) -> None:
        """Remove the lock file, but only if it still carries this holder's token."""
        token, self._token = self._token, None
        if token is None:
            return
        with contextlib.suppress(FileNotFoundError):
            if self.path.read_text(encoding="ascii") == token:
                self.path.unlink()

    def _try_create(self, token: str) -> bool:
        try:
            handle = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(token)
        return True

    def _break_if_stale(self) -> None:
        """Move an old lock file aside under a unique name, then delete it."""
        with contextlib.suppress(FileNotFoundError):
            if time.time() - self.path.stat().st_mtime < self.stale_after:
                return
            aside = self.path.with_name(f"lock.stale-{secrets.token_hex(4)}")
            os.rename(self.path, aside)
            aside.unlink()

    def __enter__(self) -> DirectoryLock:
        self.acquire()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
