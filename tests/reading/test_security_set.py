"""The collection of nasty files beside the checkout: each has a typed outcome in time, and the account adds up."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

import glossator_common
from glossator import Host, Loader
from glossator.plan import Root
from glossator.reading.ingest import Ingest, ingest
from glossator.reading.process import Outcome, Reader

DATA = Path(__file__).parents[3] / "shared" / "data" / "security"
HOST = Host.of(common=glossator_common)
SETS = {
    "pdf": ("pypdf_resources/**/*.pdf", "pdfcabinet/**/*.pdf", "testpdf/*.pdf"),
    "jsonl": ("jsontestsuite/**/*.json",),
    "txt": ("blns/*", "handmade/**/*"),
    "md": ("blns/*", "handmade/**/*"),
    "html": ("handmade/**/*",),
    "docx": ("handmade/**/*",),
}
"""As what each is read: whatever it is."""
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no reference data at {DATA}"),
]


def read(kind: str, folder: Path) -> Ingest:
    found = sorted(path for pattern in SETS[kind] for path in DATA.glob(pattern) if path.is_file())
    assert len(found) > 90
    for number, path in enumerate(found):
        (folder / f"{number:03}-{path.stem}.{kind}").write_bytes(path.read_bytes())
    return ingest([Root(path=folder)], HOST)


@pytest.mark.parametrize("kind", SETS)
def test_each_has_a_typed_outcome_in_time(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seconds: dict[str, float] = {}
    limited = Reader.read

    def timed(self: Reader, loader: Loader, name: str, data: bytes) -> Outcome:
        start = time.monotonic()
        outcome = limited(self, loader, name, data)
        seconds[name] = time.monotonic() - start
        return outcome

    monkeypatch.setattr(Reader, "read", timed)
    found = read(kind, tmp_path)
    report, kinds = found.report, Counter(item.outcome for item in found.left_out)
    print(kind, {key: report[key] for key in ("in", "indexed", "empty", "refused")}, f"{sum(seconds.values()):.1f} s")
    assert report["in"] == report["indexed"] + report["empty"] + report["refused"]
    assert (report["empty"], report["refused"]) == (kinds["empty"], kinds["refused"])
    assert set(found.names) == set(seconds) == {path.name for path in tmp_path.iterdir()}
    assert {name for name, ids in found.names.items() if not ids} <= {item.name for item in found.left_out}
    assert all(item.reason for item in found.left_out)
    assert max(seconds.values()) < 30


def test_figures_of_the_pdfs(tmp_path: Path) -> None:
    """Most of them are read, and those without a text layer say so; a change of the library shows here."""
    report = read("pdf", tmp_path).report
    assert report["in"] == 170 and report["indexed"] > 100 and report["refused"] < 50
    assert all("text layer" in row["reason"] for row in report["left_out"] if row["outcome"] == "empty")
