"""An index made on a cluster, and what is said where none can be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from glossator.errors import NotInstalledError
from glossator.retrieval.sharding import ray_workers

CASES = Path(__file__).with_name("on_a_cluster.py")
SAID = (0, 1)
"""Exit codes of pytest when all tests were run."""


@pytest.mark.slow
def test_a_cluster_makes_the_index_that_one_process_makes() -> None:
    """Ray ends the process that began a cluster when the cluster's own processes die, as they do on a machine that is
    too busy to answer them. That process is not this one, and has a second chance."""
    pytest.importorskip("ray", reason="the extra ray is not installed")
    call = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(CASES)]
    done = subprocess.run(call, check=False, capture_output=True, text=True, cwd=CASES.parents[2])
    if done.returncode not in SAID:
        done = subprocess.run(call, check=False, capture_output=True, text=True, cwd=CASES.parents[2])
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout[-4000:] + done.stderr[-2000:]


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with (
        pytest.raises(NotInstalledError, match=r"ray is not installed: pip install 'glossator\[ray\]'"),
        ray_workers(2),
    ):
        pass
