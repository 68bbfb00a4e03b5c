"""Numbers that some read as something else, or not at all, at the inbox: refused or taken, never a fault."""

from __future__ import annotations

import json

from tests.federation.test_numbers import FITTING, NEVER, OTHERS
from tests.journeys.strangers import PUBLIC, Elsewhere
from vraagbaak.model import Question


async def test_d06_numbers_at_the_inbox(world) -> None:
    """Signed by somebody honest they are refused or taken, and the next post of theirs comes in."""
    west = world.pilot("Westerpark", moderate_outside=False)
    joep = Elsewhere(world, "mastodon.example").person("joep")
    to = [PUBLIC, west.config.home.group_uri]
    for number in (*NEVER, *FITTING, *OTHERS):
        body = (
            json.dumps(joep.activity("Create", joep.own(to=to, width="HERE")))
            .replace('"HERE"', number)
            .encode()
        )
        answer = await joep.send(west, body)
        assert answer.status_code == (400 if number in NEVER else 202), number
    await world.settle()
    assert len(west.all(Question)) == len(FITTING) + len(OTHERS)
