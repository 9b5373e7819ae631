"""Bundles without a model and with one behind a server: planned, built, asked and measured by the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from glossator import Host, Question
from glossator.assistant import Assistant, open_bundle
from glossator.cli import cli
from glossator.engines import VARIABLE
from glossator.errors import BundleError, GlossatorError, InputError, ServerError
from glossator.generation import transformers_local
from glossator.generation.noted import REPAIRED, REPLACED
from glossator.generation.possible import WHICH
from glossator.prompting import render

from ..served import Body, Start, literals

QUESTION = "How is ferritin measured?"
DOCS = {
    "ferritin": "Ferritin is measured in serum. Low values show empty stores.",
    "warfarin": "Warfarin is dosed by mouth. It is monitored with the INR.",
    "insulin": "Insulin lowers glucose. It is injected under the skin.",
}
GOLD = {"id": "q1", "question": QUESTION, "answerable": True, "gold_doc_ids": ["ferritin"]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents and questions, in which no address of a server is known and no model can be loaded."""
    monkeypatch.delenv(VARIABLE, raising=False)
    for name in ("load_model", "load_tokenizer"):
        monkeypatch.setattr(transformers_local, name, lambda *_: pytest.fail("a model was loaded"))
    (tmp_path / "docs").mkdir()
    for name, text in DOCS.items():
        (tmp_path / "docs" / f"{name}.md").write_text(f"# {name}\n\n{text}\n")
    (tmp_path / "questions.jsonl").write_text(json.dumps(GOLD) + "\n")
    return tmp_path


def recipe(home: Path, backbone: str) -> str:
    path = home / "my.yaml"
    path.write_text(
        f"name: my\ndomain: medical\nbackbone: {backbone}\ncorpus: {{sources: ['{home / 'docs'}']}}\n"
        "evaluate: {scorers: [citation_precision, quote_fidelity]}\n"
    )
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def built(home: Path, backbone: str, *more: str) -> Path:
    result = run("build", recipe(home, backbone), "--out", str(home / "out"), *more)
    assert result.exit_code == 0, (result.output, result.exception)
    return home / "out"


def asked(out: Path, *more: str) -> dict[str, Any]:
    result = run("ask", str(out), QUESTION, "--json", *more)
    assert result.exit_code == 0, (result.output, result.exception)
    answer: dict[str, Any] = json.loads(result.output)
    return answer


def quotes(body: Body) -> str:
    """Of the possible answers the last one, as a server that binds its decoder gives it."""
    bound = body["structured_outputs"]["choice"] if "structured_outputs" in body else literals(body["grammar"])
    return str(bound[-1])


def bundle_text(out: Path) -> str:
    return "".join(path.read_text(errors="ignore") for path in (out / "bundle").rglob("*") if path.is_file())


def test_without_a_model_the_prior_answers_and_is_measured(home: Path) -> None:
    planned = json.loads(run("plan", recipe(home, "none"), "--out", str(home / "out"), "--json").output)
    assert [row["stage"] for row in planned["stages"]] == ["corpus", "index", "bundle"]
    out = built(home, "none")
    lock = open_bundle(out).lock
    assert (lock.backbone, lock.backbone_identity, lock.served, lock.adapters) == ("none", "none", None, ())
    assert open_bundle(out).rungs == ("search",)
    answer = asked(out)
    assert answer["text"] == "[1]: “Ferritin is measured in serum.”"
    assert answer["citations"][0]["document_id"] == "ferritin"
    result = run(
        "eval", str(out), "--compare", "--questions", str(home / "questions.jsonl"), "--json", str(home / "r.json")
    )
    assert result.exit_code == 0, (result.output, result.exception)
    report = json.loads((home / "r.json").read_text())
    assert [system["rung"] for system in report["systems"]] == ["search"]
    assert report["systems"][0]["metrics"]["quote_fidelity"]["mean"] == 1.0
    assert report["systems"][0]["engine"] == {}


def test_a_bundle_without_a_model_has_no_other_rung(home: Path, host: Host) -> None:
    bundle = open_bundle(built(home, "none"))
    with pytest.raises(BundleError, match="there is no rung 'base'; it has search"):
        Assistant.load(bundle, host, rung="base")


def test_doctor_says_that_none_needs_no_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from glossator import doctor

    monkeypatch.setattr(doctor, "weights", lambda: tmp_path)
    (found,) = [one for one in doctor.examine() if one.check == "embedded backbone"]
    assert not found.ok and "`backbone: none` needs none" in found.found


@pytest.mark.parametrize("constraint", ["choice", "grammar"])
def test_a_model_behind_a_server_answers(home: Path, start: Start, constraint: str, host: Host) -> None:
    served = start(quotes)
    out = built(home, f"{{server: '{served.url}', model: m, constraint: {constraint}}}")
    assert served.seen == []
    bundle = open_bundle(out)
    assert bundle.rungs == ("search", "base") and bundle.lock.backbone_identity == "m"
    answer = asked(out)
    shown = Assistant.load(bundle, host).search_all([Question(id="", text=QUESTION)])[0]
    assert served.seen[0]["messages"] == list(render(bundle.prompts, QUESTION, shown))
    assert answer["text"].startswith("[") and answer["citations"][0]["quote"] in " ".join(DOCS.values())
    assert not {REPAIRED, REPLACED} & set(answer["notes"])


def test_an_answer_that_had_to_be_repaired_or_replaced_says_so_and_is_counted(home: Path, start: Start) -> None:
    def play(body: Body) -> str:
        return "1" if WHICH in body["messages"][-1]["content"] and obedient else "“Made up.” [1]"

    obedient = True
    out = built(home, f"{{server: '{start(play).url}', model: m}}")
    assert asked(out)["notes"][0] == REPAIRED and asked(out)["abstained"]
    obedient = False
    answer = asked(out)
    assert answer["notes"][0] == REPLACED and "Made up" not in answer["text"]
    words = ("eval", str(out), "--questions", str(home / "questions.jsonl"), "--json", str(home / "r.json"))
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    assert f"1 of 1 answers: {REPLACED}" in result.output
    assert json.loads((home / "r.json").read_text())["systems"][0]["engine"] == {REPLACED: 1}


def test_a_bundle_moves_and_the_address_of_another_machine_stays_behind(
    home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = start(quotes)
    monkeypatch.setenv(VARIABLE, served.url)
    out = built(home, "{server: 'http://models.example:8000/v1', model: m}")
    assert "models.example" not in bundle_text(out) and served.url not in bundle_text(out)
    digest = asked(out)["lock"]
    monkeypatch.setenv(VARIABLE, start(quotes).url)
    assert asked(out)["lock"] == digest
    monkeypatch.delenv(VARIABLE)
    assert "no address of one is known; set GLOSSATOR_SERVER" in str(failed(InputError, "ask", str(out), QUESTION))
    monkeypatch.setenv(VARIABLE, "http://models.example:8000/v1")
    assert "say --allow-network" in str(failed(InputError, "ask", str(out), QUESTION))


def failed(kind: type[GlossatorError], *words: str) -> BaseException | None:
    result = run(*words)
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return result.exception


def test_a_server_that_is_gone_or_serves_another_model_is_told(
    home: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = built(home, f"{{server: '{start(quotes).url}', model: m}}")
    monkeypatch.setenv(VARIABLE, start(quotes, models=["m2"]).url)
    assert "has no model 'm'; did you mean 'm2'? It has: m2" in str(failed(InputError, "ask", str(out), QUESTION))
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:1/v1")
    assert "did not answer" in str(failed(ServerError, "ask", str(out), QUESTION))


def test_a_key_is_never_stored(home: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-very-secret")
    out = built(home, f"{{server: '{start(quotes, key='sk-very-secret').url}', model: m, key: MY_KEY}}")
    assert asked(out)["citations"]
    assert "sk-very-secret" not in "".join(path.read_text(errors="ignore") for path in out.rglob("*") if path.is_file())
