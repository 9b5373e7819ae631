"""An index made on a cluster is the one that a single process makes; test_sharding.py runs this in a process apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from glossator import Host
from glossator.domain import RetrievalRecipe
from glossator.pipeline import build
from glossator.plan import make_plan
from glossator.records import Document, Unit
from glossator.retrieval import sharding
from glossator.retrieval.generations import Workers, build_index, generation_digest, load_index, update_index
from glossator.retrieval.sharding import ray_workers

from ..conftest import document

# ray.data.DataContext warns of its own default values (python/ray/data/context.py of https://github.com/ray-project/ray)
pytestmark = pytest.mark.filterwarnings("ignore:.* is deprecated:DeprecationWarning:ray")

WORDS = "iron ferritin warfarin dose falls before after level tablet daily weekly early renal § 4.2 Ω 故乡".split()


def text(number: int) -> str:
    """Two sections of different lengths; the second is the same in every document."""
    own = " ".join(WORDS[(number * 7 + place) % len(WORDS)] for place in range(20 + number * 5))
    return f"# Part {number}\n\n{own}.\n\n# Boilerplate\n\nAsk the pharmacist before the first dose.\n"


DOCUMENTS: list[Document] = [document(text(number), f"d{number}", title=f"Title {number}") for number in range(30)]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Two workers of a cluster on this machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharding, "SHARD_DOCUMENTS", 7)
        patch.setattr(sharding, "SHARD_TEXTS", 16)
        patch.delenv("RAY_ADDRESS", raising=False)
        with ray_workers(2) as found:
            yield found


def made(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def test_two_workers_make_the_index_that_one_process_makes(workers: Workers, tmp_path: Path) -> None:
    here, there = made(tmp_path, "here"), made(tmp_path, "there")
    documents = [*DOCUMENTS, replace(DOCUMENTS[0], id="units", units=(Unit(start=0, end=40, locator="§ 1"),))]
    build_index(documents, RetrievalRecipe(), here)
    build_index(documents, RetrievalRecipe(), there, workers=workers)
    assert (there / "SHA256SUMS").read_bytes() == (here / "SHA256SUMS").read_bytes()
    assert load_index(there).search("ask the pharmacist", 3) == load_index(here).search("ask the pharmacist", 3)


def test_an_update_may_use_workers_too(workers: Workers, tmp_path: Path) -> None:
    first, here, there = (made(tmp_path, name) for name in ("first", "here", "there"))
    build_index(DOCUMENTS[:20], RetrievalRecipe(), first)
    update_index(first, DOCUMENTS[5:], here)
    changes = update_index(first, DOCUMENTS[5:], there, workers=workers)
    assert (len(changes.added), len(changes.deleted)) == (10, 5)
    assert generation_digest(there) == generation_digest(here)


def test_a_build_may_use_workers_and_ends_in_the_same_bundle(workers: Workers, tmp_path: Path) -> None:
    docs = made(tmp_path, "docs")
    for number in range(9):
        (docs / f"d{number}.md").write_text(text(number))
    recipe = tmp_path / "small.yaml"
    recipe.write_text(f"name: small\ndomain: medical\ncorpus: {{sources: [{docs}]}}\n")
    host = Host.discover()
    plan = make_plan(recipe, host)
    here, there = (build(plan, tmp_path / name, host, ray=ray) for name, ray in (("here", None), ("there", 2)))
    assert there.digest == here.digest


def test_no_telemetry_leaves_the_cluster(workers: Workers) -> None:
    import ray
    from ray._common.usage import usage_lib

    assert ray.cluster_resources()["CPU"] == 2 and not usage_lib.usage_stats_enabled()
