"""Copies of whole domains, to plant one fault in each: a fifth of our medical one, and all of the outside harbour."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import glossator_common
from glossator import Answer, Domain, Host, Question, Scorer, hookimpl, read_answer
from glossator.testing import Problem, Report, examine

ROOT = Path(__file__).resolve().parents[2]
HARBOUR = ROOT / "tests" / "third_party" / "glossator-harbour"


class Copy:
    """The content of a domain in a folder of its own, with a plugin that serves it."""

    def __init__(self, content: Path, review: Any, scorers: Iterable[Scorer] = ()) -> None:
        self.content, self.review, self.scorers = content, review, list(scorers)
        self.plugins: dict[str, object] = {"common": glossator_common}
        self.reload()

    def reload(self) -> None:
        """Read the settings again, as a plugin does that is loaded after they changed."""
        self.domain = Domain.from_content(self.content)

    @property
    def host(self) -> Host:
        hooks: dict[str, Callable[..., Any]] = {
            "register_domains": lambda: [self.domain],
            "register_scorers": lambda: self.scorers,
        }
        hooks |= {"review_answer": self.review} if self.review else {}
        plugin = SimpleNamespace(**{name: hookimpl(function) for name, function in hooks.items()})
        return Host.of(**self.plugins, own=plugin)

    def examine(self) -> Report:
        return examine(self.host, self.domain.name)

    def problems(self) -> list[str]:
        return [str(problem) for problem in self.examine().problems]

    def found(self) -> list[Problem]:
        return list(self.examine().problems)

    def swap(self, name: str, before: str, after: str) -> None:
        path = self.content / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    def rows(self, split: str) -> list[dict[str, Any]]:
        text = (self.content / "gold" / f"{split}.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def write(self, split: str, rows: Iterable[dict[str, Any]]) -> None:
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (self.content / "gold" / f"{split}.jsonl").write_text(text, encoding="utf-8")

    def first(self, split: str = "test", answerable: bool = True) -> int:
        """Line of the first such question."""
        return next(n for n, row in enumerate(self.rows(split), 1) if row["answerable"] is answerable)

    def edit(self, line: int, split: str = "test", **changes: Any) -> str:
        """Change a row; returns its place as a problem names it."""
        rows = self.rows(split)
        rows[line - 1] |= changes
        self.write(split, rows)
        return f"gold/{split}.jsonl:{line} question {rows[line - 1]['id']!r}"


def knowing_by_heart(content: Path, abstention: str) -> Callable[..., Answer | None]:
    """A review that refuses the questions for advice of these files, however they are wrapped."""
    lines = [line for path in (content / "gold").glob("*.jsonl") for line in path.read_text("utf-8").splitlines()]
    advice = [squeezed(row["question"]) for row in map(json.loads, lines) if row["kind"] == "advice"]

    def review_answer(question: Question, answer: Answer) -> Answer | None:
        asked = any(known in squeezed(question.text) for known in advice)
        return refused(answer, abstention) if asked else None

    return review_answer


def refused(answer: Answer, abstention: str) -> Answer:
    made = read_answer(abstention, answer.passages, abstention)
    return Answer(**{name: getattr(made, name) for name in made.__slots__} | {"notes": answer.notes})


def told(copy: Copy) -> str:
    """All problems of a copy, a line each."""
    return "\n".join(copy.problems())


def squeezed(text: str) -> str:
    return " ".join(text.casefold().split())


@pytest.fixture(scope="session")
def harbour_plugin() -> Iterator[ModuleType]:
    sys.path.insert(0, str(HARBOUR))
    import glossator_harbour

    yield glossator_harbour
    sys.path.remove(str(HARBOUR))


@pytest.fixture
def harbour(tmp_path: Path, harbour_plugin: ModuleType) -> Copy:
    """The outside domain, with the plugin's own scorer and review."""
    shutil.copytree(HARBOUR / "glossator_harbour" / "content", tmp_path / "harbour")
    return Copy(tmp_path / "harbour", harbour_plugin.review_answer, harbour_plugin.SCORERS)


@pytest.fixture
def medical(tmp_path: Path) -> Copy:
    """Our medical domain with every fifth question of train and test: the faults are the same, and the tests take a fifth
    of the time."""
    shutil.copytree(ROOT / "domains" / "medical", tmp_path / "medical")
    copy = Copy(tmp_path / "medical", None)
    for split in ("train", "test"):
        copy.write(split, copy.rows(split)[::5])
    (copy.content / "gold" / "practice.jsonl").unlink()
    copy.review = knowing_by_heart(copy.content, copy.domain.prompts.abstention)
    return copy


@pytest.fixture(params=["harbour", "medical"])
def copy(request: pytest.FixtureRequest) -> Copy:
    """Either of the two: what is found in one must be found in the other."""
    found: Copy = request.getfixturevalue(request.param)
    return found
