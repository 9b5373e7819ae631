"""The code domain: a library's modules and pages, cited by symbol and line; Python files and the standard library too.

Answers that name a deprecated symbol say so. Questions for attacks, for ways round a check, for credentials and for a
review of code that is not in the index are refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from glossator import Answer, Domain, Loader, Question, Scorer, content, hookimpl
from glossator_code import stdlib
from glossator_code.deprecations import deprecation_notes, read_deprecations
from glossator_code.loaders import read_python
from glossator_code.refusals import reason_to_refuse
from glossator_code.scorers import SCORERS
from glossator_code.trees import GRAMMARS, TreeReader

NAME = "code"


@hookimpl
def register_domains() -> Iterable[Domain]:
    """The domain in `domains/code`."""
    return [Domain.from_content(content("glossator_code", "domains/code"))]


@hookimpl
def register_loaders() -> Iterable[Loader]:
    """Source files, and the standard library as the source `stdlib:`."""
    return [
        *(
            Loader(name=grammar.name, suffixes=grammar.suffixes, read=TreeReader(grammar.name), summary=grammar.summary)
            for grammar in GRAMMARS
        ),
        Loader(name="python", suffixes=(".py",), read=read_python, summary="a module, cut by class and function"),
        Loader(
            name="stdlib",
            suffixes=(".py",),
            read=stdlib.read_stdlib,
            summary="docstrings of the running Python's standard library; no file of it is copied",
            folder=stdlib.folder,
            skip=stdlib.skipped(),
        ),
    ]


@hookimpl
def register_scorers() -> Iterable[Scorer]:
    """Whether what an answer says about code can be true."""
    return SCORERS


@hookimpl
def review_answer(domain: str, question: Question, answer: Answer) -> Answer | None:
    """Refuse what this domain does not answer; say which names of an answer are deprecated."""
    if domain != NAME:
        return None
    reason = reason_to_refuse(question.text)
    if reason is not None:
        return _refused(answer, reason)
    notes = () if answer.abstained else tuple(deprecation_notes(answer, read_deprecations()))
    return replace(answer, notes=(*answer.notes, *notes)) if notes else None


def _refused(answer: Answer, reason: str) -> Answer:
    """An abstention in the domain's words, over the passages that were shown."""
    text = (content("glossator_code", "domains/code") / "prompts" / "refusal.txt").read_text(encoding="utf-8").strip()
    note = f"not answered: the question {reason}"
    return replace(answer, text=text, statements=(), citations=(), abstained=True, notes=(*answer.notes, note))
