"""Posts of other kinds on their way in: written by one, signed by a group of the same server (Mobilizon; threat A23)."""

from __future__ import annotations

import pytest

from tests.federation.test_particulars import EVENT
from tests.journeys.strangers import CONTEXT, PUBLIC, Elsewhere
from tests.journeys.world import World
from vraagbaak.model import Actor, Question


@pytest.fixture
async def street(tmp_path):
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    server = Elsewhere(world, "mobilizon.example")
    yield world, west, server.person("anna"), server.group("buurt")
    assert not world.network.faults
    world.close()


def event(west, anna, group, **members):
    uri = f"{anna.server.base}/events/1"
    addressed = {"to": [PUBLIC, west.config.home.group_uri]}
    return (
        EVENT
        | {"@context": CONTEXT, "id": uri, "attributedTo": group.uri, "actor": anna.uri, **addressed}
        | members
    )


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_who_writes_for_a_group_is_believed_as_far_as_their_server_says_so(street, kind):
    """The event comes in under the group's name, with the text that the server has of it."""
    world, west, anna, group = street
    anna.server.put("/events/1", event(west, anna, group))
    said = anna.activity(kind, event(west, anna, group, name="Iets anders"))
    assert (await anna.send(west, said)).status_code == 202
    await world.settle()
    (question,) = west.all(Question)
    assert question.title == "Samen soep eten"
    assert west.all(Actor, id=question.author_id)[0].uri == group.uri


@pytest.mark.parametrize("how", ["not there", "elsewhere", "another writer", "of another server"])
async def test_a23_nobody_writes_in_anothers_name(street, how):
    """Without the word of that server it is nothing."""
    world, west, anna, group = street
    eve = Elsewhere(world, "evil.example").person("eve")
    post, sender = event(west, anna, group), anna
    if how == "elsewhere":
        post["id"] = eve.server.put("/events/1", post)
    elif how == "another writer":
        post["actor"] = group.uri
        anna.server.put("/events/1", post)
    elif how == "of another server":
        sender = eve
        post["actor"] = eve.uri
        anna.server.put("/events/1", post)
    await sender.send(west, sender.activity("Create", post))
    await world.settle()
    assert west.all(Question) == []
