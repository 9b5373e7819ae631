"""Quoted grounding on the reference benches: is every quote byte-equal to its source, and every marker one of a passage
that was shown, from trained and from random weights, greedy and at temperature 1?

    python tests/bench/grounded.py [ANSWERS]     # 2,000 when left out, about twenty minutes on one core

Passages are stretches of the documents, cut anywhere. The model decides alone, without a prior. Ends with 1 when a
quote or marker is wrong, or an answer crashed; skips when the reference data is absent.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch

import torch

from glossator import Passage, read_answer
from glossator.citations.quotable import pieces
from glossator.content import weights
from glossator.domain import Prompts
from glossator.generation.grounds import Grounds
from glossator.generation.transformers_local import LocalGenerator
from glossator.generation.vocabulary import vocabulary_of
from glossator.generation.written import read
from glossator.generation.written import start as begin
from glossator.prompting import encode_prompt, render

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "bench"
PROMPTS = Prompts(system="Answer with quotes of the passages.", abstention="The passages do not answer this question.")
SHOWN, LENGTH, BATCH, TOKENS = 3, 450, 10, 72
"""Passages of a prompt, their code points, prompts of a batch, tokens of an answer."""
Task = tuple[str, list[Passage], dict[str, str]]


def tasks(count: int) -> Iterator[Task]:
    """Questions of every bench in turn, with stretches of their gold documents and of others."""
    benches = [bench(folder) for folder in sorted(DATA.iterdir()) if not folder.name.startswith("_")]
    for place in range(count):
        yield next(benches[place % len(benches)])


def bench(folder: Path) -> Iterator[Task]:
    rng = random.Random(folder.name)
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        texts = {row["id"]: row["text"] for row in map(json.loads, lines)}
    with (folder / "questions.jsonl").open(encoding="utf-8") as lines:
        asked = [json.loads(line) for line in lines]
    rng.shuffle(asked)
    names = list(texts)
    while True:
        for row in asked:
            ids = dict.fromkeys([*row["gold_doc_ids"][:2], *rng.sample(names, SHOWN)])
            yield row["question"], [cut(name, texts[name], rng) for name in list(ids)[:SHOWN]], texts


def cut(name: str, text: str, rng: random.Random) -> Passage:
    start = rng.randrange(max(1, len(text) - LENGTH // 2))
    end = min(len(text), start + LENGTH)
    return Passage(id=f"{name}:{start}", document_id=name, title=name, text=text[start:end], start=start, end=end)


def generators() -> dict[str, LocalGenerator]:
    from transformers import AutoModelForCausalLM

    trained = LocalGenerator.load(str(weights()))
    torch.manual_seed(0)
    untrained = AutoModelForCausalLM.from_config(trained.model.config, dtype=torch.float32).eval()
    return {"trained": trained, "random": LocalGenerator(untrained, trained.tokenizer)}


def answer(generator: LocalGenerator, batch: list[Task], connect: int, *, greedy: bool) -> list[str]:
    among = [
        Grounds(
            passages=tuple(shown),
            abstention=PROMPTS.abstention,
            weights=(0.0,) * (1 + len(pieces(shown))),
            quotes=2,
            spans="clauses",
            connect=connect,
        )
        for _, shown, _ in batch
    ]
    messages = [render(PROMPTS, question, shown) for question, shown, _ in batch]
    if greedy:
        return generator.complete(messages, TOKENS, among)
    starts = [begin(basis, vocabulary_of(generator.tokenizer), TOKENS) for basis in among]
    prompts = [encode_prompt(generator.tokenizer, asked) for asked in messages]
    rows = generator.generate(prompts, TOKENS, starts, 1.0).tolist()
    return [read(begun, row).text.decode() for begun, row in zip(starts, rows, strict=True)]


def judge(text: str, task: Task) -> Counter[str]:
    """What an answer holds."""
    _, shown, texts = task
    made = read_answer(text, shown, PROMPTS.abstention)
    found = Counter(answers=1, abstentions=int(made.abstained), quotes=len(made.citations))
    found["silent"] = int(not made.abstained and not made.citations)
    for cited in made.citations:
        true = cited.span and cited.quote == texts[cited.span.document_id][cited.span.start : cited.span.end]
        found["exact"] += bool(true)
        found["shown"] += cited.passage_id in {passage.id for passage in shown}
    found["misquoted"] = sum(statement.misquoted for statement in made.statements)
    return found


def run(generator: LocalGenerator, todo: list[Task], *, greedy: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for place in range(0, len(todo), BATCH):
        batch = todo[place : place + BATCH]
        try:
            texts = answer(generator, batch, 12 * (place // BATCH % 2), greedy=greedy)
        except Exception:
            traceback.print_exc()
            found["crashes"] += len(batch)
            continue
        for text, task in zip(texts, batch, strict=True):
            found += judge(text, task)
    return found


def main() -> int:
    if not DATA.is_dir():
        print(f"grounded: skipped, no reference data at {DATA}")
        return 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    todo, whole = list(tasks(count // 4)), Counter[str]()
    for name, generator in generators().items():
        for greedy in (True, False):
            start = time.process_time()
            found = run(generator, todo, greedy=greedy)
            whole += found
            spent = time.process_time() - start
            print(
                f"grounded: {name}, {'greedy' if greedy else 'temperature 1'}: {told(found)}; {spent:.0f} s", flush=True
            )
    print(f"grounded: all: {told(whole)}")
    wrong = whole["quotes"] != whole["exact"] or whole["quotes"] != whole["shown"]
    return int(wrong or any(whole[fault] for fault in ("silent", "misquoted", "crashes")))


def told(found: Counter[str]) -> str:
    return (
        f"{found['answers']} answers, {found['abstentions']} abstentions, {found['quotes']} quotes, {found['exact']} "
        f"byte-equal, {found['shown']} with a marker of a shown passage, {found['misquoted']} misquoted, "
        f"{found['silent']} without either, {found['crashes']} crashes"
    )


if __name__ == "__main__":
    sys.exit(main())
