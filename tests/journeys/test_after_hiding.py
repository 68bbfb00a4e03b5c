"""Once a thread is for fewer people or hidden, nothing more of it leaves: not our own words, nor what others send."""

from __future__ import annotations

import json

import pytest

from federation.vocabulary import COVER
from tests.journeys.strangers import PUBLIC, Elsewhere
from tests.journeys.world import ACTIVITY, World
from vraagbaak import answers, moderation, offers, questions
from vraagbaak.model import Answer, Perspective, Question, Role, Scope

NEW = "Hele nieuwe woorden"


@pytest.fixture
async def street(tmp_path):
    """A public thread with an answer of ours, an offer and a reply from outside, which a pilot and followers have."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma, west.noor, west.mo = (
        west.member("fatma"),
        west.member("noor"),
        west.member("mo", Role.MODERATOR),
    )
    friend, big = Elsewhere(world, "pilot.example"), Elsewhere(world, "groot.example")
    friend.become_pilot()
    west.trust(friend)
    await world.settle()
    await friend.trust(west)
    fan = big.person("fan", implements=[{"href": "https://w3id.org/fep/1b12"}])
    await fan.send(west, fan.activity("Follow", west.config.home.group_uri))
    await world.settle()
    west.question = west.ask(west.fatma, "Waar is een bakker?", Scope.PUBLIC)
    west.reply = west.answer(west.noor, west.question)
    west.help = west.offer(west.noor, question_id=west.question.id)
    west.mia = Elsewhere(world, "buiten.example").person("mia")
    west.post = west.mia.own(inReplyTo=west.question.uri, to=[PUBLIC, west.config.home.group_uri])
    await west.mia.send(west, west.mia.activity("Create", west.post))
    await world.settle()
    assert len(west.all(Answer)) == 2
    world.clock.tick(minutes=1)
    yield west, world
    assert not world.network.faults
    world.close()


async def everything_changes(west, world):
    """Everybody changes what they said in the thread; what leaves because of it."""
    await world.settle()
    before = len(world.network.sent)
    world.clock.tick(minutes=1)
    west.store.run_now(answers.edit, west.actor(west.noor), west.reply.id, NEW, Perspective.RESIDENT)
    west.store.run_now(offers.edit, west.actor(west.noor), west.help.id, offers.Draft(body=NEW))
    update = {**west.post, "content": f"<p>{NEW}</p>", "updated": world.clock.now().isoformat()}
    assert (await west.mia.send(west, west.mia.activity("Update", update))).status_code == 202
    await world.settle()
    return [sent for sent in world.network.sent[before:] if sent.method == "POST"]


async def test_what_is_said_in_an_open_thread_travels(street):
    """The same changes leave as long as everybody may see the thread: what follows here can fail."""
    west, world = street
    assert any(NEW in sent.body.decode() for sent in await everything_changes(west, world))


async def test_nothing_leaves_a_thread_that_became_for_the_neighbourhood(street):
    """For the neighbourhood alone means that not even an edit from elsewhere is passed on."""
    west, world = street
    fatma = west.actor(west.fatma)
    west.store.run_now(questions.narrow, fatma, west.question.id, Scope.NEIGHBOURHOOD)
    assert await everything_changes(west, world) == []


async def test_nothing_leaves_a_thread_that_is_hidden(street):
    """What nobody may read is not edited elsewhere either."""
    west, world = street
    west.store.run_now(moderation.hide, west.mo, Question, west.question.id)
    await world.settle()
    assert await everything_changes(west, world) == []
    async with west.client(Accept=ACTIVITY) as client:
        assert (await client.get(f"/a/{west.reply.id}")).status_code == 404


@pytest.mark.parametrize("how", ["hidden", "narrowed", "never there"])
async def test_g02_nobody_is_asked_more_for_what_is_hidden_than_for_what_never_was(street, how):
    """Who replies to a thing learns from our requests only whether everybody may see it."""
    west, world = street
    if how == "hidden":
        west.store.run_now(moderation.hide, west.mo, Question, west.question.id)
    elif how == "narrowed":
        west.store.run_now(questions.narrow, west.actor(west.fatma), west.question.id, Scope.NEIGHBOURHOOD)
    uri = west.question.uri if how != "never there" else f"{west.base}/q/01k2m711111111111111111111"
    await world.settle()
    server = west.mia.server
    middle = server.person("midden")
    between = server.post("/n/tussen", middle.uri, inReplyTo=uri)
    before = len(server.asked)
    reply = west.mia.own(inReplyTo=between)
    assert (await west.mia.send(west, west.mia.activity("Create", reply))).status_code == 202
    await world.settle()
    assert server.asked[before:] == ["/n/tussen"]


async def test_what_its_writer_cannot_reach_any_more_does_not_stay(tmp_path):
    """Who answered from a pilot that no longer sees the question keeps nothing there that they cannot take back."""
    world = World(tmp_path)
    west, east = world.pilots("Westerpark", "Nieuwland")
    fatma, henk = west.member("fatma"), east.member("henk")
    question = west.ask(fatma, scope=Scope.PUBLIC)
    await world.settle()
    answer = east.answer(henk, question)
    await world.settle()
    assert west.knows(answer)
    world.clock.tick(minutes=1)
    west.store.run_now(questions.narrow, west.actor(fatma), question.id, Scope.NEIGHBOURHOOD)
    await world.settle()
    assert west.knows(question)
    assert not east.knows(question)
    assert not east.knows(answer)
    assert not west.knows(answer)
    world.close()


async def test_what_is_hidden_loses_its_words_elsewhere_and_gets_them_back(tmp_path):
    """Others keep the thing, without a word of it, until it is shown again: a Delete could not be taken back."""
    world = World(tmp_path)
    west, east = world.pilots("Westerpark", "Nieuwland")
    fatma, noor, mo = west.member("fatma"), west.member("noor"), west.member("mo", Role.MODERATOR)
    question = west.ask(fatma, "Waar is een bakker?", Scope.PILOTS, body="Met speltbrood.", topics=("eten",))
    reply = west.answer(noor, question, "Op de Brink.")
    await world.settle()

    def there():
        (asked,), (said,) = east.all(Question), east.all(Answer)
        return asked.title, asked.body, asked.topics, said.body

    before = there()
    assert before == ("Waar is een bakker?", "Met speltbrood.", ("eten",), "Op de Brink.")
    for kind, thing in ((Answer, reply), (Question, question)):
        world.clock.tick(minutes=1)
        west.store.run_now(moderation.hide, mo, kind, thing.id)
        await world.settle()
    assert there() == (COVER["nl"], COVER["nl"], (), COVER["nl"])
    for kind, thing in ((Question, question), (Answer, reply)):
        world.clock.tick(minutes=1)
        west.store.run_now(moderation.release, mo, kind, thing.id)
        await world.settle()
    assert there() == before
    assert len(east.all(Question)) == len(east.all(Answer)) == 1
    assert not world.network.faults
    world.close()


async def test_who_hears_of_it_first_after_it_was_hidden_gets_it_whole(street):
    """Shown again, a thing is new for those who came meanwhile and changed for those who had it; nobody gets it twice."""
    west, world = street
    west.store.run_now(moderation.hide, west.mo, Answer, west.reply.id)
    await world.settle()
    late = Elsewhere(world, "laat.example").person("laat", implements=[{"href": "https://w3id.org/fep/1b12"}])
    await late.send(west, late.activity("Follow", west.config.home.group_uri))
    await world.settle()
    before = len(world.network.sent)
    world.clock.tick(minutes=1)
    west.store.run_now(moderation.release, west.mo, Answer, west.reply.id)
    await world.settle()
    said = {}
    for sent in world.network.sent[before:]:
        doc = json.loads(sent.body)
        inner = doc["object"] if doc["type"] == "Announce" else doc
        said.setdefault(sent.host, []).append(inner["type"])
    assert said == {"laat.example": ["Create"], "pilot.example": ["Update"], "groot.example": ["Update"]}


async def test_what_came_from_elsewhere_and_is_hidden_is_passed_on_no_more(street):
    """Our neighbourhood takes back having passed it on, and passes it on anew when it is shown again."""
    west, world = street
    known = next(answer for answer in west.all(Answer) if not answer.local)
    before = len(world.network.sent)
    west.store.run_now(moderation.hide, west.mo, Answer, known.id)
    await world.settle()
    hidden = [json.loads(sent.body) for sent in world.network.sent[before:]]
    assert {doc["type"] for doc in hidden} == {"Undo"}
    assert {doc["actor"] for doc in hidden} == {west.config.home.group_uri}
    before = len(world.network.sent)
    west.store.run_now(moderation.release, west.mo, Answer, known.id)
    await world.settle()
    assert {json.loads(sent.body)["type"] for sent in world.network.sent[before:]} == {"Announce"}
