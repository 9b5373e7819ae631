"""The command line: parse, call, print. Heavy libraries are imported by the command that needs them."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glossator import cli_citations, cli_index, cli_report, cli_reward, console, inventory
from glossator.cli_options import (
    AsJson,
    BundlePath,
    Download,
    Launch,
    Network,
    Ray,
    RecipePath,
    Sets,
    Strict,
    host_of,
    launch_words,
    print_json,
    print_rows,
)
from glossator.errors import GlossatorError, InputError
from glossator.host import Host

if TYPE_CHECKING:
    from glossator.plan import Plan
    from glossator.training.estimate import Estimate

cli = typer.Typer(
    name="glossator",
    help="Build domain assistants that show, for every sentence, the passage it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(cli_index.index)
cli.add_typer(cli_reward.reward)
cli.command()(cli_index.search)
cli.command(name="eval")(cli_citations.evaluate)
cli.command(name="cite-eval")(cli_citations.cite_eval)
cli.command()(cli_report.compare)


def main() -> None:
    """Entry point: user errors are one message and exit code 2."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if "--allow-download" not in sys.argv:
        os.environ["HF_HUB_OFFLINE"] = "1"
    try:
        _add_plugin_commands()
        cli()
    except GlossatorError as error:
        console.complain(str(error))
        sys.exit(2)


def _add_plugin_commands() -> None:
    """Commands of plugins. Whatever keeps them away, ours stay: one of them may be what tells why."""
    try:
        for failure in Host.discover().add_commands(cli):
            console.warn(f"{failure.reason}; its commands are left out")
    except GlossatorError as error:
        console.warn(f"no plugin can add commands: {error}")


@cli.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the domain, for example insurance.")],
    title: Annotated[str | None, typer.Option(help="Title, as people read it.")] = None,
    licence: Annotated[str | None, typer.Option(help="SPDX licence of it and of documents that name none.")] = None,
    docs: Annotated[Path | None, typer.Option(help="Your documents: copied, and asked about by proposals.")] = None,
    parent: Annotated[Path, typer.Option("--in", help="Folder in which glossator-NAME is made.")] = Path("."),
    defaults: Annotated[bool, typer.Option("--defaults", help="Ask nothing, even on a terminal.")] = False,
) -> None:
    """Write a new domain plugin: a distribution that installs and passes `check`."""
    from glossator.plan import Root
    from glossator.scaffold import new as scaffold
    from glossator.stages.corpus import read_sources

    documents = read_sources([Root(path=docs)], host_of()) if docs else []
    ask = not defaults and sys.stdin.isatty() and sys.stdout.isatty()
    written = scaffold(name, parent, title=title, licence=licence, documents=documents, ask=ask)
    for line in written.told:
        console.say(line)
    console.say(f"next: pip install -e {written.folder} && glossator check {name}")


@cli.command()
def check(
    domain: str,
    as_json: AsJson = False,
    figures: Annotated[bool, typer.Option("--figures", help="Also say how often each spoil was caught.")] = False,
    strict: Strict = False,
) -> None:
    """Check a domain: its data, its gold, and that no exploit is paid like an honest answer."""
    from glossator.testing import examine

    report = examine(host_of(strict), domain)
    if as_json:
        print_json({"domain": domain, **asdict(report)})
    else:
        for problem in report.problems:
            console.complain(str(problem))
        for line in report.figures() if figures else ():
            console.say(line)
    if report.problems:
        raise typer.Exit(1)
    if not as_json:
        console.say(f"domain {domain!r} is sound")


@cli.command()
def plan(
    recipe: RecipePath,
    sets: Sets = None,
    out: Annotated[Path, typer.Option(help="Compare with what this folder already holds.")] = Path("runs"),
    allow_download: Download = False,
    allow_network: Network = False,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Show what a build would do: every value with its origin, every stage to run or done."""
    from glossator.pipeline import preview
    from glossator.plan import flat

    made, _ = _plan(recipe, sets, allow_download, allow_network, strict)
    values = [(key, value, made.origins[key]) for key, value in flat(made.recipe.model_dump(mode="json"))]
    stages = [{"stage": name, "state": state} for name, state in preview(made, out)]
    needs = _estimate(made)
    if as_json:
        rows = [dict(zip(("key", "value", "origin"), v, strict=True)) for v in values]
        print_json({"values": rows, "stages": stages, "training": needs and asdict(needs)})
        return
    console.table(["key", "value", "from"], [[key, json.dumps(value), origin] for key, value, origin in values])
    console.table(["stage", "state"], [[s["stage"], s["state"]] for s in stages])
    if needs:
        console.training(needs)


def _estimate(made: Plan) -> Estimate | None:
    """What training takes; None where nothing is trained. Raises InputError for what cannot be trained."""
    if made.recipe.sft is None:
        return None
    from glossator.stages.examples import gold
    from glossator.training.estimate import estimate

    console.quiet_libraries()
    return estimate(made, gold(made, "train"))


@cli.command(context_settings={"allow_extra_args": True})
def build(
    context: typer.Context,
    recipe: RecipePath,
    out: Annotated[Path, typer.Option(help="Folder of the build; finished stages in it are kept.")],
    sets: Sets = None,
    allow_download: Download = False,
    allow_network: Network = False,
    ray: Ray = None,
    launch: Launch = None,
    strict: Strict = False,
    as_json: AsJson = False,
) -> None:
    """Build an assistant from a recipe."""
    from glossator import pipeline

    words = launch_words(launch, context.args)
    made, host = _plan(recipe, sets, allow_download, allow_network, strict)
    host.add_observer("progress", console.Progress(quiet=as_json))
    console.quiet_libraries()
    if ("sft", "to do") in pipeline.preview(made, out):
        _estimate(made)  # what cannot be trained is said before any work
    bundle = pipeline.build(made, out, host, ray=ray, launch=words)
    if as_json:
        print_json({"bundle": str(bundle.folder), "digest": bundle.digest})
    else:
        console.say(f"bundle {bundle.digest[:12]} in {bundle.folder}")


@cli.command()
def ask(
    bundle: BundlePath,
    questions: Annotated[list[str], typer.Argument(metavar="QUESTION...")],
    stream: Annotated[bool, typer.Option("--stream", help="Print the answer as it comes.")] = False,
    as_json: AsJson = False,
    allow_download: Download = False,
    allow_network: Network = False,
    strict: Strict = False,
) -> None:
    """Ask questions; every statement of the answer shows its source."""
    from glossator.assistant import Assistant, open_bundle
    from glossator.wire import answer_json

    if stream and as_json:
        raise InputError("ask: --stream prints text as it comes and --json a whole answer; leave one of them out")
    opened = open_bundle(bundle)
    console.quiet_libraries()
    assistant = Assistant.load(opened, host_of(strict), allow_download=allow_download, allow_network=allow_network)
    for question in questions:
        if stream:
            console.stream(question, assistant.stream(question))
        elif as_json:
            print_json(answer_json(assistant.answer(question)))
        else:
            console.answer(question, assistant.answer(question))


@cli.command()
def doctor(as_json: AsJson = False) -> None:
    """Check this installation: versions, one faiss, weights, plugins, disk."""
    from glossator.doctor import examine

    findings = examine()
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        console.table(["", "check", "found"], [[console.light(f.ok), f.check, f.found] for f in findings])
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@cli.command()
def domains(as_json: AsJson = False, strict: Strict = False) -> None:
    """List the domains."""
    print_rows(inventory.domains(host_of(strict)), as_json)


@cli.command()
def scorers(as_json: AsJson = False, strict: Strict = False) -> None:
    """List the scorers: metrics, rewards and gates."""
    print_rows(inventory.scorers(host_of(strict)), as_json)


@cli.command()
def hooks(as_json: AsJson = False) -> None:
    """List the hooks a plugin may implement."""
    print_rows(inventory.hooks(), as_json)


@cli.command()
def plugins(as_json: AsJson = False, strict: Strict = False) -> None:
    """List the plugins, also those that could not be loaded."""
    print_rows(inventory.plugins(host_of(strict)), as_json)


@cli.command()
def recipes(as_json: AsJson = False) -> None:
    """List the built-in recipes."""
    print_rows(inventory.recipes(), as_json)


def _plan(
    recipe: Path, sets: list[str] | None, allow_download: bool, allow_network: bool, strict: bool
) -> tuple[Plan, Host]:
    from glossator.plan import built_in_recipes, make_plan
    from glossator.recipe import load_recipe

    path = recipe if recipe.exists() else built_in_recipes().get(str(recipe), recipe)
    pinned = load_recipe(path).data.get("plugins")
    host = host_of(strict, tuple(pinned) if pinned is not None else None)
    given = tuple(sets or ())
    return make_plan(path, host, sets=given, allow_download=allow_download, allow_network=allow_network), host
