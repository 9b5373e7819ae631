"""What the backbone adds to the prior, before and after tuning, on dev questions of six reference benches.

    python tests/bench/choosing.py [FOLDER [SET ...]]     # indexes, rows and adapters are kept in FOLDER

All choose one of the same SHOWN sentences of a question, those that the prior ranks first, as in tests/bench/prior.py.
`prior` takes the first of them; `zero-shot` is the backbone as it comes, with the prior; `tuned` has an adapter of SFT
on the questions of other documents of the set: whole documents are dealt into FOLDS folds, and each fold is answered by
the adapter of the others. A pick is worth its evidence F1, or the F1 of its words against the answer, and 0 to 1.
Differences are paired by question, with 95 % intervals of a bootstrap over whole documents.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from prior import cases, ours, shown
from quality import DATA

from glossator.citations.parse import format_citation
from glossator.content import weights
from glossator.domain import AdapterRecipe, AnswerPolicy, Prompts
from glossator.generation.grounding import Choice
from glossator.generation.transformers_local import LocalGenerator
from glossator.prompting import render
from glossator.recipe import SftRecipe
from glossator.records import Example, Passage
from glossator.statistics.differences import deltas
from glossator.statistics.estimates import estimate
from glossator.training.run import Setting
from glossator.training.sft import train_sft

SETS = ("med_scifact", "gen_squad2", "legal_contractnli", "med_openstax", "legal_ada", "code_pyfaq")
QUESTIONS, SHOWN, FOLDS, LONGEST, THREADS = 600, 6, 2, 512, 1
PRIOR = AnswerPolicy().prior
PROMPTS = Prompts(system="", abstention="The passages do not answer this question.")
RECIPE = SftRecipe(peft=AdapterRecipe(r=16, alpha=32), epochs=2, learning_rate=5e-4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choosing:
    """A question, the sentences to choose from with their log-priors, and what each is worth."""

    question: str
    cluster: str
    titles: list[str]
    texts: list[str]
    priors: list[float]
    worth: list[float]

    @property
    def choices(self) -> list[Choice]:
        weighed = enumerate(zip(self.texts, self.priors, strict=True), 1)
        return [Choice(format_citation(text, number), PRIOR * weight) for number, (text, weight) in weighed]

    @property
    def messages(self) -> tuple[dict[str, str], ...]:
        passages = [
            Passage(id=str(n), document_id=str(n), title=title, text=text, start=0, end=len(text))
            for n, (title, text) in enumerate(zip(self.titles, self.texts, strict=True))
        ]
        return render(PROMPTS, self.question, passages)


def choosings(name: str, home: Path) -> list[Choosing]:
    """The questions of a set, made once."""
    kept = home / f"choosing-{name}-{SHOWN}.json"
    if not kept.exists():
        kept.write_text(json.dumps(list(_rows(name, home))), encoding="utf-8")
    return [Choosing(**row) for row in json.loads(kept.read_text(encoding="utf-8"))]


def _rows(name: str, home: Path) -> Iterator[dict[str, object]]:
    for case in cases(name, home, QUESTIONS):
        weighed = ours(case.question, case.pieces)
        first = dict[str, int]()
        for place in np.argsort(-np.array(weighed)).tolist():
            first.setdefault(case.pieces[place].text, place)
        order = list(first.values())[:SHOWN]
        yield {
            "question": case.question,
            "cluster": case.cluster,
            "titles": [case.pieces[i].passage.title for i in order],
            "texts": [case.pieces[i].text for i in order],
            "priors": [float(weighed[i]) for i in order],
            "worth": [float(case.worth[i]) for i in order],
        }


def answered(rows: Sequence[Choosing], backbone: str, adapter: Path | None) -> list[int]:
    """The place of the sentence that each question gets."""
    generator = LocalGenerator.load(backbone, adapter)
    texts = generator.complete([row.messages for row in rows], LONGEST, [row.choices for row in rows])
    return [[c.text for c in row.choices].index(text) for row, text in zip(rows, texts, strict=True)]


def tuned(rows: Sequence[Choosing], backbone: str, folder: Path) -> list[int]:
    """The same by the adapters of the other folds."""
    clusters = sorted({row.cluster for row in rows})
    random.Random(0).shuffle(clusters)
    fold = {cluster: place % FOLDS for place, cluster in enumerate(clusters)}
    picks = [0] * len(rows)
    for number in range(FOLDS):
        adapter = folder / str(number) / "adapter"
        if not adapter.is_dir():
            _train([row for row in rows if fold[row.cluster] != number], backbone, folder / str(number))
        places = [place for place, row in enumerate(rows) if fold[row.cluster] == number]
        for place, pick in zip(places, answered([rows[i] for i in places], backbone, adapter), strict=True):
            picks[place] = pick
    return picks


def _train(rows: Sequence[Choosing], backbone: str, folder: Path) -> None:
    """SFT on the best sentence of each question of which one is worth anything."""
    told = [row for row in rows if max(row.worth) > 0]
    folder.mkdir(parents=True)
    examples = [
        Example(
            question_id=str(n),
            messages=row.messages,
            completion=row.choices[int(np.argmax(row.worth))].text,
            passages=(),
            scores=(),
            answerable=True,
        )
        for n, row in enumerate(told)
    ]
    setting = Setting(folder=folder, seed=7, threads=THREADS, backbone=backbone, backbone_name="embedded")
    train_sft(examples, RECIPE, setting)


def line(name: str, home: Path, backbone: str) -> str:
    rows, began = choosings(name, home), time.monotonic()
    clusters = [row.cluster for row in rows]
    picks = {
        "prior": [int(np.argmax(row.priors)) for row in rows],
        "zero-shot": answered(rows, backbone, None),
        "tuned": tuned(rows, backbone, home / f"tuned-{name}"),
    }
    worth = {way: [row.worth[i] for row, i in zip(rows, chosen, strict=True)] for way, chosen in picks.items()}
    best = np.mean([max(row.worth) for row in rows])
    means = " | ".join(f"{np.mean(values):.3f}" for values in worth.values())
    apart = " | ".join(shown(estimate(deltas(worth[way], worth["prior"]), clusters)) for way in ("zero-shot", "tuned"))
    return f"| {name} | {len(rows)} | {means} | {best:.3f} | {apart} | {(time.monotonic() - began) / 60:.1f} |"


def main() -> int:
    if not DATA.is_dir():
        print(f"choosing: skipped, no reference data at {DATA}")
        return 0
    home, *sets = sys.argv[1:] or [tempfile.mkdtemp()]
    Path(home).mkdir(parents=True, exist_ok=True)
    print("| set | n | prior | zero-shot | tuned | best shown | zero-shot - prior | tuned - prior | minutes |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in sets or SETS:
        print(line(name, Path(home), str(weights())), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
