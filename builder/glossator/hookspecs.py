"""The hooks, all of them. A plugin is a module (or any object) with some of these functions, marked `@hookimpl`.

Registering hooks take no arguments and return records; the host calls each once, checks names and remembers which
plugin said what. An implementation may take fewer arguments than the specification. What a plugin prints while it is
imported or registers goes to stderr; one that raises there is skipped whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    import typer

    from glossator.artifacts import Artifact
    from glossator.claims import VerifierSpec
    from glossator.domain import Domain
    from glossator.plan import Plan
    from glossator.records import Answer, Loader, Question, Scorer

hookspec = pluggy.HookspecMarker("glossator")
hookimpl = pluggy.HookimplMarker("glossator")


@hookspec
def register_domains() -> Iterable[Domain]:  # type: ignore[empty-body]
    """Whole domains.

    >>> @hookimpl
    ... def register_domains():
    ...     return [Domain.from_content(content("glossator_insurance", "domains/insurance"))]
    """


@hookspec
def register_scorers() -> Iterable[Scorer]:  # type: ignore[empty-body]
    """Functions from a question and an answer to a score: metric, reward and gate alike.

    >>> @hookimpl
    ... def register_scorers():
    ...     def brief(question, answer):
    ...         return Score(name="brief", value=float(len(answer.text) < 400))
    ...     return [Scorer(name="brief", score=brief, summary="1 when the answer has less than 400 characters")]
    """


@hookspec
def register_verifiers() -> Iterable[VerifierSpec]:  # type: ignore[empty-body]
    """Judges of "does this evidence support this claim", chosen by name.

    >>> @hookimpl
    ... def register_verifiers():
    ...     return [VerifierSpec(name="strict", summary="every word occurs", licence="MIT", load=StrictVerifier)]
    """


@hookspec
def register_loaders() -> Iterable[Loader]:  # type: ignore[empty-body]
    """File formats.

    >>> @hookimpl
    ... def register_loaders():
    ...     return [
    ...         Loader(name="csv", suffixes=(".csv",), read=read_rows, summary="one document per row"),
    ...         llama_index_loader("epub", (".epub",), reader="llama_index.readers.file:EpubReader"),
    ...     ]

    A loader runs in a process without network and with a limited time and memory for each file, which imports its
    `read`: a function of a module, or a frozen dataclass with plain fields and `__call__`. It raises `CorpusError` for
    a file that it does not accept and `NoTextError` for one without text; a file that it passes over on purpose gives
    no document.
    """


@hookspec
def register_commands(cli: typer.Typer) -> None:
    """Commands of the command line.

    >>> @hookimpl
    ... def register_commands(cli):
    ...     @cli.command()
    ...     def premium(amount: float): print(amount * 1.19)
    """


@hookspec
def stage_started(stage: str, plan: Plan) -> None:
    """A stage of a build begins.

    >>> @hookimpl
    ... def stage_started(stage, plan): print(plan.recipe.name, stage)
    """


@hookspec
def stage_finished(stage: str, artifact: Artifact, seconds: float) -> None:
    """A stage of a build has published its artifact; `seconds` is 0 when it was already there.

    >>> @hookimpl
    ... def stage_finished(stage, seconds): print(stage, seconds)
    """


@hookspec
def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
    """The last word before the user. Each plugin sees the last result; None leaves it as it is.

    >>> @hookimpl
    ... def review_answer(domain, answer):
    ...     if domain == "insurance":
    ...         return replace(answer, notes=(*answer.notes, "This is no offer of cover."))
    """
