"""What is said in which order: nobody hears of a thing before they know that they follow, nor of an edit before the thing."""

from __future__ import annotations

import pytest

from storage import jobs
from tests.journeys.strangers import Elsewhere
from tests.journeys.world import World
from vraagbaak import questions
from vraagbaak.model import ActorKey, Answer, Follow, FollowState, Like, Question, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot, and a server whose people want to follow what is said there."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    yield world, west, Elsewhere(world, "eerste.example")
    assert not world.network.faults
    world.close()


def got(server, since=0):
    """What a server was sent and took, in order."""
    return [activity["type"] for activity in server.received()[since:]]


async def in_one_moment(west, fans, whom):
    """They ask to follow; the same moment in which that is granted, a question is asked."""
    for fan in fans:
        await fan.send(west, fan.activity("Follow", whom))
    batch = west.store.run_now(jobs.claim, 50, "by hand", 60.0, west.store.policy)
    for job in batch:
        answer = await west.parts.worker._handlers[job.kind](job)
        west.store.run_now(answer.fn, *answer.args)
    assert [follow.state for follow in west.all(Follow)] == [FollowState.ACCEPTED] * len(fans)
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    for job in batch:
        west.store.run_now(jobs.finish, job)
    return question


@pytest.mark.parametrize("whom", ["fatma", "group"])
async def test_a_question_asked_in_the_moment_of_a_follow_comes_after_its_accept(street, whom):
    """Whoever follows the asker or the neighbourhood hears first that they do, whatever is published first."""
    world, west, server = street
    target = west.actor(west.fatma).uri if whom == "fatma" else west.config.home.group_uri
    await in_one_moment(west, [server.person("fan"), server.person("buur")], target)
    await world.settle()
    for inbox in ("/u/fan/inbox", "/u/buur/inbox"):
        kinds = [sent.body for sent in server.requests if sent.target == inbox]
        assert b'"type":"Accept"' in kinds[0]
        assert len(kinds) == 2


@pytest.mark.parametrize("how", ["down", 500, 401, 429, 302])
async def test_nothing_is_said_while_an_accept_could_not_be_delivered(street, how):
    """The Accept fails at first, for an hour: no Create knocks before it; then all comes, in order, and once."""
    world, west, server = street
    fan = server.person("fan")
    if how != "down":
        server.put("/u/fan/inbox", {}, status=how)
    question = await in_one_moment(west, [fan], west.actor(west.fatma).uri)
    if how == "down":
        world.network.down.add(server.host)
    for minutes in (0, 1, 9, 50):
        world.clock.tick(minutes=minutes)
        west.store.run_now(
            questions.edit,
            west.actor(west.fatma),
            question.id,
            questions.Draft(title=f"Na {minutes}?", scope=Scope.PUBLIC),
        )
        await world.settle()
    assert {*got(server)} <= {"Accept"}
    world.network.down.clear()
    server.pages.pop("/u/fan/inbox", None)
    since = len(server.received())
    for _ in range(16):
        world.clock.tick(minutes=15)
        await world.settle()
    assert got(server, since)[:2] == ["Accept", "Create"]
    assert {*got(server, since)[2:]} <= {"Update"}
    assert server.received()[-1]["object"]["vb:title"] == "Na 50?"
    assert west.store.read_now(jobs.buried) == []


async def test_an_accept_that_is_final_in_its_failure_holds_nothing_up(street):
    """Its inbox never takes the Accept: what is said later is tried all the same."""
    world, west, server = street
    server.put("/u/fan/inbox", {}, status=404)
    await in_one_moment(west, [server.person("fan")], west.actor(west.fatma).uri)
    await world.settle()
    assert got(server) == ["Accept", "Create"]


async def test_an_accept_that_waits_holds_up_nobody_else(street):
    """One follower's inbox doubts our letters; a neighbour on the same server and one elsewhere have everything."""
    world, west, server = street
    server.put("/u/fan/inbox", {}, status=401)
    other = Elsewhere(world, "tweede.example")
    people = [server.person("fan"), server.person("buur"), other.person("ander")]
    await in_one_moment(west, people, west.actor(west.fatma).uri)
    await world.settle()
    assert got(other) == ["Accept", "Create"]
    neighbours = [sent for sent in server.requests if sent.target == "/u/buur/inbox"]
    assert len(neighbours) == 2


@pytest.mark.parametrize("how", ["down", 503, 401])
async def test_an_update_never_overtakes_its_create(street, how):
    """Asked while the server was away, edited twice when it is back, before anything is tried again."""
    world, west, server = street
    fan = server.person("fan")
    await fan.send(west, fan.activity("Follow", west.actor(west.fatma).uri))
    await world.settle()
    if how == "down":
        world.network.down.add(server.host)
    else:
        world.network.answers[server.host] = how
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await world.settle()
    world.network.down.clear()
    world.network.answers.clear()
    since = len(server.received())
    for title in ("Eerst?", "Dan?"):
        world.clock.tick(seconds=5)
        draft = questions.Draft(title=title, scope=Scope.PUBLIC)
        west.store.run_now(questions.edit, west.actor(west.fatma), question.id, draft)
        await world.settle()
    assert got(server, since) == []
    world.clock.tick(minutes=30)
    await world.settle()
    assert got(server, since)[0] == "Create"
    assert {*got(server, since)[1:]} <= {"Update"}
    assert server.received()[-1]["object"]["vb:title"] == "Dan?"


async def test_a_first_letter_to_many_servers_makes_one_key(street):
    """However many letters wait for the key of who has none yet, it is made once."""
    world, west, _ = street
    fans = [Elsewhere(world, f"n{number}.example").person("fan") for number in range(20)]
    for fan in fans:
        await fan.send(west, fan.activity("Follow", west.actor(west.fatma).uri))
    await world.settle()
    keys, made = west.parts.worker._handlers["deliver"].__self__._keys, []
    make_rsa = keys._make_rsa
    keys._make_rsa = lambda: made.append(1) or make_rsa()
    west.ask(west.fatma, scope=Scope.PUBLIC)
    west.store.run_now(forget_keys, west.fatma.actor_id)
    await world.settle()
    assert len(made) == 1
    assert [got(fan.server) for fan in fans] == [["Accept", "Create"]] * len(fans)


def forget_keys(tx, actor_id):
    for key in tx.find(ActorKey, actor_id=actor_id):
        tx.remove(key)


@pytest.mark.parametrize("waits", [False, True], ids=["well known", "looked up again first"])
async def test_what_is_taken_back_by_its_id_alone_is_not_there(street, waits):
    """A Follow or Like with its Undo right behind it leaves nothing, whichever of the two is looked at first."""
    world, west, server = street
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    fan, other = server.person("fan"), server.person("ander")
    for each in (fan, other):
        await each.send(west, each.activity("Like", "https://ergens.example/1"))
    await world.settle()
    world.clock.tick(days=2 if waits else 0)
    for kind, about in (("Follow", west.config.home.group_uri), ("Like", question.uri)):
        said = fan.activity(kind, about)
        await fan.send(west, said)
        await fan.send(west, fan.activity("Undo", said["id"]))
        undone = server.base + f"/later/{kind}"
        for inside in (undone, {"id": undone, "type": kind, "actor": fan.uri}):
            await fan.send(west, fan.activity("Undo", inside))  # before it comes
        await fan.send(west, fan.activity(kind, about, id=undone))
        await other.send(west, other.activity("Undo", f"{server.base}/hers/{kind}"))  # nothing of its own
        await fan.send(west, fan.activity(kind, about, id=f"{server.base}/hers/{kind}"))
    await world.settle()
    assert [follow.uri for follow in west.all(Follow)] == [f"{server.base}/hers/Follow"]
    assert [like.id for like in west.all(Like)] == [f"{server.base}/hers/Like"]


async def test_who_edits_in_the_moment_that_a_pilot_is_back_holds_nothing_up(tmp_path):
    """More answers wait than a claim looks at, and the first has to wait for the edit: all come, in order, within minutes."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    noord.fatma, noord.noor = noord.member("fatma"), noord.member("noor")
    await world.settle()
    await world.settle()
    question = noord.ask(noord.fatma, scope=Scope.PILOTS)
    await world.settle()
    world.network.down.add(west.host)
    many = jobs.LANE_WINDOW + 5
    said = [noord.answer(noord.noor, question, f"Antwoord {number}").uri for number in range(many)]
    await noord.work()
    world.clock.tick(minutes=90)
    world.network.down.clear()
    words = questions.Draft(title="Wie loopt er mee, zaterdag?", scope=Scope.PILOTS)
    noord.store.run_now(questions.edit, noord.actor(noord.fatma), noord.own(Question, question).id, words)
    await world.settle()
    other = noord.ask(noord.fatma, "Iets heel anders", scope=Scope.PILOTS)
    for _ in range(10):
        world.clock.tick(minutes=1)
        await world.settle()
    assert [answer.uri for answer in west.all(Answer)] == said
    assert west.own(Question, question).title == words.title
    assert west.knows(other)
    assert not world.network.faults
    world.close()
