"""A plugin that misbehaves is reported by its own name and that of its distribution, and harms nothing else."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from glossator import Host, PluginError

from ..conftest import ABSTENTION, asked, read
from ..shelf import Shelf

HEAD = """
from glossator import Domain, Loader, Score, Scorer, VerifierSpec, hookimpl
good = Scorer(name="good_{0}", score=lambda q, a: Score(name="good_{0}", value=1.0), summary="fine")
"""
GOOD_HOOK = """
@hookimpl
def register_scorers():
    return [good]
"""
OWN = ["common", "medical"]
HARBOUR = Path(__file__).parents[1] / "third_party" / "glossator-harbour"
REGISTERING = ["register_domains", "register_verifiers", "register_loaders"]
FAULTS = {
    "raises": "raise RuntimeError('no luck')",
    "leaves": "raise SystemExit(3)",
    "returns nothing": "return None",
    "returns words": "return ['citation_f1']",
    "returns another record": "return [good]",
    "fails half-way": "yield from ()\n    raise RuntimeError('no luck')",
}


@dataclass
class Site:
    """A folder on the path of fresh interpreters, with a plugin in it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    """Beside that of the test."""

    def glossator(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        known = [str(self.folder), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {**os.environ, **self.environment, "PYTHONPATH": os.pathsep.join(known)}
        command = [sys.executable, "-m", "glossator", *arguments]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=environment)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("GLOSSATOR_PLUGINS", raising=False)
    return Shelf(tmp_path)


@pytest.fixture
def site(shelf: Shelf) -> Site:
    return Site(shelf.folder)


def install(shelf: Shelf, code: str, name: str | None = None) -> str:
    """Lay down a plugin of this code; its name differs in each test, as modules are imported once."""
    name = name or f"bad_{shelf.folder.name.replace('-', '_')}"
    shelf.install(name, HEAD.format(name) + code)
    return name


def hook(name: str, body: str, arguments: str = "") -> str:
    return f"@hookimpl\ndef {name}({arguments}):\n    {body}\n"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", REGISTERING)
def test_a_registering_hook_that_fails_skips_the_whole_plugin(name: str, fault: str, shelf: Shelf) -> None:
    plugin = install(shelf, GOOD_HOOK + hook(name, FAULTS[fault]))
    host = Host.discover(only=[*OWN, plugin])
    (failure,) = host.failures
    assert (failure.plugin, failure.distribution) == (plugin, f"{plugin} 1.0")
    assert failure.reason.startswith(f"plugin {plugin!r} of {plugin} 1.0 ({name})")
    assert [info.plugin for info in host.plugins()] == OWN
    assert set(host.owners.values()) == set(OWN)
    assert list(host.domains) == ["medical"]
    assert f"good_{plugin}" not in host.scorers


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "returns another record"])
def test_scorers_that_fail_skip_the_whole_plugin_too(fault: str, shelf: Shelf) -> None:
    loader = hook("register_loaders", "return [Loader(name='csv', suffixes=('.csv',), read=None, summary='rows')]")
    plugin = install(shelf, loader + hook("register_scorers", FAULTS[fault]))
    host = Host.discover(only=[*OWN, plugin])
    assert [failure.plugin for failure in host.failures] == [plugin]
    assert host.loader_for(".csv") is None


@pytest.mark.parametrize("name", REGISTERING)
def test_in_strict_mode_it_is_an_error(name: str, shelf: Shelf) -> None:
    plugin = install(shelf, hook(name, FAULTS["raises"]))
    with pytest.raises(
        PluginError, match=rf"plugin '{plugin}' of {plugin} 1.0 \({name}\) raised RuntimeError: no luck"
    ):
        Host.discover(only=[*OWN, plugin], strict=True)


def test_a_record_without_a_name_is_refused(shelf: Shelf) -> None:
    body = "return [Loader(name=None, suffixes=(), read=None, summary='')]"
    plugin = install(shelf, hook("register_loaders", body))
    assert "must return Loader records with a name" in Host.discover(only=[*OWN, plugin]).failures[0].reason


def test_an_error_of_ours_raised_by_a_plugin_names_the_plugin(shelf: Shelf) -> None:
    body = "return [Domain.from_content(__import__('pathlib').Path('/nowhere'))]"
    plugin = install(shelf, hook("register_domains", body))
    reason = Host.discover(only=[plugin]).failures[0].reason
    assert reason.startswith(f"plugin {plugin!r} of {plugin} 1.0 (register_domains): /nowhere: a domain needs the file")


def test_a_misspelt_hook_names_the_plugin_and_is_skipped(shelf: Shelf) -> None:
    plugin = install(shelf, hook("register_scorer", "return []"))
    (failure,) = Host.discover(only=[*OWN, plugin]).failures
    assert failure.reason.startswith(f"plugin {plugin!r} of {plugin} 1.0: unknown hook 'register_scorer'")


CLASH = hook("register_scorers", "return [Scorer(name='citation_f1', score=None, summary='mine')]")


def test_a_scorer_of_a_taken_name_names_both_plugins_and_both_distributions(shelf: Shelf) -> None:
    plugin = install(shelf, CLASH)
    with pytest.raises(PluginError) as told:
        Host.discover(only=[*OWN, plugin])
    message = str(told.value)
    assert message.startswith("scorer 'citation_f1' is registered twice, by plugin 'common' of glossator ")
    assert f"and by plugin {plugin!r} of {plugin} 1.0; uninstall one" in message
    assert "GLOSSATOR_PLUGINS" in message


def test_after_a_clash_a_pinned_set_gets_the_user_going_again(shelf: Shelf, site: Site) -> None:
    plugin = install(shelf, CLASH)
    stopped = site.glossator("domains", "--json")
    assert stopped.returncode == 2
    assert f"plugin {plugin!r} of {plugin} 1.0" in stopped.stderr
    site.environment["GLOSSATOR_PLUGINS"] = "common,medical"
    going = site.glossator("domains", "--json")
    assert (going.returncode, [row["name"] for row in json.loads(going.stdout)]) == (0, ["medical"])


def test_after_a_clash_the_plugins_that_a_recipe_names_get_the_user_going_too(shelf: Shelf, site: Site) -> None:
    install(shelf, CLASH)
    recipe = Path(shelf.folder) / "mine.yaml"
    recipe.write_text("name: mine\ndomain: medical\nplugins: [common, medical]\n", encoding="utf-8")
    done = site.glossator("plan", str(recipe), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["values"]


def test_two_plugins_of_one_name_leave_a_pinned_set_alone(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.install("left_twin", "", plugin="same_name")
    shelf.install("right_twin", "", plugin="same_name")
    with pytest.raises(PluginError, match="left_twin of left_twin 1.0 and right_twin of right_twin 1.0"):
        Host.discover()
    monkeypatch.setenv("GLOSSATOR_PLUGINS", "common,medical")
    assert list(Host.discover().domains) == ["medical"]


def test_a_review_that_fails_is_named_with_its_distribution(shelf: Shelf) -> None:
    plugin = install(shelf, hook("review_answer", FAULTS["raises"], "answer"))
    with pytest.raises(PluginError, match=rf"plugin '{plugin}' of {plugin} 1.0 \(review_answer\) raised RuntimeError"):
        Host.discover(only=[plugin]).review_answer("medical", asked(), read(ABSTENTION))


def test_a_review_that_returns_words_is_named_with_its_distribution(shelf: Shelf) -> None:
    plugin = install(shelf, hook("review_answer", "return answer.text", "answer"))
    with pytest.raises(PluginError, match=rf"plugin '{plugin}' of {plugin} 1.0: review_answer must return an Answer"):
        Host.discover(only=[plugin]).review_answer("medical", asked(), read(ABSTENTION))


@pytest.mark.parametrize(
    ("name", "tell"),
    [
        ("stage_started", lambda host: host.stage_started("corpus", None)),
        ("stage_finished", lambda host: host.stage_finished("corpus", None, 1.0)),
    ],
)
def test_an_observer_that_fails_is_named_with_its_distribution(
    name: str, tell: Callable[[Host], None], shelf: Shelf
) -> None:
    plugin = install(shelf, hook(name, FAULTS["raises"], "stage"))
    with pytest.raises(PluginError, match=rf"plugin '{plugin}' of {plugin} 1.0 \({name}\) raised RuntimeError"):
        tell(Host.discover(only=[plugin]))


def test_commands_that_fail_are_left_out_whole(shelf: Shelf) -> None:
    import typer

    body = "cli.command(name='half')(lambda: None); raise RuntimeError('no luck')"
    plugin = install(shelf, hook("register_commands", body, "cli"))
    host, cli = Host.discover(only=[plugin]), typer.Typer()
    (failure,) = host.add_commands(cli)
    assert failure.reason == f"plugin {plugin!r} of {plugin} 1.0 (register_commands) raised RuntimeError: no luck"
    assert cli.registered_commands == []


NOISE: dict[str, Any] = {
    "at import": "print('hello from the import')\n",
    "in a registering hook": hook("register_scorers", "print('hello'); return [good]"),
    "when commands are added": hook("register_commands", "print('hello')", "cli"),
    "and fails": "print('hello')\nraise RuntimeError('no luck')\n",
}


@pytest.mark.parametrize("where", NOISE)
def test_json_stays_json_when_a_plugin_prints(where: str, shelf: Shelf, site: Site) -> None:
    install(shelf, NOISE[where])
    done = site.glossator("domains", "--json")
    assert done.returncode == 0, done.stderr
    assert [row["name"] for row in json.loads(done.stdout)] == ["code", "legal", "medical"]
    assert "hello" in done.stderr


BROKEN = {
    "import": FAULTS["raises"].replace("    ", ""),
    "register_domains": hook("register_domains", FAULTS["raises"]),
    "register_loaders": hook("register_loaders", FAULTS["returns words"]),
    "register_commands": hook("register_commands", FAULTS["raises"], "cli"),
}


@pytest.mark.parametrize("part", BROKEN)
def test_the_command_line_names_the_broken_plugin_and_lists_the_others(part: str, shelf: Shelf, site: Site) -> None:
    plugin = install(shelf, BROKEN[part])
    done = site.glossator("domains", "--json")
    assert done.returncode == 0, done.stderr
    assert [row["name"] for row in json.loads(done.stdout)] == ["code", "legal", "medical"]
    assert f"plugin {plugin!r} of {plugin} 1.0" in done.stderr


@pytest.fixture
def harbour(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> str:
    """A whole domain of another house, small enough to be checked in seconds; returns its name."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [str(HARBOUR), os.environ.get("PYTHONPATH")])))
    shelf.install("harbour_house", "from glossator_harbour import *\n", plugin="harbour")
    return "harbour"


def test_a_domain_is_checked_beside_a_broken_plugin(shelf: Shelf, site: Site, harbour: str) -> None:
    plugin = install(shelf, BROKEN["register_domains"])
    done = site.glossator("check", harbour, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["domain"], found["problems"]) == (0, harbour, [])
    assert plugin in done.stderr
    assert site.glossator("check", harbour, "--strict").returncode == 2


def test_the_figures_of_a_check_are_printed_when_asked_for(site: Site, harbour: str) -> None:
    asked, plain = (site.glossator("check", harbour, *more).stdout for more in (["--figures"], []))
    assert re.search(r"spoil 'wrong document': caught in (\d+) of \1 questions", asked)
    assert "spoil" not in plain and "is sound" in plain
