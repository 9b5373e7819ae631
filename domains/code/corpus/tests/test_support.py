# SPDX-License-Identifier: Apache-2.0
"""Configuration, durations, codec, locking, events, migration and deprecations."""

from __future__ import annotations

import json
import os

import draywork
import pytest
from draywork import ConfigError, DurationError, StoreLocked, StoreVersion, load_settings, parse_duration
from draywork.cli import main
from draywork.codec import mask_secrets
from draywork.config import load_config
from draywork.deadletter import DeadLetters
from draywork.durations import format_duration, parse_interval
from draywork.events import EventLog
from draywork.lockfile import DirectoryLock
from draywork.metrics import snapshot, to_prometheus
from draywork.migrate import migrate_v1


@pytest.mark.parametrize("text, seconds", [("90", 90), ("1h30m", 5400), ("250ms", 0.25), ("2d", 172800)])
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5 minutes", "1h1h", "-3s"])
def test_bad_durations(text):
    with pytest.raises(DurationError):
        parse_duration(text)


def test_format_duration():
    assert format_duration(5400.4) == "1h30m"
    assert format_duration(0.25) == "250ms"


def test_the_environment_beats_the_file(tmp_path):
    file = tmp_path / "draywork.toml"
    file.write_text('[draywork]\nlease_seconds = "2m"\nmax_attempts = 7\n')
    settings = load_settings(file, environ={"DRAYWORK_MAX_ATTEMPTS": "9"})
    assert (settings.lease_seconds, settings.max_attempts) == (120.0, 9)
    assert load_settings(file, environ={}, max_attempts=1).max_attempts == 1


def test_unknown_settings_are_refused():
    with pytest.raises(ConfigError, match="DW101"):
        load_settings(environ={"DRAYWORK_COLOUR": "red"})


def test_secrets_are_masked_at_any_depth():
    assert mask_secrets({"a": [{"Token": "x"}], "b": 1}) == {"a": [{"Token": "***"}], "b": 1}


def test_the_lock_times_out_and_breaks_when_stale(tmp_path):
    with DirectoryLock(tmp_path):
        with pytest.raises(StoreLocked):
            DirectoryLock(tmp_path, timeout=0.0).acquire()
        os.utime(tmp_path / "lock", (1, 1))
        with DirectoryLock(tmp_path, timeout=1.0):
            assert (tmp_path / "lock").exists()


def test_events_rotate_and_survive_bad_subscribers(tmp_path):
    log = EventLog(tmp_path / "events.jsonl", max_bytes=1)
    log.subscribe(lambda event: 1 / 0)
    log.emit("put", "a")
    log.emit("done", "a")
    assert [event.kind for event in log.read()] == ["done"]
    assert (tmp_path / "events.jsonl.1").exists()


def test_a_damaged_job_is_set_aside(queue):
    job = queue.put("x")
    path = queue.directory / "jobs" / f"{job.id}.json"
    path.write_text("{", encoding="utf-8")
    assert queue.claim() is None
    assert path.with_name(path.name + ".bad").exists()


def test_dead_letters_come_back(queue):
    job = queue.put("x")
    queue.fail(queue.claim(), "no", retry=False)
    letters = DeadLetters(queue)
    assert [dead.id for dead in letters.jobs()] == [job.id]
    assert snapshot(queue).counts["dead"] == 1
    assert 'draywork_jobs{state="dead"} 1' in to_prometheus(snapshot(queue))
    assert letters.requeue(job.id).attempts == 0
    assert letters.purge() == 0


def test_migration_keeps_a_backup(tmp_path):
    old = [{"task": "mail", "status": "working", "tries": 2}, {"status": "waiting"}]
    (tmp_path / "queue.json").write_text(json.dumps(old))
    with pytest.raises(StoreVersion):
        draywork.Queue(tmp_path)
    report = migrate_v1(tmp_path, now=5.0)
    assert (report.moved, report.skipped) == (1, 1)
    assert report.backup.name == "queue.json.v1.bak"
    assert draywork.Queue(tmp_path).claim().job.attempts == 3


def test_deprecated_names_still_work(queue, tmp_path):
    file = tmp_path / "draywork.toml"
    file.write_text("[draywork]\n")
    with pytest.warns(DeprecationWarning, match="use draywork.Queue instead"):
        assert draywork.FileQueue is draywork.Queue
    with pytest.warns(DeprecationWarning, match="Queue.put"):
        queue.push("x")
    with pytest.warns(DeprecationWarning, match="Queue.claim"):
        assert queue.pop().name == "x"
    with pytest.warns(DeprecationWarning, match="delay_for"):
        assert queue.retry.wait(1) == 2.0
    with pytest.warns(DeprecationWarning, match="parse_duration"):
        assert parse_interval("1m") == 60
    with pytest.warns(DeprecationWarning, match="load_settings"):
        assert load_config(str(file))["max_attempts"] == 5
    with pytest.warns(DeprecationWarning, match="requeue_all"):
        assert DeadLetters(queue).retry_all() == 0
    worker = draywork.Worker(queue)
    worker.register("last", lambda ctx: worker.stop())
    queue.put("last")
    with pytest.warns(DeprecationWarning, match="Worker.run"):
        worker.loop()


def test_command_line(tmp_path, capsys):
    base = ["--dir", str(tmp_path / "q")]
    assert main([*base, "put", "mail", "--payload", '{"token": "x"}']) == 0
    job_id = capsys.readouterr().out.strip()
    assert main([*base, "show", job_id]) == 0
    assert '"token": "***"' in capsys.readouterr().out
    assert main([*base, "show", "nothing"]) == 4
    assert main([*base, "put", "mail", "--priority", "12"]) == 3
    assert main([*base, "dead", "requeue"]) == 2
    assert main([*base, "stats", "--fail-on-dead"]) == 0
