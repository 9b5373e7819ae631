"""The plugin host: finds plugins, loads them one by one, collects their records and refuses clashes.

Made once in the command line and passed down; there is no module-level manager.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pluggy

from glossator import hookspecs
from glossator.claims import VerifierSpec
from glossator.domain import Domain
from glossator.errors import GlossatorError, PluginError, boundary
from glossator.installed import choose, distribution_of, wanted
from glossator.records import Answer, Loader, Question, Scorer

if TYPE_CHECKING:
    import typer

    from glossator.artifacts import Artifact
    from glossator.plan import Plan

GROUP = "glossator"


def _new_manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What one plugin registers."""

    domains: tuple[Domain, ...]
    scorers: tuple[Scorer, ...]
    verifiers: tuple[VerifierSpec, ...]
    loaders: tuple[Loader, ...]


@dataclass(slots=True)
class Host:
    """Everything the loaded plugins registered, by name. Use `Host.discover()`."""

    _manager: pluggy.PluginManager = field(default_factory=_new_manager)
    failures: tuple[Failure, ...] = ()
    distributions: dict[str, str] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    scorers: dict[str, Scorer] = field(default_factory=dict)
    verifiers: dict[str, VerifierSpec] = field(default_factory=dict)
    loaders: dict[str, Loader] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    """`kind:name` of every record -> the plugin that registered it."""

    @classmethod
    def discover(cls, *, only: Sequence[str] | None = None, strict: bool = False) -> Host:
        """Load the installed plugins, or only those named.

        `only` defaults to the comma-separated names in GLOSSATOR_PLUGINS. A plugin that cannot be imported, or that
        raises or returns something wrong when it registers, is kept in `failures` and skipped whole; with `strict` it
        raises PluginError. Two plugins that claim one name raise PluginError either way, as nobody can tell which of
        them is meant. Unknown names in `only` raise InputError.
        """
        host = cls()
        for point in wanted(GROUP, only):
            host.distributions[point.name] = distribution_of(point)
            try:
                records = host._admit(point.name, point.load)
            except PluginError as error:
                if strict:
                    raise
                host._failed(point.name, error)
            else:
                host._claim(point.name, records)
        return host

    @classmethod
    def of(cls, **plugins: object) -> Host:
        """A host of exactly these plugin objects: for tests and notebooks."""
        host = cls()
        for name, plugin in plugins.items():
            host._claim(name, host._admit(name, partial(_same, plugin)))
        return host

    def add_observer(self, name: str, observer: object) -> None:
        """Let an object watch the stages of builds made with this host; it may register no records."""
        self._register(observer, name)

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

    def add_commands(self, cli: typer.Typer) -> tuple[Failure, ...]:
        """Let each plugin add its commands; returns those that could not, of which no command is left."""
        before = self.failures
        for impl in self._manager.hook.register_commands.get_hookimpls():
            kept = list(cli.registered_commands), list(cli.registered_groups), cli.registered_callback
            try:
                with _foreign(f"{self._called(impl.plugin_name)} (register_commands)"):
                    impl.function(*[cli][: len(impl.argnames)])
            except PluginError as error:
                cli.registered_commands, cli.registered_groups, cli.registered_callback = kept
                self._failed(impl.plugin_name, error)
        return self.failures[len(before) :]

    def stage_started(self, stage: str, plan: Plan) -> None:
        self._tell("stage_started", stage=stage, plan=plan)

    def stage_finished(self, stage: str, artifact: Artifact, seconds: float) -> None:
        self._tell("stage_finished", stage=stage, artifact=artifact, seconds=seconds)

    def review_answer(self, domain: str, question: Question, answer: Answer) -> Answer:
        """Let each plugin have its word, in order of registration."""
        for impl in self._manager.hook.review_answer.get_hookimpls():
            called = self._called(impl.plugin_name)
            with boundary(f"{called} (review_answer)"):
                known: dict[str, Any] = {"domain": domain, "question": question, "answer": answer}
                reviewed: Any = impl.function(*(known[name] for name in impl.argnames))
                answer = answer if reviewed is None else _reviewed(reviewed, called)
        return answer

    def _tell(self, hook: str, **known: Any) -> None:
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            with boundary(f"{self._called(impl.plugin_name)} ({hook})"):
                impl.function(*(known[name] for name in impl.argnames))

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        return tuple(sorted(caller.name for caller in self._manager.get_hookcallers(plugin) or []))

    def _called(self, plugin: str) -> str:
        """A plugin as a message names it: a user knows the distribution, as that is what was installed."""
        distribution = self.distributions.get(plugin)
        return f"plugin {plugin!r} of {distribution}" if distribution else f"plugin {plugin!r}"

    def _failed(self, plugin: str, error: PluginError) -> None:
        failure = Failure(plugin=plugin, distribution=self.distributions.get(plugin, ""), reason=str(error))
        self.failures = (*self.failures, failure)

    def _admit(self, name: str, load: Callable[[], object]) -> Records:
        """Load a plugin and ask what it registers; one that fails at either leaves nothing behind."""
        with _foreign(self._called(name)):
            plugin = load()
            self._register(plugin, name)
        try:
            return Records(
                domains=self._records(plugin, name, "register_domains", Domain),
                scorers=self._records(plugin, name, "register_scorers", Scorer),
                verifiers=self._records(plugin, name, "register_verifiers", VerifierSpec),
                loaders=self._records(plugin, name, "register_loaders", Loader),
            )
        except PluginError:
            self._manager.unregister(plugin)
            raise

    def _register(self, plugin: object, name: str) -> None:
        self._manager.register(plugin, name=name)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            self._manager.unregister(plugin)
            raise PluginError(f"{error}; known hooks are listed by `glossator hooks`") from error

    def _records(self, plugin: object, name: str, hook: str, record: type[N]) -> tuple[N, ...]:
        made: list[N] = []
        for impl in getattr(self._manager.hook, hook).get_hookimpls():
            if impl.plugin is plugin:
                with _foreign(f"{self._called(name)} ({hook})"):
                    made += _checked(impl.function(), record)
        return tuple(made)

    def _claim(self, plugin: str, records: Records) -> None:
        """Take up what a plugin registers; a name that another one has taken is an error."""
        self.domains = self._with(self.domains, "domain", records.domains, plugin)
        self.scorers = self._with(self.scorers, "scorer", records.scorers, plugin)
        self.verifiers = self._with(self.verifiers, "verifier", records.verifiers, plugin)
        self.loaders = self._with(self.loaders, "loader", records.loaders, plugin)

    def _with(self, known: dict[str, N], kind: str, records: Iterable[N], plugin: str) -> dict[str, N]:
        for record in records:
            owner = self.owners.setdefault(f"{kind}:{record.name}", plugin)
            if owner != plugin:
                raise PluginError(
                    f"{kind} {record.name!r} is registered twice, by {self._called(owner)} and by "
                    f"{self._called(plugin)}; uninstall one, or name the plugins you want in GLOSSATOR_PLUGINS or "
                    "in the recipe's `plugins:`"
                )
        return dict(sorted({**known, **{record.name: record for record in records}}.items()))


@contextmanager
def _foreign(what: str) -> Iterator[None]:
    """A plugin is loaded or asked inside: whatever it raises is named after it, and what it prints goes to stderr.

    Standard output belongs to the command, whose JSON must stay JSON. Only where one thread runs: the stream is
    swapped for the whole process, so the hooks of a running assistant keep theirs.
    """
    with redirect_stdout(sys.stderr), boundary(what):
        try:
            yield
        except GlossatorError as error:
            raise PluginError(f"{what}: {error}") from error


def _same(plugin: object) -> object:
    return plugin


def _reviewed(given: object, called: str) -> Answer:
    if not isinstance(given, Answer):
        raise PluginError(f"{called}: review_answer must return an Answer or None, found {type(given).__name__}")
    return given


def _checked(items: Iterable[object], record: type[N]) -> list[N]:
    """The records, each of the right type and with a name of its own."""
    made: dict[str, N] = {}
    for item in items:
        if not isinstance(item, record) or not isinstance(item.name, str):
            raise PluginError(f"must return {record.__name__} records with a name, found {type(item).__name__}")
        if item.name in made:
            raise PluginError(f"{record.__name__} {item.name!r} is registered twice")
        made[item.name] = item
    return list(made.values())
