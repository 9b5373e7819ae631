"""What is promised in public: names, commands and hooks, all documented."""

from __future__ import annotations

from pathlib import Path

import glossator
from glossator import hookspecs, inventory
from glossator.cli import cli
from glossator.plan import built_in_recipes

ROOT = Path(__file__).parents[1]

COMMANDS = {
    "new",
    "check",
    "cite-eval",
    "compare",
    "plan",
    "build",
    "ask",
    "eval",
    "doctor",
    "domains",
    "scorers",
    "search",
    "hooks",
    "index",
    "plugins",
    "recipes",
    "reward",
}
HOOKS = {
    "register_domains",
    "register_scorers",
    "register_verifiers",
    "register_loaders",
    "register_commands",
    "stage_started",
    "stage_finished",
    "review_answer",
}


def test_every_public_name_exists() -> None:
    assert [name for name in glossator.__all__ if not hasattr(glossator, name)] == []


def test_the_commands_are_these() -> None:
    named = {command.name or command.callback.__name__ for command in cli.registered_commands if command.callback}
    groups = {group.typer_instance.info.name for group in cli.registered_groups if group.typer_instance}
    assert named | groups == COMMANDS


def test_the_hooks_are_these_and_each_has_an_example() -> None:
    rows = inventory.hooks()
    assert {row["hook"] for row in rows} == HOOKS
    for name in HOOKS:
        assert ">>> @hookimpl" in (getattr(hookspecs, name).__doc__ or "")


def test_every_built_in_recipe_says_how_to_run_it() -> None:
    for name, path in built_in_recipes().items():
        head = path.read_text(encoding="utf-8").splitlines()[:3]
        assert all(line.startswith("#") for line in head), name
        assert f"glossator build recipes/{name}.yaml" in head[2], name


def test_the_documents_name_no_command_that_does_not_exist() -> None:
    import re

    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        used = set(re.findall(r"`?glossator ([a-z]+(?:-[a-z]+)*)\b", (ROOT / page).read_text(encoding="utf-8")))
        prose = {"builds", "build", "never"}
        assert {word for word in used if word not in COMMANDS | prose} == set(), page
