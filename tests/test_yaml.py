"""YAML is refused with a place and a reason, quickly, and means what YAML 1.2 says."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

import pytest

from glossator.errors import RecipeError
from glossator.yaml import MAX_BYTES, MAX_DEPTH, read_yaml

HOSTILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "security" / "handmade" / "yaml"


def refusal(text: str) -> str:
    """The one problem of a text that must be refused."""
    with pytest.raises(RecipeError) as caught:
        read_yaml(text, "r.yaml")
    (problem,) = caught.value.problems
    return problem


def test_scalars_follow_yaml_1_2() -> None:
    text = "country: no\nanswer: yes\nmode: 010\nrate: 1e-4\ntime: 12:30\nreal: true\nnothing: null\n"
    assert read_yaml(text, "r").data == {
        "country": "no",
        "answer": "yes",
        "mode": 10,
        "rate": 1e-4,
        "time": "12:30",
        "real": True,
        "nothing": None,
    }


def test_a_directive_that_would_change_what_words_mean_is_refused() -> None:
    assert "directives are not accepted" in refusal("%YAML 1.1\n---\ncountry: no\n")


def test_values_are_plain_python() -> None:
    data = read_yaml("a: {b: [1, 1.5, x]}\n", "r").data
    assert {type(data), type(data["a"])} == {dict}
    assert [type(value) for value in data["a"]["b"]] == [int, float, str]


def test_a_duplicate_key_is_named_with_its_place() -> None:
    problem = refusal("name: a\nsft:\n  epochs: 1\n  epochs: 2\n")
    assert problem.startswith("r.yaml:4:3 ")
    assert "duplicate key" in problem and "epochs" in problem


@pytest.mark.parametrize("text", ["a: 1\nb: &x [1]\n", "a: &x [1]\nb: *x\n", "a: &x 1\n", "a: 1\nb: {<<: *x}\n"])
def test_anchors_and_aliases_are_refused(text: str) -> None:
    assert "anchors and aliases are not accepted" in refusal(text)


def test_an_anchor_is_named_by_its_place_alone() -> None:
    assert refusal("a: &x 1\n") == "r.yaml:1:4 anchors and aliases are not accepted"


def test_deep_nesting_is_refused_fast() -> None:
    start = time.perf_counter()
    assert f"nested deeper than {MAX_DEPTH} levels" in refusal("a: " + "[" * 100_000)
    assert time.perf_counter() - start < 5


def test_nesting_up_to_the_limit_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert "a" in read_yaml("a: " + "[" * depth + "]" * depth, "r").data


def test_a_file_of_two_megabytes_is_refused_fast() -> None:
    text = "a: " + "x" * 2_000_000
    start = time.perf_counter()
    assert f"larger than {MAX_BYTES} bytes" in refusal(text)
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize(("text", "found"), [("- a\n", "CommentedSeq"), ("", "NoneType"), ("word", "str")])
def test_anything_but_a_mapping_is_refused(text: str, found: str) -> None:
    assert refusal(text) == f"r.yaml:1:1 expected `key: value` lines, found {found}"


@pytest.mark.parametrize(
    ("text", "place"), [("a: [1, 2\n", "r.yaml:2:1"), ("a: b: c\n", "r.yaml:1:5"), ("a:\n\t- b\n", "r.yaml:2:1")]
)
def test_a_syntax_error_has_line_and_column(text: str, place: str) -> None:
    assert refusal(text).startswith(f"{place} ")


def test_a_second_document_is_refused() -> None:
    assert "another document" in refusal("a: 1\n---\nb: 2\n")


def test_a_python_tag_builds_nothing() -> None:
    value = read_yaml("a: !!python/name:os.system x\n", "r").data["a"]
    assert not callable(value)


@pytest.mark.parametrize("text", ["a: !!bool x\n", "a: 0x_\n", "a: \ud800\n"])
def test_odd_scalars_are_refused_like_any_other_mistake(text: str) -> None:
    refusal(text)


def test_a_number_and_its_text_are_one_key_given_twice() -> None:
    refusal('1: a\n"1": b\n')


def test_a_place_is_that_of_the_deepest_part_that_stands_in_the_file() -> None:
    parsed = read_yaml("name: a\nsft:\n  peft:\n    r: 4\nlist:\n  - x\n  - y\n", "r.yaml")
    places = [parsed.place(path) for path in (["sft", "peft", "r"], ["sft", "peft", "alpha"], ["list", 1], ["none"])]
    assert places == ["r.yaml:4:5", "r.yaml:3:3", "r.yaml:7:5", "r.yaml:1:1"]


@pytest.mark.shared
@pytest.mark.skipif(not HOSTILE.is_dir(), reason="the reference data is not beside this checkout")
def test_the_collected_bombs_and_traps_give_a_refusal_or_plain_values() -> None:
    for path in sorted(HOSTILE.glob("*.yaml")):
        start = time.perf_counter()
        with suppress(RecipeError):
            read_yaml(path.read_bytes().decode("utf-8", "replace"), path.name)
        assert time.perf_counter() - start < 3, path.name
