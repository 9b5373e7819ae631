"""What a stage is, and the kinds of artifacts that flow between stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from glossator.artifacts import Artifact
from glossator.host import Host
from glossator.plan import Plan

P = ParamSpec("P")
A = TypeVar("A", bound=Artifact)


class CorpusArtifact(Artifact):
    """`documents.jsonl`, `report.json`."""


class IndexArtifact(Artifact):
    """A retrieval index, see `glossator.retrieval.generations`."""


class ExampleArtifact(Artifact):
    """`examples.jsonl`, `ledger.json`."""


class AdapterArtifact(Artifact):
    """`adapter/` in PEFT's layout, `logs/metrics.jsonl`."""


class PairArtifact(Artifact):
    """`pairs.jsonl`, `report.json`."""


class RewardModelArtifact(Artifact):
    """`adapter/` with a score head, `report.json`."""


class BundleArtifact(Artifact):
    """`bundle.json` and everything it locks."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage function is given besides its inputs."""

    plan: Plan
    host: Host
    folder: Path
    """Write here; published by rename when the function returns."""
    before: Path | None = None
    """What the stage made last time, verified; a stage may take over parts that are still right."""
    launch: tuple[str, ...] | None = None
    """Words of `accelerate launch` for what can be trained in several processes; in no key. None = this process."""
    ray: int | None = None
    """Workers of Ray for what they can do; not in any key, since they change no byte. None = this process alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage(Generic[P, A]):
    """A stage: its function and what its result depends on."""

    name: str
    version: int
    """Raised when the function's result changes for equal inputs."""
    kind: type[A]
    reads: Callable[[Plan], Any]
    """The slice of the plan it uses, as JSON."""
    make: Callable[Concatenate[Work, P], None]
    libraries: tuple[str, ...] = ()
    """Distributions whose version may change the result."""


TRAINERS = ("torch", "transformers", "trl", "peft")
