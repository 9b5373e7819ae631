"""A plan: a recipe with every name resolved and every default filled, each value with its origin."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glossator.artifacts import digest_of, file_digest
from glossator.content import content, weights
from glossator.domain import Domain, RerankRecipe, RewardPolicy
from glossator.engines import NONE, find_server, identify, refusals
from glossator.errors import InputError, RecipeError, boundary
from glossator.host import Host
from glossator.installed import choose
from glossator.recipe import Recipe, RlRecipe, ServerRecipe, load_recipe, read_sets
from glossator.records import Loader
from glossator.yaml import Parsed, validated

EMBEDDERS = ("minilm",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One source of a corpus."""

    path: Path
    """A file, or a folder."""
    loader: Loader | None = None
    """Reads the whole folder; None: each file has the loader of its suffix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a build will do."""

    recipe: Recipe
    """Complete: nothing is left to defaults."""
    domain: Domain
    backbone: str
    """A folder, a hub id that the user allowed, a model's name on a server, or `none`."""
    backbone_identity: str
    """What must be equal for two builds to use the same backbone."""
    reranker: str | None
    """The same of the cross-encoder, if the recipe wants one."""
    origins: Mapping[str, str]
    """Dotted key -> "house", "domain", "recipe" or "--set"."""
    rewards: RewardPolicy | None
    """What RL pays; None without RL."""
    sources: tuple[Root, ...]
    """What may be cited; empty = the domain's own corpus."""

    @property
    def reranker_identity(self) -> str | None:
        return self.reranker and model_identity(self.reranker)


def model_identity(model: str) -> str:
    """What must be equal for two builds to use the same weights: the files' hash, the hub id, or `none`."""
    folder = Path(model)
    if model == NONE or not folder.is_dir():
        return model
    return digest_of({path.name: file_digest(path) for path in sorted(folder.iterdir()) if path.is_file()})


def make_plan(
    path: Path, host: Host, *, sets: tuple[str, ...] = (), allow_download: bool = False, allow_network: bool = False
) -> Plan:
    """Resolve the recipe at `path` against the loaded plugins.

    Layers, later wins: house defaults, the domain's files, the recipe, `sets`. Raises InputError or RecipeError for
    anything that cannot be built, before any work is done; ServerError when the backbone's server does not answer.
    """
    parsed = load_recipe(path)
    given = read_sets(sets)
    domain = host.domain(str(parsed.data["domain"]))
    merged, origins = _merge(_for(parsed.data, domain.given, given), parsed.data, given)
    recipe = _complete(merged, parsed, given)
    _check_names(recipe, host, parsed, given)
    backbone, identity = _backbone(recipe, allow_download, allow_network)
    return Plan(
        recipe=recipe,
        domain=domain,
        backbone=backbone,
        backbone_identity=identity,
        reranker=find_reranker(recipe.retrieval.rerank, allow_download=allow_download),
        origins={key: origins.get(key, "house") for key, _ in flat(recipe.model_dump(mode="json"))},
        rewards=_rewards(recipe),
        sources=tuple(root(source, host) for source in recipe.corpus.sources),
    )


def _complete(merged: dict[str, Any], parsed: Parsed, given: dict[str, Any]) -> Recipe:
    """The merged layers as a recipe; problems of `--set` are said to be there, not in the file."""
    try:
        return validated(Recipe, Parsed(parsed.name, merged, parsed.tree))
    except RecipeError as error:
        keys = [key for key, _ in flat(given)]
        raise RecipeError([_blamed(problem, keys) for problem in error.problems]) from error


def _blamed(problem: str, keys: list[str]) -> str:
    place, _, rest = problem.partition(" ")
    return f"--set {rest}" if any(rest.startswith(key) for key in keys) else f"{place} {rest}"


def find_backbone(name: str, *, allow_download: bool = False) -> str:
    """A folder for `embedded` and for paths; a hub id only with consent; `none` is nowhere."""
    if name == "embedded":
        return str(weights())
    if name == NONE:
        return name
    return _find_model(name, f"backbone {name!r} is neither 'embedded' nor 'none' nor a folder here", allow_download)


def _backbone(recipe: Recipe, allow_download: bool, allow_network: bool) -> tuple[str, str]:
    """Where the backbone is, and its identity; a server is asked for it."""
    chosen = recipe.backbone
    if isinstance(chosen, ServerRecipe):
        return chosen.model, identify(find_server(chosen, chosen.server, allow_network=allow_network), chosen)
    found = find_backbone(chosen, allow_download=allow_download)
    return found, model_identity(found)


def find_reranker(reranking: RerankRecipe | None, *, allow_download: bool = False) -> str | None:
    """The folder of a recipe's cross-encoder, or its hub id, only with consent; None when it wants none."""
    if reranking is None or reranking.model is None:
        return None
    return _find_model(reranking.model, f"reranker {reranking.model!r} is no folder here", allow_download)


def _find_model(name: str, problem: str, allow_download: bool) -> str:
    if Path(name).is_dir():
        return str(Path(name).resolve())
    if not allow_download:
        raise InputError(f"{problem}; if it is a hub id, say --allow-download to let glossator fetch it")
    return name


def flat(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Leaves of a nested mapping by dotted key.

    >>> list(flat({"a": {"b": 1}, "c": []}))
    [('a.b', 1), ('c', [])]
    """
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _for(recipe: dict[str, Any], domain: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The domain's layer without the optional stages that nobody asked for."""
    wanted = {key for key in ("sft", "rl") if key in recipe or key in given}
    return {key: value for key, value in domain.items() if key not in ("sft", "rl") or key in wanted}


def _merge(
    domain: dict[str, Any], recipe: dict[str, Any], sets: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, str]]:
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer, tree in (("domain", domain), ("recipe", recipe), ("--set", sets)):
        _lay(merged, tree)
        origins |= {key: layer for key, _ in flat(tree)}
    return merged, origins


REPLACED = frozenset({"rewards"})
"""Mappings that a later layer replaces whole: a recipe that names its rewards names all of them."""


def _lay(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, Mapping) and isinstance(base.get(key), dict) and key not in REPLACED:
            _lay(base[key], value)
        else:
            base[key] = copy.deepcopy(value)


def _check_names(recipe: Recipe, host: Host, parsed: Parsed, given: dict[str, Any]) -> None:
    problems = [_placed(problem, parsed, given) for problem in [*refusals(recipe)] or _unlisted(recipe)]
    for kind, known, name in _names(recipe, host):
        try:
            choose(known, name, kind)
        except InputError as error:
            problems.append(str(error))
    if recipe.retrieval.dense is None and recipe.retrieval.lexical is None:
        problems.append("retrieval: dense and lexical are both off; leave at least one on")
    if recipe.rl is not None and recipe.sft is None:
        problems.append("rl: needs an adapter to start from; add a section `sft:`")
    if recipe.rl is not None and recipe.rl.guard.scorer in _paid(recipe.rl):
        problems.append(
            f"rl.guard.scorer: {recipe.rl.guard.scorer!r} is paid; name a scorer that the reward does not hold"
        )
    if recipe.rl is not None and recipe.rl.pairs.feedback is not None:
        problems += _feedback(recipe.rl, recipe.rl.pairs.feedback)
    if problems:
        raise RecipeError(sorted(set(problems)))


def _unlisted(recipe: Recipe) -> list[str]:
    """What is wrong where all answers are to be listed that cannot be."""
    if recipe.rl is None or not recipe.rl.lists or recipe.answer.listed:
        return []
    return ["rl.generations: all: only answers that quote whole sentences can be listed; say a number"]


def _feedback(rl: RlRecipe, path: str) -> Iterator[str]:
    if not Path(path).is_file():
        yield f"rl.pairs.feedback: no file at {path}"
    if not rl.compares:
        yield f"rl.pairs.feedback: {rl.algorithm} learns from no pairs; take dpo, kto or hybrid, or a reward model"


def _paid(rl: RlRecipe) -> set[str]:
    policy = _policy(rl)
    return {*policy.weights, *policy.gates}


def _placed(problem: str, parsed: Parsed, given: dict[str, Any]) -> str:
    """A problem that begins with its key, behind the place where that key or its section was given."""
    path = problem.partition(":")[0].split(".")
    return f"{'--set' if path[0] in given else parsed.place(path)} {problem}"


def _names(recipe: Recipe, host: Host) -> Iterator[tuple[str, Collection[str], str]]:
    """Kind, known names and chosen name of everything a recipe calls by name."""
    rewards = () if recipe.rl is None else (*recipe.rl.rewards, *recipe.rl.gates, recipe.rl.guard.scorer)
    for name in (*recipe.evaluate.scorers, *recipe.evaluate.gates, *rewards):
        yield "scorer", host.scorers, name
    yield "verifier", host.verifiers, recipe.verifier
    if recipe.retrieval.dense is not None:
        yield "embedder", EMBEDDERS, recipe.retrieval.dense.embedder


def root(source: str, host: Host) -> Root:
    """A path, or `NAME:` for the folder that a loader knows."""
    if not source.endswith(":"):
        return Root(path=Path(source))
    folders = {loader.name: loader.folder for loader in host.loaders.values() if loader.folder}
    name = choose(folders, source.removesuffix(":"), "corpus source")
    with boundary(f"loader {name!r}"):
        return Root(path=folders[name](), loader=host.loaders[name])


def _rewards(recipe: Recipe) -> RewardPolicy | None:
    return None if recipe.rl is None else _policy(recipe.rl)


def _policy(rl: RlRecipe) -> RewardPolicy:
    house = RewardPolicy()
    return RewardPolicy(weights=rl.rewards or house.weights, gates=rl.gates or house.gates)


def built_in_recipes() -> dict[str, Path]:
    """The recipes that come with glossator, by name."""
    folder = content("glossator", "recipes")
    files = sorted(item.name for item in folder.iterdir() if item.name.endswith(".yaml"))
    return {name.removesuffix(".yaml"): Path(str(folder / name)) for name in files}
