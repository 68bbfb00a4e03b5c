"""What moderators of a neighbourhood elsewhere decide: it holds for what stands there, when they are listed there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import pytest_asyncio

from tests.journeys.strangers import PUBLIC, Elsewhere, Stranger, jobs_left
from tests.journeys.world import Instance, World
from vraagbaak import follows, moderation, peers
from vraagbaak.model import (
    Actor,
    Answer,
    Helped,
    Mark,
    Question,
    QuestionStatus,
    ReplyStatus,
    Role,
    Scope,
    Standing,
)

WEST = "https://westerpark.example"
MODS = "/c/square/moderators"


@dataclass
class Scene:
    """A pilot that follows two neighbourhoods of one server; in one of them somebody of a third server asked something."""

    world: World
    west: Instance
    square: Stranger
    park: Stranger
    mod: Stranger
    vera: Stranger
    question: Question

    async def announces(self, group: Stranger, inner) -> None:
        said = group.activity("Announce", inner)
        assert (await group.send(self.west, said)).status_code in {202, 403}
        await self.world.settle()

    def list(self, *actors: str, where: str = MODS) -> None:
        """These moderate the square from now on."""
        items = {"type": "OrderedCollection", "totalItems": len(actors), "orderedItems": list(actors)}
        uri = self.square.server.put(where, {"id": f"{self.square.server.base}{where}", **items})
        self.square.publish(attributedTo=uri)

    def now(self, thing):
        return self.west.own(type(thing), thing)


@pytest_asyncio.fixture
async def scene(tmp_path):
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    lemmy, masto = Elsewhere(world, "lemmy.example"), Elsewhere(world, "mastodon.example")
    square, park = lemmy.group("square"), lemmy.group("park")
    vera = masto.person("vera")
    for group in (square, park):
        assert (await group.send(west, group.activity("Listen", "x"))).status_code == 202
    await world.settle()
    ourselves = west.all(Actor, uri=f"{WEST}/actor")[0]
    for group in (square, park):
        follow = west.store.run_now(follows.ask, ourselves, west.all(Actor, uri=group.uri)[0])
        await world.settle()
        assert (await group.send(west, group.activity("Accept", follow.uri))).status_code == 202
    uri = masto.post("/n/1", vera.uri, to=[PUBLIC, square.uri], audience=square.uri)
    said = square.activity("Announce", uri)
    assert (await square.send(west, said)).status_code == 202
    await world.settle()
    (question,) = west.all(Question)
    assert question.group_uri == square.uri
    made = Scene(world, west, square, park, lemmy.person("mod"), vera, question)
    made.list(made.mod.uri)
    yield made
    assert not world.network.faults
    assert jobs_left(west) == []
    world.close()


async def test_what_a_listed_moderator_removes_goes_out_of_sight_and_ours_can_show_it_again(scene):
    """Nobody but moderators sees it any more; it is not deleted, for its author did not do that."""
    await scene.announces(scene.square, scene.mod.activity("Delete", scene.question.uri, summary="spam"))
    assert scene.now(scene.question).status is QuestionStatus.HIDDEN
    async with scene.west.client() as client:
        assert (await client.get(f"/v/{scene.question.id}")).status_code == 404
    iris = scene.west.member("iris", Role.MODERATOR)
    assert scene.question.id in {each.id for each in scene.west.store.read_now(moderation.hidden, iris)}
    scene.west.store.run_now(moderation.release, iris, Question, scene.question.id)
    assert scene.now(scene.question).status is QuestionStatus.OPEN


async def test_an_answer_in_its_thread_too(scene):
    """What is said to a question stands where the question stands."""
    uri = scene.vera.server.post(
        "/n/2", scene.vera.uri, inReplyTo=scene.question.uri, audience=scene.square.uri
    )
    await scene.announces(scene.square, uri)
    (answer,) = scene.west.all(Answer)
    await scene.announces(scene.square, scene.mod.activity("Delete", answer.uri))
    assert scene.now(answer).status is ReplyStatus.HIDDEN
    assert scene.now(scene.question).status is QuestionStatus.OPEN


@pytest.mark.parametrize("listed", ["a list", "embedded", "pages", "moderators", "the neighbourhood itself"])
async def test_the_ways_to_list_moderators(scene, listed):
    """By a collection, one with pages, an embedded one, or plainly; and a neighbourhood may decide by itself."""
    base, uri, actor = scene.square.server.base, scene.mod.uri, scene.mod
    if listed == "a list":
        scene.square.publish(attributedTo=[f"{base}/u/other", uri])
    elif listed == "embedded":
        scene.square.publish(attributedTo={"type": "Collection", "items": [{"id": uri, "type": "Person"}]})
    elif listed == "moderators":
        scene.square.publish(moderators=f"{base}{MODS}")
    elif listed == "pages":
        page = {"type": "OrderedCollectionPage", "id": f"{base}/mods?1", "orderedItems": [uri]}
        scene.square.server.put("/mods?1", page)
        whole = {"type": "OrderedCollection", "id": f"{base}/mods", "first": f"{base}/mods?1"}
        scene.square.publish(attributedTo=scene.square.server.put("/mods", whole))
    else:
        scene.square.publish()
        actor = scene.square
    await scene.announces(scene.square, actor.activity("Delete", scene.question.uri))
    assert scene.now(scene.question).status is QuestionStatus.HIDDEN


async def test_a_lock_closes_and_is_taken_back(scene):
    """Nobody can answer any more; an edit by the author does not open it, who locked it does."""
    locked = scene.mod.activity("Lock", scene.question.uri)
    await scene.announces(scene.square, locked)
    assert scene.now(scene.question).status is QuestionStatus.CLOSED
    scene.world.clock.tick(minutes=1)
    later = "2026-11-02T09:30:00Z"
    uri = scene.vera.server.post(
        "/n/1",
        scene.vera.uri,
        to=[PUBLIC, scene.square.uri],
        audience=scene.square.uri,
        content="<p>Anders.</p>",
        updated=later,
    )
    await scene.announces(scene.square, scene.vera.activity("Update", uri))
    assert (scene.now(scene.question).title, scene.now(scene.question).status) == (
        "Anders.",
        QuestionStatus.CLOSED,
    )
    await scene.announces(scene.square, scene.mod.activity("Undo", locked))
    assert scene.now(scene.question).status is QuestionStatus.OPEN


async def test_its_author_locks_it_too(scene):
    """The author says it directly, without the neighbourhood (Mbin)."""
    locked = scene.vera.activity("Lock", scene.question.uri)
    for said, status in (
        (locked, QuestionStatus.CLOSED),
        (scene.vera.activity("Undo", locked), QuestionStatus.OPEN),
    ):
        assert (await scene.vera.send(scene.west, said)).status_code == 202
        await scene.world.settle()
        assert scene.now(scene.question).status is status
    mallory = Elsewhere(scene.world, "evil.example").person("mallory")
    for said in (
        locked | {"actor": mallory.uri, "id": f"{mallory.server.base}/1"},
        mallory.activity("Undo", locked),
    ):
        await mallory.send(scene.west, said)
        await scene.world.settle()
    assert scene.now(scene.question).status is QuestionStatus.OPEN


HOSTILE = (
    "not listed",
    "listed by another neighbourhood",
    "listed on another server",
    "not of that neighbourhood",
    "sent without the neighbourhood",
    "announced by a person",
    "of a refused server",
    "no list any more",
    "not listed any more",
    "a list that names its own host only",
)


@pytest.mark.parametrize("kind", ["Delete", "Lock"])
@pytest.mark.parametrize("how", HOSTILE)
async def test_b23_who_does_not_moderate_there_decides_nothing(scene, how, kind):
    """Whoever it is and whoever says so: the question stays as it is."""
    said, group, base = scene.mod.activity(kind, scene.question.uri), scene.square, scene.square.server.base
    if how == "not listed":
        said = scene.square.server.person("eve").activity(kind, scene.question.uri)
    elif how == "listed by another neighbourhood":
        scene.list()
        scene.park.publish(attributedTo=scene.mod.uri)
        group = scene.park
    elif how == "listed on another server":
        evil = Elsewhere(scene.world, "evil.example")
        items = {"type": "OrderedCollection", "orderedItems": [scene.mod.uri]}
        scene.square.publish(attributedTo=evil.put("/mods", {"id": "https://evil.example/mods", **items}))
    elif how == "not of that neighbourhood":
        scene.park.publish(attributedTo=scene.mod.uri)
        group = scene.park
    elif how == "sent without the neighbourhood":
        await scene.mod.send(scene.west, said)
        await scene.world.settle()
    elif how == "announced by a person":
        group = scene.square.server.person("poser", attributedTo=scene.mod.uri)
    elif how == "of a refused server":
        far = Elsewhere(scene.world, "ver.example").person("far")
        scene.list(far.uri)
        scene.west.store.run_now(peers.decide, "ver.example", Standing.REFUSED)
        said = far.activity(kind, scene.question.uri)
    elif how == "no list any more":
        scene.square.publish(attributedTo=scene.square.server.put(MODS, {}, status=410))
    elif how == "not listed any more":
        scene.list(f"{base}/u/other")
    else:
        scene.list(base, f"{base}/", f"{base}/u/", f"{scene.mod.uri}#x", f"{scene.mod.uri}/")
    if how != "sent without the neighbourhood":
        await scene.announces(group, said)
    assert scene.now(scene.question) == scene.question


async def test_b12_nobody_elsewhere_removes_or_locks_what_is_ours(scene):
    """A moderator there takes our people's words away there, and our own questions nowhere."""
    fatma = scene.west.member("fatma")
    answer = scene.west.answer(fatma, scene.question)
    ours = scene.west.ask(fatma, scope=Scope.PUBLIC)
    await scene.world.settle()
    for uri in (answer.uri, ours.uri):
        for kind in ("Delete", "Lock"):
            await scene.announces(scene.square, scene.mod.activity(kind, uri))
    assert scene.now(answer) == answer
    assert scene.now(ours) == ours


async def test_b08_a_moderator_changes_nobodys_words(scene):
    """They may take a post out of sight, but not put other words in its author's mouth."""
    post = {
        "id": scene.question.uri,
        "type": "Note",
        "attributedTo": scene.vera.uri,
        "to": [PUBLIC],
        "content": "<p>Koop nu.</p>",
        "updated": "2026-11-02T23:00:00Z",
    }
    await scene.announces(scene.square, scene.mod.activity("Update", post))
    assert scene.now(scene.question) == scene.question


async def test_a_post_that_does_not_address_it_does_not_stand_in_a_neighbourhood_that_passes_it_on(scene):
    """Who passes on somebody's words gets no say about them."""
    uri = scene.vera.server.post("/n/9", scene.vera.uri, to=[PUBLIC])
    await scene.announces(scene.square, uri)
    (other,) = [found for found in scene.west.all(Question) if found.uri == uri]
    assert other.group_uri == ""
    await scene.announces(scene.square, scene.mod.activity("Delete", uri))
    assert scene.now(other) == other


@pytest.mark.parametrize(
    "how", ["names it", "came through it", "came by itself, then through it", "below it"]
)
async def test_b23_an_answer_stands_in_a_neighbourhood_that_it_names_or_came_through(scene, how):
    """What somebody of a third server only says below what stands there is not its moderators' to hide."""
    ilse = Elsewhere(scene.world, "elders.example").person("ilse")
    named = {"to": [PUBLIC], "cc": [scene.square.uri]} if how == "names it" else {}
    uri = ilse.server.post("/n/5", ilse.uri, inReplyTo=scene.question.uri, **named)
    if how != "came through it":
        assert (await ilse.send(scene.west, ilse.activity("Create", uri))).status_code == 202
        await scene.world.settle()
    if "through" in how:
        await scene.announces(scene.square, uri)
    (answer,) = scene.west.all(Answer)
    await scene.announces(scene.square, scene.mod.activity("Delete", uri))
    expected = ReplyStatus.SHOWN if how == "below it" else ReplyStatus.HIDDEN
    assert scene.now(answer).status is expected


async def test_b23_an_answer_that_was_only_looked_up_did_not_come_through_a_neighbourhood(scene):
    """It passed on the comment; what that replies to was fetched from where it stands."""
    ilse = Elsewhere(scene.world, "elders.example").person("ilse")
    above = ilse.server.post("/n/5", ilse.uri, inReplyTo=scene.question.uri)
    below = ilse.server.post("/n/6", ilse.uri, inReplyTo=above)
    await scene.announces(scene.square, below)
    for uri in (above, below):
        await scene.announces(scene.square, scene.mod.activity("Delete", uri))
    found = {answer.uri: answer.status for answer in scene.west.all(Answer)}
    assert found == {above: ReplyStatus.SHOWN, below: ReplyStatus.HIDDEN}


@pytest.mark.parametrize("kind", ["Delete", "Lock"])
async def test_b23_a_neighbourhood_that_nobody_here_follows_decides_nothing(scene, kind):
    """Whatever its people asked of us, and whoever answered that: it has no say about anybody's words here."""
    west, evil = scene.west, Elsewhere(scene.world, "evil.example")
    eve, club = evil.person("eve"), evil.group("club")
    club.publish(attributedTo=eve.uri)
    asked = eve.own(to=[PUBLIC, f"{WEST}/b/westerpark", club.uri], audience=club.uri)
    answer = scene.vera.own(inReplyTo=asked["id"], audience=club.uri)
    for by, post in ((eve, asked), (scene.vera, answer)):
        assert (await by.send(west, by.activity("Create", post))).status_code == 202
        await scene.world.settle()
    (question,) = west.all(Question, uri=asked["id"])
    (said,) = west.all(Answer)
    assert (question.group_uri, said.group_uri) == (club.uri, club.uri)
    for uri in (asked["id"], answer["id"]):
        await scene.announces(club, club.activity(kind, uri))
    assert (scene.now(question), scene.now(said)) == (question, said)


async def helped(scene):
    """An answer of ours to a question of the square that says where it lists what helped; the ways to say that."""
    helpful = f"{scene.vera.server.base}/n/1/helpful"
    scene.vera.server.post(
        "/n/1",
        scene.vera.uri,
        to=[PUBLIC, scene.square.uri],
        audience=scene.square.uri,
        updated="2026-11-02T08:30:00Z",
        **{"vb:helpful": helpful},
    )
    scene.world.clock.tick(minutes=1)
    await scene.announces(scene.square, scene.vera.activity("Update", scene.question.uri))
    answer = scene.west.answer(scene.west.member("henk"), scene.question)
    await scene.world.settle()
    return answer, {"target": helpful}


def mark_of(scene, answer):
    return [mark.value for mark in scene.west.all(Mark, id=answer.id)]


async def test_b21_a_listed_moderator_says_what_helped_and_takes_it_back(scene):
    """In our words and in those of PieFed; also of what our own people answered."""
    answer, target = await helped(scene)
    mod = scene.mod
    choice = mod.activity("ChooseAnswer", answer.uri)
    for said, marks in (
        (mod.activity("Add", answer.uri, **target), [Helped.HELPED]),
        (mod.activity("Add", answer.uri, **target, **{"vb:mark": "partly"}), [Helped.PARTLY]),
        (mod.activity("Remove", answer.uri, **target), []),
        (choice, [Helped.HELPED]),
        (mod.activity("Undo", choice), []),
    ):
        await scene.announces(scene.square, said)
        assert mark_of(scene, answer) == marks
    assert scene.now(answer).status is ReplyStatus.SHOWN


@pytest.mark.parametrize(
    "how",
    ["not listed", "by itself", "another neighbourhood", "another collection", "an unknown mark", "ours"],
)
async def test_b21_who_neither_asked_nor_moderates_there_says_nothing_of_it(scene, how):
    """Nobody else has a say about what helped, nor has anybody elsewhere about a question of ours."""
    answer, target = await helped(scene)
    more, group, who = target, scene.square, scene.mod
    if how == "not listed":
        scene.list()
    elif how == "another neighbourhood":
        group = scene.park
        group.publish(attributedTo=who.uri)
    elif how == "another collection":
        more = {"target": f"{scene.square.uri}/featured"}
    elif how == "an unknown mark":
        more = target | {"vb:mark": "geweldig"}
    elif how == "ours":
        ours = scene.west.ask(scene.west.member("fatma"), scope=Scope.PUBLIC)
        answer = scene.west.answer(scene.west.member("noor"), ours)
        more = {"target": ours.helpful_uri}
        await scene.world.settle()
    for said in (who.activity("Add", answer.uri, **more), who.activity("ChooseAnswer", answer.uri)):
        if said["type"] == "ChooseAnswer" and how in {"another collection", "an unknown mark"}:
            continue
        if how == "by itself":
            await who.send(scene.west, said)
            await scene.world.settle()
        else:
            await scene.announces(group, said)
    assert mark_of(scene, answer) == []
