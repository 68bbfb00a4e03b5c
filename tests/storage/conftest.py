"""Both databases and the dict twin, for tests that hold for all of them."""

from __future__ import annotations

import pytest

from storage.memory import CountingIds, MemoryStore, TickingClock
from vraagbaak.model import Home

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def clock():
    return TickingClock()


@pytest.fixture(params=DATABASES)
def url(request, tmp_path):
    """The url of a database: one test, two databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/vraagbaak.db"
    return request.getfixturevalue("postgres_url")


@pytest.fixture
def store(url, store_factory, clock):
    """A store on one of the databases."""
    return store_factory(url, clock=clock)


@pytest.fixture(params=["memory", *DATABASES])
def any_store(request, clock, store_factory, tmp_path):
    """A store on one of the databases, or its dict twin."""
    home = Home(base_url="https://wester.example", name="Wester", slug="wester")
    if request.param == "memory":
        return MemoryStore(home, clock=clock, ids=CountingIds())
    if request.param == "sqlite":
        return store_factory(f"sqlite:///{tmp_path}/vraagbaak.db", clock=clock)
    return store_factory(request.getfixturevalue("postgres_url"), clock=clock)
