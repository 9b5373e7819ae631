# SPDX-License-Identifier: Apache-2.0
"""Shared fixtures of the test suite."""

from __future__ import annotations

from pathlib import Path

import pytest
from draywork import ManualClock, Queue, Settings


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until a test moves it."""
    return ManualClock()


@pytest.fixture
def queue(tmp_path: Path, clock: ManualClock) -> Queue:
    """A queue without jitter and without fsync, so that tests are exact and quick."""
    return Queue(tmp_path / "q", settings=Settings(jitter=0.0, fsync=False), clock=clock)
