"""What a domain brings to the examination: its files as read, each record with the line it stands on."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import as_file
from pathlib import Path

from glossator.domain import Domain
from glossator.errors import GlossatorError, QuestionsError
from glossator.host import Host
from glossator.reading.ingest import FileRead, read_files
from glossator.reading.sources import corpus_of, files_of
from glossator.records import Document, Question, Scorer
from glossator.rows import GoldRow, question_of, read_row
from glossator.testing.forms import Form, forms_of
from glossator.testing.problem import Problem
from glossator.yaml import Parsed, read_yaml

PRACTICE = "practice"
"""A split that a domain may do without."""
TAUGHT, SPLITS = ("train", PRACTICE), ("train", PRACTICE, "test")
"""What is trained on, and everything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A document and the file it was read from."""

    document: Document
    file: str
    """Below the content folder."""
    lines: tuple[str, ...]
    alone: bool
    """Whether the file holds no other document."""

    def line(self, key: str) -> int | None:
        """Where the front matter says `key`; None where it does not, or where there is none."""
        found = (number for number, line in enumerate(self.lines, 1) if line.startswith(f"{key}:"))
        return next(found, None) if self.alone else None

    def where(self, key: str = "") -> str:
        """Where the file says `key` of this document; where it does not, where the document begins."""
        name = json.dumps(self.document.id, ensure_ascii=False)
        begins = (number for number, line in enumerate(self.lines, 1) if not self.alone and name in line)
        place = (self.line(key) if key else None) or next(begins, 1)
        return f"{self.file}:{place} document {self.document.id!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a gold file."""

    split: str
    line: int
    gold: GoldRow
    question: Question

    @property
    def place(self) -> str:
        return f"gold/{self.split}.jsonl:{self.line}"

    @property
    def where(self) -> str:
        return f"{self.place} question {self.question.id!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A domain, read."""

    domain: Domain
    host: Host
    policy: Parsed
    placed: tuple[Placed, ...]
    rows: tuple[Row, ...]
    known_forms: dict[str, tuple[Form, ...]] = field(default_factory=dict)
    """Right answers by place, as far as they were asked for: several checks look at the same."""

    @property
    def documents(self) -> Mapping[str, Document]:
        """By id; those without text left out."""
        return {placed.document.id: placed.document for placed in self.placed if placed.document.text.strip()}

    @property
    def own(self) -> list[Scorer]:
        """The scorers of the plugin that registered the domain."""
        owner = self.host.owners[f"domain:{self.domain.name}"]
        return [scorer for name, scorer in self.host.scorers.items() if self.host.owners[f"scorer:{name}"] == owner]

    @property
    def policy_names(self) -> list[str]:
        """The scorers that the reward policy names."""
        return sorted({*self.domain.rewards.weights, *self.domain.rewards.gates})

    @property
    def scorers(self) -> list[Scorer]:
        """The scorers of the policy and those of the plugin; names that nobody registers are left out."""
        known = {scorer.name: scorer for scorer in self.own}
        known |= {name: self.host.scorers[name] for name in self.policy_names if name in self.host.scorers}
        return list(known.values())

    def forms(self, row: Row) -> tuple[Form, ...]:
        """The right answers to a question; the quoted one, or the abstention, comes first."""
        if row.where not in self.known_forms:
            made = forms_of(row.question, self.documents, self.domain.prompts.abstention)
            self.known_forms[row.where] = tuple(made)
        return self.known_forms[row.where]

    def split(self, *names: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.split in names)

    def without(self, broken: Collection[str]) -> Material:
        """The same without the rows at these places: one fault is told once."""
        return replace(self, rows=tuple(row for row in self.rows if row.where not in broken))


def read_material(host: Host, domain: Domain) -> tuple[Material, list[Problem]]:
    """Everything that can be read, and a problem for everything that cannot."""
    problems: list[Problem] = []
    with as_file(domain.content) as folder:
        placed = tuple(_corpus(host, domain, folder, problems))
        rows = tuple(row for split in SPLITS for row in _gold(folder, split, problems))
        policy = _policy(folder)
    return Material(domain=domain, host=host, policy=policy, placed=placed, rows=rows), problems


def _corpus(host: Host, domain: Domain, folder: Path, problems: list[Problem]) -> Iterator[Placed]:
    root = corpus_of(domain)
    try:
        files = list(files_of(root))
    except GlossatorError as error:
        problems.append(Problem(where="corpus", what=_told(error, folder), remedy="let every file be a plain file"))
        return
    for read in read_files(root, files, host):
        yield from _placed(read, problems)


def _placed(read: FileRead, problems: list[Problem]) -> Iterator[Placed]:
    name, fault = f"corpus/{read.name}", read.outcome.refused or read.outcome.empty
    if fault:
        what = fault.removeprefix(f"{read.name}: ")
        problems.append(Problem(where=name, what=what, remedy="repair or remove the file"))
        return
    lines = tuple(read.path.read_text(encoding="utf-8", errors="replace").split("\n"))
    for document in read.outcome.documents:
        yield Placed(document=document, file=name, lines=lines, alone=len(read.outcome.documents) == 1)


def _gold(folder: Path, split: str, problems: list[Problem]) -> Iterator[Row]:
    name = f"gold/{split}.jsonl"
    if split == PRACTICE and not (folder / name).exists():
        return
    try:
        lines = (folder / name).read_bytes().decode("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else f"byte {error.start} is not UTF-8"
        problems.append(Problem(where=name, what=f"cannot be read: {why}", remedy="write the questions as UTF-8 JSONL"))
        return
    for number, line in enumerate(lines, 1):
        place = f"{name}:{number}"
        try:
            if line.strip():
                row = read_row(line, place)
                yield Row(split=split, line=number, gold=row, question=question_of(row))
        except QuestionsError as error:
            what = str(error).removeprefix(f"{place}: ")
            problems.append(Problem(where=place, what=what, remedy="repair the row"))


def _policy(folder: Path) -> Parsed:
    """`policy.yaml` with its lines. Where it cannot be read, the schema says so; here it is empty."""
    try:
        return read_yaml((folder / "policy.yaml").read_text(encoding="utf-8"), "policy.yaml")
    except (GlossatorError, OSError, UnicodeDecodeError):
        return read_yaml("answer: {}", "policy.yaml")


def _told(error: GlossatorError, folder: Path) -> str:
    """The message, with places as the author of the content knows them."""
    return str(error).replace(f"{folder}/", "")
