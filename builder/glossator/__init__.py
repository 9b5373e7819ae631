"""glossator: domain assistants that show, for every sentence, the passage it rests on.

The public face for plugin authors and for notebooks. A plugin is a package with an entry point in the group
`glossator`, whose module has functions marked `@hookimpl`; `glossator.hookspecs` lists them, each with an example.

    >>> from glossator import Host
    >>> "medical" in Host.discover().domains
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from glossator.amendments import Amendment
from glossator.citations.fold import fold, unmask, visible
from glossator.citations.metrics import (
    abstains_well,
    answer_match,
    citation_f1,
    citation_precision,
    citation_recall,
    evidence_f1,
    hits,
    honest_form,
    quote_fidelity,
    retrieval_recall,
)
from glossator.citations.parse import Quote, find_quotes
from glossator.citations.read import cited_words, read_answer
from glossator.citations.refuse import refuse
from glossator.citations.support import support_rate
from glossator.claims import Claim, Verdict, Verifier, VerifierSpec
from glossator.content import content
from glossator.domain import Domain, Settings
from glossator.errors import CorpusError, GlossatorError, InputError, NoTextError, NotInstalledError, PluginError
from glossator.hookspecs import hookimpl
from glossator.host import Host
from glossator.records import (
    Answer,
    Citation,
    Document,
    Loader,
    Passage,
    Question,
    Score,
    Scorer,
    Source,
    Span,
    Statement,
    Unit,
)
from glossator.rows import strict_json
from glossator.yaml import read_yaml, validated

if TYPE_CHECKING:
    from glossator.assistant import Assistant

__version__ = "0.1.0"

__all__ = [
    "Amendment",
    "Answer",
    "Citation",
    "Claim",
    "CorpusError",
    "Document",
    "Domain",
    "GlossatorError",
    "Host",
    "InputError",
    "Loader",
    "NoTextError",
    "NotInstalledError",
    "Passage",
    "PluginError",
    "Question",
    "Quote",
    "Score",
    "Scorer",
    "Settings",
    "Source",
    "Span",
    "Statement",
    "Unit",
    "Verdict",
    "Verifier",
    "VerifierSpec",
    "abstains_well",
    "answer_match",
    "build",
    "citation_f1",
    "citation_precision",
    "citation_recall",
    "cited_words",
    "content",
    "evidence_f1",
    "find_quotes",
    "fold",
    "hits",
    "honest_form",
    "hookimpl",
    "llama_index_loader",
    "load_assistant",
    "quote_fidelity",
    "read_answer",
    "read_yaml",
    "refuse",
    "retrieval_recall",
    "strict_json",
    "support_rate",
    "unmask",
    "validated",
    "visible",
]


def build(recipe: str, out: str, *, sets: tuple[str, ...] = ()) -> str:
    """Build an assistant from a recipe file into `out`; returns the bundle's folder.

    Raises InputError for anything the user can repair, StageError when a stage fails.
    """
    from pathlib import Path

    from glossator import pipeline
    from glossator.plan import make_plan

    host = Host.discover()
    return str(pipeline.build(make_plan(Path(recipe), host, sets=sets), Path(out), host).folder)


def llama_index_loader(
    name: str, suffixes: tuple[str, ...], *, reader: str, arguments: dict[str, Any] | None = None, summary: str = ""
) -> Loader:
    """A loader of any llama-index reader that takes a file: `reader="llama_index.core.readers.json:JSONReader"`.

    `arguments` go to its constructor. The reader is imported when the first file is read.
    """
    from glossator.retrieval.readers import loader_of

    return loader_of(name, suffixes, reader, arguments or {}, summary)


def load_assistant(bundle: str) -> Assistant:
    """The assistant of a built bundle: `load_assistant("runs/medical").answer("...")`."""
    from pathlib import Path

    from glossator.assistant import Assistant, open_bundle

    return Assistant.load(open_bundle(Path(bundle)), Host.discover())
