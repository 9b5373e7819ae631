# SPDX-License-Identifier: Apache-2.0
"""The ``draywork`` command."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from draywork.clock import SystemClock
from draywork.codec import mask_secrets
from draywork.config import load_settings
from draywork.deadletter import DeadLetters
from draywork.errors import DrayworkError, JobNotFound
from draywork.metrics import snapshot, to_prometheus
from draywork.migrate import migrate_v1
from draywork.model import Job, JobState
from draywork.queue import Queue
from draywork.scheduler import Scheduler
from draywork.worker import Worker

EXIT_OK = 0
EXIT_USAGE = 2
EXIT_ERROR = 3
EXIT_NOT_FOUND = 4
EXIT_DEAD_LETTERS = 5


def build_parser() -> argparse.ArgumentParser:
    """Build the parser with all sub-commands."""
    parser = argparse.ArgumentParser(prog="draywork", description="A file-backed job queue.")
    parser.add_argument("--dir", help="the queue directory; by default the setting")
    sub = parser.add_subparsers(dest="command", required=True)
    put = sub.add_parser("put", help="add a job")
    put.add_argument("name")
    put.add_argument("--payload", default="{}", help="a JSON object, or - to read standard input")
    put.add_argument("--priority", type=int, default=5)
    put.add_argument("--delay", default="0")
    put.add_argument("--key")
    show_all = sub.add_parser("list", help="list jobs")
    show_all.add_argument("--state", choices=[state.value for state in JobState])
    show_all.add_argument("--json", action="store_true")
    for name in ("show", "cancel"):
        sub.add_parser(name, help=f"{name} one job").add_argument("id")
    dead = sub.add_parser("dead", help="look after dead letters")
    dead.add_argument("action", choices=["list", "requeue", "requeue-all", "purge"])
    dead.add_argument("id", nargs="?")
    dead.add_argument("--older-than", default="0")
    stats = sub.add_parser("stats", help="print counts")
    stats.add_argument("--prometheus", action="store_true")
    stats.add_argument("--fail-on-dead", action="store_true")
    work = sub.add_parser("work", help="run a worker")
    work.add_argument("factory", help="MODULE:FUNCTION that takes a queue and returns a worker")
    work.add_argument("--max-jobs", type=int)
    work.add_argument("--idle-exit", action="store_true")
    sub.add_parser("prune", help="delete old finished jobs")
    sub.add_parser("tick", help="put the jobs of due schedules")
    migrate = sub.add_parser("migrate", help="convert a 1.x store")
    migrate.add_argument("--dry-run", action="store_true")
    return parser


def load_worker(spec: str, queue: Queue) -> Worker:
    """Import a worker factory and call it.

    Args:
        spec: Module and function, joined by a colon.
        queue: Passed to the function.

    Raises:
        DrayworkError: If the text has no colon or the function returns no worker.
    """
    module, colon, name = spec.partition(":")
    if not colon:
        raise DrayworkError(f"expected MODULE:FUNCTION, not {spec!r}")
    worker = getattr(importlib.import_module(module), name)(queue)
    if not isinstance(worker, Worker):
        raise DrayworkError(f"{spec} did not return a Worker")
    return worker


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Args:
        argv: The arguments; by default those of the process.
    """
    args = build_parser().parse_args(argv)
    try:
        return _dispatch(args)
    except JobNotFound as exc:
        print(f"draywork: {exc}", file=sys.stderr)
        return EXIT_NOT_FOUND
    except (DrayworkError, OSError, ValueError) as exc:
        print(f"draywork: {exc}", file=sys.stderr)
        return EXIT_ERROR


def _line(job: Job) -> str:
    return f"{job.id}  {job.state.value:<9}  p{job.priority}  {job.attempts}/{job.max_attempts}  {job.name}"


def _dispatch(args: argparse.Namespace) -> int:
    settings = load_settings()
    directory = Path(args.dir) if args.dir else settings.directory
    if args.command == "migrate":
        report = migrate_v1(directory, now=SystemClock().now(), dry_run=args.dry_run)
        print(f"moved {report.moved}, skipped {report.skipped}")
        return EXIT_OK
    queue = Queue(directory, settings=settings)
    match args.command:
        case "put":
            text = sys.stdin.read() if args.payload == "-" else args.payload
            job = queue.put(
                args.name, json.loads(text), priority=args.priority, delay=args.delay, key=args.key
            )
            print(job.id)
        case "list":
            for job in queue.jobs(JobState(args.state) if args.state else None):
                print(json.dumps(mask_secrets(job.to_dict())) if args.json else _line(job))
        case "show":
            print(json.dumps(mask_secrets(queue.get(args.id).to_dict()), indent=2))
        case "cancel":
            print(_line(queue.cancel(args.id)))
        case "dead":
            return _dead(args, DeadLetters(queue))
        case "stats":
            snap = snapshot(queue)
            print(to_prometheus(snap) if args.prometheus else json.dumps(snap.counts))
            if args.fail_on_dead and snap.counts["dead"]:
                return EXIT_DEAD_LETTERS
        case "work":
            count = load_worker(args.factory, queue).run(max_jobs=args.max_jobs, idle_exit=args.idle_exit)
            print(f"ran {count} jobs")
        case "prune":
            print(f"deleted {queue.prune()} jobs")
        case "tick":
            print(f"put {len(Scheduler(queue).tick())} jobs")
    return EXIT_OK


def _dead(args: argparse.Namespace, letters: DeadLetters) -> int:
    match args.action:
        case "list":
            for job in letters.jobs():
                print(f"{_line(job)}  {job.last_error or ''}")
        case "requeue" if args.id:
            print(_line(letters.requeue(args.id)))
        case "requeue":
            print("draywork: requeue needs a job id", file=sys.stderr)
            return EXIT_USAGE
        case "requeue-all":
            print(f"requeued {letters.requeue_all()} jobs")
        case "purge":
            print(f"purged {letters.purge(older_than=args.older_than)} jobs")
    return EXIT_OK
