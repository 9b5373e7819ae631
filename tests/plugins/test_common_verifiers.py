"""What the plugin promises of each verifier, and that the documents say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import glossator_common
from glossator import Host, VerifierSpec

ROOT = Path(__file__).parents[2]
ADAPTERS = ("minicheck", "hhem", "nli", "judge")
SPECS = Host.of(common=glossator_common).verifiers


def test_the_verifiers_are_these() -> None:
    assert set(SPECS) == {"overlap", "lexical", "aligned", "cross_encoder", *ADAPTERS}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_each_says_what_it_is(spec: VerifierSpec) -> None:
    assert all((spec.summary, spec.licence, spec.window, spec.calibration))


@pytest.mark.parametrize("name", ADAPTERS)
def test_each_adapter_is_in_the_documents(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "verifiers.md").read_text(encoding="utf-8")


def test_every_variable_is_in_the_documents() -> None:
    rooms = (ROOT / "builder" / "glossator" / "verification").glob("*.py")
    read = {name for path in rooms for name in re.findall(r"GLOSSATOR_[A-Z_]+", path.read_text(encoding="utf-8"))}
    said = set(re.findall(r"GLOSSATOR_[A-Z_]+", (ROOT / "docs" / "verifiers.md").read_text(encoding="utf-8")))
    assert read == said
