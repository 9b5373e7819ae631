"""Free quotes: whatever tokens a policy picks, the answer reads back as the automaton says, within its budget."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glossator import Passage, read_answer
from glossator.citations.quotable import pieces
from glossator.content import weights
from glossator.errors import InputError
from glossator.generation.grounds import Grounds
from glossator.generation.vocabulary import Vocabulary, vocabulary_of
from glossator.generation.written import Written, read, spelling, start

from ..conftest import ABSTENTION, document, passage
from .tokenizers_made import byte_level, sentence_piece, without_bytes

MORSELS = [
    "Ferritin falls first. ",
    "Iron falls, but zinc rises; it is rare. ",
    "The haemoglobin  falls\tlater, §3. ",
    "“",
    "”",
    "He said “stop [2]” and left. ",
    "[1]: “forged.” ",
    "[2]",
    "<|im_end|>",
    "<|end|>\n<|user|>",
    "e\u0301\u0323 \u202eabc\u202c 日本語。 ",
    "👩\u200d👩\u200d👧 ok ",
    "\ud83d",
    "\x00\x85\u2028",
    "\r\n",
    "\n\n",
    "\t",
    "# Head\n",
    "| drug | dose |\n|---|---|\n| Warfarin at night | 5 mg |\n",
    "```py\nif x:\n\treturn  [1]\n\n    y = “a” \n```\n",
    "- an item\n",
    "$$ x $$ `code` ",
    "\\ufeff",
    "a",
    ". ",
]
TEXT = st.lists(st.one_of(st.sampled_from(MORSELS), st.text(max_size=6)), max_size=14).map("".join)


def embedded() -> Vocabulary:
    from glossator.generation.transformers_local import load_tokenizer

    return vocabulary_of(load_tokenizer(str(weights())))


VOCABULARIES = {
    "embedded": embedded,
    "byte-level": lambda: vocabulary_of(byte_level()),
    "sentence-piece": lambda: vocabulary_of(sentence_piece()),
    "without bytes": lambda: vocabulary_of(without_bytes()),
}


@pytest.fixture(scope="module", params=list(VOCABULARIES))
def vocabulary(request: pytest.FixtureRequest) -> Vocabulary:
    return VOCABULARIES[request.param]()


@pytest.fixture(scope="module")
def usual() -> Vocabulary:
    return embedded()


def grounds(*shown: Passage, weighs: Sequence[float] = (), **given: Any) -> Grounds:
    count = 1 + len(pieces(shown))
    return Grounds(passages=shown, abstention=ABSTENTION, weights=tuple(weighs) or (0.0,) * count, **given)


def walk(begun: Written, rng: random.Random, *, flat: bool = False) -> list[int]:
    """The tokens of an answer, drawn by the prior or, `flat`, each possible one alike."""
    state, tokens = begun, []
    while possible := state.gains():
        chances = [1.0 if flat else math.exp(gain) for gain in possible.values()]
        tokens.append(rng.choices(list(possible), chances)[0])
        state = state.after(tokens[-1])
    return tokens


def shown_of(texts: Sequence[str]) -> list[tuple[str, Passage]]:
    """Passages that stand in the middle of their documents."""
    whole = [document(f"Before. {text} After.", f"d{place}") for place, text in enumerate(texts)]
    return [(of.text, passage(of, 8, len(of.text) - 7)) for of in whole]


@settings(deadline=None)  # the first answers of a vocabulary fill its tables
@given(
    texts=st.lists(TEXT, max_size=4),
    quotes=st.integers(1, 3),
    spans=st.sampled_from(["sentences", "clauses"]),
    connect=st.sampled_from([0, 0, 5, 40]),
    spare=st.integers(0, 80),
    seed=st.integers(0, 2**32),
)
def test_any_answer_reads_back_as_it_was_said(
    vocabulary: Vocabulary, texts: list[str], quotes: int, spans: str, connect: int, spare: int, seed: int
) -> None:
    rng, found = random.Random(seed), shown_of(texts)
    shown = [of for _, of in found]
    weighs = [rng.uniform(-80, 80) if seed % 3 == 0 else 0.0 for _ in range(1 + len(pieces(shown)))]
    basis = grounds(*shown, weighs=weighs, quotes=quotes, spans=spans, connect=connect)
    budget = vocabulary.count(ABSTENTION.encode()) + 1 + spare
    for flat in (False, True):
        tokens = walk(start(basis, vocabulary, budget), rng, flat=flat)
        told = read(start(basis, vocabulary, budget), tokens)
        assert len(tokens) <= budget
        assert tokens[-1] == vocabulary.end
        assert b"".join(vocabulary.spelt[token] for token in tokens[:-1]) == told.text
        assert connect or spelling(start(basis, vocabulary, budget), told.text.decode()) == tokens
        answer = read_answer(told.text.decode(), shown, ABSTENTION)
        assert answer.abstained == (not told.quotes)
        assert len(told.quotes) <= quotes
        read_back = [
            (c.marker, c.span and (c.span.document_id, c.span.start, c.span.end), c.quote) for c in answer.citations
        ]
        assert read_back == [(f"[{q.number}]", (q.document_id, q.start, q.end), q.text) for q in told.quotes]
        assert not any(statement.misquoted for statement in answer.statements)
        for quote in told.quotes:
            text, of = found[quote.number - 1]
            assert text[quote.start : quote.end] == quote.text
            assert (quote.passage_id, quote.times) == (of.id, of.text.count(quote.text))


@settings(deadline=None)
@given(texts=st.lists(TEXT, min_size=1, max_size=2), cut=st.integers(0, 60), seed=st.integers(0, 999))
def test_an_answer_that_was_stopped_is_read_up_to_its_last_whole_round(
    usual: Vocabulary, texts: list[str], cut: int, seed: int
) -> None:
    shown = [of for _, of in shown_of(texts)]
    begun = start(grounds(*shown, quotes=3, spans="clauses", connect=8), usual, 120)
    tokens = walk(begun, random.Random(seed))
    whole, part = read(begun, tokens), read(begun, tokens[:cut])
    assert part.quotes == whole.quotes[: len(part.quotes)]
    assert part.text == ABSTENTION.encode() or (part.quotes and whole.text.startswith(part.text))
    assert part.text == ABSTENTION.encode() or part.text.endswith("”".encode())


def texts_of(basis: Grounds, vocabulary: Vocabulary, budget: int = 400) -> dict[str, float]:
    """Every possible answer, and the sum of the gains of its tokens."""
    found: dict[str, float] = {}

    def go(state: Written, total: float) -> None:
        possible = state.gains()
        if not possible:
            text = state.told.text.decode()
            assert text not in found, f"two spellings of {text!r}"
            found[text] = total
        for token, gain in possible.items():
            go(state.after(token), total + gain)

    go(start(basis, vocabulary, budget), 0.0)
    return found


TWO = [
    passage(document(text, name))
    for text, name in (("Iron falls, but zinc rises. It is rare.", "a"), ("It is rare. No more.", "b"))
]
CLAUSES = {
    "[1]: “Iron falls”",
    "[1]: “Iron falls, but zinc rises.”",
    "[1]: “Iron falls, but zinc rises. It is rare.”",
    "[1]: “but zinc rises.”",
    "[1]: “but zinc rises. It is rare.”",
    "[1]: “It is rare.”",
    "[2]: “It is rare.”",
    "[2]: “It is rare. No more.”",
    "[2]: “No more.”",
}  # fmt: skip


def test_the_possible_answers_are_the_abstention_and_every_stretch_once(vocabulary: Vocabulary) -> None:
    found = texts_of(grounds(*TWO, spans="clauses"), vocabulary)
    assert found.keys() == CLAUSES | {ABSTENTION}
    assert sum(map(math.exp, found.values())) == pytest.approx(1.0, abs=1e-9)


def test_whole_sentences_are_weighed_as_the_weights_say(usual: Vocabulary) -> None:
    weighs = [1.0, 0.5, -2.0, 0.3, -90.0]
    found = texts_of(grounds(*TWO, weighs=weighs), usual)
    names = [
        ABSTENTION,
        "[1]: “Iron falls, but zinc rises.”",
        "[1]: “It is rare.”",
        "[2]: “It is rare.”",
        "[2]: “No more.”",
    ]
    whole = math.log(sum(map(math.exp, weighs)))
    assert found.keys() == set(names)
    assert [found[name] for name in names[:4]] == pytest.approx([weight - whole for weight in weighs[:4]])


def test_further_rounds_quote_other_sentences_in_any_order(usual: Vocabulary) -> None:
    found = texts_of(grounds(TWO[1], quotes=3), usual)
    one, two = "[1]: “It is rare.”", "[1]: “No more.”"
    assert found.keys() == {ABSTENTION, one, two, f"{one} {two}", f"{two} {one}"}
    assert sum(map(math.exp, found.values())) == pytest.approx(1.0, abs=1e-9)


def test_the_weight_of_the_prior_multiplies_its_odds(usual: Vocabulary) -> None:
    one, three = (texts_of(grounds(*TWO, weighs=[1.0, 0.5, -2.0, 0.3, -9.0], prior=by), usual) for by in (1.0, 3.0))
    assert three == pytest.approx({text: 3 * value for text, value in one.items()})


def test_the_marker_tells_the_passage_and_the_first_of_two_places_is_meant(usual: Vocabulary) -> None:
    twice = passage(document("No more. Iron falls. Then what is said: Iron falls. Now.", "a"))
    basis = grounds(twice, passage(document("Iron falls. No more.", "b")), spans="sentences")
    begun = start(basis, usual, 60)
    for text, (name, at, times) in {
        "[1]: “Iron falls.”": ("a", 9, 2),
        "[2]: “Iron falls.”": ("b", 0, 1),
    }.items():
        (quote,) = read(begun, [*usual.usual(text.encode()), usual.end]).quotes
        assert (quote.document_id, quote.start, quote.times) == (name, at, times)


def test_rows_are_whole_and_code_is_quoted_by_whole_lines(usual: Vocabulary) -> None:
    text = "| drug, and so | dose; if |\n|---|---|\n| Warfarin, but late | 5 mg; daily |\n\n```py\nif x:\n\ty = 1;  z = 2\n```"
    found = set(texts_of(grounds(passage(document(text)), spans="clauses"), usual))
    assert found == {
        ABSTENTION,
        "[1]: “| Warfarin, but late | 5 mg; daily |”",
        "[1]: “if x:”",
        "[1]: “if x:\n\ty = 1;  z = 2”",
        "[1]: “y = 1;  z = 2”",
    }


@pytest.mark.parametrize("text", ["", "[1]: “Iron falls", "[1]: “zinc”", "[3]: “No more.”", "[1]: “It is rare.” Yes"])
def test_what_no_answer_says_has_no_spelling(usual: Vocabulary, text: str) -> None:
    assert spelling(start(grounds(*TWO, spans="clauses"), usual, 100), text) is None


@pytest.mark.parametrize("text", ["", "a", "”", " \n", "\ud83d\ud83d", "He “said so. And “went on.", "“ “ “"])
def test_a_passage_without_a_sound_sentence_leaves_the_abstention(usual: Vocabulary, text: str) -> None:
    assert texts_of(grounds(passage(document(text)), spans="clauses", connect=9), usual).keys() == {ABSTENTION}
    assert texts_of(grounds(), usual).keys() == {ABSTENTION}


def test_what_the_tokenizer_cannot_spell_is_not_quoted() -> None:
    text = "Iron falls in 日本. Ferritin falls."
    assert texts_of(grounds(passage(document(text))), vocabulary_of(without_bytes())).keys() == {
        ABSTENTION,
        "[1]: “Ferritin falls.”",
    }


def test_a_sentence_is_spelt_as_the_tokenizer_spells_it_once_it_is_chosen(usual: Vocabulary) -> None:
    text = "Ferritin concentrations below the threshold indicate unequivocally depleted stores."
    state, tokens = start(grounds(passage(document(text))), usual, 60), []
    while possible := state.gains():
        tokens.append(max(possible, key=lambda token: (usual.spelt.get(token, b"").startswith(b"["), possible[token])))
        state = state.after(tokens[-1])
    assert tokens[:-1] == list(usual.usual(f"[1]: “{text}”".encode()))


def test_only_what_fits_the_budget_is_possible(usual: Vocabulary) -> None:
    shown = passage(document("Iron falls. " + "Ferritin falls first of all the signs. " * 3))
    quote, least = "[1]: “Iron falls.”", usual.count(ABSTENTION.encode()) + 1
    need = usual.count(quote.encode()) + 1
    assert texts_of(grounds(shown, quotes=4), usual, need).keys() == {ABSTENTION, quote}
    assert texts_of(grounds(shown, quotes=4), usual, need - 1).keys() == {ABSTENTION}
    assert texts_of(grounds(shown, quotes=4), usual, least).keys() == {ABSTENTION}
    with pytest.raises(InputError, match="max_new_tokens"):
        start(grounds(shown), usual, least - 1)


def test_connecting_words_come_before_a_marker_and_are_no_longer_than_allowed(usual: Vocabulary) -> None:
    shown = passage(document("Iron falls."))
    seen = set()
    for seed in range(60):
        begun = start(grounds(shown, connect=9), usual, 60)
        text = read(begun, walk(begun, random.Random(seed))).text.decode()
        if text != ABSTENTION:
            words, quote = text[: text.index("[")], text[text.index("[") :]
            assert quote == "[1]: “Iron falls.”"
            assert words == "" or (words.endswith(", ") and len(words) <= 11 and words[0].isalpha())
            seen.add(words)
    assert len(seen) > 20
