"""The plugin host: finds plugins, loads them one by one, collects their records and refuses clashes.

Made once in the command line and passed down; there is no module-level manager.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pluggy

from glossator import hookspecs
from glossator.domain import Domain
from glossator.errors import InputError, PluginError, boundary
from glossator.records import Answer, Loader, Question, Scorer, VerifierSpec

if TYPE_CHECKING:
    import typer

    from glossator.artifacts import Artifact
    from glossator.plan import Plan

GROUP = "glossator"


class Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=Named)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A plugin that could not be loaded."""

    plugin: str
    distribution: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginInfo:
    """A plugin that was loaded."""

    plugin: str
    distribution: str
    hooks: tuple[str, ...]


@dataclass(slots=True)
class Host:
    """Everything the loaded plugins registered, by name. Use `Host.discover()`."""

    _manager: pluggy.PluginManager
    failures: tuple[Failure, ...] = ()
    distributions: dict[str, str] = field(default_factory=dict)
    domains: dict[str, Domain] = field(init=False)
    scorers: dict[str, Scorer] = field(init=False)
    verifiers: dict[str, VerifierSpec] = field(init=False)
    loaders: dict[str, Loader] = field(init=False)
    owners: dict[str, str] = field(init=False, default_factory=dict)
    """`kind:name` of every record -> the plugin that registered it."""

    def __post_init__(self) -> None:
        self.domains = self._collect("domain", "register_domains", Domain)
        self.scorers = self._collect("scorer", "register_scorers", Scorer)
        self.verifiers = self._collect("verifier", "register_verifiers", VerifierSpec)
        self.loaders = self._collect("loader", "register_loaders", Loader)

    @classmethod
    def discover(cls, *, only: Sequence[str] | None = None, strict: bool = False) -> Host:
        """Load the installed plugins, or only those named.

        `only` defaults to the comma-separated names in GLOSSATOR_PLUGINS. A plugin that fails to load is kept in
        `failures` and skipped; with `strict` it raises PluginError. Unknown names in `only` raise InputError.
        """
        found = _entry_points()
        names = only if only is not None else _pinned()
        chosen = found if names is None else [_choose(found, name) for name in dict.fromkeys(names)]
        manager, failures, distributions = _new_manager(), [], {}
        for point in chosen:
            try:
                _load(manager, point)
                distributions[point.name] = _distribution(point)
            except PluginError as error:
                if strict:
                    raise
                failures.append(Failure(plugin=point.name, distribution=_distribution(point), reason=str(error)))
        return cls(manager, tuple(failures), distributions)

    @classmethod
    def of(cls, **plugins: object) -> Host:
        """A host of exactly these plugin objects: for tests and notebooks."""
        manager = _new_manager()
        for name, plugin in plugins.items():
            _register(manager, plugin, name)
        return cls(manager)

    def add_observer(self, name: str, observer: object) -> None:
        """Let an object watch the stages of builds made with this host; it may register no records."""
        _register(self._manager, observer, name)

    def plugins(self) -> list[PluginInfo]:
        """The loaded plugins, by name."""
        listed = sorted(self._manager.list_name_plugin())
        return [
            PluginInfo(plugin=name, distribution=self.distributions.get(name, ""), hooks=self._hooks_of(plugin))
            for name, plugin in listed
        ]

    def domain(self, name: str) -> Domain:
        """The domain of that name; InputError lists the known and guesses."""
        return self.domains[choose(self.domains, name, "domain")]

    def scorer(self, name: str) -> Scorer:
        return self.scorers[choose(self.scorers, name, "scorer")]

    def verifier(self, name: str) -> VerifierSpec:
        return self.verifiers[choose(self.verifiers, name, "verifier")]

    def loader_for(self, suffix: str) -> Loader | None:
        """The loader of a file suffix such as `.md`; None when no plugin reads it."""
        readers = (loader for loader in self.loaders.values() if loader.folder is None)
        return next((loader for loader in readers if suffix.lower() in loader.suffixes), None)

    def add_commands(self, cli: typer.Typer) -> None:
        for impl in self._manager.hook.register_commands.get_hookimpls():
            with boundary(f"plugin {impl.plugin_name!r} (register_commands)"):
                impl.function(cli)

    def stage_started(self, stage: str, plan: Plan) -> None:
        self._tell("stage_started", stage=stage, plan=plan)

    def stage_finished(self, stage: str, artifact: Artifact, seconds: float) -> None:
        self._tell("stage_finished", stage=stage, artifact=artifact, seconds=seconds)

    def review_answer(self, domain: str, question: Question, answer: Answer) -> Answer:
        """Let each plugin have its word, in order of registration."""
        for impl in self._manager.hook.review_answer.get_hookimpls():
            with boundary(f"plugin {impl.plugin_name!r} (review_answer)"):
                known: dict[str, Any] = {"domain": domain, "question": question, "answer": answer}
                reviewed: Any = impl.function(*(known[name] for name in impl.argnames))
                answer = answer if reviewed is None else _reviewed(reviewed, impl.plugin_name)
        return answer

    def _tell(self, hook: str, **known: Any) -> None:
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            with boundary(f"plugin {impl.plugin_name!r} ({hook})"):
                impl.function(*(known[name] for name in impl.argnames))

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        return tuple(sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or []))

    def _collect(self, kind: str, hook: str, record: type[N]) -> dict[str, N]:
        records: dict[str, N] = {}
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            with boundary(f"plugin {impl.plugin_name!r} ({hook})"):
                for item in _checked(impl.function(), record, impl.plugin_name, hook):
                    self._claim(kind, item.name, impl.plugin_name)
                    records[item.name] = item
        return dict(sorted(records.items()))

    def _claim(self, kind: str, name: str, plugin: str) -> None:
        owner = self.owners.get(f"{kind}:{name}")
        if owner is not None:
            raise PluginError(
                f"{kind} {name!r} is registered twice, by plugin {owner!r} and by plugin {plugin!r}; "
                "uninstall one, or pin the set with GLOSSATOR_PLUGINS or the recipe's `plugins:`"
            )
        self.owners[f"{kind}:{name}"] = plugin


def choose(known: Collection[str], name: str, kind: str) -> str:
    """The name, if it is known; else InputError lists the known names and guesses."""
    if name in known:
        return name
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(f"unknown {kind} {name!r}{hint} Known: {', '.join(known) or 'none'}")


def _entry_points() -> list[EntryPoint]:
    points = sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value))
    for before, after in pairwise(points):
        if before.name == after.name and before.value != after.value:
            raise PluginError(
                f"two installed plugins are named {after.name!r}: {before.value} of {_distribution(before)} and "
                f"{after.value} of {_distribution(after)}; uninstall one of the two distributions"
            )
    return list({point.name: point for point in points}.values())


def _pinned() -> list[str] | None:
    value = os.environ.get("GLOSSATOR_PLUGINS")
    return None if value is None else [name.strip() for name in value.split(",") if name.strip()]


def _choose(points: Iterable[EntryPoint], name: str) -> EntryPoint:
    named = {point.name: point for point in points}
    return named[choose(named, name, "plugin")]


def _distribution(point: EntryPoint) -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else "unknown distribution"


def _new_manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def _load(manager: pluggy.PluginManager, point: EntryPoint) -> None:
    with boundary(f"plugin {point.name!r} of {_distribution(point)}"):
        plugin = point.load()
        _register(manager, plugin, point.name)


def _register(manager: pluggy.PluginManager, plugin: object, name: str) -> None:
    manager.register(plugin, name=name)
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        manager.unregister(plugin)
        raise PluginError(f"plugin {name!r}: {error}; known hooks are listed by `glossator hooks`") from error


def _reviewed(given: object, plugin: str) -> Answer:
    if not isinstance(given, Answer):
        raise PluginError(
            f"plugin {plugin!r}: review_answer must return an Answer or None, found {type(given).__name__}"
        )
    return given


def _checked(items: Iterable[object], record: type[N], plugin: str, hook: str) -> list[N]:
    checked = []
    for item in items:
        if not isinstance(item, record):
            raise PluginError(
                f"plugin {plugin!r}: {hook} must return {record.__name__} records, found {type(item).__name__}"
            )
        checked.append(item)
    return checked
