"""Documents -> starter questions for a person to review, each with the sentence that answers it.

Every answerable proposal rests on one whole sentence or table row, which stands in the documents of one family only.
Unanswerable ones ask about things whose words occur nowhere in the documents, so no document can answer them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from glossator.asking import Asked, ask, ask_heading, ask_row, in_sentence, plain, proper_words
from glossator.citations.parse import CLOSE, OPEN, find_markers
from glossator.citations.segment import statements
from glossator.errors import QuestionsError
from glossator.gold import similarity
from glossator.records import Document, Span

KIND = "proposal"
"""Kind of a question that nobody has reviewed yet."""
MOST, MOST_EACH, HEADINGS = 160, 6, 3
"""Answerable proposals in all and of one family, and below how many of a family its headings are asked too."""
NEAR = 0.75
"""Word overlap at which a proposal repeats another; the build's own limit is higher."""
PER_UNANSWERABLE = 3
"""Answerable proposals for one unanswerable one: a quarter, well over the fifth that a split needs."""
SHORTEST, LONGEST = 20, 240
"""Code points of a sentence that may be evidence: longer ones do not fit into one passage."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A question to review."""

    text: str
    form: str
    """The rule that made it."""
    family: str
    """Document family that it was made from; empty for a question about something else."""
    evidence: Span | None = None
    """The sentence that answers it; None when nothing does."""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """Both splits. No family stands in both, and in each at least a fifth is unanswerable."""

    train: tuple[Proposal, ...]
    test: tuple[Proposal, ...]

    @property
    def all(self) -> tuple[Proposal, ...]:
        return self.train + self.test


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A quotable stretch of a document with what stands around it."""

    span: Span
    text: str
    title: str
    """That of the document."""
    heading: str
    opens: bool
    """Whether it is the first one under its heading."""
    head: tuple[str, ...] = ()
    """Heads of the columns, when it is a row of a table."""


def propose(documents: Sequence[Document]) -> Proposals:
    """Starter questions for both splits; the same documents always give the same.

    Raises QuestionsError when fewer than two families give a question, because then no split can hold any.
    """
    proper = proper_words(document.text for document in documents)
    found = _without_repeats(_in_turn(list(_by_family(documents, proper).values())))
    families = list(dict.fromkeys(proposal.family for proposal in found))
    if len(families) < 2:
        raise QuestionsError(
            f"starter questions could be drawn from {len(families)} of {len(documents)} documents, and two are needed, "
            "one for training and one for testing; cut a long document into several files, or start without documents"
        )
    sides = [[f for n, f in enumerate(families) if n % 3 != 1], families[1::3]]
    words, splits = _vocabulary(documents), list[tuple[Proposal, ...]]()
    for number, side in enumerate(sides):
        asked = _in_order([proposal for proposal in found if proposal.family in side], documents)
        splits.append(_balanced(asked, _unanswerable(documents, side, words, proper, number), splits))
    return Proposals(train=splits[0], test=splits[1])


def pieces(document: Document) -> Iterator[Piece]:
    """Sentences and table rows that an answer may quote whole, in order; nothing inside a fence of code."""
    heading, opens, fenced = document.title, True, False
    head: tuple[str, ...] = ()
    for start, end in statements(document.text):
        text = document.text[start:end]
        fenced ^= text.startswith(("```", "~~~"))
        if text.startswith("#") and not fenced:
            heading, opens = plain(text), True
        if text.startswith("#") or fenced:
            continue
        cells = _cells(text)
        if cells and not head:
            head = cells
        elif not cells:
            head = ()
        if _quotable(text) and not (cells and cells == head):
            span = Span(document_id=document.id, start=start, end=end)
            yield Piece(span=span, text=text, title=document.title, heading=heading, opens=opens, head=head)
            opens = False


def _cells(text: str) -> tuple[str, ...]:
    """The cells of a table row; none for other text."""
    return tuple(cell.strip() for cell in text.strip("|").split("|")) if text.startswith("|") else ()


def _quotable(text: str) -> bool:
    """Whether the words, put between quotation marks, are an answer that every check takes as one true quote."""
    words = sum(word.isalpha() for word in text.replace(".", " ").split())
    whole = text.endswith((".", "!", "|")) and SHORTEST <= len(text) <= LONGEST and words >= 3
    odd = OPEN in text or CLOSE in text or "`" in text or "](" in text or find_markers(text)
    return whole and not odd and text.replace("\xa0", " ").isprintable() and statements(text) == [(0, len(text))]


def _by_family(documents: Sequence[Document], proper: frozenset[str]) -> dict[str, list[Proposal]]:
    """Proposals of each family, the more telling forms first."""
    families: dict[str, list[Document]] = {}
    for document in documents:
        families.setdefault(document.family, []).append(document)
    cut = {family: [p for document in own for p in pieces(document)] for family, own in families.items()}
    homes: dict[str, set[str]] = {}
    for family, own in cut.items():
        for piece in own:
            homes.setdefault(piece.text, set()).add(family)
    return {
        family: _of_family(family, [piece for piece in own if len(homes[piece.text]) == 1], proper)
        for family, own in cut.items()
    }


def _of_family(family: str, own: Sequence[Piece], proper: frozenset[str]) -> list[Proposal]:
    asked = [
        (piece, ask_row(piece.head, _cells(piece.text)) if piece.head else ask(piece.text, proper)) for piece in own
    ]
    telling = [_proposal(family, piece, made) for piece, made in asked if made]
    used = {proposal.evidence for proposal in telling}
    opening = [piece for piece in own if piece.opens and piece.heading and not piece.head and piece.span not in used]
    headed = [_proposal(family, piece, ask_heading(piece.heading, piece.title, proper)) for piece in opening]
    return _various(telling)[:MOST_EACH] + headed[: max(0, HEADINGS - len(telling))]


def _proposal(family: str, piece: Piece, asked: Asked) -> Proposal:
    answer = asked.answer if asked.answer in piece.text else ""
    return Proposal(text=asked.text, form=asked.form, family=family, evidence=piece.span, answer=answer)


def _various(proposals: Sequence[Proposal]) -> list[Proposal]:
    """One of each form in turn."""
    forms: dict[str, list[Proposal]] = {}
    for proposal in proposals:
        forms.setdefault(proposal.form, []).append(proposal)
    return _in_turn(list(forms.values()))


def _in_turn(lists: Sequence[Sequence[Proposal]]) -> list[Proposal]:
    """The first of each list, then the second of each, and so on."""
    return [item for row in zip_longest(*lists) for item in row if item is not None]


def _without_repeats(proposals: Iterable[Proposal]) -> list[Proposal]:
    kept: list[Proposal] = []
    for proposal in proposals:
        if len(kept) < MOST and _is_new(proposal, kept):
            kept.append(proposal)
    return kept


def _is_new(proposal: Proposal, kept: Iterable[Proposal]) -> bool:
    return all(similarity(proposal.text, other.text) < NEAR for other in kept)


def _in_order(proposals: Sequence[Proposal], documents: Sequence[Document]) -> list[Proposal]:
    """As they stand in the documents, for a person who reads along."""
    place = {document.id: number for number, document in enumerate(documents)}
    return sorted(proposals, key=lambda p: (place[p.evidence.document_id], p.evidence.start) if p.evidence else (0, 0))


def _balanced(
    asked: Sequence[Proposal], pool: Iterable[Proposal], seen: Sequence[Sequence[Proposal]]
) -> tuple[Proposal, ...]:
    """The answerable ones and a quarter of unanswerable ones; fewer of both where the pool is small."""
    earlier = list(chain(*seen))
    kept = [proposal for proposal in asked if _is_new(proposal, earlier)]
    without: list[Proposal] = []
    for proposal in pool:
        if len(without) * PER_UNANSWERABLE >= len(kept):
            break
        if _is_new(proposal, [*earlier, *kept, *without]):
            without.append(proposal)
    if not without:
        raise QuestionsError("no question without an answer could be made: the documents speak of too many things")
    return (*kept[: (PER_UNANSWERABLE + 1) * len(without)], *without)


ABOUT: tuple[tuple[str, str], ...] = (
    ("Which film was made about {}?", "film movie cinema documentar"),
    ("What did Aristotle write about {}?", "aristotle"),
    ("Which university in Brazil offers a course on {}?", "brazil"),
    ("Which museum in Lisbon has an exhibition about {}?", "lisbon museum"),
    ("How many stamps has the post of Iceland printed about {}?", "stamp iceland"),
    ("Which opera has a song about {}?", "opera"),
    ("What is the Finnish word for {}?", "finnish finland"),
    ("Which podcast won a prize for its episode on {}?", "podcast"),
    ("What did the newspapers of Singapore write about {} last year?", "newspaper singapore"),
    ("Which astronaut gave a speech about {}?", "astronaut"),
)
"""Questions about a thing that the documents treat, and the beginnings of words without which none is answered."""
OUTSIDE: tuple[tuple[str, str], ...] = (
    ("How tall is the highest lighthouse in the world?", "lighthouse"),
    ("In which year was the first subway opened?", "subway"),
    ("Who painted the ceiling of the Sistine Chapel?", "sistine paint"),
    ("How many moons does Saturn have?", "saturn moon"),
    ("Which key is the Moonlight Sonata written in?", "sonata"),
    ("What is the capital of Mongolia?", "mongolia"),
    ("How many players does a volleyball team have on the court?", "volleyball"),
    ("Which metal melts at the lowest temperature?", "metal melt"),
    ("Who wrote the novel Moby Dick?", "novel moby"),
    ("How deep is the Mariana Trench?", "mariana trench"),
    ("In which city were the Olympic Games of 1936 held?", "olympic"),
    ("Which language is spoken in Suriname?", "suriname"),
    ("How fast does a cheetah run?", "cheetah"),
    ("What does the chess term zugzwang mean?", "chess zugzwang"),
    ("How many keys does a grand piano have?", "piano"),
    ("Which river flows through Baghdad?", "baghdad"),
    ("Who was the first emperor of Rome?", "emperor rome"),
    ("At what age do elephants lose their last teeth?", "elephant"),
    ("How is paper folded into a crane?", "origami crane"),
    ("Which planet has the longest day?", "planet"),
)
"""Questions about other things, with their guards."""


def _unanswerable(
    documents: Sequence[Document],
    side: Collection[str],
    words: frozenset[str],
    proper: frozenset[str],
    number: int,
) -> Iterator[Proposal]:
    """By turns about things of these families and about others; split `number` has templates of its own."""
    near = [text for text, guards in ABOUT[number::2] if _absent(guards, words)]
    outside = [text for text, guards in OUTSIDE[number::2] if _absent(guards, words)]
    titles = dict.fromkeys((document.title, document.family) for document in documents if document.family in side)
    rounds = [(turn, title, family) for turn in range(len(near)) for title, family in titles if _is_topic(title)]
    about = [
        Proposal(
            text=near[(at + turn) % len(near)].format(in_sentence(plain(title), proper)),
            form="near miss",
            family=family,
        )
        for at, (turn, title, family) in enumerate(rounds)
    ]
    return iter(_in_turn([about, [Proposal(text=text, form="off topic", family="") for text in outside]]))


def _is_topic(title: str) -> bool:
    return len(title.split()) <= 8 and title.isprintable() and title[-1:].isalnum() and "{" not in title


def _absent(guards: str, words: frozenset[str]) -> bool:
    return not any(word.startswith(guard) for guard in guards.split() for word in words)


def _vocabulary(documents: Iterable[Document]) -> frozenset[str]:
    return frozenset(
        word for document in documents for word in re.findall(r"\w+", f"{document.title} {document.text}".casefold())
    )
