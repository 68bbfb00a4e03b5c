"""Members in a list by themselves: some software writes every member as a list, and means the same by it."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import CONTEXT, PUBLIC, Elsewhere, unchanged
from tests.journeys.test_proofs import proven, scene  # noqa: F401 - a fixture
from tests.journeys.world import World
from vraagbaak.model import Answer, Follow, Helped, Like, Mark, Question, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question; vera elsewhere writes lists, and asked and answered something herself."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    vera = Elsewhere(world, "groot.example").person("vera")
    vera.server.group()
    await world.settle()
    yield world, west, question, vera
    assert not world.network.faults
    world.close()


def listed(activity, *names):
    """The activity with each of these members in a list by itself, also those of the activity inside."""
    inside = activity["object"]
    if isinstance(inside, dict) and "actor" in inside:
        activity = activity | {"object": listed(inside, *names)}
    return activity | {name: [activity[name]] for name in names if name in activity}


async def hear(west, sender, said):
    answer = await sender.send(west, said)
    await west.world.settle()
    return answer


@pytest.mark.parametrize("kind", ["Create", "Delete", "Follow", "Like", "Announce"])
async def test_of_several_things_none_is_guessed(street, kind):
    """An activity about two things, or about a list in a list, has no one meaning: it is dropped, not half done."""
    _, west, question, vera = street
    post = vera.own(inReplyTo=question.uri)
    for inside in ([post, post["id"]], [[post]], [], [None], [5], [[]]):
        with unchanged(west, "seen", "actors", "actor_keys", "hosts", requests=1):
            assert (await hear(west, vera, vera.activity(kind, inside))).status_code == 202


async def test_a25_several_speakers_are_refused_and_one_in_a_list_is_herself(street):
    """Who says something is one actor, whose key signed it: alone in a list it is the same one, never one of two."""
    _, west, question, vera = street
    henk = vera.server.person("henk")
    for actor in ([vera.uri, henk.uri], [henk.uri, vera.uri], [henk.uri], [[henk.uri]]):
        said = vera.activity("Create", vera.own(inReplyTo=question.uri)) | {"actor": actor}
        assert (await hear(west, vera, said)).status_code == 403
    assert west.all(Answer) == []
    said = vera.activity("Create", vera.own(inReplyTo=question.uri)) | {"actor": [vera.uri]}
    assert (await hear(west, vera, said)).status_code == 202
    assert len(west.all(Answer)) == 1


@pytest.mark.parametrize("embedded", ["by its id", "embedded"])
async def test_what_is_said_in_lists_is_done(street, embedded):
    """Create, Update, Like, its Undo, Follow, its Undo and Delete do the same with actor and object in a list."""
    _, west, question, vera = street
    post = vera.own(inReplyTo=question.uri)
    vera.server.put("/n/" + post["id"].rsplit("/", 1)[1], {"@context": CONTEXT, **post})

    async def say(kind, inside):
        said = vera.activity(kind, inside)
        assert (await hear(west, vera, listed(said, "actor", "object"))).status_code == 202
        return said

    def named(thing):
        return thing if embedded == "embedded" else thing["id"]

    await say("Create", named(post))
    assert [answer.uri for answer in west.all(Answer)] == [post["id"]]
    await say("Update", post | {"content": "<p>Anders.</p>", "updated": "2026-11-22T20:00:00Z"})
    assert [answer.body for answer in west.all(Answer)] == ["Anders."]
    liked = await say("Like", question.uri)
    assert len(west.all(Like)) == 1
    await say("Undo", named(liked))
    assert west.all(Like) == []
    followed = await say("Follow", west.config.home.group_uri)
    assert len(west.all(Follow)) == 1
    await say("Undo", named(followed))
    assert west.all(Follow) == []
    await say("Delete", named({"id": post["id"], "type": "Tombstone"}))
    assert west.all(Answer) == []


@pytest.mark.parametrize("kind", ["Add", "ChooseAnswer"])
async def test_what_helped_is_read_from_lists(street, kind):
    """The asker's word counts with object and target in a list, and its taking back too."""
    _, west, _, vera = street
    asked = vera.own(to=[PUBLIC, west.config.home.group_uri]) | {
        "vb:helpful": f"{vera.server.base}/helpful/1",
        "content": "<p>Wie weet het?</p>",
    }
    answered = vera.own(inReplyTo=asked["id"])
    for post in (asked, answered):
        await hear(west, vera, vera.activity("Create", post))
    said = vera.activity(kind, answered["id"], target=asked["vb:helpful"])
    await hear(west, vera, listed(said, "object", "target"))
    assert [mark.value for mark in west.all(Mark)] == [Helped.HELPED]
    back = (
        vera.activity("Remove", answered["id"], target=asked["vb:helpful"])
        if kind == "Add"
        else vera.activity("Undo", said)
    )
    await hear(west, vera, listed(back, "object", "target"))
    assert west.all(Mark) == []


async def test_what_is_passed_on_is_read_from_lists_at_every_level(street):
    """A neighbourhood that passes on a whole activity may write all of it in lists."""
    world, west, *_ = street
    east = Elsewhere(world, "oost.example")
    _, group = east.become_pilot()
    west.trust(east)
    await world.settle()
    anna = east.person("anna")
    post = anna.own(content="<p>Wie doet er mee?</p>", audience=group.uri)
    said = group.activity("Announce", anna.activity("Create", post))
    assert (await hear(west, group, listed(said, "actor", "object"))).status_code == 202
    assert [question.uri for question in west.all(Question, uri=post["id"])] == [post["id"]]


async def test_a23_a_proof_is_of_the_document_as_it_was_written(scene):  # noqa: F811 - the fixture
    """What is read out of a list stays in it for the proof: forwarded by somebody else, it still counts."""
    west, question, vera, bringer = scene
    post = vera.own(inReplyTo=question.uri)
    said = proven(vera, west, listed(vera.activity("Create", post), "actor", "object"))
    assert (await bringer.send(west, said)).status_code == 202
    await west.work()
    assert [answer.uri for answer in west.all(Answer)] == [post["id"]]
    unlisted = said | {"object": said["object"][0], "id": f"{vera.server.base}/act/ander"}
    assert (await bringer.send(west, unlisted)).status_code == 403
