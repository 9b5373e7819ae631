"""Names resolved, defaults filled, every value with its origin, and refusal before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from glossator import Host
from glossator.domain import RewardPolicy
from glossator.errors import InputError, RecipeError
from glossator.plan import Plan, find_backbone, make_plan, model_identity

HEAD = "name: a\ndomain: medical\n"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return tmp_path / "my.yaml"


def plan(path: Path, host: Host, text: str, *sets: str, allow_download: bool = False) -> Plan:
    path.write_text(text, encoding="utf-8")
    return make_plan(path, host, sets=sets, allow_download=allow_download)


def test_every_value_says_which_layer_it_comes_from(recipe: Path, host: Host) -> None:
    made = plan(recipe, host, f"{HEAD}sft: {{epochs: 1}}\nretrieval: {{k: 2}}\n", "seed=9", "sft.max_steps=5")
    origins = made.origins
    assert [origins[key] for key in ("seed", "sft.max_steps")] == ["--set", "--set"]
    assert [origins[key] for key in ("name", "sft.epochs", "retrieval.k")] == ["recipe"] * 3
    assert [origins[key] for key in ("retrieval.chunk_tokens", "answer.notice", "sft.peft.r")] == ["domain"] * 3
    assert [origins[key] for key in ("threads", "sft.batch_size", "verifier")] == ["house"] * 3


def test_later_layers_win(recipe: Path, host: Host) -> None:
    made = plan(recipe, host, f"{HEAD}retrieval: {{k: 2}}\nseed: 3\n", "seed=9").recipe
    assert (made.retrieval.chunk_tokens, made.retrieval.k, made.seed) == (64, 2, 9)


def test_stages_that_nobody_asked_for_stay_out(recipe: Path, host: Host) -> None:
    made = plan(recipe, host, HEAD)
    assert made.recipe.sft is None and made.recipe.rl is None and made.rewards is None
    assert not any(key.startswith("sft.") for key in made.origins)


def test_a_setting_can_ask_for_a_stage(recipe: Path, host: Host) -> None:
    made = plan(recipe, host, HEAD, "sft.max_steps=2")
    assert made.recipe.sft is not None and made.recipe.sft.max_steps == 2


def test_rewards_are_the_domains_unless_the_recipe_names_its_own(recipe: Path, host: Host) -> None:
    policy = plan(recipe, host, f"{HEAD}sft: {{}}\nrl: {{}}\n").rewards
    assert policy == host.domains["medical"].rewards
    own = plan(recipe, host, f"{HEAD}sft: {{}}\nrl: {{rewards: {{citation_f1: 2.0}}}}\n").rewards
    assert own == RewardPolicy(weights={"citation_f1": 2.0}, gates=("honest_form",))


def test_an_unknown_domain_lists_the_known_and_guesses(recipe: Path, host: Host) -> None:
    with pytest.raises(InputError, match=r"unknown domain 'medcal'; did you mean 'medical'\? Known: medical"):
        plan(recipe, host, "name: a\ndomain: medcal\n")


def test_all_unknown_names_come_at_once(recipe: Path, host: Host) -> None:
    text = f"{HEAD}verifier: overlop\nevaluate: {{scorers: [citation_presicion], gates: {{nope: {{min: 1}}}}}}\n"
    with pytest.raises(RecipeError) as caught:
        plan(recipe, host, f"{text}retrieval: {{dense: {{embedder: maxilm}}}}\n")
    said = "\n".join(caught.value.problems)
    assert len(caught.value.problems) == 4
    for words in ("verifier 'overlop'; did you mean 'overlap'?", "did you mean 'citation_precision'?", "scorer 'nope'"):
        assert words in said
    assert "embedder 'maxilm'; did you mean 'minilm'?" in said


def test_rl_without_sft_says_what_to_add(recipe: Path, host: Host) -> None:
    with pytest.raises(RecipeError, match="rl: needs an adapter to start from; add a section `sft"):
        plan(recipe, host, f"{HEAD}rl: {{}}\n")


def test_the_guard_has_a_scorer_that_is_not_paid(recipe: Path, host: Host) -> None:
    with pytest.raises(RecipeError, match="rl.guard.scorer: 'evidence_f1' is paid"):
        plan(recipe, host, f"{HEAD}sft: {{}}\nrl: {{guard: {{scorer: evidence_f1}}}}\n")
    with pytest.raises(RecipeError, match="scorer 'nothing'"):
        plan(recipe, host, f"{HEAD}sft: {{}}\nrl: {{guard: {{scorer: nothing}}}}\n")


def test_alignment_by_none_is_no_alignment(recipe: Path, host: Host) -> None:
    assert plan(recipe, host, f"{HEAD}sft: {{}}\nrl: {{algorithm: none}}\n").recipe.rl is None


def test_no_search_at_all_is_refused(recipe: Path, host: Host) -> None:
    with pytest.raises(RecipeError, match="dense and lexical are both off"):
        plan(recipe, host, f"{HEAD}retrieval: {{dense: null, lexical: null}}\n")


def test_a_hub_id_needs_consent(recipe: Path, host: Host) -> None:
    text = f"{HEAD}backbone: Qwen/Qwen3-0.6B\n"
    with pytest.raises(InputError, match=r"'Qwen/Qwen3-0.6B' is neither .* say --allow-download"):
        plan(recipe, host, text)
    assert plan(recipe, host, text, allow_download=True).backbone == "Qwen/Qwen3-0.6B"


def test_an_empty_backbone_is_not_the_working_folder(recipe: Path, host: Host) -> None:
    with pytest.raises(InputError):
        plan(recipe, host, f'{HEAD}backbone: ""\n')


def test_a_backbone_in_a_folder_is_known_by_its_files_not_its_place(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "model.safetensors").write_bytes(b"weights")
    one, two = (find_backbone(str(tmp_path / name)) for name in ("one", "two"))
    assert model_identity(one) == model_identity(two)
    (tmp_path / "two" / "model.safetensors").write_bytes(b"weightz")
    assert model_identity(one) != model_identity(two)


def test_a_wrong_setting_is_explained(recipe: Path, host: Host) -> None:
    with pytest.raises(RecipeError, match=r"sft.max_step: unknown key \(did you mean 'max_steps'\?\)"):
        plan(recipe, host, HEAD, "sft.max_step=1")


def test_a_wrong_setting_is_not_blamed_on_the_file(recipe: Path, host: Host) -> None:
    with pytest.raises(RecipeError) as caught:
        plan(recipe, host, HEAD, "sft.max_step=1")
    assert "my.yaml" not in str(caught.value)
    assert "--set" in str(caught.value)
