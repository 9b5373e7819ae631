"""What may answer: refused at plan time what a backbone cannot do, and nothing sent elsewhere without consent."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator import Host
from glossator.endpoint import Endpoint
from glossator.engines import VARIABLE, find_server, identify
from glossator.errors import InputError, RecipeError, ServerError
from glossator.plan import Plan, find_backbone, make_plan, model_identity
from glossator.recipe import Served

from .served import Start

HEAD = "name: a\ndomain: medical\n"
REMOTE = "http://models.example/v1"


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def plan(folder: Path, host: Host, text: str, *sets: str, allow_network: bool = False) -> Plan:
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    return make_plan(path, host, sets=sets, allow_network=allow_network)


def problems(folder: Path, host: Host, text: str, *sets: str) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        plan(folder, host, text, *sets)
    return caught.value.problems


def server(url: str, more: str = "") -> str:
    return f"{HEAD}backbone: {{server: '{url}', model: m{more}}}\n"


def test_without_a_model_the_plan_is_complete_and_names_none(tmp_path: Path, host: Host) -> None:
    made = plan(tmp_path, host, f"{HEAD}backbone: none\n")
    assert (made.backbone, made.backbone_identity, made.recipe.backbone) == ("none", "none", "none")
    assert plan(tmp_path, host, HEAD, "backbone=none").backbone_identity == "none"


def test_a_folder_called_none_is_not_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "none").mkdir()
    assert model_identity(find_backbone("none")) == "none"


def test_without_a_model_nothing_is_trained_and_nothing_written_freely(tmp_path: Path, host: Host) -> None:
    text = f"{HEAD}backbone: none\nsft: {{epochs: 1}}\nrl: {{}}\nanswer: {{grounding: cited, prior: 0}}\n"
    found = problems(tmp_path, host, text)
    assert len(found) == 4
    starts = ("my.yaml:4:1 sft: ", "my.yaml:5:1 rl: ", "my.yaml:6:10 answer.grounding: ", "my.yaml:6:28 answer.prior: ")
    assert all(any(problem.startswith(start) for problem in found) for start in starts)
    assert all("take the section out" in problem for problem in found[:2])


def test_what_a_setting_asks_for_is_blamed_on_it(tmp_path: Path, host: Host) -> None:
    (problem,) = problems(tmp_path, host, f"{HEAD}backbone: none\n", "sft.epochs=1")
    assert problem.startswith("--set sft: there is nothing to train without a model; take the section out")


def test_a_server_trains_nothing_and_is_not_even_asked(tmp_path: Path, host: Host, start: Start) -> None:
    served = start(lambda body: "")
    found = problems(tmp_path, host, f"{server(served.url)}sft: {{}}\n")
    assert found == [
        "my.yaml:4:1 sft: the model behind the server is not trained here; take the section out, or let `backbone` "
        "name `embedded`, a folder or a hub id"
    ]
    assert served.listed == 0


def test_a_plan_asks_the_server_for_its_model(tmp_path: Path, host: Host, start: Start) -> None:
    served = start(lambda body: "", models=["other", "m"])
    made = plan(tmp_path, host, server(served.url, ", constraint: grammar"))
    assert (made.backbone, made.backbone_identity, made.recipe.sft) == ("m", "m", None)
    assert made.origins["backbone.server"] == "recipe" and made.origins["backbone.window"] == "house"
    assert served.listed == 1 and served.seen == []


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("{server: 'http://h/v1', model: m, modle: m}", "3:45 backbone.modle: unknown key (did you mean 'model'?)"),
        ("{server: 'http://h/v1'}", "3:1 backbone.model: missing"),
        (
            "{server: 'h:80', model: m}",
            "3:12 backbone.server: Value error, expected an address such as http://127.0.0.1",
        ),
        ("{server: 'http://u:p@h/v1', model: m}", "3:12 backbone.server: Value error, expected an address"),
        ("{server: 'http://h/v1', model: m, constraint: json}", "3:45 backbone.constraint: Input should be 'choice'"),
        ("{server: 'http://h/v1', model: m, key: sk-123}", "3:45 backbone.key: String should match pattern"),
        ("{server: 'http://h/v1', model: m, allow_network: true}", "3:45 backbone.allow_network: unknown key"),
        ("3", "3:1 backbone: Value error, expected a name, a folder, a hub id, or {server: ADDRESS, model: NAME}"),
        ("''", "3:1 backbone: Value error, expected a name"),
    ],
)
def test_a_wrong_server_is_placed_and_explained(tmp_path: Path, host: Host, given: str, problem: str) -> None:
    found = problems(tmp_path, host, f"{HEAD}backbone: {given}\n")
    assert any(one.startswith(f"my.yaml:{problem}") for one in found), found
    assert len(found) == 1


def test_another_machine_needs_consent_and_nothing_is_sent_without(tmp_path: Path, host: Host) -> None:
    with pytest.raises(InputError, match=r"http://models.example/v1 is not this machine; say --allow-network"):
        plan(tmp_path, host, server(REMOTE))
    assert find_server(Served(model="m"), REMOTE, allow_network=True).url == REMOTE


def test_the_environment_names_another_address_and_needs_the_same_consent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: Host, start: Start
) -> None:
    served = start(lambda body: "")
    monkeypatch.setenv(VARIABLE, f" {served.url}\n")
    assert plan(tmp_path, host, server(REMOTE)).backbone_identity == "m"
    monkeypatch.setenv(VARIABLE, REMOTE)
    with pytest.raises(InputError, match="--allow-network"):
        plan(tmp_path, host, server(served.url))
    monkeypatch.setenv(VARIABLE, "localhost:80")
    with pytest.raises(InputError, match=r"no address of one is known: 'localhost:80'; set GLOSSATOR_SERVER"):
        plan(tmp_path, host, server(served.url))


def test_the_key_comes_from_the_variable_that_the_recipe_names(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Served(model="m", key="MY_KEY")
    for wrong in ("", " ", "a\nb", "schlüssel"):
        monkeypatch.setenv("MY_KEY", wrong)
        with pytest.raises(
            InputError, match=r"the environment holds no key in MY_KEY, which backbone.key names"
        ) as caught:
            find_server(served, "http://127.0.0.1/v1")
        assert wrong.strip() == "" or wrong not in str(caught.value)
    monkeypatch.setenv("MY_KEY", "sk-1\n")
    assert find_server(served, "http://127.0.0.1/v1").key == "sk-1"
    assert find_server(Served(model="m"), "http://127.0.0.1/v1").key == ""


def test_a_model_that_the_server_has_not_is_guessed(start: Start) -> None:
    served = start(lambda body: "", models=["qwen3-8b", "gemma"])
    with pytest.raises(InputError, match=r"no model 'qwen3'; did you mean 'qwen3-8b'\? It has: qwen3-8b, gemma"):
        identify(Endpoint(url=served.url), Served(model="qwen3"))


@pytest.mark.parametrize("reply", [b"<html>", b"{}", b'{"data": [1]}', b'{"data": {"id": "m"}}', b"[" * 99_999])
def test_a_page_that_lists_no_models_is_no_base(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Endpoint, "get", lambda self, path: reply)
    with pytest.raises(ServerError, match="lists no models at /models: is this the base of its interface"):
        identify(Endpoint(url="http://127.0.0.1/"), Served(model="m"))


def test_a_server_that_is_down_is_told_before_any_work(tmp_path: Path, host: Host) -> None:
    with pytest.raises(ServerError, match="the server http://127.0.0.1:1/v1 did not answer"):
        plan(tmp_path, host, server("http://127.0.0.1:1/v1"))
