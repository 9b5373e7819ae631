"""A build from recipe to bundle, with a backbone that trains in seconds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import glossator_common
from glossator import Domain, Host, hookimpl
from glossator.pipeline import preview
from glossator.plan import make_plan

from .conftest import digest, run

pytestmark = pytest.mark.slow


def kill_when(path: Path, recipe: Path, out: Path) -> None:
    """Start a build and kill it without warning as soon as `path` exists."""
    process = subprocess.Popen(
        [sys.executable, "-m", "glossator", "build", str(recipe), "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 300
    while not path.exists():
        assert process.poll() is None, "the build ended before it could be killed"
        assert time.monotonic() < deadline, f"{path} never appeared"
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_second_build_redoes_nothing(built: Path, recipe: Path) -> None:
    done = run("build", recipe, "--out", built)
    assert done.code == 0
    assert done.err.count("unchanged") == 9


def test_a_changed_answer_policy_rebuilds_only_the_bundle(built: Path, recipe: Path) -> None:
    done = run("plan", recipe, "--out", built, "--set", "answer.notice=hello", "--json")
    states = {row["stage"]: row["state"] for row in json.loads(done.out)["stages"]}
    assert [stage for stage, state in states.items() if state == "to do"] == ["bundle"]


def test_a_build_killed_in_sft_and_in_grpo_ends_in_the_same_bundle(built: Path, recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    kill_when(out / "sft.partial/scratch/checkpoints/2", recipe, out)
    assert not (out / "sft").exists()
    kill_when(out / "rl.partial/scratch/checkpoints/2", recipe, out)
    assert (out / "sft").exists() and not (out / "rl").exists()
    done = run("build", recipe, "--out", out)
    assert done.code == 0, done.err
    assert digest(out) == digest(built)


def test_the_resumed_training_started_from_its_checkpoint(built: Path) -> None:
    steps = [json.loads(line)["step"] for line in (built / "sft/logs/metrics.jsonl").read_text().splitlines()]
    assert steps == sorted(steps)
    assert max(steps) == 6


def test_a_bundle_holds_no_pickle_and_no_path_of_this_machine(built: Path) -> None:
    names = {path.suffix for path in (built / "bundle").rglob("*") if path.is_file()}
    assert names <= {
        ".json",
        ".jsonl",
        ".safetensors",
        ".txt",
        ".faiss",
        ".npy",
        ".sqlite",
        "",
    }  # the last is SHA256SUMS
    described = [
        p for p in (built / "bundle").rglob("*.json") if p.name != "bundle.json"
    ]  # holds the user's own --backbone
    assert not [path for path in described if str(built.parent) in path.read_text(errors="ignore")]


def test_every_stage_of_training_left_a_metrics_stream(built: Path) -> None:
    for stage, figure in (("sft", "loss"), ("reward", "loss"), ("rl", "reward")):
        rows = [json.loads(line) for line in (built / stage / "logs/metrics.jsonl").read_text().splitlines()]
        assert any(figure in row for row in rows), stage


def test_alignment_practises_on_questions_that_tuning_has_not_seen(built: Path) -> None:
    taught, practised = (asked(built / f"{name}/examples.jsonl") for name in ("examples", "practice"))
    assert taught and practised and not taught & practised
    paid = asked(built / "rl/logs/rollouts.jsonl", "question")
    assert paid and paid | asked(built / "preferences/pairs.jsonl") <= practised


def test_practice_uses_the_index_of_the_examples_while_there_is_one(built: Path, recipe: Path, tmp_path: Path) -> None:
    assert (built / "examples/logs/index").is_dir() and not (built / "practice/logs").exists()
    again = tmp_path / "again"
    shutil.copytree(built, again)
    shutil.rmtree(again / "examples/logs")
    shutil.rmtree(again / "practice")
    done = run("build", recipe, "--out", again)
    assert done.code == 0, done.err
    assert done.err.count("unchanged") == 8 and (again / "practice/logs/index").is_dir()
    assert digest(again) == digest(built)


def test_what_was_practised_is_explained(built: Path) -> None:
    done = run("reward", "explain", built, "--limit", "1")
    assert done.code == 0 and "component" in done.out.lower(), done.out + done.err


def asked(path: Path, key: str = "question_id") -> set[str]:
    return {json.loads(line)[key] for line in path.read_text(encoding="utf-8").splitlines()}


def test_a_domain_without_practice_aligns_on_what_it_tuned_on(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shutil.copytree(Host.discover().domain("medical").content, content)
    plugin = SimpleNamespace(register_domains=hookimpl(lambda: [Domain.from_content(content)]))
    (tmp_path / "one.yaml").write_text("name: one\ndomain: medical\nsft: {}\nrl: {}\n", encoding="utf-8")

    def stages() -> list[str]:
        plan = make_plan(tmp_path / "one.yaml", Host.of(common=glossator_common, own=plugin))
        return [name for name, _ in preview(plan, tmp_path / "out")]

    before = stages()
    (content / "gold" / "practice.jsonl").unlink()
    assert [name for name in before if name != "practice"] == stages() != before
