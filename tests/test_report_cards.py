"""A card shows an answer beside its passages: marks at exact places, levels in words, hostile text as text."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from glossator import Answer, Question
from glossator.claims import Verdict
from glossator.evaluate import Row, measure
from glossator.records import Passage, Span
from glossator.report.cards import Level, card, level, marked
from glossator.report.render import plain
from glossator.report.slices import slices
from glossator_common.scorers import SCORERS

from .conftest import ABSTENTION, asked, document, holding, passage, read

SAID, ALSO = (
    "Ferritin falls before the haemoglobin does in iron deficiency.",
    "Iron is taken up in the duodenum by day.",
)
BLOOD = document(f"{SAID} {ALSO}")
GOLD = holding(BLOOD, SAID).span


def row_of(question: Question, answer: Answer, *verdicts: Verdict | None) -> Row:
    made = measure("sft", [question], [answer], SCORERS).rows[0]
    return made.model_copy(update={"verdicts": verdicts})


def bare(html: str) -> str:
    """What a reader sees: no tags."""
    return unescape(re.sub("<[^>]*>", "", html))


def shown(text: str, cited: list[tuple[int, int]], gold: list[tuple[int, int]]) -> str:
    """A passage that begins at 100, marked at these places of its document, names and levels left out."""
    of = Passage(id="p", document_id="d", title="", text=text, start=100, end=100 + len(text))
    spans = [Span(document_id="d", start=a, end=b) for a, b in cited]
    names: dict[str, tuple[Span, Level]] = {f"c{n}": (span, "full") for n, span in enumerate(spans)}
    html = marked(of, names, [Span(document_id="d", start=a, end=b) for a, b in gold])
    return re.sub("<i [^>]*></i>", "", re.sub("<mark [^>]*>", "<mark>", html))


@pytest.mark.parametrize(
    ("cited", "gold", "html"),
    [
        ([], [], "abcdefgh"),
        ([(102, 104)], [], "ab<mark>cd</mark>efgh"),
        ([], [(100, 108)], "<u>abcdefgh</u>"),
        ([(102, 106)], [(104, 108)], "ab<mark>cd</mark><mark><u>ef</u></mark><u>gh</u>"),
        ([(90, 102), (107, 200)], [], "<mark>ab</mark>cdefg<mark>h</mark>"),
        ([], [(0, 100), (108, 120)], "abcdefgh"),
        ([(101, 103), (102, 104)], [], "a<mark>b</mark><mark>c</mark><mark>d</mark>efgh"),
    ],
)
def test_marks_stand_at_exact_offsets(cited: list[tuple[int, int]], gold: list[tuple[int, int]], html: str) -> None:
    assert shown("abcdefgh", cited, gold) == html


def test_gold_of_another_document_is_left_out() -> None:
    of = Passage(id="p", document_id="d", title="", text="abc", start=0, end=3)
    assert marked(of, {}, [Span(document_id="other", start=0, end=3)]) == "abc"


def test_marked_text_is_escaped_and_otherwise_unchanged() -> None:
    text = "<b> & “q” 🙂 </b>"
    html = shown(text, [(101, 105)], [(103, 110)])
    assert bare(html) == text and "<b>" not in html


def test_a_marker_leads_to_every_piece_of_the_words_it_cites() -> None:
    overlapping = Span(document_id=BLOOD.id, start=10, end=30)
    made = card(row_of(asked(overlapping), read(f"“{SAID}” [1]", passage(BLOOD))), "q0")
    assert '<a class="cite" href="#q0-0">[1]</a>' in made.answer
    (only,) = made.passages
    assert only.text.count('id="q0-0"') == 1
    assert bare("".join(re.findall('<mark class="unjudged" data-cites="q0-0">(.*?)</mark>', only.text))) == SAID
    assert bare(made.answer.replace('<span class="level unjudged">unjudged</span>', "")).strip() == f"“{SAID}” [1]"


def test_a_mark_stands_only_in_the_passage_that_the_marker_names() -> None:
    made = card(row_of(asked(GOLD), read(f"“{SAID}” [2]", passage(BLOOD, 0, 80), passage(BLOOD))), "q0")
    assert [only.text.count("<mark") for only in made.passages] == [0, 1]


def test_several_numbers_in_one_bracket_are_links_of_their_own() -> None:
    two = [holding(BLOOD, SAID), holding(BLOOD, ALSO)]
    made = card(row_of(asked(GOLD), read("Iron matters a great deal [1, 2]. More of it [1-2].", *two)), "q0")
    assert re.findall('<a class="cite" href="#(.*?)">(.*?)</a>', made.answer) == [
        ("q0-0", "1"), ("q0-1", "2"), ("q0-2", "1"), ("q0-3", "2"),
    ]  # fmt: skip
    assert bare(made.answer).startswith("Iron matters a great deal [1, 2].")


def test_a_marker_of_nothing_is_no_link() -> None:
    made = card(row_of(asked(GOLD), read("Iron matters a great deal [7].", passage(BLOOD))), "q0")
    assert "[7] names no passage" in bare(made.answer) and "<a" not in made.answer


@pytest.mark.parametrize(
    ("verdict", "word"),
    [
        (None, "unjudged"),
        (Verdict(full=None, reason="no judge"), "unjudged"),
        (Verdict(full=0.5), "full"),
        (Verdict(full=0.3, partial=0.3), "partial"),
        (Verdict(full=0.1, contradict=0.7), "contradicted"),
        (Verdict(full=0.1, partial=0.2, contradict=0.2), "none"),
    ],
)
def test_a_statement_says_in_words_how_well_it_is_supported(verdict: Verdict | None, word: Level) -> None:
    made = card(row_of(asked(GOLD), read(f"“{SAID}” [1]", passage(BLOOD)), verdict), "q0")
    assert level(verdict) == word
    assert f'<span class="said {word}">' in made.answer and re.search(f'class="level {word}">{word}\\b', made.answer)
    assert f'<mark class="{word}"' in made.passages[0].text
    assert made.unsupported == (word in ("none", "contradicted"))


def test_the_worst_come_first() -> None:
    hit, miss = read(f"“{SAID}” [1]", passage(BLOOD)), read(f"“{ALSO}” [1]", passage(BLOOD))
    cards = [
        card(row_of(asked(GOLD, name="right"), hit, Verdict(full=1.0)), "q0"),
        card(row_of(asked(GOLD, name="silent"), read(ABSTENTION, passage(BLOOD))), "q1"),
        card(row_of(asked(GOLD, name="unsupported"), hit, Verdict(full=0.0)), "q2"),
        card(row_of(asked(GOLD, name="wrong"), miss, Verdict(full=1.0)), "q3"),
        card(row_of(asked(name="guessed"), hit, Verdict(full=0.0)), "q4"),
    ]
    found = sorted(cards, key=lambda made: made.order)
    assert [made.row.question_id for made in found] == ["guessed", "wrong", "unsupported", "silent", "right"]
    assert [made.filters for made in found] == [
        ("wrong", "unsupported"),
        ("wrong",),
        ("unsupported",),
        ("abstained",),
        (),
    ]


def test_signs_that_turn_the_text_are_named_and_kept_to_themselves() -> None:
    text = "safe \u202eevil\u202c \u2066x\u2069 \u200b"
    html = plain(text)
    assert bare(html) == text
    assert html.count("<bdi ") == len([sign for sign in text if sign in "\u202e\u202c\u2066\u2069\u200b"])
    assert 'data-sign="U+202E"' in html


def test_what_a_page_cannot_hold_is_replaced() -> None:
    assert bare(plain("a\x00b\ud800c\x1bd\x9b")) == "a\ufffdb\ufffdc\ufffdd\ufffd"
    assert plain("👩‍🚀 naïve\r\n\tend") == "👩‍🚀 naïve\r\n\tend", "joiners and line ends stay"


def test_a_sign_in_a_cited_span_leaves_its_text_as_it_is() -> None:
    said = SAID.replace("before", "be\u202efore")
    of = document(f"{said} {ALSO}")
    made = card(row_of(asked(GOLD), read(f"“{said}” [1]", passage(of))), "q0")
    assert bare("".join(re.findall("<mark [^>]*>(.*?)</mark>", made.passages[0].text))) == said


def test_slices_are_parts_with_their_counts() -> None:
    hit = read(f"“{SAID}” [1] “{ALSO}” [1]", passage(BLOOD))
    rows = [
        row_of(replace(asked(GOLD), kind="fact"), hit),
        row_of(asked(), read("It is not 5 mg at all [1].", passage(BLOOD))),
        row_of(replace(asked(GOLD), kind="fact"), read(ABSTENTION)),
    ]
    found = {group: {part.name: part.rows for part in parts} for group, parts in slices(rows, ["citation_f1"]).items()}
    assert found == {
        "questions": {"answerable": 2, "unanswerable": 1},
        "kind of question": {"fact": 2},
        "answers": {"given": 2, "abstained": 1},
        "words in the answer": {"1 to 20 words": 2},
        "citations in the answer": {"1": 1, "2": 1},
        "numbers in the answer": {"with": 1, "without": 1},
        "negations in the answer": {"with": 1, "without": 1},
    }
    answerable = slices(rows, ["citation_f1"])["questions"][0]
    assert (answerable.figures["citation_f1"].n, answerable.figures["citation_f1"].mean) == (2, 0.3333)
