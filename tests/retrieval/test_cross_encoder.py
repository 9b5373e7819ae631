"""A cross-encoder orders what search found; a bundle is locked to the one it was built with."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glossator import Passage
from glossator.assistant import open_bundle, open_retriever
from glossator.citations.quotable import pieces
from glossator.cli import cli
from glossator.domain import RerankRecipe, RetrievalRecipe
from glossator.errors import BundleError, InputError
from glossator.retrieval.cross_encoder import CrossEncoder
from glossator.retrieval.generations import build_index, load_index
from glossator.retrieval.llama import IndexRetriever
from glossator.retrieval.relevance import narrow, rerank

from ..conftest import document, passage

QUESTION = "Which value falls first?"
TEXTS = ["Ferritin falls first. Iron falls then.", "Iron is a metal. The metal falls.", "The value is the first."]
PASSAGES = [passage(document(text, f"d{number}")) for number, text in enumerate(TEXTS)]
WORDS = "which value falls first ferritin iron then is a metal the d0 d1 d2 , : . ?".split()
WINDOW = 32


def write_model(folder: Path, seed: int, labels: int = 1) -> Path:
    """A BERT of two small layers with random weights, and a tokenizer of a few words."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    vocabulary = {word: at for at, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    BertTokenizer(vocab=vocabulary, model_max_length=WINDOW).save_pretrained(folder)
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=2 * WINDOW,
        num_labels=labels,
        initializer_range=0.5,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), seed=1)


@pytest.fixture(scope="module")
def model(folder: Path) -> CrossEncoder:
    return CrossEncoder.load(str(folder))


def alone(model: CrossEncoder, of: Passage) -> float:
    """The logit of one pair, by the model itself."""
    inputs = model.tokenizer(QUESTION, f"{of.title}, {of.locator}: {of.text}", return_tensors="pt")
    return float(model.model(**inputs).logits[0, 0].detach())


def test_a_score_is_the_models_whatever_is_scored_beside_it(model: CrossEncoder) -> None:
    texts = [*TEXTS, "", "Iron.", TEXTS[0], "A metal is iron is a metal."]
    together = model.scores(QUESTION, texts)
    assert together == pytest.approx([model.scores(QUESTION, [text])[0] for text in texts], abs=1e-5)
    assert together[0] == together[5] and len(set(together)) > 4 and model.scores(QUESTION, []) == []


def test_passages_and_sentences_come_in_the_order_of_the_model(model: CrossEncoder) -> None:
    assert rerank(QUESTION, PASSAGES, model) == sorted(PASSAGES, key=lambda p: -alone(model, p))
    cut = [piece.alone for piece in pieces(PASSAGES)]
    assert narrow(QUESTION, PASSAGES, model) == sorted(cut, key=lambda p: -alone(model, p)) and len(cut) == 5
    assert rerank(QUESTION, [], model) == narrow(QUESTION, [], model) == []


def test_a_text_beyond_the_window_loses_its_end_and_that_is_said(
    model: CrossEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        short, long, longer = model.scores(QUESTION, ["Iron.", "iron " * 60, "iron " * 60 + "first"])
    assert long == longer != short
    assert f"reads {WINDOW} tokens: 2 of 3 texts were cut" in caplog.text
    room = WINDOW - 3  # [CLS] question [SEP] text [SEP]
    assert len(model.scores("which " * (room - 1), ["Iron."])) == 1
    with pytest.raises(InputError, match=f"takes {WINDOW} tokens and leaves no room for a text in the {WINDOW}"):
        model.scores("which " * room, ["Iron."])


def test_what_is_no_cross_encoder_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match="cannot be loaded"):
        CrossEncoder.load(str(tmp_path))
    with pytest.raises(InputError, match="it has 3 outputs; name a model"):
        CrossEncoder.load(str(write_model(tmp_path / "three", seed=1, labels=3)))
    from transformers import BertModel

    write_model(tmp_path / "headless", seed=1)
    BertModel.from_pretrained(tmp_path / "headless").save_pretrained(tmp_path / "headless")
    with pytest.raises(InputError, match=r"it has 1 outputs, untrained: \['classifier.bias', 'classifier.weight'\]"):
        CrossEncoder.load(str(tmp_path / "headless"))


@pytest.mark.parametrize("show", ["passages", "sentences"])
def test_a_search_is_ordered_by_the_model_and_keeps_its_scores(
    tmp_path: Path, folder: Path, model: CrossEncoder, show: Any
) -> None:
    documents = [document(text, f"d{number}") for number, text in enumerate(TEXTS)]
    build_index(documents, RetrievalRecipe(), tmp_path)
    index, reranking = load_index(tmp_path, model), RerankRecipe(show=show, model=str(folder))
    shown = index.search(QUESTION, 3, reranking=reranking)
    found = index.search(QUESTION, 3)
    whole = found if show == "passages" else [piece.alone for piece in pieces(found)]
    assert shown == sorted(whole, key=lambda p: -alone(model, p))[:3]
    nodes = IndexRetriever(index, k=3, reranking=reranking).retrieve(QUESTION)
    assert [node.node.node_id for node in nodes] == [p.id for p in shown]
    with pytest.raises(InputError, match="this index was opened without it"):
        load_index(tmp_path).search(QUESTION, 3, reranking=reranking)


def test_a_bundle_answers_with_the_model_it_was_built_with_and_no_other(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "docs").mkdir()
    for number, text in enumerate(TEXTS):
        (tmp_path / "docs" / f"d{number}.md").write_text(text)
    own, recipe, out = tmp_path / "own", tmp_path / "small.yaml", tmp_path / "out"
    write_model(own, seed=1)
    recipe.write_text(
        f"name: small\ndomain: medical\ncorpus: {{sources: [{tmp_path / 'docs'}]}}\n"
        f"retrieval: {{k: 3, rerank: {{model: {own}}}}}\n"
    )
    run("build", str(recipe), "--out", str(out))
    bundle, model = open_bundle(out), CrossEncoder.load(str(folder))
    shown = json.loads(run("search", str(out), QUESTION, "--json"))
    scores = [alone(model, replace(PASSAGES[0], title=row["title"], text=row["text"], locator="")) for row in shown]
    assert len(scores) == 3 and scores == sorted(scores, reverse=True)
    write_model(own, seed=2)
    with pytest.raises(BundleError, match="built on another version of reranker"):
        open_retriever(bundle)
    for path in own.iterdir():
        path.unlink()
    own.rmdir()
    with pytest.raises(InputError, match="is no folder here; if it is a hub id, say --allow-download"):
        open_retriever(bundle)
    with pytest.raises(InputError, match="is no folder here; if it is a hub id, say --allow-download"):
        cli(["plan", str(recipe)], standalone_mode=False)


def run(*arguments: str) -> str:
    """What a command prints on stdout."""
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout
