"""A fresh neighbourhood for every test of the domain."""

from __future__ import annotations

import pytest

from tests.vraagbaak.village import Village

FIRST = Village()


@pytest.fixture
def village():
    return FIRST.twin()


@pytest.fixture
def henk(village):
    """Somebody in a pilot that we trust."""
    village.peer("nieuwland.example")
    return village.stranger("henk")


@pytest.fixture
def eve(village):
    """Somebody on a server that nobody decided about."""
    return village.stranger("eve", "elsewhere.example")
