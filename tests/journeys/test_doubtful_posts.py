"""Posts that can be read in two ways: the narrower, the older and the plainer reading counts."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import PUBLIC, Elsewhere
from tests.journeys.world import World
from vraagbaak import peers
from vraagbaak.model import Answer, Question, Scope, Standing

TO = {
    "everybody": {"to": [PUBLIC], "cc": []},
    "everybody, quietly": {"cc": [PUBLIC]},
    "one": {"to": ["https://westerpark.example/u/fatma"]},
    "followers": {"to": [], "cc": ["https://groot.example/u/vera/followers"]},
    "nobody": {"to": []},
    "unsaid": {},
}


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question, and somebody elsewhere."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    vera = Elsewhere(world, "groot.example").person("vera")
    await world.settle()
    yield world, west, question, vera
    assert not world.network.faults
    world.close()


def theirs(west):
    return [question for question in west.all(Question) if not question.local]


def addressed(doc, to):
    return {name: value for name, value in doc.items() if name not in {"to", "cc"}} | TO[to]


@pytest.mark.parametrize("around", list(TO))
@pytest.mark.parametrize("inside", list(TO))
async def test_what_is_addressed_in_two_ways_is_for_the_fewest(street, inside, around):
    """A post for everybody in an activity for one, or the other way round, is not shown to everybody."""
    world, west, question, vera = street
    post = addressed(vera.own(inReplyTo=question.uri), inside)
    said = addressed(vera.activity("Create", post), around)
    assert (await vera.send(west, said)).status_code == 202
    await world.settle()
    open_to_all = {"everybody", "everybody, quietly"}
    public = {inside, around} <= open_to_all | {"unsaid"} and {inside, around} != {"unsaid"}
    assert [answer.scope for answer in west.all(Answer)] == ([Scope.PUBLIC] if public else [])


@pytest.mark.parametrize("by", ["itself", "a neighbourhood"])
@pytest.mark.parametrize(
    ("kind", "days", "comes"), [("Update", 400, 0), ("Update", 0, 1), ("Create", 400, 1)]
)
async def test_the_edit_of_something_old_that_never_came_brings_nothing(street, kind, days, comes, by):
    """Somebody corrects what they asked a year ago: that is no new question here; an edit of today is one."""
    world, west, question, vera = street
    published = f"{2026 - days // 365}-11-02T08:00:00Z"
    more = {"published": published, "updated": "2026-11-02T08:30:00Z"}
    to = [PUBLIC, west.config.home.group_uri]
    group, sender = vera.server.group("buurt"), vera
    for post in (vera.own(to=to, **more), vera.own(inReplyTo=question.uri, to=to, **more)):
        said = vera.activity(kind, post)
        if by == "a neighbourhood":
            vera.server.become_pilot()
            west.trust(vera.server)
            await world.settle()
            said, sender = group.activity("Announce", said), group
        assert (await sender.send(west, said)).status_code == 202
        await world.settle()
    assert len(theirs(west)) == comes
    assert len(west.all(Answer)) == comes


async def test_f02_a_host_in_other_letters_is_the_same_server(street):
    """However a server spells itself in the id of a post, how we stand to it is the same."""
    world, west, _, vera = street
    west.store.run_now(peers.decide, vera.server.host, Standing.PILOT)
    asked = vera.own(content="<p>Wie helpt?</p>")
    asked["id"] = asked["id"].replace("groot.example", "GROOT.example:443")
    assert (await vera.send(west, vera.activity("Create", asked))).status_code == 202
    await world.settle()
    assert [question.title for question in theirs(west)] == ["Wie helpt?"]
