"""A pilot with an asker and a helper, each with an app."""

from __future__ import annotations

import pytest

from tests.journeys.world import World
from tests.web.mastodon.apps import App
from vraagbaak.model import Role


@pytest.fixture
def world(tmp_path):
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def pilot(world):
    return world.pilot("Wester")


@pytest.fixture
def noor(pilot):
    return App(pilot, pilot.member("noor"))


@pytest.fixture
def sam(pilot):
    return App(pilot, pilot.member("sam"))


@pytest.fixture
def moderator(pilot):
    return App(pilot, pilot.member("iris", Role.MODERATOR))


@pytest.fixture
def nobody(pilot):
    return App(pilot)
