"""Places where vectors may stand, each with its database at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .postgres import NoServerError, postgres


@pytest.fixture(scope="session")
def dsn() -> Iterator[str]:
    """A PostgreSQL of our own."""
    pytest.importorskip("llama_index.vector_stores.postgres", reason="the extra pgvector is not installed")
    try:
        with postgres() as found:
            yield found
    except NoServerError as error:
        pytest.skip(str(error))


@pytest.fixture(params=["faiss", "qdrant", "pgvector"])
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A kind of store whose database is there."""
    if request.param == "qdrant":
        pytest.importorskip("qdrant_client", reason="the extra qdrant is not installed")
        monkeypatch.setenv("GLOSSATOR_QDRANT", str(tmp_path / "qdrant"))
    if request.param == "pgvector":
        monkeypatch.setenv("GLOSSATOR_PGVECTOR", request.getfixturevalue("dsn"))
    return str(request.param)
