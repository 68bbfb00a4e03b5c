"""A letter that waits says what is so when it goes out: never old, hidden or deleted words; gone things go to who has them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from federation.vocabulary import COVER
from storage import jobs
from storage.records import Sent
from tests.journeys.strangers import Elsewhere
from tests.journeys.test_activities_fetched import fetched
from tests.journeys.world import World
from vraagbaak import answers, members, moderation, questions
from vraagbaak.events import ActorChanged
from vraagbaak.model import Actor, Answer, Question, Role, Scope

LATER = "2026-11-23T08:00:00Z"
FIRST = "Waar koop ik lijnzaad?"
NOW = "Waar koop ik maanzaad?"


@pytest.fixture
async def street(tmp_path):
    """A pilot; a pilot it knows, a follower of fatma, and a reader of inner activities who follows the neighbourhood."""
    world = World(tmp_path)
    west, east = world.pilots("Westerpark", "Nieuwland", moderate_outside=False)
    west.world, west.fatma, west.mo = world, west.member("fatma"), west.member("mo", Role.MODERATOR)
    await world.settle()
    await world.settle()
    fan = Elsewhere(world, "eerste.example").person("fan")
    await fan.send(west, fan.activity("Follow", west.actor(west.fatma).uri))
    implements = [{"href": "https://w3id.org/fep/1b12"}]
    group = Elsewhere(world, "groep.example").person("groep", type="Group", implements=implements)
    await group.send(west, group.activity("Follow", west.config.home.group_uri))
    await world.settle()
    west.east, west.fan, west.lezer = east, fan.server, group.server
    west.away = {east.host: east.app, fan.server.host: fan.server, group.server.host: group.server}
    world.network.sent.clear()
    yield west
    assert not world.network.faults
    world.close()


async def ask(west, how):
    """A question while all others are away: `tried` and failed, or `parked`, so that nobody was even asked to take it."""
    hosts = list(west.away)
    west.world.network.down.update(hosts)
    if how == "parked":
        for number in range(5):
            west.ask(west.fatma, f"Voorloper {number}?", scope=Scope.PUBLIC)
            await west.work()
    west.world.network.sent.clear()
    question = west.ask(west.fatma, FIRST, scope=Scope.PUBLIC, body="Met een molen.")
    await west.work()
    if how == "parked":
        assert FIRST not in str([sent.body for sent in west.world.network.sent])
    west.world.network.sent.clear()
    return question


async def come_back(west):
    """They are all there again, for as long as it takes; what each was sent about this question."""
    west.world.network.down.clear()
    for _ in range(12):
        west.world.clock.tick(minutes=30)
        await west.world.settle()
    return {
        host: [
            json.loads(sent.body)
            for sent in west.world.network.sent
            if sent.host == host and sent.method == "POST"
        ]
        for host in west.away
    }


def about(received, uri):
    """Of what was received, the kind of each activity on a thing (that of the inner one), in order."""
    found = []
    for doc in received:
        inner = doc["object"] if doc["type"] == "Announce" and isinstance(doc["object"], dict) else doc
        thing = inner["object"]
        if (thing["id"] if isinstance(thing, dict) else thing) == uri:
            found.append(inner["type"])
    return found


HOW = pytest.mark.parametrize("how", ["tried", "parked"])


@HOW
async def test_what_was_edited_meanwhile_goes_out_as_it_is_now(street, how):
    """Not once the words that its author took back, inside an Announce or by itself; its proofs are whole."""
    west = street
    question = await ask(west, how)
    draft = questions.Draft(title=NOW, body="Gemalen.", scope=Scope.PUBLIC)
    west.world.clock.tick(minutes=1)
    west.store.run_now(questions.edit, west.actor(west.fatma), question.id, draft)
    await west.work()
    got = await come_back(west)
    assert "lijnzaad" not in json.dumps(got)
    assert "molen" not in json.dumps(got)
    for host, received in got.items():
        assert about(received, question.uri)[0] == "Create", host
        assert {*about(received, question.uri)[1:]} <= {"Update"}
    assert west.east.own(Question, question).title == NOW
    create = next(doc for doc in got[west.fan.host] if doc["type"] == "Create" and NOW in json.dumps(doc))
    assert create["proof"]
    assert await west.east.parts.site.inbox._directory.proves(create, west.actor(west.fatma).uri)
    inner = next(doc["object"] for doc in got[west.lezer.host] if NOW in json.dumps(doc))
    assert await west.east.parts.site.inbox._directory.proves(inner, west.actor(west.fatma).uri)
    assert await fetched(west, create["id"]) == create


@HOW
async def test_what_was_hidden_meanwhile_goes_out_without_its_words(street, how):
    """Nobody gets a word of it; shown again, everybody has it whole."""
    west = street
    question = await ask(west, how)
    west.world.clock.tick(minutes=1)
    west.store.run_now(moderation.hide, west.mo, Question, question.id)
    await west.work()
    got = await come_back(west)
    assert "lijnzaad" not in json.dumps(got)
    assert "molen" not in json.dumps(got)
    here = west.east.own(Question, question)
    if how == "parked":
        assert here is None
        assert about(got[west.fan.host], question.uri) == []
    else:
        assert here.title == COVER["nl"]
    west.world.clock.tick(minutes=1)
    west.store.run_now(moderation.release, west.mo, Question, question.id)
    got = await come_back(west)
    assert west.east.own(Question, question).title == FIRST
    for received in got.values():
        assert FIRST in json.dumps(received)


@HOW
async def test_what_was_deleted_meanwhile_is_not_said_and_its_delete_goes_to_who_may_have_it(street, how):
    """Whoever may have got it, for it was tried, hears that it is gone; who was not even asked hears nothing."""
    west = street
    question = await ask(west, how)
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    await west.work()
    got = await come_back(west)
    assert "lijnzaad" not in json.dumps(got)
    expected = [] if how == "parked" else ["Delete"]
    for host, received in got.items():
        assert about(received, question.uri) == expected, host
    assert not west.east.knows(question)


async def test_g21_a_delivery_that_was_cut_off_counts_as_one_that_may_have_arrived(street):
    """The server stops while a letter is on its way: nobody knows whether it came, so its Delete is sent."""
    west = street
    west.world.network.down.update(west.away)
    question = west.ask(west.fatma, FIRST, scope=Scope.PUBLIC)
    taken = []
    while not any(job.kind == "deliver" for job in taken):
        taken = west.store.run_now(jobs.claim, 50, "by hand", 60.0, west.store.policy)
        for job in taken:
            if job.kind != "deliver":
                answer = await west.parts.worker._handlers[job.kind](job)
                west.store.run_now(answer.fn, *answer.args)
                west.store.run_now(jobs.finish, job)
    west.store.run_now(jobs.release, "by hand")
    west.store.run_now(questions.withdraw, west.actor(west.fatma), question.id)
    got = await come_back(west)
    for received in got.values():
        assert about(received, question.uri) == ["Delete"]


@HOW
@pytest.mark.parametrize("scope", [Scope.PILOTS, Scope.NEIGHBOURHOOD])
async def test_g17_what_was_narrowed_meanwhile_goes_to_who_may_have_it(street, how, scope):
    """Pilots get it as it is now, or nothing; others not a word, and a Delete only when it was tried before."""
    west = street
    question = await ask(west, how)
    west.world.clock.tick(minutes=1)
    west.store.run_now(questions.narrow, west.actor(west.fatma), question.id, scope)
    await west.work()
    got = await come_back(west)
    gone = [] if how == "parked" else ["Delete"]
    for host in (west.fan.host, west.lezer.host):
        assert "lijnzaad" not in json.dumps(got[host])
        assert about(got[host], question.uri) == gone
    here = west.east.own(Question, question)
    if scope is Scope.PILOTS:
        assert (here.title, here.scope) == (FIRST, Scope.PILOTS)
        assert "Delete" not in about(got[west.east.host], question.uri)
    else:
        assert here is None
        assert about(got[west.east.host], question.uri) == gone
        assert west.all(Sent, thing_uri=question.uri) == [] or how == "tried"


@HOW
async def test_who_left_meanwhile_says_nothing_more(street, how):
    """A question that waits is not sent when its asker is gone."""
    west = street
    question = await ask(west, how)
    west.store.run_now(members.leave, west.fatma)
    await west.work()
    got = await come_back(west)
    assert "lijnzaad" not in json.dumps(got)
    assert not west.east.knows(question)


async def test_an_answer_of_ours_that_waits_goes_out_as_it_is_now(street):
    """The same for an answer in the thread of another pilot."""
    west, east = street, street.east
    theirs = east.ask(east.member("henk"), "Wie weet een bakker?", scope=Scope.PUBLIC)
    await west.world.settle()
    west.world.network.down.add(east.host)
    answer = west.answer(west.fatma, theirs, "Op de Dam.")
    await west.work()
    west.world.clock.tick(minutes=1)
    west.store.run_now(answers.edit, west.actor(west.fatma), answer.id, "Op de Brink.", answer.perspective)
    await west.work()
    west.world.network.sent.clear()
    got = await come_back(west)
    assert "Dam" not in json.dumps(got)
    assert east.own(Answer, answer).body == "Op de Brink."


@pytest.mark.parametrize("what", ["edited", "hidden", "deleted"])
async def test_what_came_from_elsewhere_and_waits_to_be_passed_on(street, what):
    """An answer by somebody elsewhere: its old, hidden or deleted words are passed on to nobody."""
    west = street
    question = west.ask(west.fatma, "Wie weet een bakker?", scope=Scope.PUBLIC)
    await west.world.settle()
    vera = Elsewhere(west.world, "groot.example").person("vera")
    reply = vera.own(inReplyTo=question.uri, content="<p>Op de Dam.</p>")
    west.world.network.down.update([west.east.host, west.lezer.host])
    await vera.send(west, vera.activity("Create", reply))
    await west.work()
    west.world.network.sent.clear()
    if what == "edited":
        edited = reply | {"content": "<p>Op de Brink.</p>", "updated": LATER}
        vera.server.put(
            "/n/" + reply["id"].rsplit("/", 1)[1],
            {"@context": "https://www.w3.org/ns/activitystreams", **edited},
        )
        await vera.send(west, vera.activity("Update", edited))
    elif what == "deleted":
        await vera.send(west, vera.activity("Delete", reply["id"]))
    else:
        west.store.run_now(moderation.hide, west.mo, Answer, west.all(Answer)[0].id)
    await west.work()
    got = await come_back(west)
    assert "Op de Dam" not in json.dumps(got)
    known = west.east.all(Answer)
    assert [answer.body for answer in known] == (["Op de Brink."] if what == "edited" else [])


async def test_an_actor_is_told_as_it_is_now(street):
    """Two changes of a name while a server is away: only the last is sent."""
    west = street
    west.world.network.down.add(west.fan.host)
    for name in ("Fatima", "Fatma B."):
        west.world.clock.tick(minutes=1)
        west.store.run_now(rename, west.fatma.actor_id, name)
        await west.work()
    west.world.network.sent.clear()
    got = await come_back(west)
    names = [doc["object"]["name"] for doc in got[west.fan.host] if doc["type"] == "Update"]
    assert names == ["Fatma B."]


def rename(tx, actor_id, name):
    """What members do when they change how they are called."""
    tx.save(replace(tx.get(Actor, actor_id), name=name))
    tx.record(ActorChanged(actor_id=actor_id))
