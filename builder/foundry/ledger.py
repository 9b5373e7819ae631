"""The licence ledger: what a run reads, under which licence: `python -m foundry.ledger --text FOLDER --avoid FILE ...`.

Counts are of the pages that are left when doubles and what held-out questions say are gone. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from foundry.text import questions_of, read_rows


def ledger(rows: Iterable[tuple[Path, dict[str, str]]]) -> Iterator[str]:
    """A line for each file and licence, the most words first in each domain."""
    pages, words = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
    for path, row in rows:
        key = (path.parent.name, path.name.partition(".")[0], row["licence"])
        pages[key] += 1
        words[key] += len(row["text"].split())
    yield "| domain | file | licence | pages | words |"
    yield "|---|---|---|---|---|"
    for domain, file, licence in sorted(pages, key=lambda key: (key[0], -words[key], key)):
        key = (domain, file, licence)
        yield f"| {domain} | {file} | {licence} | {pages[key]:,} | {words[key]:,} |"
    yield f"| all | | | {sum(pages.values()):,} | {sum(words.values()):,} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--avoid", type=Path, nargs="*", default=())
    given = parser.parse_args()
    print(*ledger(read_rows(given.text, questions_of(given.avoid))), sep="\n")
