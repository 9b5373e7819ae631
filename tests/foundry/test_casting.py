"""What casts the backbone: clean text, rows whose answers are true, first weights that copy, runs that can be stopped."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from foundry import train
from foundry.material import prepare
from foundry.meaning import token_vectors
from foundry.model import new_model
from foundry.probe import figures
from foundry.quests import Material, Mix
from foundry.sketch import VECTOR
from foundry.tasks import EARLY, LATE, REFUSAL, Row, make_row
from foundry.text import Page, asked, read_pages, sentences
from foundry.tokenizer import train_tokenizer
from glossator.citations.parse import CLOSE, OPEN

TOPICS = ("liver", "kidney", "heart", "lung", "spleen", "stomach", "thyroid", "pancreas", "bladder", "retina")
VERBS = ("stores", "filters", "carries", "warms", "guards", "digests", "moves", "holds")


def body(topic: str) -> str:
    """A page of questions and answers about one organ."""
    lines = [f"What does the {topic} do?", ""]
    lines += [
        f"The {topic} is the organ that {verb} most of what the body needs on day {n}." for n, verb in enumerate(VERBS)
    ]
    return "\n".join(
        [*lines, "", f"Who looks after the {topic}?", "", f"A doctor of the {topic} looks after it in every town."]
    )


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of training text: ten pages in each of the four domains."""
    folder = tmp_path_factory.mktemp("text")
    for domain in ("medical", "legal", "code", "general"):
        (folder / domain).mkdir()
        rows = [
            {"id": t, "title": f"{domain}: The {t}", "text": body(f"{domain} {t}"), "licence": "CC0"} for t in TOPICS
        ]
        with gzip.open(folder / domain / "pages.jsonl.gz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder


def material(text: Path) -> Material:
    pages = list(read_pages(text))
    return Material(pages=pages, asking=[p for p in pages if p.asked], near=[], words={"organ": ("part",)}, sharing={})


def rows(text: Path, mix: Mix, count: int = 200) -> Iterator[Row]:
    stock, rng = material(text), random.Random(1)
    return (make_row(stock, mix, rng) for _ in range(count))


def test_questions_stand_with_the_sentences_below_them() -> None:
    (first, second) = asked(body("liver"))
    assert first.question == "What does the liver do?" and len(first.sentences) == len(VERBS)
    assert second.sentences == ("A doctor of the liver looks after it in every town.",)


def test_a_page_that_says_what_a_held_out_question_says_is_left_out_and_none_comes_twice(
    text: Path, tmp_path: Path
) -> None:
    (tmp_path / "medical").mkdir()
    told = {"id": "x", "title": "t", "text": body("liver"), "licence": "CC0"}
    rows = [
        told,
        told | {"id": "y"},
        told | {"text": body("heart")},
        told | {"text": body("lung"), "in_bench": "a:test"},
    ]
    with gzip.open(tmp_path / "medical" / "pages.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    assert len(list(read_pages(tmp_path))) == 2
    question = "Is it true that a doctor of the HEART looks after it in every town?"
    assert [page.text for page in read_pages(tmp_path, [question])] == [body("liver")]


@pytest.mark.parametrize("mix", [EARLY, LATE])
def test_an_answer_quotes_a_shown_passage_under_its_number_and_a_refusal_has_nothing_to_quote(
    text: Path, mix: Mix
) -> None:
    kinds = set()
    for row in rows(text, mix):
        kinds.add(row.kind)
        if not row.messages:
            continue
        shown = row.messages[-1]["content"].split("\n")
        for completion in (row.completion, *(completion for _, completion in row.follow_ups)):
            if completion != REFUSAL:
                marker, _, quote = completion.partition(f": {OPEN}")
                assert any(line.startswith(f"{marker} ") and quote.rstrip(CLOSE) in line for line in shown)
    assert {"lines", "words", "asked"} <= kinds


def test_the_same_seed_gives_the_same_rows(text: Path) -> None:
    assert list(rows(text, LATE, 40)) == list(rows(text, LATE, 40))


def test_what_is_asked_of_nothing_that_is_shown_is_refused(text: Path) -> None:
    asking = replace(LATE, words=1.0, silent=1.0, follow_ups=(3, 3), lines=0.0)
    told = [row for row in rows(text, asking, 60) if row.kind == "words"]
    refused = [question for row in told for question, completion in row.follow_ups if completion == REFUSAL]
    assert len(refused) > len(told)


def test_a_row_whose_answer_is_missing_shows_it_nowhere(text: Path) -> None:
    silent = replace(LATE, missing=1.0, read=0.0, follow_ups=(0, 0))
    assert {row.completion for row in rows(text, silent, 60)} == {REFUSAL}


def test_of_two_versions_the_one_that_is_asked_for_is_right(text: Path) -> None:
    only = replace(
        LATE, **dict.fromkeys(("lines", "words", "turned", "near", "asked", "heading", "symbol", "read"), 0.0)
    )
    for row in rows(text, replace(only, missing=0.0), 60):
        *shown, asked = row.messages[-1]["content"].replace("\n\n", "\n").split("\n")
        marker, _, quote = row.completion.partition(f": {OPEN}")
        right = next(line for line in shown if line.startswith(f"{marker} "))
        title = right.partition(quote.rstrip(CLOSE))[0]
        assert re.findall(r"version \d\.\d|(?:19|20)\d\d", title)[-1] in asked.lower()


def test_a_passage_that_shares_a_rare_word_stands_beside_the_answer(text: Path) -> None:
    pages = list(read_pages(text))
    stock = replace(material(text), sharing={"organ": [(pages[0], 3)]})
    told = [make_row(stock, replace(LATE, turned=2.0), random.Random(seed)) for seed in range(60)]
    assert any(pages[0].sentences[3] in row.messages[-1]["content"] for row in told if row.kind == "turned")


@pytest.fixture(scope="module")
def fresh() -> tuple[Any, Any]:
    """A tokenizer, and a model before any training."""
    torch.manual_seed(0)
    told = [f"[1] Text: {body(topic)}\nQuestion: {' '.join(TOPICS)}\nAnswer: [" for topic in TOPICS]
    tokenizer = train_tokenizer(told, 600)
    tokens = [tokenizer.decode([number]) for number in range(len(tokenizer))]
    vectors = torch.from_numpy(token_vectors(tokens, VECTOR, np.random.default_rng(0))).float()
    return tokenizer, new_model(tokenizer, vectors).eval()


def test_random_tokens_that_come_twice_are_continued_before_any_training(fresh: tuple[Any, Any]) -> None:
    tokenizer, model = fresh
    letters = [n for n in range(len(tokenizer)) if tokenizer.decode([n]).strip().isalpha()]
    line = torch.tensor(letters)[torch.randint(len(letters), (4, 60))]
    with torch.inference_mode():
        said = model(torch.cat([line, line], dim=1)).logits.argmax(-1)
    assert float((said[:, 63:-1] == line[:, 4:]).float().mean()) > 0.97


def test_the_passage_with_the_words_of_the_question_is_named_before_any_training(fresh: tuple[Any, Any]) -> None:
    tokenizer, model = fresh
    names, rng, right = tokenizer.convert_tokens_to_ids(list("1234")), random.Random(0), 0
    for _ in range(80):
        words = rng.sample(TOPICS, 8)
        lines = [" ".join(words[i : i + 2]) for i in range(0, 8, 2)]
        shown = "\n".join(f"[{n}] Text: {line}" for n, line in enumerate(lines, 1))
        place = rng.randrange(4)
        ids = tokenizer.encode(f"{shown}\n\nQuestion: {lines[place]}\nAnswer: [")
        with torch.inference_mode():
            said = model(torch.tensor([ids])).logits[0, -1]
        right += int(said[names].argmax()) == place
    assert right > 32, f"{right} of 80 are right, 20 by chance"


def test_the_probe_tells_a_right_answer_from_a_wrong_one(text: Path) -> None:
    shown = list(rows(text, replace(LATE, read=0.0, missing=0.0), 30))
    right = figures(shown, [row.completion for row in shown])
    assert (right["exact"], right["passage"], right["sentence"]) == (1.0, 1.0, 1.0)
    wrong = figures(shown, [REFUSAL for _ in shown])
    assert (wrong["exact"], wrong["passage"], wrong["sentence"], wrong["abstention_f1"]) == (0.0, 0.0, 0.0, 0.0)


@pytest.mark.slow
def test_a_run_that_was_stopped_ends_at_the_same_weights(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"CHUNK": 6, "SAVED": 1}.items():
        monkeypatch.setattr(train, name, value)
    monkeypatch.setattr(train, "publish", lambda *_: None)
    monkeypatch.setattr("foundry.material.HELD_OUT", 5)
    torch.set_num_threads(1)

    def cast(out: Path) -> dict[str, torch.Tensor]:
        train.train(text, out, 4000, 3, ())
        found: dict[str, torch.Tensor] = torch.load(out / "checkpoint.pt", weights_only=True)["model"]
        return found

    whole, saved = cast(tmp_path / "whole"), train.save

    def stopping(*given: object) -> None:
        saved(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with monkeypatch.context() as once:
        once.setattr(train, "save", stopping)
        with pytest.raises(KeyboardInterrupt):
            cast(tmp_path / "stopped")
    again = cast(tmp_path / "stopped")
    assert all(torch.equal(whole[name], again[name]) for name in whole)
    log = (tmp_path / "stopped" / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["step"] for line in log] == sorted({json.loads(line)["step"] for line in log})


def test_the_stock_holds_pages_out_and_knows_near_words(
    text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("foundry.material.HELD_OUT", 5)
    stock, tokenizer, vectors = prepare(text, tmp_path, ())
    taken = {page.text for one in stock.domains.values() for page in one.pages}
    held = {page.text for one in stock.held.values() for page in one.pages}
    assert len(held) == 5 and not taken & held
    assert vectors.shape[0] == len(tokenizer)
    assert sentences("No full sentence here") == ()
    assert isinstance(stock.draw(random.Random(0)).pages[0], Page)
