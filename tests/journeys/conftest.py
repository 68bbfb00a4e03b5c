"""Worlds for journeys."""

from __future__ import annotations

import pytest

from tests.journeys.world import World


@pytest.fixture
def world(tmp_path):
    """An empty world; its databases are closed when the journey is over."""
    made = World(tmp_path)
    yield made
    made.close()
