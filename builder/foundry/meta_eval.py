"""The meta-evaluation of docs/meta-evaluation.md: `python -m foundry.meta_eval --data FOLDER --text FOLDER`.

Prints the tables, and writes them with the confusion of every level on test beside `--out`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from foundry.labelled import Labelled
from foundry.levels import MAIN, family_of, rows_of, split_name, threshold
from foundry.mutants import BREAKING
from glossator.claims import Claim, Verifier
from glossator.encoding.embedding import load_embedder
from glossator.statistics.agreement import Confusion, agreement, auroc
from glossator.statistics.estimates import Estimate, estimate_of, rate
from glossator.verification.aligned import TOGETHER, AlignedVerifier
from glossator.verification.cross_encoder import CrossEncoderVerifier
from glossator.verification.lexical import LexicalVerifier
from glossator.verification.windows import foremost, shares, units, weighed
from glossator.verification.words import content, words

KILLED = tuple(kind for kind in BREAKING if kind != "role")
"""The edits of the protocol's kill rate; `role` is shown beside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A judge's scores of all rows and its threshold."""

    name: str
    scores: Any
    """Probability of full support or a plain score, (rows,); nan where it could not judge."""
    least: float
    seconds: float


def plain(score: Callable[[Sequence[str], str], float], rows: Sequence[Labelled]) -> Any:
    """Scores of all rows; what MiniLM reads of TOGETHER rows is read at once, and remembered."""
    scores: list[float] = []
    for start in range(0, len(rows), TOGETHER):
        part = rows[start : start + TOGETHER]
        if score is cosine:
            load_embedder("minilm").embed_long([text for row in part for text in nearest(row.evidence, row.claim)])
        scores += [score(row.evidence, row.claim) for row in part]
    return np.array(scores)


def overlap(evidence: Sequence[str], claim: str) -> float:
    """Share of the claim's content words that the evidence holds."""
    said = content(claim)
    held = {word for unit in units(evidence) for word in unit.words}
    return sum(word in held for word in said) / max(1, len(said))


def idf_recall(evidence: Sequence[str], claim: str) -> float:
    """The same, each word weighted by its rarity."""
    weight = weighed(words(claim))
    held = {word for unit in units(evidence) for word in unit.words}
    return sum(value for word, value in weight.items() if word in held) / (sum(weight.values()) or 1.0)


def cosine(evidence: Sequence[str], claim: str) -> float:
    """The greatest cosine of one of the sentences that share most with the claim."""
    vectors = load_embedder("minilm").embed_long(nearest(evidence, claim))
    return float((vectors[1:] @ vectors[0]).max()) if len(vectors) > 1 else 0.0


def nearest(evidence: Sequence[str], claim: str) -> list[str]:
    """The claim, and the twelve sentences that share most with it."""
    found = units(evidence)
    return [claim, *(found[i].text for i in foremost(shares(weighed(words(claim)), found), 12))]


PLAIN: dict[str, Callable[[Sequence[str], str], float]] = {
    "overlap": overlap,
    "idf recall": idf_recall,
    "cosine": cosine,
}
LEVELS: dict[str, Callable[[], Verifier]] = {
    "lexical": LexicalVerifier,
    "aligned": AlignedVerifier,
    "cross_encoder": CrossEncoderVerifier,
}


def judged(rows: Sequence[Labelled], names: Sequence[str]) -> Iterator[Judged]:
    """Every judge over the rows of tune and test; a level's threshold is 0.5, a plain score's is found on tune."""
    sets = np.array([family_of(row) for row in rows])
    yes = np.array([row.supported for row in rows])
    tune = np.array([split_name(row) == "tune" for row in rows])
    for name in names:
        began = time.process_time()
        if name in PLAIN:
            scores = plain(PLAIN[name], rows)
            least = threshold(scores[tune], yes[tune], sets[tune])
        else:
            verdicts = LEVELS[name]().judge([Claim(row.claim, row.evidence) for row in rows])
            scores = np.array([np.nan if verdict.full is None else verdict.full for verdict in verdicts])
            least = 0.5
        yield Judged(name=name, scores=scores, least=least, seconds=time.process_time() - began)


def figures(judge: Judged, rows: Sequence[Labelled], name: str) -> dict[str, Estimate]:
    """All figures of a judge on the test rows of a set."""
    here = [i for i, row in enumerate(rows) if family_of(row) == name and split_name(row) == "test"]
    known = [i for i in here if np.isfinite(judge.scores[i])]
    gold = np.array([rows[i].supported for i in known])
    scores = judge.scores[known]
    clusters = [rows[i].family for i in known]
    found = agreement(gold.tolist(), (scores >= judge.least).tolist(), clusters)
    return {**found, "auroc": estimate_of(lambda picked: auroc(gold[picked], scores[picked]), clusters)}


def confusion(judge: Judged, rows: Sequence[Labelled]) -> Confusion:
    """Of a judge on the test rows of the main sets."""
    here = [
        i
        for i, row in enumerate(rows)
        if row.set in MAIN and split_name(row) == "test" and np.isfinite(judge.scores[i])
    ]
    return Confusion.of([rows[i].supported for i in here], [bool(judge.scores[i] >= judge.least) for i in here])


def rates(judge: Judged, rows: Sequence[Labelled]) -> dict[str, Estimate]:
    """Share of the test edits of every kind that are judged unsupported: killed, or alarmed at for nothing."""
    test = [i for i, row in enumerate(rows) if family_of(row) == "edits" and split_name(row) == "test"]
    kinds = sorted({rows[i].set for i in test})
    groups = {kind.partition(":")[2]: [i for i in test if rows[i].set == kind] for kind in kinds}
    groups["KILL RATE"] = [i for i in test if rows[i].set.partition(":")[2] in KILLED]
    groups["FALSE ALARM RATE"] = [i for i in test if rows[i].supported]
    return {
        name: rate((~(judge.scores[here] >= judge.least)).tolist(), [rows[i].family for i in here])
        for name, here in groups.items()
    }


def shown(value: Estimate) -> str:
    return "-" if value.mean is None else f"{value.mean:.3f} [{value.low:.3f}, {value.high:.3f}]"


def tables(found: Sequence[Judged], rows: Sequence[Labelled]) -> Iterator[str]:
    """Markdown, one table for each figure."""
    sets = sorted({family_of(row) for row in rows} - {"edits"})
    by_judge = {judge.name: {name: figures(judge, rows, name) for name in sets} for judge in found}
    for what in ("balanced_accuracy", "macro_f1", "auroc", "false_green"):
        yield f"\n{what}\n\n| set | {' | '.join(by_judge)} |\n|{'---|' * (len(by_judge) + 1)}"
        for name in sets:
            yield f"| {name} | {' | '.join(shown(by_judge[judge][name][what]) for judge in by_judge)} |"
        means = [np.mean([by_judge[judge][name][what].mean for name in MAIN]) for judge in by_judge]
        yield f"| mean of the five | {' | '.join(f'{mean:.3f}' for mean in means)} |"
    edits = {judge.name: rates(judge, rows) for judge in found}
    yield f"\nedits judged unsupported\n\n| edit | {' | '.join(edits)} |\n|{'---|' * (len(edits) + 1)}"
    for kind in next(iter(edits.values())):
        yield f"| {kind} | {' | '.join(shown(edits[judge][kind]) for judge in edits)} |"
    yield "\n" + "\n".join(f"{judge.name}: {len(rows) / judge.seconds:.0f} pairs/s of CPU time" for judge in found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--out", type=Path, help="confusions of the levels, as JSON")
    parser.add_argument("judges", nargs="*", default=[*PLAIN, *LEVELS])
    given = parser.parse_args()
    if not given.data.is_dir() or not given.text.is_dir():
        raise SystemExit(f"skipped: no labelled sets at {given.data}; name them with DATA=FOLDER")
    everything = [row for row in rows_of(given.data, given.text) if split_name(row) != "train"]
    outcome = list(judged(everything, given.judges))
    print("\n".join(tables(outcome, everything)))
    if given.out:
        kept = {judge.name: asdict(confusion(judge, everything)) for judge in outcome if judge.name in LEVELS}
        given.out.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
