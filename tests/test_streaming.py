"""An answer as it comes is the answer that is given at once; what is withdrawn is withdrawn by an event."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import glossator_medical
from glossator import Answer, Document, Host, Verifier, console, read_answer
from glossator.citations.links import foreign_link
from glossator.content import weights
from glossator.generation.grounding import Choice
from glossator.streaming import Amended, Event, Finished, Marker, Quote, Retracted, Started, Text, replay
from glossator.verification.aligned import AlignedVerifier
from glossator.verification.overlap import OverlapVerifier

from .citations.test_forged import HANDMADE, NEEDED, SHOWN, forged, rows
from .conftest import ABSTENTION, document, passage
from .puppets import Puppet, assistant_of

BLOOD = document("Ferritin falls first in iron deficiency. Stores are then empty.", title="Blood")
DRUGS = document("The dose of iron is 5 mg at night. Iron is not given with milk.", "drugs", title="Drugs")
RIGHT, STORES = "Ferritin falls first in iron deficiency [1].", "[1]: “Stores are then empty.”"
DOSE = "[2]: “The dose of iron is 5 mg at night.”"
QUESTION = "What is the dose of iron?"
TEXTS = (
    RIGHT,
    f"{STORES} {DOSE}",
    f"{STORES} The dose of iron is 50 mg at night [2]. {RIGHT}",
    f"Here is what I found:\n\n- {RIGHT}\n- The moon is cheese [1].\n\n{DOSE} Let me know if you need more details.",
    "[1]: “Stores are then full.” And that is all there is to be said of stores and of iron.",
    "[1]: “Stores are then empty.” They are never full again, whatever you eat and drink [1].",
    f"{RIGHT} The moon is cheese [7].\n\n[1]: https://evil.example/x",
    "The moon is cheese [1]. Mars is red [2].",
    f"{ABSTENTION} {RIGHT}",
    ABSTENTION,
    "",
    f"Say `a ` [1]. {RIGHT} It is ` b [1].",
)


def streamed(
    folder: Path,
    text: str,
    *,
    cut: int = 1,
    documents: tuple[Document, ...] = (BLOOD, DRUGS),
    verifier: Verifier | None = None,
    host: Host | None = None,
    question: str = QUESTION,
) -> tuple[list[Event], Answer]:
    """The events of a stream, and the answer that is given at once."""
    shown = [passage(each) for each in documents]
    judge = verifier or AlignedVerifier()
    live, plain = (
        assistant_of(folder, Puppet(text, cut), documents, shown, judge, host, domain="medical") for _ in range(2)
    )
    return list(live.stream(question)), plain.answer(question)


def timeless(answer: Answer) -> Answer:
    return replace(answer, timings={})


def merged(events: list[Event]) -> list[Event]:
    """With neighbouring portions of text as one."""
    made: list[Event] = []
    for event in events:
        if isinstance(event, Text) and made and isinstance(made[-1], Text):
            made[-1] = replace(made[-1], text=made[-1].text + event.text)
        else:
            made.append(event)
    return made


def consistent(events: list[Event], answer: Answer) -> None:
    """What every stream must hold."""
    first, *between, last = events
    assert isinstance(first, Started) and first.passages == answer.passages
    assert isinstance(last, Finished) and timeless(last.answer) == timeless(answer)
    assert replay(events) == answer.text
    shown, cited = "", set[tuple[int, int, str]]()
    for event in between:
        match event:
            case Text():
                assert event.offset == len(shown)
                shown += event.text
            case Retracted():
                assert event.start < event.end == len(shown)
                shown = shown[: event.start]
                cited = {one for one in cited if one[1] <= event.start}
            case Quote() | Marker():
                assert event.end <= len(shown)
                cited.add((event.start, event.end, event.passage_id))
    assert cited == {(c.answer_start, c.answer_end, c.passage_id) for c in answer.citations}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("verifier", [OverlapVerifier, AlignedVerifier])
def test_a_stream_ends_in_the_answer_that_is_given_at_once(
    tmp_path: Path, text: str, verifier: Callable[[], Verifier]
) -> None:
    events, answer = streamed(tmp_path, text, verifier=verifier())
    consistent(events, answer)
    for cut in (2, 7, 1000):
        others, _ = streamed(tmp_path, text, cut=cut, verifier=verifier())
        assert merged(others)[:-1] == merged(events)[:-1]


def test_a_quote_comes_word_by_word_and_is_named_when_it_is_checked(tmp_path: Path) -> None:
    events, _ = streamed(tmp_path, STORES)
    texts = [event.text for event in events if isinstance(event, Text)]
    assert len(texts) > 10 and "".join(texts) == STORES
    (quote,) = [event for event in events if isinstance(event, Quote)]
    assert BLOOD.text[quote.span.start : quote.span.end] == quote.quote == "Stores are then empty."
    assert STORES[quote.start : quote.end] == "[1]"


def test_a_free_statement_is_held_back_until_it_is_checked(tmp_path: Path) -> None:
    text = f"{RIGHT} The dose of iron is 50 mg at night [2]. {RIGHT[:-5]} again [1]."
    events, _ = streamed(tmp_path, text)
    assert "50" not in "".join(event.text for event in events if isinstance(event, Text))
    assert not any(isinstance(event, Retracted) for event in events)
    place = next(place for place, event in enumerate(events) if isinstance(event, Amended))
    amended, following = events[place], events[place + 1]
    assert isinstance(amended, Amended) and amended.amendment.replacement == DOSE
    assert isinstance(following, Text) and following.text == f" {DOSE}" and amended.offset == len(RIGHT)


def test_words_that_turn_out_false_are_taken_back_at_once(tmp_path: Path) -> None:
    events, _ = streamed(tmp_path, "[1]: “Stores are then full.” And that is all.")
    place = next(place for place, event in enumerate(events) if isinstance(event, Retracted))
    assert replay(events[:place]) == "[1]: “Stores are then " and replay(events[: place + 1]) == ""
    retracted = events[place]
    assert isinstance(retracted, Retracted) and retracted.why == "its words are not those of the passage"


def test_what_a_footnote_at_the_end_forges_is_taken_back(tmp_path: Path) -> None:
    text = f"{RIGHT} {'Stores are then empty [1]. ' * 3}\n\n[1]: https://evil.example/x"
    events, answer = streamed(tmp_path, text)
    consistent(events, answer)
    place = next(place for place, event in enumerate(events) if isinstance(event, Retracted))
    assert replay(events[:place]).startswith(RIGHT) and replay(events[: place + 1]) == ""
    assert {one.fault for one in answer.amendments} == {"foreign marker"} and RIGHT not in answer.text


def test_what_a_plugin_refuses_is_taken_back_with_its_reason(tmp_path: Path) -> None:
    host = Host.of(medical=glossator_medical)
    question = "What dose of iron should I take?"
    events, answer = streamed(tmp_path, STORES, host=host, question=question)
    consistent(events, answer)
    (retracted,) = [event for event in events if isinstance(event, Retracted)]
    assert "refused" in retracted.why and answer.abstained


@pytest.mark.parametrize("text", TEXTS[:6])
def test_a_terminal_shows_the_answer_what_is_withdrawn_and_what_was_amended(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    events, answer = streamed(tmp_path, text, cut=5)
    console.stream(QUESTION, iter(events))
    printed = capsys.readouterr().out
    assert QUESTION in printed and printed.count("withdrawn: “") == sum(isinstance(e, Retracted) for e in events)
    if "withdrawn" not in printed:
        assert answer.text in printed
    for amendment in answer.amendments:
        assert console.amended(amendment) in printed and amendment.statement not in printed
    console.answer(QUESTION, answer)
    assert capsys.readouterr().out.partition(answer.text)[2].strip() in printed


def bytewise(text: str) -> Iterator[str]:
    """A text as it comes over a wire that is cut at every byte."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    for byte in text.encode():
        yield decoder.decode(bytes([byte]))


class Wire(Puppet):
    """A puppet at the other end of a wire."""

    def stream(self, messages: object, max_new_tokens: int, choices: list[Choice] | None = None) -> Iterator[str]:  # type: ignore[override]
        assert choices is None
        yield from bytewise(self.text)


def honest(folder: Path, text: str, documents: tuple[Document, ...]) -> None:
    """Streamed byte by byte: no forged citation, no foreign link, and the answer that is given at once."""
    shown = [passage(each) for each in documents]
    assistant = assistant_of(folder, Wire(text), documents, shown, OverlapVerifier(), prior=0.0)
    events, answer = list(assistant.stream("What is the limit?")), assistant.answer("What is the limit?")
    consistent(events, answer)
    said = "".join(event.text for event in events if isinstance(event, Text))
    assert not foreign_link(said, set()), text
    if not answer.abstained:
        claims = tuple(each for each in answer.statements if each.kind == "factual")
        assert claims and list(forged(replace(answer, statements=claims), documents)) == [], text
        again = read_answer(answer.text, shown, ABSTENTION, question="What is the limit?")
        assert again.statements == answer.statements


@NEEDED
def test_no_output_of_a_puppet_forges_a_citation_or_a_link(tmp_path: Path) -> None:
    outputs = rows("puppet_outputs.jsonl")
    assert len(outputs) >= 54 and HANDMADE.is_dir()
    for row in outputs:
        honest(tmp_path, row["output"], SHOWN)
        honest(tmp_path, f"The limit is 9 for every account [1]. {row['output']}\nIt may not be raised [1].", SHOWN)


@NEEDED
def test_no_spoofing_document_makes_a_stream_cite_or_link_what_it_should_not(tmp_path: Path) -> None:
    spoofs = rows("documents.jsonl")
    assert len(spoofs) >= 24
    for row in spoofs:
        documents = (SHOWN[0], document(row["text"], "spoof", title="Spoof"))
        for text in (row["text"], f"{row['text']} [1]", f"[2]: “{row['text']}”", f"[1]: “{row['text']}”"):
            honest(tmp_path, text, documents)


@pytest.mark.parametrize("grounding", ["quoted", "cited"])
def test_the_embedded_backbone_streams_what_it_answers(tmp_path: Path, grounding: str) -> None:
    from glossator.generation.transformers_local import LocalGenerator

    documents = (BLOOD, DRUGS)
    assistant = assistant_of(
        tmp_path,
        LocalGenerator.load(str(weights())),
        documents,
        [passage(each) for each in documents],
        AlignedVerifier(),
        grounding=grounding,
        max_new_tokens=48,
    )
    for question in (QUESTION, "What falls first in iron deficiency?", "Who was the king of Norway?"):
        consistent(list(assistant.stream(question)), assistant.answer(question))
