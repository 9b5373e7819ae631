"""Build: the order of the stages, in straight lines, on one page."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from glossator.artifacts import Artifact, Manifest, digest_of, load, open_partial, publish, versions
from glossator.errors import InputError, OutputError, stage_boundary
from glossator.host import Host
from glossator.plan import Plan
from glossator.stages.base import BundleArtifact, Stage, Work
from glossator.stages.bundle import make_bundle
from glossator.stages.corpus import make_corpus
from glossator.stages.examples import make_examples, make_practice, practises
from glossator.stages.index import make_index
from glossator.stages.preferences import make_pairs
from glossator.stages.reward import train_reward
from glossator.stages.rl import train_rl
from glossator.stages.sft import train_sft

P = ParamSpec("P")
A = TypeVar("A", bound=Artifact)

MARK = ".glossator"


class Runs(Protocol):
    """What walks a plan: really, or only looking."""

    def stage(self, stage: Stage[P, A], *inputs: P.args, **named: P.kwargs) -> A: ...


def preview(plan: Plan, out: Path) -> list[tuple[str, str]]:
    """Each stage of a build into `out`, in order, and whether it is done or to do. Writes nothing."""
    looking = Preview(plan, out)
    walk(plan, looking)
    return looking.states


def build(
    plan: Plan, out: Path, host: Host, *, ray: int | None = None, launch: tuple[str, ...] | None = None
) -> BundleArtifact:
    """Walk one plan from sources to a bundle; finished stages are not redone. `ray` workers make the index, and the
    processes that `accelerate launch` starts with the words of `launch` tune, if given.

    Raises OutputError when `out` holds something else or another build is using it, StageError when a stage fails;
    in both cases what was finished before stays and the same call continues from there.
    """
    with output_folder(out):
        return walk(plan, Run(plan, out, host, ray, launch))


def walk(plan: Plan, run: Runs) -> BundleArtifact:
    """The order of the work."""
    corpus = run.stage(make_corpus)
    index = run.stage(make_index, corpus)
    if plan.recipe.sft is None:
        return run.stage(make_bundle, corpus, index)
    examples = run.stage(make_examples)
    sft = run.stage(train_sft, examples)
    if plan.recipe.rl is None:
        return run.stage(make_bundle, corpus, index, sft)
    practice = run.stage(make_practice, examples) if practises(plan) else examples
    pairs = run.stage(make_pairs, practice, sft) if plan.recipe.rl.compares else None
    reward = run.stage(train_reward, pairs) if pairs and plan.recipe.rl.learns_rewards else None
    rl = run.stage(train_rl, practice, sft, pairs, reward)
    return run.stage(make_bundle, corpus, index, sft, rl)


class Run:
    """Runs stages one after another under one folder."""

    def __init__(self, plan: Plan, out: Path, host: Host, ray: int | None, launch: tuple[str, ...] | None) -> None:
        self.plan, self.out, self.host, self.ray, self.launch = plan, out, host, ray, launch

    def stage(self, stage: Stage[P, A], *inputs: P.args, **named: P.kwargs) -> A:
        """The stage's artifact: the published one when its key is unchanged, else newly made."""
        key = stage_key(self.plan, stage, inputs)
        folder = self.out / stage.name
        self.host.stage_started(stage.name, self.plan)
        found = load(stage.kind, folder)
        if found is not None and found.manifest.key == key:
            self.host.stage_finished(stage.name, found, 0.0)
            return found
        start = time.monotonic()
        with stage_boundary(stage.name):
            partial = open_partial(folder, key)
            work = Work(self.plan, self.host, partial, found.folder if found else None, self.launch, self.ray)
            with discarded_on(InputError, partial):
                stage.make(work, *inputs, **named)
            made = publish(stage.kind, partial, folder, stage=stage.name, key=key, seconds=time.monotonic() - start)
        self.host.stage_finished(stage.name, made, time.monotonic() - start)
        return made


class Preview:
    """Walks a plan without work: which stages are done in `out`, which are to do."""

    def __init__(self, plan: Plan, out: Path) -> None:
        self.plan, self.out = plan, out
        self.states: list[tuple[str, str]] = []

    def stage(self, stage: Stage[P, A], *inputs: P.args, **named: P.kwargs) -> A:
        """The published artifact, or a stand-in that makes every stage after it "to do"."""
        found = load(stage.kind, self.out / stage.name)
        fresh = found is not None and found.manifest.key == stage_key(self.plan, stage, inputs)
        self.states.append((stage.name, "done" if fresh else "to do"))
        if found is not None and fresh:
            return found
        return stage.kind(self.out / stage.name, Manifest(stage=stage.name, key="", files={"": "to do"}, seconds=0))


def stage_key(plan: Plan, stage: Stage[P, A], inputs: tuple[object, ...]) -> str:
    """Hash of all that a stage's result depends on: its version, its slice of the plan, inputs, libraries."""
    return digest_of(
        {
            "stage": stage.name,
            "version": stage.version,
            "plan": stage.reads(plan),
            "inputs": [item.digest for item in inputs if isinstance(item, Artifact)],
            "libraries": versions(stage.libraries),
        }
    )


@contextmanager
def discarded_on(error: type[Exception], folder: Path, unless_it_holds_more_than: str | None = None) -> Iterator[None]:
    """Leave nothing of `folder` behind when the input was wrong; other failures may be continued later."""
    try:
        yield
    except error:
        if unless_it_holds_more_than is None or [item.name for item in folder.iterdir()] == [unless_it_holds_more_than]:
            shutil.rmtree(folder)
        raise


@contextmanager
def output_folder(out: Path) -> Iterator[None]:
    """Claim `out` for one build; the kernel frees it when the process ends, however it ends."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"--out {out} is a file; name a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise OutputError(f"--out {out} holds something else; name a new or empty folder, nothing was touched")
    with stage_boundary("output"):
        out.mkdir(parents=True, exist_ok=True)
        handle = (out / MARK).open("a")
        # processes that train for this one hold the claim as long as they run
        os.set_inheritable(handle.fileno(), True)
    with handle, discarded_on(InputError, out, unless_it_holds_more_than=MARK):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"--out {out} is in use by another build; wait for it, or name another folder") from error
        yield
