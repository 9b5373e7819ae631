"""What the parsing rules of two published evaluators make of our cases. `python tests/citations/peers.py` prints counts.

ALCE (princeton-nlp/ALCE, eval.py): the first line only, cut into sentences, `re.findall(r"\\[\\d+", sentence)`, the
number less one as index, so that 0 is the last document, and at most three citations of a sentence. It cuts with
nltk's Punkt; the stand-in here cuts after `.`, `!` and `?` before a space that no small letter follows, except after
abbreviations that Punkt knows, initials and numbers.

RAGAS (metrics/collections/quoted_spans): any two of its quotation marks and what stands between them, three words or
more, in lower case, found in all sources joined. A quote is one to it or none: it passes a case when it calls exactly
the exact and normalised ones, and true elisions, found.
"""

from __future__ import annotations

import re
import sys

from citation_cases import BOUND, FORMS, MIXED, NONE
from quote_cases import FIRST, QUOTES, SECOND, SPANS

from glossator.citations.parse import find_markers
from glossator.citations.quotes import FAITHFUL, judge_quote
from glossator.citations.segment import statements
from glossator.citations.spans import find_spans
from glossator.records import Passage

MOST = 3
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?![a-z])")
_ABBREVIATION = re.compile(
    r"(?:\b(?:dr|mr|mrs|ms|prof|vs|v|e\.g|i\.e|no|inc|ltd|co|u\.s|al|[A-Z]|\d+))\.$", re.IGNORECASE
)
_RAGAS = re.compile("[\"“”„‟'‘’`´](.*?)[\"“”„‟'‘’`´]")
PASSAGES = [
    Passage(id=name, document_id=name, title=name, text=text, start=0, end=len(text))
    for name, text in (("lease", FIRST), ("drug", SECOND))
]


def alce_sentences(text: str) -> list[str]:
    """The sentences of the first line."""
    line, parts, begin = text.strip().split("\n")[0], [], 0
    for found in _SENTENCE.finditer(line):
        if not _ABBREVIATION.search(line[begin : found.start()]):
            parts.append(line[begin : found.start()])
            begin = found.end()
    return [*parts, line[begin:]]


def alce_citations(sentence: str) -> tuple[int, ...]:
    """The documents that a sentence cites, from 1; the last one is -1, as an index of 0 - 1 is in Python."""
    numbers = [int(found[1:]) for found in re.findall(r"\[\d+", sentence)]
    return tuple(number or -1 for number in numbers)[:MOST]


def ragas_spans(text: str) -> list[str]:
    """The quoted words of a text, three or more."""
    return [span for found in _RAGAS.findall(text) if len((span := found.strip()).split()) >= 3]


def ragas_holds(quote: str, sources: list[str]) -> bool:
    """Whether all quoted words of “quote” stand in the sources, and some are found."""
    spans, joined = ragas_spans(f"“{quote}”"), _lower(" ".join(sources))
    return bool(spans) and all(_lower(span) in joined for span in spans)


def counts() -> dict[str, tuple[int, int, int | None, int | None]]:
    """For each group of cases: how many there are, and how many we, ALCE and RAGAS pass; None: not its task."""
    read = FORMS + MIXED + [(text, ()) for text in NONE]
    ours = sum(tuple(key for marker in find_markers(text) for key in marker.keys) == keys for text, keys in read)
    alce = sum(tuple(n for part in alce_sentences(text) for n in alce_citations(part)) == keys for text, keys in read)
    bound = sum([_keys(text[a:b]) for a, b in statements(text)] == keys for text, keys in BOUND)
    alce_bound = sum([alce_citations(part) for part in alce_sentences(text)] == keys for text, keys in BOUND)
    classes = sum(judge_quote(quote, PASSAGES[:1], PASSAGES).kind == kind for quote, kind in QUOTES)
    ragas = sum(ragas_holds(quote, [FIRST, SECOND]) == (kind in FAITHFUL) for quote, kind in QUOTES)
    spans = sum([quote.text for quote in find_spans(text)] == found for text, found in SPANS)
    ragas_found = sum(ragas_spans(text) == found for text, found in SPANS)
    return {
        "which citations": (len(read), ours, alce, None),
        "of which sentence": (len(BOUND), bound, alce_bound, None),
        "class of a quote": (len(QUOTES), classes, None, ragas),
        "where quotes are": (len(SPANS), spans, None, ragas_found),
    }


def main() -> int:
    """Print the table."""
    print(f"{'cases':<20}{'all':>6}{'ours':>6}{'ALCE':>6}{'RAGAS':>7}")
    for name, (total, ours, alce, ragas) in counts().items():
        print(f"{name:<20}{total:>6}{ours:>6}{'-' if alce is None else alce:>6}{'-' if ragas is None else ragas:>7}")
    return 0


def _keys(text: str) -> tuple[int | str, ...]:
    return tuple(key for marker in find_markers(text) for key in marker.keys)


def _lower(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().lower()


if __name__ == "__main__":
    sys.exit(main())
