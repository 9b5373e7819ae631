"""What tuning and each way of alignment add, over seeds: builds the recipes, measures the arms, writes README's table.

    python tests/bench/alignment.py FOLDER [DOMAIN ...] [--seeds SEED ...]     # what FOLDER holds is used again

An arm is one adapter on the same backbone and the same passages, asked the test questions and the fresh ones; what it
adds to tuning is told of both sets and of all questions together. A figure is its mean over questions and seeds; its 95 % interval is a bootstrap that draws seeds and groups of questions that
share a gold document. `answer_match`, whether the words hold the short answer, is in no reward.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ablation import DOMAINS, ROOT, refresh

from glossator import Host
from glossator.artifacts import digest_of
from glossator.assistant import BASE, SEARCH, Assistant, open_bundle
from glossator.evaluate import Row, measure, scorers_of
from glossator.rows import read_questions

ALGORITHMS = ("grpo", "dpo", "hybrid")
ALONE = (SEARCH, BASE)
"""What has no adapter, and nothing to do with a seed."""
ARMS = {
    SEARCH: "search alone", BASE: "backbone", "sft": "+ SFT", "grpo": "+ SFT + GRPO", "dpo": "+ SFT + DPO", "hybrid": "+ SFT + hybrid"
}  # fmt: skip
ANCHORED = {"hybrid": ("rl.beta=0.02",)}
"""Two trainings one after the other are held near the tuned adapter."""
SEEDS = (7, 1, 2, 3, 4)
"""The recipes' own, and four more."""
FIGURES = ("citation_f1", "citation_precision", "citation_recall", "evidence_f1", "answer_match")
CHECKED = ("citation_f1", "answer_match")
BEGIN, END = "<!-- written by make alignment -->", "<!-- end of what make alignment writes -->"
DRAWS, KEPT = 2000, "measured.json"
SETS = ("test", "fresh")
"""Of questions; the second are worded as people ask, and not as the documents."""
Rows = dict[str, dict[str, Any]]
"""Question -> what became of it."""
Runs = dict[str, Rows]
"""Arm -> questions, of one seed."""
ADDED = ("", "", "citation F1, paired − SFT", "answer match, paired − SFT", "abstention F1, SFT → this")


@cache
def built(domain: str, seed: int, algorithm: str, home: Path) -> Path:
    """The folder of one build; what comes before alignment is made once for all algorithms."""
    folder, first = (home / f"{domain}-{seed}-{name}" for name in (algorithm, ALGORITHMS[0]))
    if first.is_dir() and not folder.is_dir():
        shutil.copytree(first, folder, ignore=lambda _, names: {"rl", "rl.partial", "bundle", KEPT} & set(names))
    sets = (f"seed={seed}", "threads=1", f"rl.algorithm={algorithm}", *ANCHORED.get(algorithm, ()))
    words = [word for one in sets for word in ("--set", one)]
    said = [sys.executable, "-m", "glossator", "build", f"recipes/{domain}.yaml", "--out", str(folder), *words]
    subprocess.run(said, cwd=ROOT, check=True)
    return folder


def measured(
    domain: str, questions: str, seed: int, algorithms: Sequence[str], home: Path, host: Host
) -> dict[str, Rows]:
    """What becomes of a set of questions in each arm of one seed, and under "minutes" what each alignment took."""
    found = dict[str, Rows]()
    for algorithm in algorithms:
        folder = built(domain, seed, algorithm, home)
        rungs = {"rl": algorithm} | ({"sft": "sft"} if algorithm == algorithms[0] else {})
        for rung, arm in rungs.items():
            found[arm] = answered(folder, rung, domain, questions, host)
        spent = json.loads((folder / "rl" / "artifact.json").read_text())["seconds"]
        found.setdefault("minutes", {})[algorithm] = spent / 60
    return found


def answered(folder: Path, rung: str, domain: str, questions: str, host: Host) -> Rows:
    """Of each question: scores, whether it was answered, and the documents of its gold. Kept beside the bundle."""
    asked = read_questions(ROOT / "domains" / domain / "gold" / f"{questions}.jsonl")
    bundle, path = open_bundle(folder), folder / KEPT
    key = digest_of([bundle.digest, rung, [asdict(question) for question in asked]])
    kept: dict[str, Rows] = json.loads(path.read_text()) if path.is_file() else {}
    if key not in kept:
        answers = Assistant.load(bundle, host, rung=rung).answer_all(asked)
        system = measure(rung, asked, answers, scorers_of(FIGURES, host.scorers))
        kept[key] = {row.question_id: row_of(row) for row in system.rows}
        path.write_text(json.dumps(kept), encoding="utf-8")
    return kept[key]


def row_of(row: Row) -> dict[str, Any]:
    return {
        **{name: row.scores[name] for name in FIGURES},
        "abstained": row.answer.abstained,
        "answerable": row.answerable,
        "group": min((gold["document_id"] for gold in row.gold), default=row.question_id),
    }


class Arm:
    """One arm of one domain: questions by seeds."""

    def __init__(self, runs: Sequence[Rows]) -> None:
        self.names = list(runs[0])
        self.groups = np.unique([runs[0][name]["group"] for name in self.names], return_inverse=True)[1]
        self.runs = runs

    def values(self, figure: str) -> Any:
        """(seeds, questions); nan where the figure does not apply."""
        rows = [[run[name][figure] for name in self.names] for run in self.runs]
        return np.array([[np.nan if value is None else float(value) for value in row] for row in rows])

    def abstention(self) -> Any:
        """(seeds, questions, 3): abstained rightly, abstained, should have."""
        said, right = self.values("abstained") > 0, self.values("answerable") == 0
        return np.stack([said & right, said, right], axis=-1).astype(float)


def drawn(groups: Any, seeds: int) -> Iterator[tuple[Any, Any]]:
    """Seeds and questions of each draw."""
    rng, members = np.random.default_rng(0), [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    for _ in range(DRAWS):
        chosen = rng.integers(len(members), size=len(members))
        yield rng.integers(seeds, size=seeds), np.concatenate([members[group] for group in chosen])


def interval(statistic: Any, arm: Arm) -> tuple[float, float, float]:
    """A statistic of (seeds, questions) with the 95 % interval of its draws."""
    draws = [statistic(*one) for one in drawn(arm.groups, len(arm.runs))]
    return float(statistic(*everything(arm))), *(float(x) for x in np.nanpercentile(draws, [2.5, 97.5]))


def everything(arm: Arm) -> tuple[Any, Any]:
    """All seeds and all questions."""
    return np.arange(len(arm.runs)), np.arange(len(arm.names))


def mean_of(values: Any) -> Any:
    return lambda seeds, questions: np.nanmean(values[np.ix_(seeds, questions)])


def f1_of(counts: Any) -> Any:
    """2 TP / (abstained + should have), over all seeds."""

    def statistic(seeds: Any, questions: Any) -> float:
        right, said, should = counts[np.ix_(seeds, questions)].sum((0, 1))
        return float(2 * right / (said + should)) if said + should else float("nan")

    return statistic


def together(runs: Sequence[Runs]) -> Runs:
    """One seed's runs over several sets of questions as one."""
    return {arm: {name: row for run in runs for name, row in run[arm].items()} for arm in runs[0]}


def added(title: str, runs: Sequence[Runs]) -> Iterator[str]:
    """What each alignment adds to tuning, of each figure in CHECKED, and the abstention F1 of all."""
    known = {name: Arm([run[name] for run in runs]) for name in ("sft", *ALGORITHMS) if name in runs[0]}
    for name in list(known)[1:]:
        cells = [interval(mean_of(known[name].values(one) - known["sft"].values(one)), known[name]) for one in CHECKED]
        silent = [f1_of(known[arm].abstention())(*everything(known[arm])) for arm in ("sft", name)]
        row = (title, ARMS[name], *(told(one, "+") for one in cells), " → ".join(f"{one:.3f}" for one in silent))
        yield "| " + " | ".join(row) + " |"


def table(title: str, runs: Sequence[Runs]) -> Iterator[str]:
    """The arms that all runs hold."""
    arms = {name: title for name, title in ARMS.items() if all(name in run for run in runs)}
    known, aligned = {name: Arm([run[name] for run in runs]) for name in arms}, [a for a in ALGORITHMS if a in arms]
    yield f"**{title}** ({len(known['sft'].names)}), {len(runs)} seeds"
    yield ""
    yield "| | " + " | ".join(arms.values()) + " |"
    yield "|---" * (1 + len(arms)) + "|"
    for figure in FIGURES:
        cells = [told(interval(mean_of(arm.values(figure)), arm)) for arm in known.values()]
        yield f"| {figure.replace('_', ' ').replace('f1', 'F1')} | " + " | ".join(cells) + " |"
    cells = [told(interval(f1_of(arm.abstention()), arm)) for arm in known.values()]
    yield "| abstention F1 | " + " | ".join(cells) + " |"
    spent = [np.mean([run["minutes"][a] for run in runs]) for a in aligned]
    yield "| minutes of alignment | | | | " + " | ".join(f"{one:.1f}" for one in spent) + " |"
    yield ""


def told(figure: tuple[float, float, float], sign: str = "") -> str:
    mean, low, high = figure
    return f"{mean:{sign}.3f} [{low:.3f}, {high:.3f}]"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("domains", nargs="*", default=DOMAINS)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument("--algorithms", nargs="+", default=ALGORITHMS, choices=ALGORITHMS)
    parser.add_argument("--print", action="store_true", help="only print the table")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    home, host = given.home.resolve(), Host.discover()
    gains, lines = ["| " + " | ".join(ADDED) + " |", "|---" * len(ADDED) + "|"], list[str]()
    for domain in given.domains:
        found = list[list[Runs]]()
        for questions in given.sets:
            runs = [measured(domain, questions, seed, given.algorithms, home, host) for seed in given.seeds]
            first = home / f"{domain}-{given.seeds[0]}-{ALGORITHMS[0]}"
            alone = {arm: answered(first, arm, domain, questions, host) for arm in ALONE}
            gains += added(f"{domain}, {questions}", runs)
            lines += table(f"{domain}, {questions} questions", [alone | run for run in runs])
            found.append(runs)
        gains += added(f"{domain}, all", [together(runs) for runs in zip(*found, strict=True)])
    lines = [*gains, "", *lines]
    print("\n".join(lines))
    if not given.print:
        refresh(["", *lines], BEGIN, END)
    return 0


if __name__ == "__main__":
    sys.exit(main())
