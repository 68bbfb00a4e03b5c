"""Posts of other kinds on their way in: written by one, signed by a group of the same server (Mobilizon; threat A23)."""

from __future__ import annotations

import pytest
import pytest_asyncio

from tests.federation.test_particulars import EVENT
from tests.journeys.strangers import CONTEXT, PUBLIC, Elsewhere
from tests.journeys.world import World
from vraagbaak.model import Actor, Question, QuestionStatus, Scope


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


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def waiting(tmp_path_factory):
    """A pilot where what comes from outside waits, and somebody outside."""
    world = World(tmp_path_factory.mktemp("waiting"))
    west = world.pilot("Westerpark")
    yield world, west, Elsewhere(world, "elders.example").person("anna")
    assert not world.network.faults
    world.close()


TITLED = {
    "a title of ours": ({"vb:title": "Van ons", "name": "Naam", "content": "<p>Eerst</p>"}, "Van ons"),
    "name": ({"name": "Naam", "nameMap": {"nl": "Naam"}, "content": "<p>Eerst</p>"}, "Naam"),
    "nameMap": ({"nameMap": {"nl": "Kaart"}, "content": "<p>Eerst</p>"}, "Kaart"),
    "first block": ({"content": "<p>Eerst</p><p>Dan</p>"}, "Eerst"),
    "contentMap alone": ({"contentMap": {"nl": "<p>Eerst</p><p>Dan</p>"}, "content": None}, "Eerst"),
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("public", [PUBLIC, "as:Public", "Public", [PUBLIC], {"id": PUBLIC}])
@pytest.mark.parametrize(
    "kind", ["Note", "Article", "Page", "Event", "Video", "Question", ["Custom", "Note"]]
)
@pytest.mark.parametrize("how", ["to", "cc", "audience", "Mention"])
async def test_what_addresses_the_neighbourhood_is_a_question_that_waits(waiting, kind, public, how):
    """Whatever type it has and however it names everybody and the neighbourhood, a moderator reads it first."""
    world, west, anna = waiting
    group = west.config.home.group_uri
    to = {
        "to": {"to": [*(public if isinstance(public, list) else [public]), group]},
        "cc": {"to": public, "cc": group},
        "audience": {"to": public, "audience": group},
        "Mention": {"to": public, "tag": {"type": "Mention", "href": group, "name": "@westerpark"}},
    }[how]
    post = anna.own(type=kind, content="<p>Wie helpt?</p>") | to
    assert (await anna.send(west, anna.activity("Create", post))).status_code == 202
    await world.settle()
    (question,) = west.all(Question, uri=post["id"])
    assert (question.status, question.title, question.scope) == (
        QuestionStatus.HELD,
        "Wie helpt?",
        Scope.PUBLIC,
    )


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("what", TITLED)
async def test_what_a_question_is_called(waiting, what):
    """Its title in our word, its name, its name in a map, else its first block."""
    world, west, anna = waiting
    members, title = TITLED[what]
    post = anna.own(to=[PUBLIC, west.config.home.group_uri]) | members
    assert (await anna.send(west, anna.activity("Create", post))).status_code == 202
    await world.settle()
    (question,) = west.all(Question, uri=post["id"])
    assert question.title == title
