"""Servers on other software, one of each for all tests of this folder, and a pilot for them."""

from __future__ import annotations

import pytest

from tests.peers_live import neighbours
from tests.peers_live.neighbours import Person
from tests.web.on_loopback import pilot_in


@pytest.fixture(scope="session")
def fedify(tmp_path_factory):
    """A server on Fedify as it is by itself."""
    with neighbours.fedify(tmp_path_factory.mktemp("fedify") / "log") as peer:
        yield peer


@pytest.fixture(scope="session")
def bovine(tmp_path_factory):
    """A server on bovine."""
    with neighbours.bovine(tmp_path_factory.mktemp("bovine") / "log") as peer:
        yield peer


@pytest.fixture(scope="session")
def pilot(tmp_path_factory):
    """A pilot that shows what comes from elsewhere without a review."""
    yield from pilot_in(tmp_path_factory.mktemp("pilot") / "data", VRAAGBAAK_MODERATE_OUTSIDE="false")


@pytest.fixture
def careful(tmp_path):
    """A pilot of one test, as everybody has it: what comes from servers that are no pilots waits for review."""
    yield from pilot_in(tmp_path / "data")


@pytest.fixture
def somebody(peer, request):
    """Makes people of this test on the peer that it is about."""
    return lambda name, **more: Person(
        peer, f"{name}-of-{request.function.__name__}".replace("_", "-"), **more
    )
