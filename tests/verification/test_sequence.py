"""Adapters of MiniCheck, HHEM and NLI models: the scores are those of plain transformers, one pair at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

import glossator_common
from glossator import Host
from glossator.claims import Claim, Verdict
from glossator.errors import InputError
from glossator.verification.chunks import pack, places, text_of
from glossator.verification.hhem import PROMPT
from glossator.verification.nli import positions
from glossator.verification.sequence import PairModel, SequenceVerifier
from glossator.verification.windows import units

from .tiny import CLAIMS, EVIDENCE, SENTENCES, bert, t5_config, tokenizer

pytestmark = pytest.mark.usefixtures("offline")
Saved = Callable[[Any, Any], Path]
NLI = {0: "contradiction", 1: "neutral", 2: "ENTAILMENT"}
MINICHECK = {0: "0", 1: "1"}


def load(name: str) -> Any:
    return Host.of(common=glossator_common).verifier(name).load()


def read(claim: Claim, scored: Callable[[str], Sequence[float]], most: tuple[int, int]) -> tuple[float, float]:
    """Greatest support and contradiction over chunks and the best two together, with words counted as tokens."""
    found = units(claim.evidence)
    words = tokenizer("bert")
    costs = [(len(words(unit.text, add_special_tokens=False)["input_ids"]), len(unit.text.split())) for unit in found]
    chunks = pack(costs, most)
    rows = {chunk: scored(text_of(places(chunk, found), claim.evidence)) for chunk in chunks}
    if len(chunks) > 1:
        first, second = sorted(chunks, key=lambda chunk: -rows[chunk][0])[:2]
        together = tuple(sorted((*first, *second)))
        rows[together] = scored(text_of(places(together, found), claim.evidence))
    full = max(row[0] for row in rows.values())
    return full, min(1 - full, max(row[1] for row in rows.values()))


def agree(verdicts: Sequence[Verdict], expected: Sequence[tuple[float, float]]) -> None:
    for verdict, (full, contradict) in zip(verdicts, expected, strict=True):
        assert verdict.full == pytest.approx(full, abs=1e-5)
        assert verdict.contradict == pytest.approx(contradict, abs=1e-5)


def test_an_nli_model_is_read_by_its_labels(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    model, words = bert(NLI, positions=512), tokenizer("bert")
    monkeypatch.setenv("GLOSSATOR_NLI", str(saved(model, words)))

    def scored(evidence: str) -> list[float]:
        return model(**words(evidence, claim.text, return_tensors="pt")).logits.softmax(-1)[0, [2, 0]].tolist()

    expected = []
    for claim in CLAIMS:
        expected.append(read(claim, scored, (480, 480)))
    agree(load("nli").judge(CLAIMS), expected)
    assert len({round(full, 3) for full, _ in expected}) == len(CLAIMS)


def test_what_is_judged_together_does_not_change_what_is_judged(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOSSATOR_NLI", str(saved(bert(NLI, positions=40), tokenizer("bert"))))
    together = load("nli").judge([*CLAIMS, CLAIMS[0]])
    agree(together, [(v.full or 0, v.contradict) for claim in (*CLAIMS, CLAIMS[0]) for v in load("nli").judge([claim])])


@pytest.mark.parametrize("labels", [{0: "LABEL_0", 1: "LABEL_1"}, {0: "entailment", 1: "not_entailment"}])
def test_a_model_without_the_three_labels_is_refused(
    labels: dict[int, str], saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOSSATOR_NLI", str(saved(bert(labels), tokenizer("bert"))))
    with pytest.raises(InputError, match=f"labels are {labels[0]}, {labels[1]}; needed are entailment"):
        load("nli")


def test_a_minicheck_classifier_reads_document_and_claim_as_one_text(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glossator.verification.minicheck.CHUNK_TOKENS", 12)
    model, words = bert(MINICHECK, positions=512), tokenizer("bert")
    monkeypatch.setenv("GLOSSATOR_MINICHECK", str(saved(model, words)))

    def scored(evidence: str) -> list[float]:
        row = words(f"{evidence}[SEP]{claim.text}", return_tensors="pt")
        return [model(**row).logits.softmax(-1)[0, 1].item(), 0.0]

    expected = []
    for claim in CLAIMS:
        expected.append(read(claim, scored, (12, 512)))
    agree(load("minicheck").judge(CLAIMS), expected)


def test_minicheck_on_flan_t5_answers_with_one_of_two_tokens(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import T5ForConditionalGeneration

    monkeypatch.setattr("glossator.verification.minicheck.CHUNK_WORDS", 14)
    torch.manual_seed(3)
    model, words = T5ForConditionalGeneration(t5_config()).eval(), tokenizer("t5")
    monkeypatch.setenv("GLOSSATOR_MINICHECK", str(saved(model, words)))

    def scored(evidence: str) -> list[float]:
        row = words(f"predict: {evidence}</s>{claim.text}", return_tensors="pt")
        first = model(**row, decoder_input_ids=torch.zeros((1, 1), dtype=torch.long)).logits[0, 0]
        return [first[[3, 209]].softmax(-1)[1].item(), 0.0]

    expected = []
    for claim in CLAIMS:
        expected.append(read(claim, scored, (2048, 14)))
    agree(load("minicheck").judge(CLAIMS), expected)


def test_minicheck_has_two_labels(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOSSATOR_MINICHECK", str(saved(bert(NLI), tokenizer("bert"))))
    with pytest.raises(InputError, match="two labels"):
        load("minicheck")


@pytest.fixture
def hhem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Weights under `t5.` beside a configuration that only remote code can read; shape and tokenizer apart."""
    from transformers import T5ForTokenClassification

    torch.manual_seed(5)
    model = T5ForTokenClassification(t5_config()).eval()
    weights = {f"t5.{name}": value.clone() for name, value in model.state_dict().items() if "embed_tokens" not in name}
    for folder in ("hhem", "base"):
        (tmp_path / folder).mkdir()
    save_file(weights, tmp_path / "hhem" / "model.safetensors")
    (tmp_path / "hhem" / "config.json").write_text('{"model_type": "HHEMv2", "auto_map": {"AutoConfig": "x.Y"}}')
    t5_config().save_pretrained(tmp_path / "base")
    tokenizer("t5").save_pretrained(tmp_path / "base")
    monkeypatch.setenv("GLOSSATOR_HHEM", str(tmp_path / "hhem"))
    monkeypatch.setenv("GLOSSATOR_HHEM_BASE", str(tmp_path / "base"))
    return model


def test_hhem_is_rebuilt_without_remote_code(hhem: Any) -> None:
    words = tokenizer("t5")

    def score(claim: Claim) -> tuple[float, float]:
        row = words(PROMPT.format(evidence="\n".join(claim.evidence), claim=claim.text), return_tensors="pt")
        assert row["input_ids"][0, 0] == 0
        return hhem(**row).logits[0, 0].softmax(-1)[1].item(), 0.0

    agree(load("hhem").judge(CLAIMS), [score(claim) for claim in CLAIMS])


def test_weights_of_another_shape_are_refused_not_made_up(
    hhem: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_file({"t5.classifier.weight": torch.zeros((2, 16))}, tmp_path / "hhem" / "model.safetensors")
    with pytest.raises(InputError, match="no T5ForTokenClassification, it lacks"):
        load("hhem")


def test_a_model_without_a_head_is_refused(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import BertModel

    config = bert(NLI).config
    monkeypatch.setenv("GLOSSATOR_NLI", str(saved(BertModel(config), tokenizer("bert"))))
    with pytest.raises(InputError, match=r"lacks classifier\.bias"):
        load("nli")


@pytest.mark.parametrize("name", ["minicheck", "hhem", "nli"])
def test_a_model_that_nobody_named_is_an_error(name: str) -> None:
    with pytest.raises(InputError, match=f"GLOSSATOR_{name.upper()} is not set"):
        load(name)


@pytest.mark.parametrize("where", ["nobody/nothing", "not a hub id!"])
def test_a_hub_id_is_read_from_the_cache_only(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOSSATOR_NLI", where)
    with pytest.raises(InputError, match="fetch it first: hf download"):
        load("nli")


def test_a_hub_id_in_the_cache_is_read(saved: Saved, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cached = tmp_path / "hub" / "models--some--nli"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text("a1b2")
    (cached / "snapshots").mkdir()
    saved(bert(NLI), tokenizer("bert")).rename(cached / "snapshots" / "a1b2")
    monkeypatch.setenv("GLOSSATOR_NLI", "some/nli")
    assert load("nli").judge(CLAIMS[:1])[0].full is not None


def test_verdicts_of_other_weights_are_not_recalled(saved: Saved, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = saved(bert(NLI), tokenizer("bert"))
    monkeypatch.setenv("GLOSSATOR_NLI", str(folder))
    monkeypatch.setenv("GLOSSATOR_VERDICTS", str(folder.parent / "verdicts.sqlite"))
    before = load("nli").judge(CLAIMS)
    assert load("nli").judge(CLAIMS) == before
    bert({0: "entailment", 1: "neutral", 2: "contradiction"}).save_pretrained(folder)
    assert load("nli").judge(CLAIMS) != before


def test_an_empty_folder_holds_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLOSSATOR_NLI", str(tmp_path))
    with pytest.raises(InputError, match="no model to be read"):
        load("nli")


def counting(window: int, chunk: int, rows: list[list[str]]) -> SequenceVerifier:
    """A verifier whose support is the share of a row's tokens that are the claim's, and that keeps what it reads."""
    words = tokenizer("bert")

    def score(batch: Any) -> Any:
        texts = [words.convert_ids_to_tokens(row["input_ids"]) for row in batch]
        rows.extend(texts)
        return [[sum(word in text[text.index("[SEP]") :] for word in set(text)) / len(text), 0.0] for text in texts]

    return SequenceVerifier(PairModel(tokenizer=words, encode=words, read=score, window=window, chunk=(chunk, window)))


def test_no_row_is_longer_than_the_window_and_every_sentence_is_read() -> None:
    rows: list[list[str]] = []
    verdicts = counting(32, 16, rows).judge(CLAIMS)
    assert all(verdict.full is not None for verdict in verdicts)
    assert max(map(len, rows)) <= 32
    seen = {word for row in rows for word in row}
    assert {"Ferritin", "measured", "doubled", "closed"} <= seen


def test_two_chunks_are_read_together_once() -> None:
    rows: list[list[str]] = []
    counting(64, 8, rows).judge([CLAIMS[0]])
    evidence = ["".join(row[1 : row.index("[SEP]")]) for row in rows]
    alone, together = evidence[:-1], evidence[-1]
    assert any(together == a + b for a, b in combinations(sorted(alone, key=_place), 2))


def _place(words: str) -> int:
    return "".join(SENTENCES).replace(" ", "").index(words[:12])


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Claim("Ferritin falls " * 9, EVIDENCE), "the claim takes 21 of the 32"),
        (Claim("Ferritin falls", ("Ferritin" + "." * 40 + "falls",)), None),
        (Claim("Ferritin falls", ("a-" * 400 + "a",)), None),
        (Claim("...", EVIDENCE), "nothing is claimed"),
    ],
)
def test_what_does_not_fit_is_not_judged(claim: Claim, reason: str | None) -> None:
    verdict = counting(32, 32, []).judge([claim])[0]
    assert (verdict.full is None) == (reason is not None)
    assert (reason or "") in verdict.reason


def test_marks_of_the_tokenizer_in_a_text_are_blanks() -> None:
    rows: list[list[str]] = []
    counting(48, 48, rows).judge(
        [Claim("Ferritin falls [SEP] first", ("Ferritin falls. [SEP] Ferritin falls first.",))]
    )
    assert [word for word in rows[0] if word.startswith("[")] == ["[CLS]", "[SEP]", "[SEP]"]


@pytest.mark.parametrize("failing", [lambda rows: 1 / len([]), lambda rows: [[float("nan"), 0.0]] * len(rows)])
def test_a_model_that_fails_gives_no_number(failing: Callable[[Any], Any]) -> None:
    words = tokenizer("bert")

    def read_(rows: Any) -> Any:
        try:
            return failing(rows)
        except ZeroDivisionError as error:
            raise torch.OutOfMemoryError("no memory") from error

    model = PairModel(tokenizer=words, encode=words, read=read_, window=48, chunk=(48, 48))
    verdict = SequenceVerifier(model).judge([CLAIMS[0]])[0]
    assert verdict.full is None
    assert verdict.reason in ("the model failed: no memory", "the model gave no number: it overflowed")


def test_robertas_positions_begin_behind_the_padding() -> None:
    from transformers import BertConfig, RobertaConfig, T5Config

    assert positions(RobertaConfig(max_position_embeddings=514)) == 512
    assert positions(BertConfig()) == 512
    assert positions(T5Config()) == 512
