"""What a recipe may say: every mistake at once, each with its place and a guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator.errors import InputError, RecipeError
from glossator.plan import built_in_recipes
from glossator.recipe import Recipe, load_recipe, read_sets

HEAD = "name: a\ndomain: medical\n"


def problems(folder: Path, text: str) -> list[str]:
    """What is wrong with a recipe that must be refused."""
    path = folder / "my.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_recipe(path)
    return caught.value.problems


def test_every_built_in_recipe_is_sound() -> None:
    assert [load_recipe(path).data["name"] for path in built_in_recipes().values()] == list(built_in_recipes())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("sft:\n  max_step: 20", "my.yaml:4:3 sft.max_step: unknown key (did you mean 'max_steps'?)"),
        ("retreival: {}", "my.yaml:3:1 retreival: unknown key (did you mean 'retrieval'?)"),
        ("sft: {peft: {rr: 4}}", "my.yaml:3:14 sft.peft.rr: unknown key (did you mean 'r'?)"),
        ("learning_rate: 1", "my.yaml:3:1 learning_rate: unknown key ('learning_rate' belongs under 'sft:')"),
        (
            "sft: {chunk_tokens: 64}",
            "my.yaml:3:7 sft.chunk_tokens: unknown key ('chunk_tokens' belongs under 'retrieval:')",
        ),
        ("alpha: 2", "my.yaml:3:1 alpha: unknown key ('alpha' belongs under 'sft.peft:')"),
    ],
)
def test_an_unknown_key_is_placed_and_guessed(tmp_path: Path, line: str, problem: str) -> None:
    assert problems(tmp_path, f"{HEAD}{line}\n") == [problem]


def test_own_words_are_judged_by_the_careful_verifier_unless_another_is_named() -> None:
    def judge(**answer: object) -> str:
        return Recipe.model_validate({"name": "a", "domain": "medical", "answer": answer}).verifier

    assert (judge(), judge(quotes=2, spans="clauses")) == ("aligned", "aligned")
    assert (judge(grounding="cited"), judge(connect=40)) == ("cross_encoder", "cross_encoder")
    named = Recipe.model_validate(
        {"name": "a", "domain": "medical", "answer": {"grounding": "cited"}, "verifier": "lexical"}
    )
    assert named.verifier == "lexical"


def test_a_key_like_no_other_lists_the_known_ones(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, f"{HEAD}evaluate:\n  qqqq: 1\n")
    assert problem == "my.yaml:4:3 evaluate.qqqq: unknown key (known here: scorers, gates)"


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("seed: many", "3:1 seed:", "integer"),
        ("sft: []", "3:1 sft:", "dictionary"),
        ("sft: {epochs: 0}", "3:7 sft.epochs:", "greater than 0"),
        ("sft: {learning_rate: .nan}", "3:7 sft.learning_rate:", "finite"),
        ("rl: {algorithm: ppo}", "3:6 rl.algorithm:", "'grpo'"),
        ("plugins: all", "3:1 plugins:", "tuple"),
        ("sft: {peft: {target_modules: ['.*']}}", "3:31 sft.peft.target_modules.0:", "pattern"),
        ("retrieval: {k: 21}", "3:13 retrieval.k:", "less than or equal to 20"),
        ("verifier: [a]", "3:1 verifier:", "string"),
        ("corpus: {sources: [2026-01-01]}", "3:20 corpus.sources.0:", "string"),
    ],
)
def test_a_wrong_value_is_placed_and_explained(tmp_path: Path, line: str, place: str, words: str) -> None:
    (problem,) = problems(tmp_path, f"{HEAD}{line}\n")
    assert problem.startswith(f"my.yaml:{place}")
    assert words in problem


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "name: A!\nsft: {epochs: -1, max_step: 2}\nretreival: {}\n")
    assert [problem.split(":")[1] for problem in found] == ["1", "1", "2", "2", "3"]
    assert any("domain: missing" in problem for problem in found)


def test_yaml_cannot_name_code_or_give_consent(tmp_path: Path) -> None:
    for key in ("allow_download: true", "trust_remote_code: true", "_component_: os.system"):
        (problem,) = problems(tmp_path, f"{HEAD}{key}\n")
        assert "unknown key" in problem


def test_a_missing_recipe_says_where_the_built_in_ones_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no recipe at .*none.yaml; `glossator recipes` lists"):
        load_recipe(tmp_path / "none.yaml")


def test_a_recipe_that_is_not_utf_8_is_an_input_error(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_bytes(HEAD.encode("utf-16"))
    with pytest.raises(InputError, match="UTF-8"):
        load_recipe(path)


def test_settings_are_read_as_yaml_into_a_tree() -> None:
    sets = ("sft.max_steps=20", "sft.peft.r=4", "corpus.sources=['a.md', b]", "backbone=a=b", "answer.notice=")
    assert read_sets(sets) == {
        "sft": {"max_steps": 20, "peft": {"r": 4}},
        "corpus": {"sources": ["a.md", "b"]},
        "backbone": "a=b",
        "answer": {"notice": None},
    }


def test_the_last_setting_of_a_key_wins() -> None:
    assert read_sets(("seed=1", "seed=2")) == {"seed": 2}


@pytest.mark.parametrize("item", ["sft.epochs", "=1", ""])
def test_a_setting_without_key_or_value_shows_an_example(item: str) -> None:
    with pytest.raises(InputError, match=r"expected key=value, for example --set sft.epochs=1"):
        read_sets((item,))


def test_a_setting_below_a_value_is_refused() -> None:
    with pytest.raises(InputError, match="'sft' already has a value"):
        read_sets(("sft=1", "sft.epochs=2"))


def test_a_setting_that_is_no_yaml_is_named() -> None:
    with pytest.raises(RecipeError, match=r"^--set corpus.sources:1:"):
        read_sets(("corpus.sources=[a",))
