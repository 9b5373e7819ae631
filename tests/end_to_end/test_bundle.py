"""A built bundle: asked, measured, and refused when a byte of it has changed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from glossator.stress import CHANGES

from .conftest import run

pytestmark = pytest.mark.slow

QUESTION = "What is the first sign of anaphylaxis?"


def test_ask_answers_in_the_promised_form(built: Path) -> None:
    done = run("ask", built, QUESTION, "--json")
    answer = json.loads(done.out)
    assert set(answer) >= {"text", "abstained", "statements", "citations", "passages", "timings", "lock"}
    assert set(answer["passages"][0]) == {"id", "document_id", "title", "text", "start", "end", "score"}
    assert len(answer["lock"]) == 64


def test_ask_prints_as_it_comes_what_it_prints_at_once(built: Path) -> None:
    live, plain = run("ask", built, QUESTION, "--stream"), run("ask", built, QUESTION)
    assert live.code == 0, live.err
    assert live.out == plain.out
    assert run("ask", built, QUESTION, "--stream", "--json").code == 2


def test_ask_shows_control_characters_as_nothing(built: Path) -> None:
    done = run("ask", built, "What is \x1b[31mred\x1b[0m?")
    assert done.code == 0
    assert "\x1b[31mred" not in done.out


@pytest.mark.parametrize(
    "name",
    [
        "adapters/rl/adapter_model.safetensors",
        "adapters/sft/adapter_config.json",
        "index/vectors.faiss",
        "index/passages.sqlite",
        "prompts/system.txt",
        "bundle.json",
    ],
)
def test_one_changed_byte_is_refused_by_name(built: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(built / "bundle", tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = run("ask", tmp_path, QUESTION)
    assert done.code == 2
    assert name in done.err and "changed" in done.err


def test_a_bundle_of_another_backbone_is_refused(built: Path, tmp_path: Path, backbone: Path) -> None:
    shutil.copytree(built / "bundle", tmp_path / "bundle")
    config = backbone / "config.json"
    before = config.read_text()
    try:
        config.write_text(before.replace('"rms_norm_eps": 1e-06', '"rms_norm_eps": 1e-05'))
        done = run("ask", tmp_path, QUESTION)
    finally:
        config.write_text(before)
    assert done.code == 2
    assert "another version of backbone" in done.err


def test_eval_writes_all_three_reports_and_compares_the_rungs(built: Path, tmp_path: Path) -> None:
    done = run(
        "eval", built, "--compare", "--limit", 6,
        "--json", tmp_path / "r.json", "--html", tmp_path / "r.html", "--markdown", tmp_path / "r.md",
    )  # fmt: skip
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert [system["rung"] for system in report["systems"]] == ["search", "base", "sft", "rl"]
    assert report["questions"] == 6
    page = (tmp_path / "r.html").read_text()
    assert "<svg" in page and "src=" not in page and page.count("<script") == 1
    assert "| citation_f1 |" in (tmp_path / "r.md").read_text()


def test_eval_under_stress_says_what_worse_passages_change(built: Path, tmp_path: Path) -> None:
    done = run(
        "eval", built, "--stress", "--limit", 4, "--verifier", "lexical", "--fail-under", "citation_precision=0.0",
        "--json", tmp_path / "r.json", "--html", tmp_path / "r.html", "--junit", tmp_path / "r.xml",
    )  # fmt: skip
    assert done.code == 0, done.err
    report = json.loads((tmp_path / "r.json").read_text())
    assert [one["change"] for one in report["stress"]] == list(CHANGES)
    assert report["systems"][-1]["support"]["verifier"] == "lexical"
    page = (tmp_path / "r.html").read_text()
    assert "What worse passages change" in page and "corrected for its errors" in page
    suite = ElementTree.parse(tmp_path / "r.xml").getroot()[0]
    assert [case.attrib["name"] for case in suite.iter("testcase")] == ["citation_precision"]


def test_a_malformed_questions_file_names_the_line(built: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id":"a","question":"x","answerable":false,"answers":[],"gold_doc_ids":[]}\n{"id": 3}\n')
    done = run("eval", built, "--questions", path)
    assert done.code == 2
    assert "q.jsonl:2" in done.err
    assert not (tmp_path / "r.json").exists()


def test_a_missed_gate_is_exit_code_one(built: Path, recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "gated"
    shutil.copytree(built, out)
    done = run("build", recipe, "--out", out, "--set", "evaluate.gates.citation_f1.min=0.99")
    assert done.code == 0, done.err
    done = run("eval", out, "--limit", 4)
    assert done.code == 1
    assert "missed gates: citation_f1" in done.err
