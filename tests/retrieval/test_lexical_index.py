"""BM25 finds what shares a word, number or sign, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from glossator import InputError
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
def test_texts_without_any_word_are_refused(texts: list[str]) -> None:
    with pytest.raises(InputError, match="no passage holds a word"):
        LexicalIndex.build(texts)


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
