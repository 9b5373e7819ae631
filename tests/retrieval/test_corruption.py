"""A changed byte anywhere in a generation is refused, by the name of the file, before anything parses it."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glossator.domain import RetrievalRecipe
from glossator.errors import BundleError
from glossator.retrieval import dense, generations
from glossator.retrieval.generations import SUMS, build_index, load_index, update_index

from ..conftest import document
from .machine import Hashed

COUNT = int(os.environ.get("GLOSSATOR_CORRUPTIONS", "2000"))
DOCUMENTS = [document(f"Ferritin {n} falls first. " * 9, f"iron-{n}") for n in range(12)]
Damage = Callable[[Path, random.Random], None]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A generation, and the one after it."""
    first, second = (tmp_path_factory.mktemp(name) for name in ("first", "second"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generations, "load_embedder", lambda _: Hashed())
        patch.setattr(dense, "FLAT", 5)  # so that there are signs too
        build_index(DOCUMENTS, RetrievalRecipe(chunk_tokens=16), first)
        update_index(first, [*DOCUMENTS[1:], document("A new text about zinc.", "zinc")], second)
        yield first, second


def flipped(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    path.write_bytes(data)


def cut_off(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size)])


def zeroed(path: Path, rng: random.Random) -> None:
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    page = data[at : at + 512]
    data[at : at + 512] = bytes(len(page)) if any(page) else b"\xff" * len(page)
    path.write_bytes(data)


def lengthened(path: Path, rng: random.Random) -> None:
    path.write_bytes(path.read_bytes() + rng.randbytes(rng.randint(1, 64)))


def missing(path: Path, rng: random.Random) -> None:
    path.unlink()


@pytest.fixture
def parsers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What opened a file of the generation, in order."""
    called: list[str] = []

    def noted(name: str, real: Any) -> Any:
        return lambda *given, **named: (called.append(name), real(*given, **named))[1]

    faiss = dense.import_faiss()
    for owner, name in ((faiss, "read_index"), (faiss, "read_index_binary"), (sqlite3, "connect"), (np, "load")):
        monkeypatch.setattr(owner, name, noted(name, getattr(owner, name)))
    monkeypatch.setattr(generations.json, "loads", noted("json", generations.json.loads))
    return called


def refused(folder: Path, name: str, parsers: list[str]) -> None:
    parsers.clear()
    with pytest.raises(BundleError) as caught:
        load_index(folder)
    assert str(folder / name) in str(caught.value) or (name == SUMS and SUMS in str(caught.value)), name
    assert parsers == []


def test_every_damage_to_every_file_is_refused(folders: Any, tmp_path: Path, parsers: list[str]) -> None:
    source = folders[0]
    names = sorted(path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file())
    assert {"signs.faiss", "vectors.faiss", "passages.sqlite", "index.json", SUMS} < {*names}
    rng, damages = random.Random(0), (flipped, flipped, flipped, cut_off, zeroed, lengthened, missing)
    copy = tmp_path / "copy"
    shutil.copytree(source, copy)
    load_index(copy)
    for number in range(COUNT):
        name, damage = names[number % len(names)], damages[number // len(names) % len(damages)]
        damage(copy / name, rng)
        refused(copy, name, parsers)
        shutil.copy(source / name, copy / name)
    load_index(copy)


def test_a_file_of_another_generation_and_two_files_in_each_others_place_are_refused(
    folders: Any, tmp_path: Path, parsers: list[str]
) -> None:
    source, other = folders
    for name in ("vectors.faiss", "passages.sqlite", "index.json", "lexical/places.npy", SUMS):
        copy = tmp_path / name.replace("/", "-")
        shutil.copytree(source, copy)
        shutil.copy(other / name, copy / name)
        parsers.clear()
        with pytest.raises(BundleError, match="was changed|is missing"):
            load_index(copy)
        assert parsers == []
    swapped = tmp_path / "swapped"
    shutil.copytree(source, swapped)
    (swapped / "index.json").rename(swapped / "kept")
    (swapped / "vectors.faiss").rename(swapped / "index.json")
    (swapped / "kept").rename(swapped / "vectors.faiss")
    refused(swapped, "index.json", parsers)


def test_without_the_hashes_damage_would_go_unnoticed(folders: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """The twin of the tests above: with the check taken out, most flipped bits load and answer."""
    monkeypatch.setattr(generations, "verify_index", lambda folder: None)
    rng, unnoticed = random.Random(1), 0
    for number in range(20):
        copy = tmp_path / str(number)
        shutil.copytree(folders[0], copy)
        data = bytearray((copy / "vectors.faiss").read_bytes())
        data[rng.randrange(200, len(data) // 2)] ^= 1
        (copy / "vectors.faiss").write_bytes(data)
        unnoticed += bool(load_index(copy).hits("ferritin"))
    assert unnoticed > 10
