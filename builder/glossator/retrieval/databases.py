"""Qdrant and PostgreSQL, through llama-index's stores for them: how a collection is opened, counted and dropped."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from glossator.encoding.embedding import WIDTH
from glossator.errors import InputError, NotInstalledError
from glossator.retrieval.dense import FLAT

VARIABLES = {"qdrant": "GLOSSATOR_QDRANT", "pgvector": "GLOSSATOR_PGVECTOR"}
NEAR = 200
"""Candidates that an HNSW index of PostgreSQL looks at first (hnsw.ef_search); it goes on while a filter wants more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A named set of vectors in a database, which need not be there yet."""

    store: Any
    """A vector store of llama-index."""
    count: Callable[[], int]
    """How many vectors there are; 0 when there is no such collection."""
    create: Callable[[], None]
    """Make room; what was there under this name is gone."""
    finish: Callable[[int], None]
    """Called when all vectors are written, with their number; may be called again."""
    drop: Callable[[], None]


def address(kind: str) -> str:
    """Where a database is, from the environment. Raises InputError when it does not say."""
    found = os.environ.get(VARIABLES[kind], "")
    if not found:
        example = {"qdrant": "http://127.0.0.1:6333 or a folder", "pgvector": "postgresql://user@127.0.0.1/glossator"}
        raise InputError(
            f"retrieval.dense.store is {kind!r}, but the environment does not say where that is: "
            f"set {VARIABLES[kind]} ({example[kind]}), or choose store: faiss"
        )
    return found


def open_collection(kind: str, name: str) -> Collection:
    """The collection of that name, in the database that the environment names."""
    try:
        return {"qdrant": _qdrant, "pgvector": _pgvector}[kind](address(kind), name)
    except ImportError as error:
        raise NotInstalledError(f"{error.name} is not installed: pip install 'glossator[{kind}]'") from error


def _qdrant(where: str, name: str) -> Collection:
    from llama_index.vector_stores.qdrant import QdrantVectorStore
    from qdrant_client.models import Distance, PayloadSchemaType, VectorParams

    from glossator.retrieval.llama import RIGHTS

    client, served = _qdrant_client(where), _is_url(where)
    store = QdrantVectorStore(
        name,
        client=client,
        dense_config=VectorParams(size=WIDTH, distance=Distance.DOT),  # cosine would write normalised vectors
        index_doc_id=served,  # a local folder has no indexes and warns about them
        payload_indexes=[{"field_name": RIGHTS, "field_schema": PayloadSchemaType.KEYWORD}] if served else None,
    )
    return Collection(
        store=store,
        count=lambda: client.count(name, exact=True).count if client.collection_exists(name) else 0,
        create=store.clear,
        finish=lambda _: None,
        drop=store.clear,
    )


@cache
def _qdrant_client(where: str) -> Any:
    """One client of a process, since a local folder is locked by the client that opened it."""
    from qdrant_client import QdrantClient

    key = os.environ.get("GLOSSATOR_QDRANT_KEY")
    client = QdrantClient(url=where, api_key=key) if _is_url(where) else QdrantClient(path=where)
    atexit.register(client.close)  # which it cannot do itself once modules are gone
    return client


def _is_url(where: str) -> bool:
    return where.startswith(("http://", "https://"))


def _pgvector(where: str, name: str) -> Collection:
    import asyncpg  # noqa: F401  # names what is missing before llama-index's store does
    from llama_index.vector_stores.postgres import PGVectorStore
    from sqlalchemy import func, inspect, select, table, text

    from glossator.retrieval.llama import RIGHTS

    engine, asynchronous = _engines(where)
    there = f"data_{name}"

    def store(setup: bool) -> Any:
        return PGVectorStore(
            table_name=name,
            embed_dim=WIDTH,
            engine=engine,
            async_engine=asynchronous,
            perform_setup=setup,
            initialization_fail_on_error=True,
        )

    def count() -> int:
        with engine.connect() as connection:
            if not inspect(connection).has_table(there):
                return 0
            return int(connection.execute(select(func.count()).select_from(table(there))).scalar_one())

    def run(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    def create() -> None:
        run(f"DROP TABLE IF EXISTS {there}")
        store(setup=True).clear()

    def finish(vectors: int) -> None:
        run(f"CREATE INDEX IF NOT EXISTS {there}_rights ON {there} ((metadata_->>'{RIGHTS}'))")
        if vectors > FLAT:
            run(f"CREATE INDEX IF NOT EXISTS {there}_near ON {there} USING hnsw (embedding vector_cosine_ops)")
        run(f"ANALYZE {there}")

    drop = partial(run, f"DROP TABLE IF EXISTS {there}")
    return Collection(store=store(setup=False), count=count, create=create, finish=finish, drop=drop)


@cache
def _engines(where: str) -> tuple[Any, Any]:
    """One pool of connections of a process."""
    from sqlalchemy import create_engine, event, make_url
    from sqlalchemy.ext.asyncio import create_async_engine

    url = make_url(where)
    engine = create_engine(url.set(drivername="postgresql+psycopg2"), pool_pre_ping=True)

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET hnsw.ef_search = {NEAR}; SET hnsw.iterative_scan = strict_order")
        connection.commit()

    return engine, create_async_engine(url.set(drivername="postgresql+asyncpg"))
