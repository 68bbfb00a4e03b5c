"""What a neighbourhood passed on and takes back: gone where it came through that neighbourhood alone, and only there."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import PUBLIC, Elsewhere, note
from tests.journeys.world import World
from vraagbaak import moderation, peers
from vraagbaak.model import Answer, Question, QuestionStatus, ReplyStatus, Role, Scope, Standing

SHOWN, HIDDEN, HELD = ReplyStatus.SHOWN, ReplyStatus.HIDDEN, ReplyStatus.HELD


def status_of(pilot, uri):
    """Where an answer stands at a pilot; None when it has none."""
    return next((found.status for found in pilot.all(Answer) if found.uri == uri), None)


# between two of our own


@pytest.fixture
async def street(tmp_path):
    """A thread of noord with an answer from outside, which came to westerpark through noord."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark", moderate_outside=False)
    noord.fatma, noord.mo = noord.member("fatma"), noord.member("mo", Role.MODERATOR)
    west.henk, west.mo = west.member("henk"), west.member("mo", Role.MODERATOR)
    await world.settle()
    await world.settle()
    noord.question = noord.ask(noord.fatma, scope=Scope.PUBLIC)
    await world.settle()
    world.cor = Elsewhere(world, "buiten.example").person("cor")
    world.post = world.cor.own(inReplyTo=noord.question.uri, to=[PUBLIC, noord.config.home.group_uri])
    world.cor.server.put("/n/" + world.post["id"].rsplit("/", 1)[1], world.post)
    await world.cor.send(noord, world.cor.activity("Create", world.post))
    await world.settle()
    assert status_of(noord, world.post["id"]) is status_of(west, world.post["id"]) is SHOWN
    yield world, noord, west
    assert not world.network.faults
    world.close()


def decide(pilot, what, uri):
    """A moderator hides or releases an answer."""
    (found,) = [each for each in pilot.all(Answer) if each.uri == uri]
    return pilot.store.run_now(what, pilot.mo, Answer, found.id)


async def test_what_one_pilot_hides_disappears_at_the_other_and_comes_back(street):
    """Hidden at the thread's home, it is hidden where it was passed on; shown again, it is there again, as often as one likes."""
    world, noord, west = street
    uri = world.post["id"]
    for _ in range(2):
        decide(noord, moderation.hide, uri)
        await world.settle()
        assert status_of(west, uri) is HIDDEN
        world.clock.tick(minutes=1)
        decide(noord, moderation.release, uri)
        await world.settle()
        assert status_of(noord, uri) is status_of(west, uri) is SHOWN
        world.clock.tick(minutes=1)


async def test_what_the_moderators_here_hid_stays_as_they_left_it(street):
    """What noord takes back and shows again does not undo what westerpark decided itself."""
    world, noord, west = street
    uri = world.post["id"]
    decide(west, moderation.hide, uri)
    for what in (moderation.hide, moderation.release):
        decide(noord, what, uri)
        await world.settle()
        assert status_of(west, uri) is HIDDEN
    decide(west, moderation.release, uri)
    decide(noord, moderation.hide, uri)
    await world.settle()
    decide(west, moderation.hide, uri)  # hidden already, but from now on for a reason of our own
    decide(noord, moderation.release, uri)
    await world.settle()
    assert status_of(west, uri) is HIDDEN
    decide(west, moderation.release, uri)
    assert status_of(west, uri) is SHOWN


async def test_what_its_author_sent_here_too_stays(street):
    """Westerpark knows it from its author as well: that noord hides it is no decision of westerpark."""
    world, noord, west = street
    uri = world.post["id"]
    await world.cor.send(west, world.cor.activity("Create", world.post))
    await world.settle()
    decide(noord, moderation.hide, uri)
    await world.settle()
    assert (status_of(noord, uri), status_of(west, uri)) == (HIDDEN, SHOWN)


async def test_its_author_does_not_bring_back_what_was_taken_back(street):
    """Who is hidden at the thread's home does not get round that by sending it once more, or in other words."""
    world, noord, west = street
    uri = world.post["id"]
    decide(noord, moderation.hide, uri)
    await world.settle()
    world.clock.tick(minutes=1)
    await world.cor.send(west, world.cor.activity("Create", world.post))
    changed = {**world.post, "content": "<p>Toch</p>", "updated": world.clock.now().isoformat()}
    await world.cor.send(west, world.cor.activity("Update", changed))
    await world.settle()
    assert status_of(west, uri) is HIDDEN
    decide(noord, moderation.release, uri)
    await world.settle()
    assert status_of(west, uri) is SHOWN


async def test_a_server_that_is_limited_here_is_reviewed_again(street):
    """What comes back is as new: of a server that is reviewed here it waits."""
    world, noord, west = street
    uri = world.post["id"]
    decide(noord, moderation.hide, uri)
    west.store.run_now(peers.decide, "buiten.example", Standing.LIMITED)
    await world.settle()
    decide(noord, moderation.release, uri)
    await world.settle()
    assert status_of(west, uri) is HELD


async def test_a_pilot_that_is_dropped_sees_no_answers_for_pilots_any_more(tmp_path):
    """An answer of oost for pilots, passed on by noord: when noord drops westerpark, nobody there sees it any more."""
    world = World(tmp_path)
    noord, west, oost = world.pilots("Noord", "Westerpark", "Oost")
    noord.fatma, oost.els = noord.member("fatma"), oost.member("els")
    for _ in range(3):
        await world.settle()
    question = noord.ask(noord.fatma, scope=Scope.PUBLIC)
    await world.settle()
    answer = oost.answer(oost.els, oost.own(Question, question), scope=Scope.PILOTS)
    await world.settle()
    assert status_of(noord, answer.uri) is status_of(west, answer.uri) is SHOWN
    noord.trust(west, Standing.OPEN)
    await world.settle()
    assert status_of(noord, answer.uri) is SHOWN
    assert status_of(west, answer.uri) is HIDDEN
    world.close()


async def test_what_its_author_narrowed_is_taken_back_where_it_may_not_be_any_more(tmp_path):
    """A pilot's answer was for everybody and is for pilots now: who is no pilot any more hides what noord passed on."""
    world = World(tmp_path)
    noord, west = world.pilots("Noord", "Westerpark")
    noord.fatma = noord.member("fatma")
    await world.settle()
    await world.settle()
    friend = Elsewhere(world, "oost.example")
    friend.become_pilot()
    noord.trust(friend)
    await world.settle()
    await friend.trust(noord)
    anna, question = friend.person("anna"), noord.ask(noord.fatma, scope=Scope.PUBLIC)
    await world.settle()
    post = anna.own(inReplyTo=question.uri, to=[PUBLIC, noord.config.home.group_uri])
    friend.put(post["id"].removeprefix(friend.base), post)
    await anna.send(noord, anna.activity("Create", post))
    await world.settle()
    west.store.run_now(moderation.show, west.all(Answer)[0])  # from a server that westerpark reviews
    noord.trust(west, Standing.OPEN)
    await world.settle()
    assert status_of(west, post["id"]) is SHOWN
    world.clock.tick(minutes=1)
    narrowed = post | {
        "to": [noord.config.home.application_uri],
        "vb:privacy": "pilots",
        "updated": world.clock.now().isoformat(),
    }
    await anna.send(noord, anna.activity("Update", narrowed, to=[noord.config.home.application_uri]))
    await world.settle()
    assert [found.scope for found in noord.all(Answer)] == [Scope.PILOTS]
    assert status_of(noord, post["id"]) is SHOWN
    assert status_of(west, post["id"]) is HIDDEN
    world.close()


# forged, and of others


@pytest.fixture
async def square(tmp_path):
    """A pilot that listens to two neighbourhoods elsewhere; the first passed on a question and an answer of a stranger."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma = west.member("fatma")
    for name in ("een", "twee"):
        server = Elsewhere(world, f"{name}.example")
        _, group = server.become_pilot()
        setattr(world, name, group)
        west.trust(server)
        await world.settle()
        await server.trust(west)
    cor = Elsewhere(world, "buiten.example")
    world.cor = cor.person("cor")
    uri = f"{cor.base}/n/vraag"
    world.asked = note(uri, world.cor.uri, to=[PUBLIC, world.een.uri], name="Waar is de bakker?")
    world.replied = note(f"{cor.base}/n/antwoord", world.cor.uri, to=[PUBLIC], inReplyTo=uri)
    for post in (world.asked, world.replied):
        cor.put(post["id"].removeprefix(cor.base), post)
        await world.een.send(west, world.een.activity("Announce", post["id"]))
        await world.settle()
    assert states(west) == [QuestionStatus.OPEN, SHOWN]
    yield world, west
    assert not world.network.faults
    world.close()


def states(pilot):
    return [pilot.all(Question)[0].status, pilot.all(Answer)[0].status]


def undone(group, post, **more):
    """The Undo of an Announce of a post."""
    return group.activity("Undo", group.activity("Announce", post["id"]) | more)


async def test_a_question_is_taken_back_like_an_answer(square):
    """Both go, each by its own Undo, also when the Announce of a whole activity is undone; the next Announce brings them back."""
    world, west = square
    await world.een.send(west, undone(world.een, world.asked))
    whole = {"object": world.cor.activity("Create", world.replied)}
    await world.een.send(west, undone(world.een, world.replied, **whole))
    await world.settle()
    assert states(west) == [QuestionStatus.HIDDEN, HIDDEN]
    for post in (world.asked, world.replied):
        await world.een.send(west, world.een.activity("Announce", post["id"]))
        await world.settle()
    assert states(west) == [QuestionStatus.OPEN, SHOWN]


async def test_b15_nobody_else_takes_back_what_a_neighbourhood_passed_on(square):
    """Another neighbourhood, a person on the same server, its author, and who names the neighbourhood in the inner activity."""
    world, west = square
    person = world.een.server.person("els")
    for sender in (world.twee, person, world.cor):
        for post in (world.asked, world.replied):
            await sender.send(west, undone(sender, post))
            await sender.send(west, undone(sender, post, actor=world.een.uri))
            await sender.send(west, world.een.activity("Undo", undone(world.een, post)["object"]))
    await world.settle()
    assert states(west) == [QuestionStatus.OPEN, SHOWN]


@pytest.mark.parametrize(
    "inside", [None, [], {}, 5, "", "https://nergens.example/1", {"id": 5}, {"type": "Create"}]
)
async def test_b15_an_undo_of_nothing_changes_nothing(square, inside):
    """Broken, and of what is not here."""
    world, west = square
    answer = await world.een.send(west, undone(world.een, world.asked, object=inside))
    assert answer.status_code in {202, 400}
    await world.settle()
    assert states(west) == [QuestionStatus.OPEN, SHOWN]


async def test_b16_what_another_neighbourhood_passed_on_too_stays(square):
    """It came two ways: the one that is taken back is not the only one. A share by a person is no way at all."""
    world, west = square
    await world.twee.send(west, world.twee.activity("Announce", world.replied["id"]))
    booster = Elsewhere(world, "groot.example").person("fan")
    await booster.send(west, booster.activity("Announce", world.asked["id"]))
    await world.settle()
    for post in (world.asked, world.replied):
        await world.een.send(west, undone(world.een, post))
    await world.settle()
    assert states(west) == [QuestionStatus.HIDDEN, SHOWN]


async def test_b16_what_people_here_wrote_is_not_taken_back_by_others(square):
    """Nor what stands on the neighbourhood's own server: of that a Delete says that it is gone."""
    world, west = square
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    answer = west.answer(west.fatma, west.all(Question)[0])
    els = world.een.server.person("els")
    own = els.own(to=[PUBLIC, world.een.uri], name="Van hier")
    world.een.server.put(own["id"].removeprefix(world.een.server.base), own)
    await world.een.send(west, world.een.activity("Announce", own["id"]))
    await world.settle()
    for uri in (question.uri, answer.uri, own["id"]):
        await world.een.send(west, world.een.activity("Announce", uri))
        await world.een.send(west, undone(world.een, {"id": uri}))
    await world.settle()
    assert west.own(Question, question).status is QuestionStatus.OPEN
    assert status_of(west, answer.uri) is SHOWN
    assert [each.status for each in west.all(Question) if each.uri == own["id"]] == [QuestionStatus.OPEN]
