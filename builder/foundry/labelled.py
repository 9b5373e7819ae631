"""Human labels of "does this evidence support this claim?", from many sets, in one form and split by family.

A family is what must not stand on both sides of a split: the claim, document, question or source that rows share. Its
name is hashed: two sixths of the families are held back for `test`, one sixth is `tune` (thresholds and calibration),
the rest is `train`. docs/meta-evaluation.md says how the labels of each set are mapped.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from glossator.citations.segment import statements

Label = Literal["full", "partial", "contradict", "none", "not"]
"""`not` where people said only that the claim is not fully supported."""
Split = Literal["train", "tune", "test"]
SPLITS: tuple[Split, ...] = ("test", "tune", "train", "test", "train", "train")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A claim, its evidence, and what people said."""

    set: str
    family: str
    evidence: tuple[str, ...]
    claim: str
    label: Label

    @property
    def supported(self) -> bool:
        """Fully supported: the binary question of the protocol."""
        return self.label == "full"

    @property
    def split(self) -> Split:
        return split_of(f"{self.set} {self.family}")


def split_of(family: str) -> Split:
    """The split of a family, by the hash of its name."""
    return SPLITS[int(hashlib.sha256(family.encode()).hexdigest(), 16) % len(SPLITS)]


def read_labelled(folder: Path, names: tuple[str, ...] | None = None) -> list[Labelled]:
    """All rows of the sets in `folder`, in a fixed order."""
    return [row for name, read in READERS.items() if names is None or name in names for row in read(folder / name)]


def attributionbench(folder: Path) -> Iterator[Labelled]:
    for row in _lines(folder / "dev_all_subset_balanced.jsonl"):
        yield Labelled(
            set="attributionbench",
            family=row["question"],
            evidence=tuple(row["references"]),
            claim=row["claim"],
            label="full" if row["attribution_label"] == "attributable" else "not",
        )


def wice(folder: Path) -> Iterator[Labelled]:
    labels: dict[str, Label] = {"supported": "full", "partially_supported": "partial", "not_supported": "none"}
    for row in _lines(folder / "dev.jsonl"):
        evidence = ("\n".join(row["evidence"]),)
        yield Labelled(
            set="wice",
            family=row["meta"]["claim_title"],
            evidence=evidence,
            claim=row["claim"],
            label=labels[row["label"]],
        )


def contract_nli(folder: Path) -> Iterator[Labelled]:
    labels: dict[str, Label] = {"Entailment": "full", "NotMentioned": "none", "Contradiction": "contradict"}
    data = json.loads((folder / "dev.json").read_text(encoding="utf-8"))
    for document in data["documents"]:
        for key, found in document["annotation_sets"][0]["annotations"].items():
            yield Labelled(
                set="contract_nli",
                family=str(document["id"]),
                evidence=(document["text"],),
                claim=data["labels"][key]["hypothesis"],
                label=labels[found["choice"]],
            )


def scifact(folder: Path) -> Iterator[Labelled]:
    labels: dict[str, Label] = {"SUPPORT": "full", "CONTRADICT": "contradict", "": "none"}
    with zipfile.ZipFile(folder / "scifact.zip") as archive:
        abstracts = {
            row["doc_id"]: f"{row['title']}\n" + "\n".join(_strings(row["abstract"]))
            for row in _rows(archive, "corpus_train.csv")
        }
        for row in _rows(archive, "claims_train.csv"):
            cited = [row["evidence_doc_id"]] if row["evidence_doc_id"] else re.findall(r"\d+", row["cited_doc_ids"])
            yield Labelled(
                set="scifact",
                family=row["claim"],
                evidence=tuple(abstracts[name] for name in cited),
                claim=row["claim"],
                label=labels[row["evidence_label"]],
            )


def factcheckgpt(folder: Path) -> Iterator[Labelled]:
    labels: dict[str, Label] = {
        "completely-support": "full",
        "partially-support": "partial",
        "refute": "contradict",
        "irrelevant": "none",
    }
    for row in _lines(folder / "subtask3_claim_evidence_stance.jsonl"):
        yield Labelled(
            set="factcheckgpt",
            family=row["claim"],
            evidence=(row["evidence"],),
            claim=row["claim"],
            label=labels[row["stance"]],
        )


def begin(folder: Path) -> Iterator[Labelled]:
    labels: dict[str, Label] = {"Fully attributable": "full", "Not fully attributable": "not"}
    for path in sorted(folder.glob("begin_dev_*.tsv")):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
                if row["begin_label"] in labels:
                    yield Labelled(
                        set="begin",
                        family=row["knowledge"],
                        evidence=(row["knowledge"],),
                        claim=row["response"],
                        label=labels[row["begin_label"]],
                    )


def ragtruth(folder: Path) -> Iterator[Labelled]:
    """Sentences of answers: one that overlaps a span people marked as hallucinated is not supported."""
    for path in sorted(folder.glob("ragtruth_*.jsonl")):
        for row in _lines(path):
            source = row["source"] if isinstance(row["source"], str) else "\n".join(_told(row["source"]))
            for answer in row["responses"]:
                for start, end in statements(answer["response"]):
                    label = _marked(answer["labels"], start, end)
                    yield Labelled(
                        set="ragtruth_faithjudge",
                        family=str(row["source_id"]),
                        evidence=(source,),
                        claim=answer["response"][start:end],
                        label=label,
                    )


def summedits(folder: Path) -> Iterator[Labelled]:
    for path in sorted(folder.glob("summedits_*.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            yield Labelled(
                set="summedits",
                family=row["doc"],
                evidence=(row["doc"],),
                claim=row["summary"],
                label="full" if row["label"] else "not",
            )


READERS: dict[str, Callable[[Path], Iterator[Labelled]]] = {
    "attributionbench": attributionbench,
    "wice": wice,
    "contract_nli": contract_nli,
    "scifact": scifact,
    "factcheckgpt": factcheckgpt,
    "begin": begin,
    "ragtruth_faithjudge": ragtruth,
    "summedits": summedits,
}


def _marked(spans: list[dict[str, Any]], start: int, end: int) -> Label:
    kinds = [span["label_type"] for span in spans if span["start"] < end and span["end"] > start]
    if not kinds:
        return "full"
    return "contradict" if any("Conflict" in kind for kind in kinds) else "not"


def _told(value: Any, name: str = "") -> Iterator[str]:
    """A record as lines of `path: value`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _told(inner, f"{name} {key}".strip())
    elif isinstance(value, list):
        for inner in value:
            yield from _told(inner, name)
    else:
        yield f"{name}: {value}"


def _lines(path: Path) -> Iterator[Any]:
    with path.open(encoding="utf-8") as stream:
        yield from (json.loads(line) for line in stream)


def _rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8"))))


def _strings(printed: str) -> list[str]:
    """A numpy array of strings as it was printed: Python's literals, one to a line."""
    joined = re.sub(r"(['\"])\n\s*(['\"])", r"\1, \2", printed)
    return [str(text) for text in ast.literal_eval(joined)]
