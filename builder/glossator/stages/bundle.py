"""Everything an assistant needs, in one locked folder."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from typing import Any

from glossator.artifacts import digest_of, folder_files, write_json
from glossator.assistant import Lock
from glossator.endpoint import is_here
from glossator.plan import Plan
from glossator.recipe import ServerRecipe
from glossator.stages.base import AdapterArtifact, BundleArtifact, CorpusArtifact, IndexArtifact, Stage, Work


def _reads(plan: Plan) -> dict[str, Any]:
    recipe = plan.recipe
    return {
        "name": recipe.name,
        "domain": recipe.domain,
        "backbone": _backbone(plan),
        "prompts": asdict(plan.domain.prompts),
        "answer": recipe.answer.model_dump(mode="json"),
        "verifier": recipe.verifier,
        "k": recipe.retrieval.k,
        "per_document": recipe.retrieval.per_document,
        "evidence": recipe.retrieval.evidence,
        "rerank": recipe.retrieval.rerank.model_dump(mode="json") if recipe.retrieval.rerank else None,
        "reranker": plan.reranker_identity,
        "rewards": plan.rewards.model_dump(mode="json") if plan.rewards else None,
        "evaluate": recipe.evaluate.model_dump(mode="json"),
    }


def _make(work: Work, corpus: CorpusArtifact, index: IndexArtifact, *adapters: AdapterArtifact) -> None:
    folder, prompts = work.folder, work.plan.domain.prompts
    for name in ("index", "prompts", "adapters"):
        shutil.rmtree(folder / name, ignore_errors=True)
    shutil.copytree(index.folder, folder / "index", ignore=shutil.ignore_patterns("artifact.json", "logs"))
    shutil.copy(corpus.folder / "report.json", folder / "corpus.json")
    (folder / "prompts").mkdir()
    (folder / "prompts" / "system.txt").write_text(prompts.system, encoding="utf-8")
    (folder / "prompts" / "abstention.txt").write_text(prompts.abstention, encoding="utf-8")
    for adapter in adapters:
        shutil.copytree(adapter.folder / "adapter", folder / "adapters" / adapter.manifest.stage)
    write_json(folder / "bundle.json", _lock(work, [adapter.manifest.stage for adapter in adapters]))


def _lock(work: Work, adapters: list[str]) -> dict[str, Any]:
    plan, recipe, folder = work.plan, work.plan.recipe, work.folder
    names = ["index", "prompts", *(f"adapters/{name}" for name in adapters)]
    modules = {name: digest_of(folder_files(folder / name)) for name in names}
    lock = Lock(
        name=recipe.name,
        domain=recipe.domain,
        **_backbone(plan),
        adapters=tuple(adapters),
        modules=modules | {"policy": digest_of(recipe.answer.model_dump(mode="json"))},
        answer=recipe.answer,
        verifier=recipe.verifier,
        k=recipe.retrieval.k,
        per_document=recipe.retrieval.per_document,
        evidence=recipe.retrieval.evidence,
        rerank=recipe.retrieval.rerank,
        reranker_identity=plan.reranker_identity,
        rewards=plan.rewards,
        scorers=recipe.evaluate.scorers,
        gates={name: gate.min for name, gate in recipe.evaluate.gates.items()},
    )
    return lock.model_dump(mode="json")


def _backbone(plan: Plan) -> dict[str, Any]:
    """The lock's words on the backbone; a server's address on another machine stays out of the bundle."""
    chosen, identity = plan.recipe.backbone, {"backbone_identity": plan.backbone_identity}
    if not isinstance(chosen, ServerRecipe):
        return identity | {"backbone": chosen, "served": None, "server": ""}
    served = chosen.model_dump(mode="json", exclude={"server"})
    return identity | {
        "backbone": chosen.model,
        "served": served,
        "server": chosen.server if is_here(chosen.server) else "",
    }


make_bundle = Stage(name="bundle", version=6, kind=BundleArtifact, reads=_reads, make=_make)
