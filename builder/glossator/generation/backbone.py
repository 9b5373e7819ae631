"""The weights of a loaded causal model, laid out for decoding: Llama, Qwen3 and the text model of Gemma 3.

Which models can be read is written down here, in FAMILIES and in the checks of `unreadable`; every other one is left to
transformers. Weights are float32: on a CPU without bfloat16 instructions a bfloat16 product of one row takes twice as
long as a float32 one and of 32 rows seven times as long, and greedy answers would no longer be those of the float32
model. Matrices stand as (inputs, outputs), contiguous: so MKL multiplies one row by the head of the embedded backbone
in 0.3 ms, and in 1.0 ms as torch.nn.Linear keeps it. Query, key and value are one matrix, gate and up another.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """What sets one architecture apart."""

    config: str
    """The `model_type` of its configuration."""
    activation: str = "hidden_act"
    """Field of the configuration that names the activation."""
    head_norms: bool = False
    """Queries and keys are normed head by head."""
    norms: tuple[str, str] = ("input_layernorm", "post_attention_layernorm")
    """Norms before attention and before the gated layer."""
    norms_behind: tuple[str, ...] = ()
    """Norms of what attention and the gated layer add."""
    norm_offset: float = 0.0
    """Added to the stored weight of every norm."""
    neutral: tuple[tuple[str, Any], ...] = ()
    """Fields of the configuration that must have these values."""


GEMMA = Family(
    config="gemma3_text",
    activation="hidden_activation",
    head_norms=True,
    norms=("input_layernorm", "pre_feedforward_layernorm"),
    norms_behind=("post_attention_layernorm", "post_feedforward_layernorm"),
    norm_offset=1.0,
    neutral=(
        ("final_logit_softcapping", None),
        ("attn_logit_softcapping", None),
        ("use_bidirectional_attention", False),
    ),
)
FAMILIES = {
    "LlamaForCausalLM": Family(config="llama"),
    "Qwen3ForCausalLM": Family(config="qwen3", head_norms=True),
    "Gemma3ForCausalLM": GEMMA,
}
"""Class of transformers -> how to read it."""
ACTIVATIONS = ("silu", "gelu_pytorch_tanh")
ROTATIONS = ("default", "linear", "llama3", "yarn")
"""Rotary embeddings whose frequencies do not depend on the length of the text."""
LINEAR, LORA = "torch.nn.modules.linear.Linear", "peft.tuners.lora.layer.Linear"
WRAPPED = "PeftModelForCausalLM"


@dataclass(frozen=True, slots=True)
class Norm:
    """An RMS norm over n numbers, made ready: sqrt(n) times the weight, and sqrt(n epsilon)."""

    weight: Any
    floor: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One decoder layer; a matrix is (inputs, outputs), and None where the model has no such part."""

    attend: Any
    attend_bias: Any
    gather: Any
    gather_bias: Any
    widen: Any
    widen_bias: Any
    narrow: Any
    narrow_bias: Any
    before_attention: Norm
    behind_attention: Norm | None
    before_gate: Norm
    behind_gate: Norm | None
    heads: Norm | None
    """Its weight is (query and key heads, head width)."""
    window: int | None
    """Tokens that a token sees, itself included; None = all before it."""
    rotation: str
    """Key into Backbone.rotations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A causal model as numbers."""

    layers: tuple[Layer, ...]
    embedding: Any
    """(vocabulary, width)."""
    embedding_scale: float
    head: Any
    """(width, vocabulary)."""
    norm: Norm
    rotations: dict[str, tuple[Any, float]]
    """Kind of layer -> angles per position (half the head width) and the factor of cosine and sine."""
    query_heads: int
    key_heads: int
    head_width: int
    scale: float
    """Factor of query times key."""
    silu: bool

    @property
    def device(self) -> Any:
        return self.embedding.device


def unreadable(model: Any) -> str:
    """Why this model must be left to transformers; empty where `read` can read it."""
    if type(model).__name__ == WRAPPED and model.active_peft_config.peft_type != "LORA":
        return f"an adapter of type {model.active_peft_config.peft_type}"
    model = _bare(model)
    family = FAMILIES.get(type(model).__name__)
    if family is None or model.config.model_type != family.config:
        return f"the architecture {type(model).__name__}"
    config = model.config
    wrong = [name for name, value in family.neutral if getattr(config, name) != value]
    if wrong:
        return f"the setting {wrong[0]} = {getattr(config, wrong[0])}"
    if getattr(config, family.activation) not in ACTIVATIONS:
        return f"the activation {getattr(config, family.activation)}"
    kinds = {each["rope_type"] for each in _rotation_settings(config).values()} - set(ROTATIONS)
    if kinds:
        return f"the rotary embedding {min(kinds)}"
    other = {str(each.dtype) for each in model.parameters()} - {"torch.float32"}
    if other:
        return f"weights in {min(other)}"
    return next((why for each in _linears(model) if (why := _unmergeable(each))), "")


def _bare(model: Any) -> Any:
    return model.get_base_model() if type(model).__name__ == WRAPPED else model


def _linears(model: Any) -> list[Any]:
    """Every linear layer that `read` reads."""
    found = [model.lm_head]
    for layer in model.model.layers:
        mine, gate = layer.self_attn, layer.mlp
        found += [mine.q_proj, mine.k_proj, mine.v_proj, mine.o_proj, gate.gate_proj, gate.up_proj, gate.down_proj]
    return found


def _kind(module: Any) -> str:
    return f"{type(module).__module__}.{type(module).__qualname__}"


def _unmergeable(module: Any) -> str:
    kind = _kind(module)
    if kind == LINEAR:
        return ""
    if kind != LORA or _kind(module.base_layer) != LINEAR:
        return f"a linear layer of class {kind}"
    odd = [name for name in module.active_adapters if name in module.lora_variant or module.lora_bias.get(name)]
    return f"the LoRA variant of adapter {odd[0]}" if odd else ""


@torch.no_grad()
def read(model: Any, take: bool = False) -> Backbone:
    """The weights as they are now, active LoRA adapters added in (`weight + scale * B A`, Hu et al. 2021).

    Only for models of which `unreadable` says nothing. They are copied; with `take`, adapters are merged into the
    model for good, and the model itself then works on the new copy, so that memory holds the weights once.
    """
    model = _bare(model)
    reader = _Reader(FAMILIES[type(model).__name__], model.config, take)
    body, config = model.model, model.config
    tied = body.embed_tokens.weight is model.lm_head.weight
    head, _ = reader.side_by_side(model.lm_head)
    gemma = reader.family is GEMMA
    return Backbone(
        layers=tuple(reader.layer(layer) for layer in body.layers),
        embedding=head.t() if tied else body.embed_tokens.weight.detach(),
        embedding_scale=float(body.embed_tokens.embed_scale) if gemma else 1.0,
        head=head,
        norm=reader.norm(body.norm),
        rotations={kind: _rotation(body.rotary_emb, kind) for kind in _rotation_settings(config)},
        query_heads=config.num_attention_heads,
        key_heads=config.num_key_value_heads,
        head_width=config.head_dim,
        scale=(config.query_pre_attn_scalar if gemma else config.head_dim) ** -0.5,
        silu=getattr(config, reader.family.activation) == "silu",
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    family: Family
    config: Any
    take: bool

    def layer(self, layer: Any) -> Layer:
        mine, gate = layer.self_attn, layer.mlp
        attend, attend_bias = self.side_by_side(mine.q_proj, mine.k_proj, mine.v_proj)
        gather, gather_bias = self.side_by_side(mine.o_proj)
        widen, widen_bias = self.side_by_side(gate.gate_proj, gate.up_proj)
        narrow, narrow_bias = self.side_by_side(gate.down_proj)
        before = [self.norm(getattr(layer, name)) for name in self.family.norms]
        behind = [self.norm(getattr(layer, name)) for name in self.family.norms_behind]
        kinds = _rotation_settings(self.config)
        kind = _layer_kind(self.config, mine.layer_idx)
        return Layer(
            attend=attend,
            attend_bias=attend_bias,
            gather=gather,
            gather_bias=gather_bias,
            widen=widen,
            widen_bias=widen_bias,
            narrow=narrow,
            narrow_bias=narrow_bias,
            before_attention=before[0],
            before_gate=before[1],
            behind_attention=behind[0] if behind else None,
            behind_gate=behind[1] if behind else None,
            heads=self.head_norm(mine) if self.family.head_norms else None,
            window=self.config.sliding_window if kind == "sliding_attention" else None,
            rotation=kind if kind in kinds else "",
        )

    def norm(self, module: Any) -> Norm:
        weight = module.weight.detach() + self.family.norm_offset
        floor = weight.new_tensor(len(weight) * self.config.rms_norm_eps).sqrt()
        return Norm(weight * math.sqrt(len(weight)), floor)

    def head_norm(self, attention: Any) -> Norm:
        query, key = self.norm(attention.q_norm), self.norm(attention.k_norm)
        heads = [query.weight] * self.config.num_attention_heads + [key.weight] * self.config.num_key_value_heads
        return Norm(torch.stack(heads), query.floor)

    def side_by_side(self, *modules: Any) -> tuple[Any, Any]:
        """The matrices of linear layers as one, and their biases as one, None where they have none."""
        matrix = torch.cat([_weight(module).t() for module in modules], dim=1).contiguous()
        plain = [_plain(module) for module in modules]
        if self.take:
            for module in modules:
                if _kind(module) == LORA and not module.merged:
                    module.merge()
            for module, part in zip(plain, matrix.split([len(each.weight) for each in plain], dim=1), strict=True):
                module.weight.data = part.t()
        biases = [each.bias.detach() for each in plain if each.bias is not None]
        return matrix, torch.cat(biases) if biases else None


def _layer_kind(config: Any, place: int) -> str:
    return "full_attention" if config.model_type == "llama" else str(config.layer_types[place])


def _rotation_settings(config: Any) -> dict[str, Any]:
    """Kind of layer -> settings of its rotary embedding; the kind is empty where all layers share one."""
    settings = config.rope_parameters
    if "rope_type" in settings:
        return {"": settings}
    return {kind: settings[kind] for kind in dict.fromkeys(config.layer_types)}


def _rotation(module: Any, kind: str) -> tuple[Any, float]:
    prefix = f"{kind}_" if kind else ""
    angles, factor = (getattr(module, f"{prefix}{name}") for name in ("inv_freq", "attention_scaling"))
    return angles.detach().float(), float(factor)


def _plain(module: Any) -> Any:
    return module.base_layer if _kind(module) == LORA else module


def _weight(module: Any) -> Any:
    weight = _plain(module).weight.detach()
    if _kind(module) == LORA and not (module.merged or module.disable_adapters):
        for name in module.active_adapters:
            if name in module.lora_A:
                weight = weight + module.get_delta_weight(name).detach()
    return weight
