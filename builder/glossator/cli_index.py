"""Commands over the index of a bundle: keep it current, look at it, search it."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glossator import console
from glossator.cli_options import AsJson, BundlePath, Download, Ray, Strict, host_of, print_json
from glossator.errors import InputError
from glossator.records import EVERYTHING, Document, Passage, Scope

if TYPE_CHECKING:
    from glossator.retrieval.generations import Changes

index = typer.Typer(name="index", help="Keep the index of a bundle current.", no_args_is_help=True)

Sources = Annotated[
    list[str] | None, typer.Argument(metavar="SOURCE...", help="Files or folders, or NAME: as in a recipe.")
]
KeepOthers = Annotated[bool, typer.Option("--keep-others", help="Documents that are not among the sources stay.")]


@index.command()
def update(
    bundle: BundlePath,
    sources: Sources = None,
    delete: Annotated[list[str] | None, typer.Option(metavar="ID", help="Delete a document; the others stay.")] = None,
    keep_others: KeepOthers = False,
    delete_most: Annotated[bool, typer.Option("--delete-most", help="More than half may be deleted.")] = False,
    ray: Ray = None,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Make the index hold the documents of the sources: add, update, delete. Only what changed is embedded."""
    from glossator import upkeep
    from glossator.assistant import open_bundle
    from glossator.retrieval.sharding import ray_workers

    if bool(sources) == bool(delete):
        raise InputError("name sources, or documents to --delete, and not both")
    documents, keep = _wanted(open_bundle(bundle), sources or [], delete or [], keep_others, strict)
    with ray_workers(ray) as workers:
        made, digest = upkeep.update(bundle, documents, keep, delete_most=delete_most or bool(delete), workers=workers)
    _tell(made, as_json, digest)


@index.command()
def status(
    bundle: BundlePath,
    sources: Sources = None,
    keep_others: KeepOthers = False,
    as_json: AsJson = False,
    strict: Strict = False,
) -> None:
    """Say what the index holds and, given sources, what an update would do."""
    from glossator import upkeep
    from glossator.assistant import open_bundle
    from glossator.retrieval.generations import read_description

    opened = open_bundle(bundle)
    described = read_description(opened.folder / "index")
    described["bytes"] = sum(path.stat().st_size for path in (opened.folder / "index").rglob("*") if path.is_file())
    if sources:
        documents, keep = _wanted(opened, sources, [], keep_others, strict)
        planned = upkeep.changes(opened, documents, keep)
        described["planned"] = asdict(planned)
    if as_json:
        print_json(described)
        return
    described["embedder"] = (described["embedder"] or {}).get("package", "none")
    console.table(["", "found"], [[key, str(value)] for key, value in described.items() if key != "planned"])
    if sources:
        _tell(planned, False, "")


@index.command()
def verify(bundle: BundlePath) -> None:
    """Check every hash, and that table, vectors and words are of the same passages. Exit code 1 when they are not."""
    from glossator.assistant import open_bundle
    from glossator.retrieval.soundness import check_index

    problems = check_index(open_bundle(bundle).folder / "index")
    for problem in problems:
        console.complain(problem)
    if problems:
        raise typer.Exit(1)
    console.say("the index is sound")


def search(
    bundle: BundlePath,
    question: str,
    k: Annotated[int | None, typer.Option("-k", min=1, max=50, help="Passages; as many as the bundle shows.")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what found each passage, before any reranking.")
    ] = False,
    groups: Annotated[list[str] | None, typer.Option("--group", help="Search as a member of this group only.")] = None,
    labels: Annotated[
        list[str] | None, typer.Option("--label", metavar="KEY=VALUE", help="Only documents so labelled.")
    ] = None,
    allow_download: Download = False,
    as_json: AsJson = False,
) -> None:
    """Find passages, without any answer."""
    from glossator.assistant import find, open_bundle, open_retriever

    opened = open_bundle(bundle)
    if opened.lock.reranker_identity:
        console.quiet_libraries()
    retriever, scope = open_retriever(opened, allow_download=allow_download), _scope(groups, labels)
    if explain:
        _explain(retriever.explain(question, k or opened.lock.k, scope, opened.lock.per_document), as_json)
        return
    found = find(retriever, opened.lock, question, k, scope)
    if as_json:
        print_json([asdict(passage) for passage in found])
    elif not found:
        console.say("nothing: the index is unlikely to hold an answer")
    else:
        for place, passage in enumerate(found, 1):
            _say(place, f"{passage.score or 0:.3f} ", passage)


def _wanted(
    opened: Any, sources: list[str], delete: list[str], keep_others: bool, strict: bool
) -> tuple[list[Document], list[str]]:
    """The documents that the index shall hold, and the ids of those that it shall keep."""
    from glossator import upkeep
    from glossator.plan import root
    from glossator.stages.corpus import read_sources

    have = upkeep.documents_of(opened) if delete or keep_others else []
    missing = sorted(set(delete) - set(have)) if delete else []
    if missing:
        raise InputError(f"the index holds no document {missing[0]!r}; nothing was deleted")
    host = host_of(strict)
    documents = read_sources([root(source, host) for source in sources], host) if sources else []
    return documents, [name for name in have if name not in set(delete)]


def _tell(changes: Changes, as_json: bool, digest: str) -> None:
    if as_json:
        print_json(asdict(changes) | {"bundle": digest})
        return
    for kind in ("added", "updated", "deleted"):
        for name in getattr(changes, kind):
            console.say(f"{kind}: {name}")
    stay = changes.unchanged + changes.kept
    console.say(
        f"{len(changes.added)} added, {len(changes.updated)} updated, {len(changes.deleted)} deleted, {stay} unchanged"
    )
    if digest:
        console.say(f"bundle {digest[:12]}" + (", not yet measured: glossator eval" if changes else ""))


def _explain(explained: Any, as_json: bool) -> None:
    if as_json:
        print_json(asdict(explained))
        return
    for place, (hit, passage) in enumerate(explained.hits, 1):
        twin = f", copy of row {hit.twin}: not shown" if hit.twin else ""
        parts = [_part("cosine", hit.cosine, hit.dense_rank), _part("words", hit.share, hit.lexical_rank)]
        _say(place, f"{hit.score:.3f} = {' + half of '.join(filter(None, parts))}{twin}\n     ", passage, 100)
    console.say(f"probability that an answer is among them: {explained.evidence:.2f}")


def _say(place: int, why: str, passage: Passage, most: int | None = None) -> None:
    """One passage found, with the first `most` characters of its text."""
    where = ", ".join(filter(None, [passage.title, passage.locator, passage.id]))
    console.say(f"{place:>2}  {why} {where}\n      {' '.join(passage.text.split())[:most]}")


def _part(name: str, value: float | None, rank: int | None) -> str:
    return "" if value is None else f"{name} {value:.3f} (rank {rank or 'below 50'})"


def _scope(groups: list[str] | None, labels: list[str] | None) -> Scope:
    pairs = [label.partition("=") for label in labels or []]
    wrong = next((key for key, equals, _ in pairs if not equals), None)
    if wrong is not None:
        raise InputError(f"--label {wrong}: write KEY=VALUE")
    scope = replace(EVERYTHING, labels=frozenset((key, value) for key, _, value in pairs))
    return replace(scope, groups=frozenset(groups)) if groups else scope
