"""BM25 finds what shares a word, number or sign, and nothing else."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossator.artifacts import folder_files
from glossator.retrieval.lexical import LexicalIndex, tokens

TEXTS = [
    "§ 4.2 The tenant pays for small repairs.",
    "§ 4.3 The landlord pays for the roof.",
    "Metformin 500 mg is taken with meals.",
    "Call parse_url() before urlopen.",
    "血清铁蛋白 是 铁 储存 的 指标",
    "Übermäßige Blutungen sind selten.",
]


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.build(TEXTS)


def rows(index: LexicalIndex, question: str, k: int = 6) -> list[int]:
    return [row for row, _ in index.search(question, k)]


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("§ 4.2", 0),
        ("What does § 4.3 say?", 1),
        ("500 mg", 2),
        ("metformin", 2),
        ("METFORMIN", 2),
        ("parse_url", 3),
        ("血清铁蛋白", 4),
        ("übermäßige blutung", 5),
        ("repair", 0),
    ],
)
def test_the_best_hit_shares_the_words(index: LexicalIndex, question: str, row: int) -> None:
    assert rows(index, question)[0] == row


@pytest.mark.parametrize("question", ["qwerty", "", " ", "∑ ∂ 🙂", "\x00", "4", "42", "鉄", "_", "tena"])
def test_without_a_shared_word_there_is_no_hit(index: LexicalIndex, question: str) -> None:
    assert index.search(question, 6) == []


def test_only_texts_with_a_shared_word_are_hits(index: LexicalIndex) -> None:
    assert sorted(rows(index, "tenant metformin")) == [0, 2]


def test_scores_are_above_zero_and_the_best_comes_first(index: LexicalIndex) -> None:
    scores = [score for _, score in index.search("the tenant pays § 4.2", 6)]
    assert len(scores) > 1 and min(scores) > 0
    assert scores == sorted(scores, reverse=True)


def test_no_more_hits_than_asked_for_and_ties_in_order() -> None:
    index = LexicalIndex.build(["iron", "zinc", "iron", "iron"])
    assert rows(index, "iron", 2) == [0, 2]
    assert rows(index, "iron", 10) == [0, 2, 3]


def test_an_index_read_from_disk_answers_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "lexical")
    again = LexicalIndex.load(tmp_path / "lexical")
    for question in ("§ 4.2", "pays for", "血清铁蛋白", "qwerty"):
        assert again.search(question, 6) == index.search(question, 6)
    assert not list((tmp_path / "lexical").rglob("*.pkl"))


def test_an_empty_text_among_others_is_never_a_hit() -> None:
    assert rows(LexicalIndex.build(["", "iron", "…"]), "iron") == [1]


@pytest.mark.parametrize("texts", [[], ["…", "—"]])
def test_texts_without_any_word_give_no_hit(texts: list[str]) -> None:
    assert LexicalIndex.build(texts).search("iron", 3) == []


@pytest.mark.filterwarnings("ignore")
def test_scores_and_order_are_those_of_bm25s() -> None:
    import bm25s

    rng = random.Random(0)
    texts = [
        " ".join(rng.choices("iron zinc dose of the a tenant lease § 4.2".split(), k=rng.randint(1, 30)))
        for _ in range(400)
    ]
    words = sorted({word for text in texts for word in tokens(text)})
    numbers = {word: place for place, word in enumerate(words)}
    peer = bm25s.BM25(method="lucene")
    peer.index(([[numbers[word] for word in tokens(text)] for text in texts], numbers), show_progress=False)
    for question in ("iron dose", "the lease of the tenant § 4.2", "zinc zinc"):
        scores = peer.get_scores(tokens(question))
        best = np.lexsort((np.arange(len(scores)), -scores))[:10]
        found = LexicalIndex.build(texts).search(question, 10)
        assert [place for place, _ in found] == best.tolist()
        assert np.allclose([score for _, score in found], scores[best], rtol=1e-5)


TEXT = st.text(alphabet="ab c故乡", max_size=12)


@given(st.lists(TEXT, max_size=8), st.lists(st.booleans(), min_size=8, max_size=8), st.lists(TEXT, max_size=5))
def test_a_changed_index_is_the_index_made_anew(before: list[str], flags: list[bool], more: list[str]) -> None:
    keep = np.array(flags[: len(before)], dtype=np.bool_)
    changed = LexicalIndex.build(before).changed(keep, more)
    anew = LexicalIndex.build([text for text, kept in zip(before, keep, strict=True) if kept] + more)
    assert changed._terms == anew._terms
    assert all(np.array_equal(changed._arrays[name], anew._arrays[name]) for name in anew._arrays)
    assert np.array_equal(changed._weights, anew._weights)


def test_a_mask_hides_what_it_hides(index: LexicalIndex) -> None:
    best = rows(index, "the tenant pays § 4.2")
    allowed = np.ones(len(index), dtype=np.bool_)
    allowed[best[0]] = False
    assert [place for place, _ in index.search("the tenant pays § 4.2", 6, allowed)] == best[1:]


def test_chinese_and_japanese_are_found_by_pairs_of_characters() -> None:
    index = LexicalIndex.build(["我的故乡在南方", "血清铁蛋白", "フェリチンは貯蔵鉄を示す"])
    assert rows(index, "故乡") == [0] and rows(index, "铁蛋白") == [1] and rows(index, "貯蔵鉄") == [2]


def test_an_index_is_the_same_file_for_file_whatever_the_hash_seed(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from glossator.retrieval.lexical import LexicalIndex\n"
    code += (
        "LexicalIndex.build(['iron falls early', 'warfarin and the INR', '§ 4.2 of the act']).save(Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, tmp_path / seed], env={**os.environ, "PYTHONHASHSEED": seed}, check=True
        )
    assert folder_files(tmp_path / "1") == folder_files(tmp_path / "2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("§ 4.2", ["§", "4.2"]),
        ("1,500.5 mg", ["1,500.5", "mg"]),
        ("5 %", ["5", "%"]),
        ("B12", ["b", "12"]),
        ("parse_url d'accord", ["parse_url", "d'accord"]),
        ("doses process gas", ["dose", "process", "gas"]),
        ("", []),
        ("…—", []),
    ],
)
def test_tokens_are_words_whole_numbers_and_signs(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_names_of_code_are_found_whole_and_by_their_parts() -> None:
    texts = ["Use urlopen.", "def parse_url(text): ...", "class RetryPolicy: ..."]
    index = LexicalIndex.build(texts, "identifiers")
    assert rows(index, "parse_url") == [1] and rows(index, "how to parse a text") == [1]
    assert rows(index, "policy for a retry") == [2] and rows(LexicalIndex.build(texts), "policy for a retry") == []
