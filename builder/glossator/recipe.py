"""A recipe: the choices of one assistant, as YAML. Everything left out comes from the domain or the house."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, WrapValidator

from glossator.domain import AdapterRecipe, AnswerPolicy, Fraction, Name, Positive, RetrievalRecipe, Settings
from glossator.endpoint import is_address
from glossator.errors import InputError
from glossator.yaml import Parsed, read_yaml, validated

Count = Annotated[int, Field(ge=1, le=1_000_000)]


def _address(text: str) -> str:
    if not is_address(text):
        raise ValueError("expected an address such as http://127.0.0.1:8000/v1")
    return text


def _backbone(value: object, _union: object) -> object:
    """A mapping is a server: its problems are told as a server's alone, not as those of every kind of backbone."""
    if isinstance(value, Mapping):
        return ServerRecipe.model_validate(value)
    if isinstance(value, ServerRecipe) or (isinstance(value, str) and value):
        return value
    raise ValueError("expected a name, a folder, a hub id, or {server: ADDRESS, model: NAME}")


class CorpusRecipe(Settings):
    """What may be cited."""

    sources: tuple[str, ...] = ()
    """Files or folders, relative to the working folder, or `NAME:` for the folder that a loader knows; empty = the
    domain's own corpus."""
    refused: Literal["stop", "report"] = "stop"
    """What a file does that cannot be read or holds no text: stop the build, or be left out and reported."""


class ExamplesRecipe(Settings):
    """How training rows are made from the domain's gold questions."""

    variants: Annotated[int, Field(ge=1, le=50)] = 3
    """Rows per answerable question, each with other distractors."""
    left_out: Fraction = 0.25
    """Share of those rows whose evidence is left out, so that the right completion abstains."""
    max_tokens: Annotated[int, Field(ge=64, le=131_072)] = 1024
    """Longest row. Passages are cut from the end until it fits; an answer is never cut."""
    near_duplicate: Fraction = 0.8
    """Train and test questions whose word overlap reaches this fail the build."""


class SftRecipe(Settings):
    """Supervised fine-tuning."""

    peft: AdapterRecipe = AdapterRecipe()
    epochs: Positive = 2.0
    max_steps: Count | None = None
    """Stops earlier than `epochs`."""
    batch_size: Annotated[int, Field(ge=1, le=1024)] = 8
    learning_rate: Positive = 1e-3
    save_steps: Count = 20


class PairsRecipe(Settings):
    """Preference pairs: samples of the SFT adapter, ordered by the rewards, and what people said."""

    feedback: Annotated[str, Field(min_length=1)] | None = None
    """A file of comparisons, edits and thumbs, see glossator.feedback."""

    questions: Count = 60
    samples: Annotated[int, Field(ge=2, le=64)] = 4
    temperature: Positive = 1.0


class RewardModelRecipe(Settings):
    """The reward model: an adapter with a score head on the same backbone."""

    epochs: Positive = 2.0
    batch_size: Annotated[int, Field(ge=1, le=1024)] = 8
    learning_rate: Positive = 5e-4
    save_steps: Count = 20
    held_out: Fraction = 0.2
    """Share of the pairs kept for its accuracy."""
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Weight beside the scorers in the RL reward; 0 = it is not made."""


class OfflineRecipe(Settings):
    """Learning from logged pairs."""

    algorithm: Literal["dpo", "kto"] = "dpo"
    """Of the first half of `hybrid`; `rl.algorithm: dpo` and `kto` say it themselves."""
    epochs: Positive = 2.0
    batch_size: Annotated[int, Field(ge=2, le=1024)] = 8
    """Pairs of a step; half as many with KTO, which learns from each answer alone."""
    learning_rate: Positive = 1e-4
    beta: Positive = 0.1
    """How strongly the adapter is held where it starts."""
    save_steps: Count = 20


class GuardRecipe(Settings):
    """What watches over alignment, see training.guard."""

    scorer: Name = "answer_match"
    """Judges the frozen questions; must not be among the rewards."""
    questions: Annotated[int, Field(ge=0, le=1000)] = 64
    """Most training questions that are kept apart for it, never more than a fifth of them; 0 = no guard."""
    every: Count = 2
    """Steps from one examination to the next."""
    margin: Fraction = 0.05
    """How far the scorer may fall below its best before a run that is paid more is stopped."""


class RlRecipe(Settings):
    """Alignment: what the scorers say of answers becomes behaviour."""

    algorithm: Literal["grpo", "rloo", "dpo", "kto", "hybrid", "none"] = "grpo"
    """grpo, rloo = from every possible answer, or from samples; dpo, kto = from logged pairs; hybrid = first `offline`,
    then grpo, which `beta` holds near the tuned adapter; none = as if this section were left out."""
    rewards: dict[Name, Positive] = {}
    """Scorer -> weight; empty = the domain's policy, else the house's."""
    gates: tuple[Name, ...] = ()
    """Scorers whose 0 makes the whole reward 0."""
    abstentions: Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)] = 0.3
    """Largest share of prompts whose right answer is to abstain. Where this share is larger than the share of right
    answers, refusing always is what pays best, and that is what is learnt."""
    steps: Count = 10
    prompts: Annotated[int, Field(ge=1, le=1024)] = 24
    """Prompts per step."""
    generations: Annotated[int, Field(ge=2, le=64)] | Literal["all"] = "all"
    """Answers sampled per prompt; all = none is sampled, every possible answer counts as much as it is likely."""
    temperature: Positive = 1.0
    learning_rate: Positive = 5e-4
    beta: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Weight of the KL term that holds the policy near the SFT adapter."""
    save_steps: Count = 10
    pairs: PairsRecipe = PairsRecipe()
    reward_model: RewardModelRecipe = RewardModelRecipe()
    offline: OfflineRecipe = OfflineRecipe()
    guard: GuardRecipe = GuardRecipe()

    @property
    def on_policy(self) -> bool:
        """Whether answers are sampled while learning."""
        return self.algorithm in ("grpo", "rloo", "hybrid")

    @property
    def lists(self) -> bool:
        """Whether it learns from every possible answer."""
        return self.on_policy and self.generations == "all"

    @property
    def off_policy(self) -> bool:
        """Whether logged pairs are learnt from."""
        return self.algorithm in ("dpo", "kto", "hybrid")

    @property
    def compares(self) -> bool:
        """Whether preference pairs are used: learnt from, or by the reward model that has a say."""
        return self.off_policy or self.learns_rewards

    @property
    def learns_rewards(self) -> bool:
        """Whether a reward model has a say."""
        return self.on_policy and self.reward_model.weight > 0

    @property
    def offline_part(self) -> OfflineRecipe:
        """`offline` with the algorithm that is used."""
        own = None if self.algorithm == "hybrid" else {"algorithm": self.algorithm}
        return self.offline.model_copy(update=own)


class Gate(Settings):
    """Bounds a metric must keep."""

    min: Fraction


class EvaluateRecipe(Settings):
    """What a bundle is measured by."""

    scorers: tuple[Name, ...] = (
        "retrieval_recall",
        "citation_precision",
        "citation_recall",
        "citation_f1",
        "evidence_f1",
        "quote_fidelity",
        "abstains_well",
    )
    gates: dict[Name, Gate] = {}
    """Scorer -> bound; `glossator eval` exits 1 when one is missed."""


class Served(Settings):
    """A model behind a server that speaks OpenAI's interface, as a bundle is locked to it."""

    model: Annotated[str, Field(min_length=1, max_length=256)]
    """Its name there."""
    constraint: Literal["choice", "grammar", "none"] = "choice"
    """How the server is told the possible answers of quoted grounding: `choice` = `structured_outputs` of vLLM,
    `grammar` = GBNF of llama.cpp, `none` = not at all. Whatever it answers is compared with them."""
    key: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")] | None = None
    """Variable of the environment that holds the key; None: the server wants none."""
    window: Annotated[int, Field(ge=256)] = 8192
    """Tokens of prompt and answer together, two bytes of text counted as one; passages are left out until they fit."""


class ServerRecipe(Served):
    """A server and a model on it."""

    server: Annotated[str, AfterValidator(_address)]
    """Base of its interface, such as http://127.0.0.1:8000/v1. One that is not this machine needs --allow-network."""


def _fitting(given: dict[str, Any]) -> str:
    """The verifier for answers of this policy."""
    return "cross_encoder" if given["answer"].own_words else "aligned"


def _some(rl: RlRecipe | None) -> RlRecipe | None:
    return None if rl is None or rl.algorithm == "none" else rl


class Recipe(Settings):
    """One assistant."""

    name: Name
    domain: Name
    backbone: Annotated[str | ServerRecipe, WrapValidator(_backbone)] = "embedded"
    """`embedded`, a folder, a hub id (needs --allow-download), a server, or `none`: the prior alone chooses."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    """CPU threads of training; part of what makes a build repeatable."""
    plugins: tuple[str, ...] | None = None
    """Only these plugins are loaded; all installed ones when left out."""
    corpus: CorpusRecipe = CorpusRecipe()
    retrieval: RetrievalRecipe = RetrievalRecipe()
    examples: ExamplesRecipe = ExamplesRecipe()
    sft: SftRecipe | None = None
    """Left out: no tuning."""
    rl: Annotated[RlRecipe | None, AfterValidator(_some)] = None
    """Left out: no preference pairs, no reward model, no reinforcement learning."""
    answer: AnswerPolicy = AnswerPolicy()
    verifier: Annotated[Name, Field(default_factory=_fitting)]
    """Judges at run time whether cited words support a statement. Left out: `cross_encoder` where a model's own words
    are shown, `aligned` where quotes alone are, which stand word for word in what they cite."""
    evaluate: EvaluateRecipe = EvaluateRecipe()


def load_recipe(path: Path) -> Parsed:
    """Read and check a recipe file.

    Raises InputError when there is no such file, RecipeError with every problem at once.
    """
    if not path.is_file():
        raise InputError(f"no recipe at {path}; `glossator recipes` lists the built-in ones")
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: byte {error.start} is not UTF-8; convert the file first") from error
    parsed = read_yaml(text, path.name)
    validated(Recipe, parsed)
    return parsed


def read_sets(sets: tuple[str, ...]) -> dict[str, object]:
    """`("sft.epochs=1", ...)` as a nested mapping; values are read as YAML.

    >>> read_sets(("sft.epochs=1", "corpus.sources=['a.md']"))
    {'sft': {'epochs': 1}, 'corpus': {'sources': ['a.md']}}
    """
    tree: dict[str, object] = {}
    for item in sets:
        key, equals, value = item.partition("=")
        if not equals or not key:
            raise InputError(f"--set {item!r}: expected key=value, for example --set sft.epochs=1")
        node = tree
        *parents, last = key.strip().split(".")
        for parent in parents:
            inner = node.setdefault(parent, {})
            if not isinstance(inner, dict):
                raise InputError(f"--set {item!r}: {parent!r} already has a value")
            node = inner
        node[last] = read_yaml(f"value: {value}", f"--set {key}").data["value"]
    return tree
