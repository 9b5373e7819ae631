"""What each part adds: builds the three recipes, measures every rung, writes README's tables and docs/samples.

    python tests/bench/ablation.py FOLDER [DOMAIN ...]     # `make ablation`; what FOLDER holds is used again

Ten minutes a domain, on one thread, so that a rerun gives the same figures on any machine. Samples are SAMPLED
held-out questions, evenly spaced in the order of the gold, with the unedited answers of the last rung.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DOMAINS = ("medical", "legal", "code")
RUNGS = {"search": "search alone", "base": "+ backbone", "sft": "+ SFT", "rl": "+ RL"}
STEPS = (("base", "search"), ("sft", "base"), ("rl", "sft"), ("rl", "search"))
ROWS = (
    "citation_f1", "citation_precision", "citation_recall", "evidence_f1", "answer_match", "abstention_f1", "abstains_well"
)  # fmt: skip
HEADLINE = "citation_f1"
BEGIN, END = "<!-- written by make ablation -->", "<!-- end of what make ablation writes -->"
SAMPLED = 30
Report = Mapping[str, Any]


def report(domain: str, home: Path) -> Report:
    """The evaluation of a recipe's assistant, built when something changed."""
    built, written = home / domain, home / f"{domain}.json"
    said = [sys.executable, "-m", "glossator"]
    subprocess.run(
        [*said, "build", f"recipes/{domain}.yaml", "--out", str(built), "--set", "threads=1"], cwd=ROOT, check=True
    )
    subprocess.run([*said, "eval", str(built), "--compare", "--json", str(written)], cwd=ROOT, check=True)
    told: Report = json.loads(written.read_text(encoding="utf-8"))
    return told


def figures(system: Mapping[str, Any]) -> dict[str, Any]:
    return {**system["metrics"], "abstention_f1": system["abstention"]["f1"]}


def table(domain: str, told: Report) -> Iterator[str]:
    """The rungs of one domain side by side."""
    systems = {system["rung"]: figures(system) for system in told["systems"]}
    recall = systems["search"]["retrieval_recall"]
    yield f"**{domain}**, {told['questions']} questions, {told['unanswerable']} of them unanswerable;"
    yield f"retrieval recall@5 {interval(recall)}"
    yield ""
    yield "| | " + " | ".join(RUNGS.values()) + " |"
    yield "|---" * (1 + len(RUNGS)) + "|"
    for name in ROWS:
        cells = " | ".join(interval(systems[rung][name]) for rung in RUNGS)
        yield f"| {name.replace('_', ' ').replace('f1', 'F1')} | {cells} |"
    yield ""


def steps(reports: Mapping[str, Report]) -> Iterator[str]:
    """Paired differences of the headline figure."""
    yield "| citation F1, paired | " + " | ".join(f"{RUNGS[a]} − {RUNGS[b]}" for a, b in STEPS) + " |"
    yield "|---" * (1 + len(STEPS)) + "|"
    for domain, told in reports.items():
        known = {(d["better"], d["base"]): d["estimate"] for d in told["differences"] if d["metric"] == HEADLINE}
        yield f"| {domain} | " + " | ".join(interval(known[step], "+") for step in STEPS) + " |"


def interval(figure: Mapping[str, float], sign: str = "") -> str:
    """Mean and 95 % interval."""
    return f"{figure['mean']:{sign}.2f} [{figure['low']:.2f}, {figure['high']:.2f}]"


def samples(domain: str, told: Report, texts: Mapping[str, str]) -> Iterator[str]:
    """Questions with the answer as it was given, and what the gold quotes of `texts` where that differs."""
    rows = told["systems"][-1]["rows"]
    chosen = [rows[place * len(rows) // SAMPLED] for place in range(min(SAMPLED, len(rows)))]
    yield f"# {domain}: {len(chosen)} held-out questions, answers unedited"
    yield ""
    yield "Evenly spaced in the order of the gold, good and bad; written by `make ablation`. Below each answer its"
    yield "citation F1, and what the gold quotes where that differs."
    for number, row in enumerate(chosen, 1):
        yield f"\n**{number}. {row['question']}**\n"
        yield f"> {row['answer']['text']}\n"
        yield verdict(row, texts)


def verdict(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """What is to be said of one answer."""
    if not row["answerable"]:
        return "Nothing in the corpus answers it."
    score = row["scores"][HEADLINE]
    gold = " / ".join(texts[span["document_id"]][span["start"] : span["end"]] for span in row["gold"])
    return f"{score:.2f}" if score == 1 else f"{score:.2f}; gold: {' '.join(gold.split())}"


def corpus(built: Path) -> dict[str, str]:
    """The text of each document by its id."""
    with (built / "corpus" / "documents.jsonl").open(encoding="utf-8") as lines:
        return {row["id"]: row["text"] for row in map(json.loads, lines)}


def refresh(lines: Sequence[str], begin: str = BEGIN, end: str = END) -> None:
    """Put the lines between the two marks of README.md."""
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    readme.write_text("\n".join([before + begin, *lines, end]) + after, encoding="utf-8")


def main() -> int:
    home, domains = Path(sys.argv[1]).resolve(), sys.argv[2:] or DOMAINS
    reports = {domain: report(domain, home) for domain in domains}
    written = ROOT / "docs" / "samples"
    written.mkdir(exist_ok=True)
    for domain, told in reports.items():
        told_of = "\n".join(samples(domain, told, corpus(home / domain)))
        (written / f"{domain}.md").write_text(told_of + "\n", encoding="utf-8")
    refresh(["", *(line for domain, told in reports.items() for line in table(domain, told)), *steps(reports), ""])
    return 0


if __name__ == "__main__":
    sys.exit(main())
