"""The host knows which plugin said what, refuses clashes, and survives a broken plugin."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from glossator import Answer, Host, InputError, Loader, PluginError, Question, Score, Scorer, hookimpl

from .conftest import ABSTENTION, asked, read
from .shelf import Shelf

GOOD = """
from glossator import Loader, hookimpl
@hookimpl
def register_loaders():
    return [Loader(name="csv", suffixes=(".csv",), read=None, summary="rows")]
"""


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("GLOSSATOR_PLUGINS", raising=False)
    return Shelf(tmp_path)


def plugin(**hooks: Any) -> SimpleNamespace:
    """A plugin object with these hooks."""
    return SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})


def scorer(name: str) -> Scorer:
    return Scorer(name=name, score=lambda question, answer: Score(name=name, value=1.0), summary="")


def test_an_installed_plugin_is_found_with_its_distribution(shelf: Shelf) -> None:
    shelf.install("sheets_a", GOOD, plugin="sheets")
    host = Host.discover(only=["sheets"])
    (info,) = host.plugins()
    assert (info.plugin, info.distribution, info.hooks) == ("sheets", "sheets_a 1.0", ("register_loaders",))
    loader = host.loader_for(".CSV")
    assert loader is not None and loader.name == "csv"
    assert host.owners == {"loader:csv": "sheets"}


def test_a_plugin_broken_at_import_is_named_and_skipped(shelf: Shelf) -> None:
    shelf.install("sheets_b", GOOD)
    shelf.install("shaky_b", "raise RuntimeError('no luck')")
    host = Host.discover(only=["sheets_b", "shaky_b"])
    (failure,) = host.failures
    assert (failure.plugin, failure.distribution) == ("shaky_b", "shaky_b 1.0")
    assert "RuntimeError: no luck" in failure.reason
    assert [info.plugin for info in host.plugins()] == ["sheets_b"]


def test_a_plugin_broken_at_import_raises_in_strict_mode(shelf: Shelf) -> None:
    shelf.install("shaky_c", "raise RuntimeError('no luck')")
    with pytest.raises(PluginError, match=r"plugin 'shaky_c' of shaky_c 1.0 raised RuntimeError: no luck"):
        Host.discover(only=["shaky_c"], strict=True)


@pytest.mark.parametrize(
    "code", ["import nowhere_to_be_found", "def broken(:", "x = 1 / 0", GOOD.replace("():", "(wrong):")]
)
def test_every_way_to_fail_at_loading_is_a_failure_not_a_crash(shelf: Shelf, code: str) -> None:
    name = shelf.folder.name
    shelf.install(name, code)
    host = Host.discover(only=[name])
    assert [failure.plugin for failure in host.failures] == [name]
    assert host.plugins() == [] and host.loaders == {}


def test_a_plugin_that_exits_at_import_is_a_failure_not_the_end(shelf: Shelf) -> None:
    shelf.install("quits_a", "raise SystemExit(3)")
    assert [failure.plugin for failure in Host.discover(only=["quits_a"]).failures] == ["quits_a"]


def test_two_distributions_with_one_plugin_name_are_both_named(shelf: Shelf) -> None:
    shelf.install("one_a", GOOD, plugin="twin")
    shelf.install("other_a", GOOD, plugin="twin")
    with pytest.raises(PluginError, match=r"named 'twin': one_a of one_a 1.0 and other_a of other_a 1.0"):
        Host.discover()


def test_the_environment_pins_the_plugins(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.install("sheets_d", GOOD)
    shelf.install("shaky_d", "raise RuntimeError('never imported')")
    monkeypatch.setenv("GLOSSATOR_PLUGINS", " sheets_d ,")
    host = Host.discover()
    assert [info.plugin for info in host.plugins()] == ["sheets_d"] and host.failures == ()


def test_an_empty_pin_loads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOSSATOR_PLUGINS", "")
    assert Host.discover().plugins() == []


def test_a_pin_that_names_no_plugin_lists_the_known(shelf: Shelf) -> None:
    shelf.install("sheets_e", GOOD)
    with pytest.raises(InputError, match=r"unknown plugin 'sheet_e'; did you mean 'sheets_e'.*Known: .*sheets_e"):
        Host.discover(only=["sheet_e"])


def test_a_plugin_pinned_twice_is_loaded_once(shelf: Shelf) -> None:
    shelf.install("sheets_f", GOOD)
    assert Host.discover(only=["sheets_f", "sheets_f"]).failures == ()


@pytest.mark.parametrize("kind", ["scorer", "loader"])
def test_one_name_registered_twice_names_both_plugins(kind: str) -> None:
    record = scorer("same") if kind == "scorer" else Loader(name="same", suffixes=(), read=lambda d, n: [], summary="")
    both = plugin(**{f"register_{kind}s": lambda: [record]})
    with pytest.raises(
        PluginError, match=f"{kind} 'same' is registered twice, by plugin '(one|two)' .*'(one|two)'"
    ) as e:
        Host.of(one=both, two=plugin(**{f"register_{kind}s": lambda: [record]}))
    assert "'one'" in str(e.value) and "'two'" in str(e.value)


def test_one_name_twice_within_one_plugin_is_refused_too() -> None:
    with pytest.raises(PluginError, match=r"plugin 'one' \(register_scorers\): Scorer 'same' is registered twice"):
        Host.of(one=plugin(register_scorers=lambda: [scorer("same"), scorer("same")]))


def test_a_misspelt_hook_is_refused() -> None:
    misspelt = plugin(register_scorer=lambda: [scorer("same")])
    with pytest.raises(PluginError, match=r"plugin 'one'.*register_scorer'.*`glossator hooks`"):
        Host.of(one=misspelt)


def test_a_wrong_record_names_plugin_hook_and_type() -> None:
    with pytest.raises(PluginError, match=r"plugin 'one' \(register_scorers\): must return Scorer records .*found str"):
        Host.of(one=plugin(register_scorers=lambda: ["citation_f1"]))


def test_a_hook_that_raises_or_returns_nothing_is_named() -> None:
    with pytest.raises(PluginError, match=r"plugin 'one' \(register_scorers\) raised TypeError"):
        Host.of(one=plugin(register_scorers=lambda: None))


def reviewer(word: str) -> Any:
    def review_answer(answer: Answer) -> Answer:
        return replace(answer, notes=(*answer.notes, word))

    return plugin(review_answer=review_answer)


def test_each_reviewer_sees_the_last_result_and_none_leaves_it() -> None:
    silent = plugin(review_answer=lambda domain, question, answer: None)
    host = Host.of(a=reviewer("first"), b=silent, c=reviewer("second"))
    notes = host.review_answer("medical", asked(), read(ABSTENTION)).notes
    assert sorted(notes) == ["first", "second"]


def test_reviewers_are_asked_in_order_of_registration() -> None:
    host = Host.of(a=reviewer("first"), b=reviewer("second"))
    assert host.review_answer("medical", asked(), read(ABSTENTION)).notes == ("first", "second")


def test_a_reviewer_that_returns_no_answer_is_named() -> None:
    with pytest.raises(PluginError, match="'a'"):
        Host.of(a=plugin(review_answer=lambda answer: answer.text)).review_answer("medical", asked(), read("x"))


def test_a_reviewer_that_raises_is_named() -> None:
    def review_answer(domain: str, question: Question) -> None:
        raise ValueError(f"{domain} {question.id}")

    with pytest.raises(PluginError, match=r"plugin 'a' \(review_answer\) raised ValueError: medical q"):
        Host.of(a=plugin(review_answer=review_answer)).review_answer("medical", asked(), read("x"))


def test_an_observer_hears_of_stages_and_may_take_fewer_arguments() -> None:
    heard: list[Any] = []

    def stage_started(stage: str) -> None:
        heard.append(stage)

    def stage_finished(seconds: float) -> None:
        heard.append(seconds)

    host = Host.of()
    host.add_observer("log", plugin(stage_started=stage_started, stage_finished=stage_finished))
    host.stage_started("corpus", None)  # type: ignore[arg-type]  # the observer does not look
    host.stage_finished("corpus", None, 1.5)  # type: ignore[arg-type]
    assert heard == ["corpus", 1.5]


def test_an_unknown_name_lists_the_known_and_guesses(host: Host) -> None:
    with pytest.raises(InputError, match=r"unknown verifier 'overlop'; did you mean 'overlap'\? Known: .*overlap"):
        host.verifier("overlop")
    with pytest.raises(InputError, match=r"unknown domain 'zzz'. Known: none"):
        Host.of().domain("zzz")
