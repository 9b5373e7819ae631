"""A domain and its parts: what a plugin registers, and the settings a recipe may override.

Settings are pydantic models, so that YAML is refused with a place and a reason; their defaults are the house
defaults. What a field means stands in the string under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from glossator.errors import InputError
from glossator.yaml import read_yaml, validated

Fraction = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
ModuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class Settings(BaseModel):
    """Base of everything read from YAML: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class AdapterRecipe(Settings):
    """The PEFT adapter that a stage trains."""

    method: Literal["lora", "rslora", "dora", "ia3", "oft", "prefix"] = "lora"
    """LoRA (arXiv 2106.09685), rank-stabilised (2312.03732) or with magnitudes of its own (2402.09353); IA3
    (2205.05638); orthogonal tuning (2306.07280); prefix tuning (2101.00190)."""
    r: Annotated[int, Field(ge=1, le=256)] = 16
    """Rank of the three kinds of LoRA; for oft, the size of its blocks, which must divide the layers' widths."""
    alpha: Annotated[float, Field(gt=0, le=1024, allow_inf_nan=False)] = 32
    """Scale of LoRA; the update is multiplied by alpha / r, of rslora by alpha / sqrt(r)."""
    dropout: Fraction = 0.0
    """Of LoRA and oft, while training."""
    virtual_tokens: Annotated[int, Field(ge=1, le=1024)] = 16
    """Learnt places before each prompt; prefix only."""
    target_modules: tuple[ModuleName, ...] = (
        "q_proj",
        "k_proj",
        "v_proj",
        "o_proj",
        "gate_proj",
        "up_proj",
        "down_proj",
    )
    """Plain module names; patterns are not accepted. Prefix tuning has none."""


class DenseRecipe(Settings):
    """Search by meaning."""

    embedder: Name = "minilm"
    store: Literal["faiss", "qdrant", "pgvector"] = "faiss"
    """Where vectors stand: in the index's folder, or in a database whose address is in the environment as
    GLOSSATOR_QDRANT (a URL or a folder) or GLOSSATOR_PGVECTOR (a DSN)."""


class LexicalRecipe(Settings):
    """Search by words (BM25)."""

    tokens: Literal["words", "identifiers"] = "words"
    """identifiers: `parse_url` and `parseUrl` are found whole and by their parts."""


class RerankRecipe(Settings):
    """Passages found are put in order before `k` are shown: by their best sentence, see retrieval.relevance."""

    model: Annotated[str, Field(min_length=1)] | None = None
    """A cross-encoder that orders instead: a folder, or a hub id (needs --allow-download) of a model for sequence
    classification with one output, see retrieval.cross_encoder."""

    pool: Annotated[int, Field(ge=1, le=200)] = 20
    """Passages that are looked at."""
    show: Literal["passages", "sentences"] = "passages"
    """sentences: of these passages the `k` best sentences and table rows are shown, each alone. For small models."""


class RetrievalRecipe(Settings):
    """How passages are cut and found."""

    dense: DenseRecipe | None = DenseRecipe()
    lexical: LexicalRecipe | None = LexicalRecipe()
    k: Annotated[int, Field(ge=1, le=20)] = 4
    """Passages shown to the model."""
    per_document: Annotated[int, Field(ge=1, le=20)] | None = None
    """Most of the `k` that one document may fill, so that none can crowd out the others, whoever wrote it. None = no
    bound: that several passages of one document answer is normal, and a bound then costs recall."""
    rerank: RerankRecipe | None = RerankRecipe()
    """Left out: passages are shown as found."""
    chunk_tokens: Annotated[int, Field(ge=16, le=512)] = 96
    """Longest passage, in tokens of the embedder."""
    evidence: Fraction = 0.0
    """Least probability that an answer is among the passages found, see retrieval.relevance; below it nothing is shown,
    so that the assistant abstains. Choose it on train questions."""

    def in_folder(self) -> RetrievalRecipe:
        """The same with vectors in the index's own folder: for an index that is used and thrown away."""
        dense = self.dense and self.dense.model_copy(update={"store": "faiss"})
        return self.model_copy(update={"dense": dense})


class RewardPolicy(Settings):
    """What is paid: the weighted mean of scorers, or 0 when a gate says 0.

    With these weights an answerable question pays 1 for a right answer, 0.09 for an abstention, and at most 0.06 for
    an answer without a hit, however near (`evidence_f1` stays under 2/3 there). What counts most is the metric itself:
    the other two pay an answer for the right sentence among wrong ones, and with more of them a policy quotes twice
    everywhere. Abstaining must stay cheap: at 0.25 a model that is right two times in five learns to refuse always.
    """

    weights: dict[Name, Positive] = {"citation_f1": 4.0, "evidence_f1": 0.5, "abstains_well": 1.0}
    gates: tuple[Name, ...] = ("honest_form",)


class AnswerPolicy(Settings):
    """What the assistant may say."""

    grounding: Literal["quoted", "cited"] = "quoted"
    """quoted = the words of shown passages, by the decoder's construction, see generation.automaton; cited = free
    text, of which each statement is checked afterwards, and replaced by a quote or dropped, see mending."""
    quotes: Annotated[int, Field(ge=1, le=8)] = 1
    """Most quotes of a quoted answer."""
    spans: Literal["sentences", "clauses"] = "sentences"
    """What is quoted: whole sentences and table rows, or stretches from one start of a sentence or clause to an end."""
    connect: Annotated[int, Field(ge=0, le=200)] = 0
    """Most characters of the model's own words before each quote; nothing but the check of support vouches for them."""
    prior: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = 4.0
    """Weight of the prior of a quoted answer (how near the sentence is to the question, see retrieval.relevance)
    beside the model's own opinion; 0 = the model alone."""
    max_new_tokens: Annotated[int, Field(ge=8, le=4096)] = 128
    """Longest answer."""
    min_support: Fraction = 0.5
    """A statement whose cited words support it less than this is not shown."""
    notice: str = ""
    """Shown with every answer; a prompt cannot remove it."""

    @property
    def free(self) -> bool:
        """Whether a quoted answer may be more, or less, than one whole sentence."""
        return (self.quotes, self.spans, self.connect) != (1, "sentences", 0)

    @property
    def whole(self) -> int | None:
        """How many whole sentences an answer may quote at most; None where it may quote other spans."""
        return self.quotes if self.grounding == "quoted" and self.spans == "sentences" else None

    @property
    def listed(self) -> bool:
        """Whether all possible answers to a prompt can be listed."""
        return self.whole is not None and not self.connect

    @property
    def heat(self) -> float:
        """The temperature at which the prior counts once, and the model's opinion less; answers are sampled at it."""
        return max(self.prior, 1.0) if self.grounding == "quoted" else 1.0

    @property
    def own_words(self) -> bool:
        """Whether words of the model's own are shown."""
        return self.grounding == "cited" or self.connect > 0


class DomainFile(Settings):
    """`domain.yaml`."""

    name: Name
    title: str
    adapter: AdapterRecipe = AdapterRecipe()
    retrieval: RetrievalRecipe = RetrievalRecipe()


class PolicyFile(Settings):
    """`policy.yaml`."""

    rewards: RewardPolicy = RewardPolicy()
    answer: AnswerPolicy = AnswerPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompts:
    """The texts of `prompts/`: how the assistant is told what to do."""

    system: str
    abstention: str
    """The sentence that says that the passages do not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """Everything one field of knowledge brings."""

    name: str
    title: str
    adapter: AdapterRecipe
    retrieval: RetrievalRecipe
    rewards: RewardPolicy
    policy: AnswerPolicy
    prompts: Prompts
    content: Traversable
    """Folder with `corpus/` and `gold/`."""
    given: dict[str, Any]
    """What its files set, in the recipe's words; the rest are house defaults."""

    @classmethod
    def from_content(cls, folder: Traversable) -> Domain:
        """Read `domain.yaml`, `policy.yaml` and `prompts/` of a content folder.

        Raises RecipeError with file, line and column for every wrong key, InputError for a missing file.
        """
        described = read_yaml(_text(folder, "domain.yaml"), "domain.yaml")
        policy = read_yaml(_text(folder, "policy.yaml"), "policy.yaml")
        domain, rules = validated(DomainFile, described), validated(PolicyFile, policy)
        return cls(
            name=domain.name,
            title=domain.title,
            adapter=domain.adapter,
            retrieval=domain.retrieval,
            rewards=rules.rewards,
            policy=rules.answer,
            prompts=Prompts(
                system=_text(folder, "prompts/system.txt").strip(),
                abstention=_text(folder, "prompts/abstention.txt").strip(),
            ),
            content=folder,
            given=_as_recipe(described.data, policy.data),
        )


def _text(folder: Traversable, name: str) -> str:
    path = folder.joinpath(*name.split("/"))
    if not path.is_file():
        raise InputError(f"{folder}: a domain needs the file {name}; `glossator new` writes one to start from")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{folder}: {name}: byte {error.start} is not UTF-8; convert the file first") from error


def _as_recipe(domain: dict[str, Any], policy: dict[str, Any]) -> dict[str, Any]:
    """A domain's files in the shape of a recipe, for the layers of a plan."""
    rewards = policy.get("rewards", {})
    rl = {"rewards": rewards.get("weights"), "gates": rewards.get("gates")}
    layers = {
        "retrieval": domain.get("retrieval"),
        "sft": {"peft": domain["adapter"]} if "adapter" in domain else None,
        "rl": {key: value for key, value in rl.items() if value is not None} or None,
        "answer": policy.get("answer"),
    }
    return {key: value for key, value in layers.items() if value is not None}
