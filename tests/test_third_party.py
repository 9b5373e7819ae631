"""A real outside plugin, really installed, is found beside our own and treated like them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HARBOUR = Path(__file__).parent / "third_party" / "glossator-harbour"

LOOK = """
import json
from glossator import Host, Question, read_answer
from glossator.testing import check_domain
host = Host.discover(strict=True)
question, answer = Question(id="any", text="How fast?"), read_answer("I do not know.", (), "I do not know.")
print(json.dumps({
    "domains": list(host.domains),
    "owners": {key: owner for key, owner in host.owners.items() if owner == "harbour"},
    "distribution": host.distributions["harbour"],
    "content": str(host.domain("harbour").content),
    "problems": [str(problem) for problem in check_domain(host, "harbour")],
    "notes": {name: host.review_answer(name, question, answer).notes for name in host.domains},
}))
"""


def python(*arguments: str, path: Path | None = None) -> str:
    """What a fresh interpreter prints with this folder on its path."""
    known = [part for part in (str(path or ""), os.environ.get("PYTHONPATH")) if part]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(known), "PIP_NO_INDEX": "1"}
    done = subprocess.run([sys.executable, *arguments], check=False, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with glossator-harbour installed in it."""
    folder = tmp_path_factory.mktemp("site")
    pip = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    python(*pip, "--target", str(folder), str(HARBOUR))
    return folder


@pytest.fixture(scope="module")
def seen(site: Path) -> dict[str, Any]:
    """What a host sees when the plugin is installed."""
    found: dict[str, Any] = json.loads(python("-c", LOOK, path=site))
    return found


def test_an_installed_plugin_is_found_beside_our_own(seen: dict[str, Any]) -> None:
    assert {"harbour", "medical"} <= set(seen["domains"])
    assert seen["distribution"] == "glossator-harbour 0.1.0"


def test_what_it_registers_is_known_as_its_own(seen: dict[str, Any]) -> None:
    assert seen["owners"] == {"domain:harbour": "harbour", "scorer:harbour_measures": "harbour"}


def test_its_content_is_read_from_the_installed_package(seen: dict[str, Any], site: Path) -> None:
    assert seen["content"] == str(site / "glossator_harbour" / "content")


def test_an_outside_domain_is_sound(seen: dict[str, Any]) -> None:
    assert seen["problems"] == []


def test_its_last_word_reaches_its_own_answers_only(seen: dict[str, Any]) -> None:
    noted = {name: notes for name, notes in seen["notes"].items() if notes}
    assert noted == {"harbour": ["In danger call the harbour watch on channel 12."]}


def test_it_passes_its_own_tests_where_it_is_installed(site: Path) -> None:
    told = python("-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(HARBOUR), path=site)
    assert "4 passed" in told


def test_a_pinned_set_leaves_it_out(site: Path) -> None:
    look = "from glossator import Host; print(list(Host.discover(only=('common', 'medical')).domains))"
    assert python("-c", look, path=site).strip() == "['medical']"
