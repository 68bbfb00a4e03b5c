"""What is believed of a proven sender: everything somebody may say in another's name, honestly signed by themselves.

The letters and numbers are rows of the threat table. Each test sends, lets everybody work until nothing happens any
more, and looks at every row of the database.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from storage.records import Activity, Seen
from tests.journeys.strangers import (
    PUBLIC,
    Elsewhere,
    Request,
    Stranger,
    assert_refused,
    everything,
    faults,
    jobs_left,
    note,
    unchanged,
)
from tests.journeys.world import Instance, World
from vraagbaak import follows, moderation
from vraagbaak.model import (
    Actor,
    ActorKind,
    Answer,
    Follow,
    FollowState,
    Helped,
    Like,
    Member,
    Offer,
    Question,
    ReplyStatus,
    Role,
    Scope,
    Tombstone,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
GROUP = f"{WEST}/b/westerpark"
HERE = {"to": [PUBLIC, GROUP]}
LATER = "2026-11-02T20:00:00Z"


@dataclass
class Scene:
    """Two pilots, an honest server with an honest neighbour and a dishonest one, an evil server and a pilot gone bad."""

    world: World
    west: Instance
    east: Instance
    fatma: Member
    noor: Member
    henk: Member
    vera: Stranger
    neighbour: Stranger
    """On the same server as vera, whom they envy."""
    square: Stranger
    """The neighbourhood there; ours follows it, and it agreed."""
    quiet: Stranger
    """Another one there, that has not said yes."""
    mallory: Stranger
    crowd: Stranger
    """A neighbourhood on the evil server; nobody follows it."""
    olga: Stranger
    """On a server that is trusted as a pilot."""
    eve: Stranger
    """On the same, and not to be trusted."""
    pilot: Stranger
    """Its neighbourhood."""
    things: dict[str, str] = field(default_factory=dict)
    """Uris by name."""

    async def hear(self, sender: Stranger, said, **how):
        """An honest activity is taken, and all of it is done."""
        assert (await sender.send(self.west, said, **how)).status_code == 202
        await self.world.settle()

    async def drop(self, sender: Stranger, *said, but=(), requests: int = 0):
        """Dishonest ones change nothing in either pilot; for all, so many documents are fetched at most."""
        before = everything(self.east, "seen")
        with unchanged(self.west, "seen", *but, requests=requests):
            answers = [await sender.send(self.west, each) for each in said]
            await self.world.settle()
        assert {answer.status_code for answer in answers} <= {202, 400, 403}
        assert everything(self.east, "seen") == before
        return answers[-1]

    def all_by(self, kind, uri: str):
        """The one thing with this uri."""
        return next(iter(self.west.all(kind, uri=uri)), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("forged"))
    west, east = world.pilots("Westerpark", "Nieuwland", moderate_outside=False)
    good, evil, bad = (Elsewhere(world, f"{name}.example") for name in ("good", "evil", "pilot"))
    _, pilot = bad.become_pilot()
    made = Scene(
        world=world,
        west=west,
        east=east,
        fatma=west.member("fatma"),
        noor=west.member("noor"),
        henk=east.member("henk"),
        vera=good.person("vera"),
        neighbour=good.person("neighbour"),
        square=good.group("square"),
        quiet=good.group("quiet"),
        mallory=evil.person(),
        crowd=evil.group("crowd"),
        olga=bad.person("olga"),
        eve=bad.person("eve"),
        pilot=pilot,
    )
    west.trust(bad)
    await world.settle()
    for each in (
        made.vera,
        made.neighbour,
        made.square,
        made.quiet,
        made.mallory,
        made.crowd,
        made.olga,
        made.eve,
        pilot,
    ):
        await made.hear(each, each.activity("Listen", "https://good.example/muziek"))
    await _speak(made)
    await _follow(made)
    yield made
    world.close()


async def _speak(scene: Scene) -> None:
    """Something by everybody, in every thread."""
    west, east, good, bad = scene.west, scene.east, scene.vera.server, scene.olga.server
    question = west.ask(scene.fatma, "Wie loopt er mee?", Scope.PUBLIC)
    for pilots in (west.ask(scene.fatma, "Onder proeftuinen?"),):
        scene.things["pilots question"] = pilots.uri
    scene.things["own question"] = west.ask(scene.fatma, "Onder ons?", Scope.NEIGHBOURHOOD).uri
    answer = west.answer(scene.noor, question)
    await scene.world.settle()
    far = east.answer(scene.henk, question)
    await scene.world.settle()
    west.mark(scene.fatma, far)
    await scene.world.settle()
    good.post("/n/question", scene.vera.uri, content="<p>Wie heeft er een ladder?</p>", **HERE)
    good.post("/n/answer", scene.vera.uri, inReplyTo=question.uri, **HERE)
    good.post("/n/comment", scene.vera.uri, inReplyTo=answer.uri, **HERE)
    good.post("/n/offer", scene.vera.uri, **{"vb:kind": "offer"}, **HERE)
    bad.post(
        "/n/question",
        scene.olga.uri,
        content="<p>Waar is hier een bakker?</p>",
        **HERE,
        **{"vb:helpful": f"{bad.base}/n/question/helpful"},
    )
    bad.post("/n/answer", scene.olga.uri, inReplyTo=question.uri, **HERE)
    for server, author, names in (
        (good, scene.vera, ("question", "answer", "comment", "offer")),
        (bad, scene.olga, ("question", "answer")),
    ):
        for name in names:
            path = f"/n/{name}"
            scene.things[f"{author.handle}'s {name}"] = server.base + path
            document = json.loads(server.pages[path][2])
            await scene.hear(author, author.activity("Create", document, **HERE))
    theirs = scene.all_by(Question, f"{bad.base}/n/question")
    helped = west.answer(scene.noor, theirs, "Op de hoek.")
    good.post("/n/there", scene.vera.uri, inReplyTo=theirs.uri, **HERE)
    await scene.hear(scene.vera, scene.vera.activity("Create", json.loads(good.pages["/n/there"][2])))
    scene.things |= {
        "question": question.uri,
        "answer": answer.uri,
        "henk's answer": far.uri,
        "helped": helped.uri,
        "vera's answer to olga": f"{good.base}/n/there",
    }
    mark = scene.olga.activity(
        "Add", helped.uri, target=f"{bad.base}/n/question/helpful", **{"vb:mark": "accepted"}
    )
    await scene.hear(scene.olga, mark)
    like = scene.vera.activity("Like", answer.uri)
    scene.things["vera's like"] = like["id"]
    await scene.hear(scene.vera, like)


async def _follow(scene: Scene) -> None:
    """Vera follows our neighbourhood; ours follows hers, which says yes, and another, which says nothing."""
    follow = scene.vera.activity("Follow", GROUP)
    scene.things["vera's follow"] = follow["id"]
    await scene.hear(scene.vera, follow)
    ourselves = scene.west.all(Actor, uri=f"{WEST}/actor")[0]
    for group in (scene.square, scene.quiet):
        target = scene.all_by(Actor, group.uri)
        made = scene.west.store.run_now(follows.ask, ourselves, target)
        scene.things[f"our follow of {group.handle}"] = made.uri
    await scene.world.settle()
    await scene.hear(scene.square, scene.square.activity("Accept", scene.things["our follow of square"]))


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    """Whatever comes in, nothing breaks, and no work is left lying."""
    scene.world.clock.tick(seconds=5)
    yield
    assert faults(scene.world, caplog.records) == []
    assert jobs_left(scene.west) == jobs_left(scene.east) == []


THINGS = (
    "question",
    "pilots question",
    "own question",
    "answer",
    "henk's answer",
    "vera's question",
    "vera's answer",
    "vera's comment",
    "vera's offer",
    "olga's question",
    "olga's answer",
)
OF_VERA = ("vera's question", "vera's answer", "vera's comment", "vera's offer")
ATTACKERS = ("mallory", "neighbour", "eve", "crowd")


# the scene itself


async def test_the_scene_stands(scene):
    """Everything that the tests below try to change is there, shown and as its author left it."""
    for name in THINGS:
        found = [scene.all_by(kind, scene.things[name]) for kind in (Question, Answer, Offer)]
        (thing,) = [each for each in found if each]
        assert thing.status in {"open", "answered", "shown"}, name
    assert scene.west.mark_of(scene.all_by(Answer, scene.things["helped"])) is Helped.HELPED
    states = [
        scene.all_by(Follow, scene.things[f"our follow of {name}"]).state for name in ("square", "quiet")
    ]
    assert states == [FollowState.ACCEPTED, FollowState.PENDING]
    assert scene.all_by(Follow, scene.things["vera's follow"]).state is FollowState.ACCEPTED
    assert len(scene.west.all(Like, id=scene.things["vera's like"])) == 1


# posts in another's name


EVIL, GOOD = "https://evil.example", "https://good.example"
MALLORY, VERA, FATMA = f"{EVIL}/u/mallory", f"{GOOD}/u/vera", f"{WEST}/u/fatma"
FREE = f"{WEST}/q/01k2m700000000000000000000"
ATTRIBUTED = {
    "B01 victim's name": {"id": f"{EVIL}/n/x", "attributedTo": VERA},
    "B01 victim's name in a list": {"id": f"{EVIL}/n/x", "attributedTo": [VERA, MALLORY]},
    "B01 victim embedded": {"id": f"{EVIL}/n/x", "attributedTo": {"id": VERA}},
    "B01 unknown victim": {"id": f"{EVIL}/n/x", "attributedTo": "https://derde.example/u/daan"},
    "B01 our own name": {"id": f"{EVIL}/n/x", "attributedTo": FATMA},
    "B01 nobody": {"id": f"{EVIL}/n/x", "attributedTo": None},
    "B03 victim's server": {"id": f"{GOOD}/n/x"},
    "B03 victim's server, own name first": {"id": f"{GOOD}/n/x", "attributedTo": [MALLORY, VERA]},
    "B03 victim's known post": {"id": f"{GOOD}/n/answer"},
    "B03 victim's known post, in her name": {"id": f"{GOOD}/n/answer", "attributedTo": VERA},
    "B40 our server": {"id": FREE},
    "B40 our server, our name": {"id": FREE, "attributedTo": FATMA},
    "B40 our neighbourhood": {"id": GROUP},
    "B40 our person": {"id": FATMA},
    "B05 our server in capitals": {"id": "https://WESTERPARK.example/q/x"},
    "B05 our server with a port": {"id": "https://westerpark.example:443/q/x"},
    "B05 our server with a dot": {"id": "https://westerpark.example./q/x"},
    "B05 our server without TLS": {"id": "http://westerpark.example/q/x"},
    "B05 our server as a name": {"id": "https://westerpark.example@evil.example/q/x"},
    "B05 evil as a name": {"id": "https://evil.example@westerpark.example/q/x"},
    "B05 our server with a backslash": {"id": "https://evil.example\\@westerpark.example/q/x"},
    "B05 another port": {"id": "https://evil.example:8443/n/x"},
    "B05 without TLS": {"id": "http://evil.example/n/x"},
    "B05 a sub-domain": {"id": "https://sub.evil.example/n/x"},
    "B05 no url": {"id": "urn:uuid:1"},
    "B05 data": {"id": "data:text/plain,x"},
    "D07 no id": {"id": None},
    "D07 an id that is a number": {"id": 5},
}


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("what", ATTRIBUTED)
async def test_a_post_is_only_taken_from_its_own_author_and_server(scene, what, kind):
    """A post that names another author, or has an id anywhere but on its author's own server, is not stored."""
    post = note("", MALLORY, **HERE) | ATTRIBUTED[what]
    reply = post | {"inReplyTo": scene.things["question"]}
    offer = post | {"vb:kind": "offer"}
    await scene.drop(
        scene.mallory, *(scene.mallory.activity(kind, each, **HERE) for each in (post, reply, offer))
    )


@pytest.mark.parametrize("kind", ["Create", "Update"])
@pytest.mark.parametrize("there", [True, False])
async def test_b04_a_post_is_what_stands_at_its_own_id(scene, there, kind):
    """A document on an evil server under a victim's id is looked up there, once, and then is not the sender's."""
    vera, evil = scene.vera, scene.mallory.server
    path = f"/n/b04-{kind}-{there}"
    if there:
        vera.server.post(path, vera.uri, **HERE)
    evil.put(path, note(vera.server.base + path, scene.mallory.uri, content="<p>Verzonnen.</p>", **HERE))
    await scene.drop(scene.mallory, scene.mallory.activity(kind, evil.base + path), requests=2)
    assert scene.all_by(Question, vera.server.base + path) is None


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_b04_a_post_that_is_only_named_is_taken_from_its_author_alone(scene, kind):
    """To name somebody else's post as one's own does not bring it in, however real it is."""
    uri = scene.vera.server.post(f"/n/echt-{kind}", scene.vera.uri, content="<p>Echt van mij.</p>", **HERE)
    await scene.drop(scene.mallory, scene.mallory.activity(kind, uri), requests=1)
    await scene.drop(scene.neighbour, scene.neighbour.activity(kind, uri), requests=1)


@pytest.mark.parametrize("there", [True, False])
async def test_b04_what_is_passed_on_or_replied_to_is_what_stands_at_its_own_id(scene, there):
    """A copy on an evil server, under a victim's id, is not read, whoever names it and for whatever."""
    good, evil = scene.vera.server, scene.mallory.server
    path = f"/n/kopie-{there}"
    if there:
        good.post(path, scene.vera.uri, content="<p>Zo staat het er.</p>", inReplyTo=scene.things["question"])
    forged = note(good.base + path, scene.vera.uri, content="<p>Verzonnen.</p>", **HERE)
    copy = evil.put(path, forged | {"inReplyTo": scene.things["question"]})
    await scene.drop(scene.mallory, scene.mallory.activity("Announce", copy))
    reply = scene.mallory.own(inReplyTo=copy, **HERE)
    for sender, said in (
        (scene.square, scene.square.activity("Announce", copy)),
        (scene.pilot, scene.pilot.activity("Announce", scene.vera.activity("Update", copy))),
        (scene.mallory, scene.mallory.activity("Create", reply)),
    ):
        await scene.hear(sender, said)
        found = scene.all_by(Answer, good.base + path)
        assert (found.body if found else "") == ("Zo staat het er." if there else "")
    await scene.drop(
        scene.square, scene.square.activity("Announce", scene.vera.activity("Delete", copy)), requests=2
    )


def twisted(scene, uri, author):
    """A thing in other words, as a question, as an answer and as an offer."""
    changed = note(
        uri, author, content="<p>Verdraaid.</p>", updated=LATER, **HERE, **{"vb:title": "Verdraaid"}
    )
    return [changed, changed | {"inReplyTo": scene.things["question"]}, changed | {"vb:kind": "offer"}]


@pytest.mark.parametrize("thing", THINGS)
@pytest.mark.parametrize("attacker", ATTACKERS, ids=["B07 mallory", "B06 neighbour", "B07 eve", "B07 crowd"])
async def test_nobody_changes_what_another_wrote(scene, attacker, thing):
    """An Update by somebody else, on the same server or another, embedded or only named, in either's name, is nothing."""
    sender, uri = getattr(scene, attacker), scene.things[thing]
    author = scene.vera if "vera" in thing else scene.olga
    said = [
        sender.activity(kind, changed, **HERE)
        for name in (sender.uri, author.uri)
        for changed in twisted(scene, uri, name)
        for kind in ("Update", "Create")
    ]
    await scene.drop(sender, *said)
    await scene.drop(sender, sender.activity("Update", uri), requests=1)


@pytest.mark.parametrize(
    "members",
    [
        {"attributedTo": "https://good.example/u/neighbour"},
        {"attributedTo": ["https://good.example/u/neighbour", "https://good.example/u/vera"]},
        {"attributedTo": "https://westerpark.example/u/fatma"},
        {"type": "Person"},
        {"type": "Group"},
        {"type": "Tombstone"},
        {"type": "Place"},
        {"vb:kind": "offer"},
        {"inReplyTo": None},
        {"id": "https://westerpark.example/a/01k2m700000000000000000000"},
        {"to": [], "cc": []},
        {"to": ["https://good.example/u/neighbour"], "cc": []},
    ],
)
async def test_b08_an_edit_does_not_make_a_thing_into_another_thing(scene, members):
    """Author, id and kind of an answer are what they were from the start, whatever its own author sends."""
    changed = note(
        scene.things["vera's answer"],
        scene.vera.uri,
        updated=LATER,
        inReplyTo=scene.things["question"],
        **HERE,
    )
    await scene.drop(scene.vera, scene.vera.activity("Update", changed | members))


@pytest.mark.parametrize("parent", ["pilots question", "own question", "olga's question", "answer"])
async def test_b08_an_edit_does_not_move_an_answer(scene, parent):
    """An answer stays under the question it was given to, also when its author says otherwise."""
    uri = scene.vera.server.base + f"/n/blijft-{parent.replace(' ', '-')}"
    first = note(uri, scene.vera.uri, inReplyTo=scene.things["question"], **HERE)
    await scene.hear(scene.vera, scene.vera.activity("Create", first))
    before = scene.all_by(Answer, uri)
    moved = first | {"inReplyTo": scene.things[parent], "updated": LATER, "content": "<p>Verhuisd.</p>"}
    await scene.hear(scene.vera, scene.vera.activity("Update", moved))
    after = scene.all_by(Answer, uri)
    assert (after.question_id, after.parent_id, after.scope) == (
        before.question_id,
        before.parent_id,
        before.scope,
    )


@pytest.mark.parametrize(
    "updated",
    [
        None,
        "2026-11-02T08:00:00Z",
        "2026-11-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "gisteren",
        "",
        5,
        {},
        "2026-11-02T20:00:00+99:99",
        "2026-13-45T99:99:99Z",
    ],
)
async def test_b09_an_edit_that_is_not_newer_is_none(scene, updated):
    """Without a readable moment after the one we have, nothing changes."""
    changed = note(
        scene.things["vera's question"],
        scene.vera.uri,
        content="<p>Een andere vraag?</p>",
        updated=updated,
        **HERE,
    )
    await scene.drop(scene.vera, scene.vera.activity("Update", changed))


async def test_b09_an_edit_from_the_future_is_not_kept_from_being_edited(scene):
    """A moment far ahead counts as now, so that the next honest edit is still the newer one."""
    uri = f"{scene.vera.server.base}/n/toekomst"
    first = note(uri, scene.vera.uri, content="<p>Een?</p>", published="2099-01-01T00:00:00Z", **HERE)
    await scene.hear(scene.vera, scene.vera.activity("Create", first))
    assert scene.all_by(Question, uri).published_at <= scene.world.clock.now()
    for text, updated in (("Twee?", "2099-06-01T00:00:00Z"), ("Drie?", "2099-07-01T00:00:00Z")):
        scene.world.clock.tick(minutes=6)
        changed = first | {"content": f"<p>{text}</p>", "updated": updated}
        await scene.hear(scene.vera, scene.vera.activity("Update", changed))
        assert scene.all_by(Question, uri).title == text


# what is gone


@pytest.mark.parametrize(
    "thing",
    [*THINGS, "fatma", "our neighbourhood", "our server"],
    ids=lambda thing: f"{'B10' if thing.startswith(('vera', 'olga', 'henk')) else 'B12'} {thing}",
)
@pytest.mark.parametrize("attacker", ATTACKERS)
async def test_nobody_deletes_what_is_anothers(scene, attacker, thing):
    """A Delete by anybody but the author does nothing, however the thing is written."""
    sender = getattr(scene, attacker)
    names = {"fatma": f"{WEST}/u/fatma", "our neighbourhood": GROUP, "our server": f"{WEST}/actor"}
    uri = names.get(thing) or scene.things[thing]
    insides = (
        uri,
        {"id": uri, "type": "Tombstone"},
        {"id": uri, "type": "Note", "attributedTo": sender.uri},
        [uri],
    )
    await scene.drop(sender, *(sender.activity("Delete", inside) for inside in insides))


@pytest.mark.parametrize("attacker", ["neighbour", "mallory", "eve"])
async def test_b10_nobody_says_farewell_for_another(scene, attacker):
    """The Delete of an actor by another one leaves that actor, and what it said, as they were."""
    sender = getattr(scene, attacker)
    for victim in (scene.vera, scene.olga):
        if sender.server is victim.server:
            await scene.hear(sender, sender.activity("Delete", victim.uri))
        else:
            await scene.drop(sender, sender.activity("Delete", victim.uri))
        assert not scene.all_by(Actor, victim.uri).suspended
    assert scene.all_by(Answer, scene.things["vera's answer"])
    assert scene.all_by(Answer, scene.things["olga's answer"])


async def test_b13_what_its_author_deleted_does_not_come_back(scene):
    """After a Delete neither a Create, an Update nor a name brings the post back, by whomever."""
    uri = scene.vera.server.post("/n/weg", scene.vera.uri, inReplyTo=scene.things["question"], **HERE)
    document = json.loads(scene.vera.server.pages["/n/weg"][2])
    await scene.hear(scene.vera, scene.vera.activity("Create", document))
    assert scene.all_by(Answer, uri)
    await scene.hear(scene.vera, scene.vera.activity("Delete", {"id": uri, "type": "Tombstone"}))
    assert scene.all_by(Answer, uri) is None
    for kind in ("Create", "Update"):
        await scene.drop(scene.vera, scene.vera.activity(kind, document | {"updated": LATER}))
        await scene.drop(scene.vera, scene.vera.activity(kind, uri), requests=1)
    await scene.drop(scene.square, scene.square.activity("Announce", uri), requests=1)
    wrapped = scene.vera.activity("Create", document)
    await scene.drop(scene.square, scene.square.activity("Announce", wrapped), requests=1)


async def test_b14_what_was_deleted_before_it_came_does_not_come(scene):
    """A Delete that overtakes its Create is remembered."""
    uri = f"{scene.vera.server.base}/n/te-vroeg"
    await scene.hear(scene.vera, scene.vera.activity("Delete", uri))
    first = note(uri, scene.vera.uri, **HERE)
    await scene.drop(scene.vera, scene.vera.activity("Create", first))
    scene.world.clock.tick(hours=6)
    await scene.drop(scene.vera, scene.vera.activity("Create", first))


async def test_b14_somebody_elses_delete_beforehand_keeps_nothing_out(scene):
    """Who deletes a neighbour's post before it came does not silence the neighbour."""
    uri = f"{scene.vera.server.base}/n/niet-stil"
    await scene.hear(scene.neighbour, scene.neighbour.activity("Delete", uri))
    await scene.hear(scene.vera, scene.vera.activity("Create", note(uri, scene.vera.uri, **HERE)))
    assert scene.all_by(Question, uri)


# taking back, agreeing, refusing


def undone(scene, sender):
    """Every way to take back what vera gave."""
    follow = {"id": scene.things["vera's follow"], "type": "Follow", "actor": scene.vera.uri, "object": GROUP}
    like = {
        "id": scene.things["vera's like"],
        "type": "Like",
        "actor": scene.vera.uri,
        "object": scene.things["answer"],
    }
    return [
        follow,
        like,
        follow | {"actor": sender.uri},
        like | {"actor": sender.uri},
        follow | {"actor": sender.uri, "type": "Like"},
        follow | {"actor": [scene.vera.uri, sender.uri]},
        {name: value for name, value in follow.items() if name != "actor"},
        {name: value for name, value in like.items() if name != "actor"},
        follow["id"],
        like["id"],
        {"id": follow["id"]},
        [follow["id"], like["id"]],
        scene.things["our follow of square"],
        scene.things["vera's answer"],
        scene.things["question"],
        GROUP,
    ]


@pytest.mark.parametrize("attacker", ATTACKERS)
async def test_b15_b16_nobody_takes_back_what_another_gave(scene, attacker):
    """A follow or like of somebody else stays, whether it is named or embedded, in their name or one's own."""
    sender = getattr(scene, attacker)
    await scene.drop(sender, *(sender.activity("Undo", inside) for inside in undone(scene, sender)))


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
@pytest.mark.parametrize(
    ("target", "attacker"),
    [
        (target, attacker)
        for target in ("quiet", "square")
        for attacker in ("neighbour", "vera", "mallory", "crowd", "eve", "square", "quiet")
        if attacker != target
    ],
)
async def test_b24_b26_only_whom_we_asked_says_yes_or_no(scene, kind, target, attacker):
    """The answer to a follow of ours comes from its target alone, not from its server, and not from another."""
    sender, asked = getattr(scene, attacker), getattr(scene, target)
    uri = scene.things[f"our follow of {target}"]
    ours = f"{WEST}/actor"
    insides = (
        uri,
        {"id": uri},
        {"id": uri, "type": "Follow", "actor": ours, "object": asked.uri},
        {"id": uri, "type": "Follow", "actor": ours, "object": sender.uri},
        {"id": uri, "type": "Follow", "actor": sender.uri, "object": sender.uri},
        {"type": "Follow", "actor": ours, "object": asked.uri},
        {"type": "Follow", "actor": {"id": ours}, "object": {"id": asked.uri}},
        [uri],
    )
    await scene.drop(sender, *(sender.activity(kind, inside) for inside in insides))


@pytest.mark.parametrize("kind", ["Accept", "Reject"])
@pytest.mark.parametrize(
    "inside",
    [
        f"{WEST}/follows/01k2m700000000000000000000",
        f"{WEST}/follows/",
        f"{WEST}/actor",
        {"type": "Follow", "actor": f"{WEST}/u/fatma", "object": "https://evil.example/u/mallory"},
        {"type": "Follow", "actor": f"{WEST}/actor", "object": "https://evil.example/u/mallory"},
        {
            "type": "Follow",
            "actor": "https://good.example/u/vera",
            "object": "https://evil.example/u/mallory",
        },
        {"type": "Invite", "object": GROUP},
        None,
        "",
        5,
    ],
)
async def test_b24_an_answer_to_a_follow_that_was_never_sent_is_none(scene, kind, inside):
    """Nobody makes us follow them by saying that they agree."""
    await scene.drop(scene.mallory, scene.mallory.activity(kind, inside))
    assert scene.all_by(Follow, "https://evil.example/u/mallory") is None


async def test_b25_a_neighbourhood_that_has_not_said_yes_is_not_listened_to(scene):
    """Until our follow is accepted, what that neighbourhood passes on is not fetched."""
    uri = scene.vera.server.post("/n/nog-niet", scene.vera.uri)
    await scene.drop(scene.quiet, scene.quiet.activity("Announce", uri))
    wrapped = scene.vera.activity("Create", json.loads(scene.vera.server.pages["/n/nog-niet"][2]))
    await scene.drop(scene.quiet, scene.quiet.activity("Announce", wrapped))


@pytest.mark.parametrize(
    "target",
    [
        "https://good.example/u/vera",
        "https://evil.example/u/mallory",
        f"{WEST}/u/niemand",
        f"{WEST}/q/01k2m700000000000000000000",
        f"{WEST}/b/westerpark/followers",
        "https://WESTERPARK.example/b/westerpark",
        PUBLIC,
        {"type": "Group"},
        [GROUP, GROUP],
        [[GROUP]],
        None,
    ],
)
async def test_nobody_follows_what_is_not_ours_to_be_followed(scene, target):
    """A follow is of one of our own actors, by its own name."""
    await scene.drop(scene.mallory, scene.mallory.activity("Follow", target))


async def test_a_follow_is_of_its_sender_alone(scene):
    """Nobody makes somebody else follow; the one who signs is the one who follows."""
    forged = scene.mallory.activity("Follow", GROUP) | {"actor": scene.vera.uri}
    assert (await scene.drop(scene.mallory, forged)).status_code == 403
    forged = scene.mallory.activity("Follow", {"id": GROUP, "actor": scene.vera.uri})
    await scene.hear(scene.mallory, forged)
    (follow,) = scene.west.all(Follow, uri=forged["id"])
    assert scene.west.all(Actor, id=follow.follower_id)[0].uri == scene.mallory.uri
    await scene.hear(scene.mallory, scene.mallory.activity("Undo", forged))
    assert scene.west.all(Follow, uri=forged["id"]) == []


async def test_b16_the_id_of_anothers_follow_cannot_be_taken(scene):
    """A follow under an id that somebody else's has already does not replace it."""
    taken = scene.things["vera's follow"]
    answer = await scene.drop(scene.neighbour, scene.neighbour.activity("Follow", GROUP) | {"id": taken})
    assert answer.status_code == 202
    assert (
        await scene.drop(scene.mallory, scene.mallory.activity("Follow", GROUP) | {"id": taken})
    ).status_code == 400


# what is passed on


async def test_b17_b18_what_nobody_follows_passes_nothing_on(scene):
    """Announcements by an actor that we do not listen to are not even looked after."""
    uri = scene.vera.server.post("/n/onbekend", scene.vera.uri)
    document = json.loads(scene.vera.server.pages["/n/onbekend"][2])
    forged = note(uri, scene.vera.uri, content="<p>Verzonnen.</p>", **HERE)
    for sender in (scene.crowd, scene.mallory, scene.neighbour, scene.vera, scene.eve):
        insides = (
            uri,
            document,
            forged,
            scene.vera.activity("Create", document),
            scene.vera.activity("Create", forged),
            scene.vera.activity("Delete", uri),
            note(f"{sender.server.base}/n/eigen", sender.uri, **HERE),
            sender.activity("Create", note(f"{sender.server.base}/n/eigen", sender.uri, **HERE)),
        )
        await scene.drop(sender, *(sender.activity("Announce", inside) for inside in insides))


def forged_about(scene, author, uri):
    """What somebody may put in an author's mouth, most of it about a thing of theirs."""
    changed = twisted(scene, uri, author.uri)
    target = f"{scene.things['question']}/helpful"
    return [
        *(author.activity("Create", each) for each in changed),
        *(author.activity("Update", each) for each in changed),
        *changed,
        author.activity("Delete", {"id": uri, "type": "Tombstone"}),
        author.activity("Delete", uri),
        author.activity("Like", scene.things["helped"]),
        author.activity("Undo", scene.things["vera's follow"]),
        author.activity("Add", scene.things["answer"], target=target),
        author.activity("Remove", scene.things["henk's answer"], target=target),
        author.activity("Follow", GROUP),
        author.activity("Accept", scene.things["our follow of quiet"]),
        author.activity("Delete", author.uri),
    ]


@pytest.mark.parametrize("attacker", ["neighbour", "mallory", "crowd", "eve"])
@pytest.mark.parametrize("thing", OF_VERA)
async def test_b06_b18_a_person_vouches_for_nobody(scene, thing, attacker):
    """What a person passes on in somebody else's name is looked up at its own server, or dropped, also on the same server."""
    sender, forged = getattr(scene, attacker), forged_about(scene, scene.vera, scene.things[thing])
    said = [sender.activity("Announce", inside) for inside in forged]
    await scene.drop(sender, *said, requests=len(said))


@pytest.mark.parametrize("thing", ["olga's question", "olga's answer"])
async def test_b06_b18_a_person_of_a_pilot_vouches_for_nobody(scene, thing):
    """The same on a server that is trusted as a pilot: its neighbourhood is trusted, not everybody who lives there."""
    target = scene.things["olga's question"] + "/helpful"
    forged = [
        *forged_about(scene, scene.olga, scene.things[thing]),
        scene.olga.activity("Add", scene.things["helped"], target=target, **{"vb:mark": "partly"}),
        scene.olga.activity("Remove", scene.things["helped"], target=target),
        scene.olga.activity("Create", scene.olga.own(**HERE)),
    ]
    said = [scene.eve.activity("Announce", inside) for inside in forged]
    await scene.drop(scene.eve, *said, requests=len(said))


@pytest.mark.parametrize(
    ("group", "thing"),
    [
        ("square", "henk's answer"),
        ("square", "olga's answer"),
        ("pilot", "henk's answer"),
        ("pilot", "vera's answer"),
        ("pilot", "vera's question"),
        ("pilot", "vera's offer"),
    ],
)
async def test_b17_b18_a_neighbourhood_vouches_for_its_own_server_alone(scene, group, thing):
    """What a neighbourhood we listen to passes on of people elsewhere is what their own server says, nothing else."""
    henk = Stranger(Elsewhere(scene.world, scene.east.host), "henk")
    sender, author = (
        getattr(scene, group),
        {"henk's answer": henk, "olga's answer": scene.olga}.get(thing, scene.vera),
    )
    said = [
        sender.activity("Announce", inside) for inside in forged_about(scene, author, scene.things[thing])
    ]
    await scene.drop(sender, *said, requests=len(said))


async def test_b17_an_embedded_post_is_taken_from_its_own_server(scene):
    """A new post that is passed on comes in as its own server shows it, not as it was embedded."""
    other = Elsewhere(scene.world, "vierde.example").person("vivian")
    for number, wrap in enumerate(
        (
            lambda post: post,
            lambda post: other.activity("Create", post),
            lambda post: post["id"],
            lambda post: {"id": post["id"]},
        )
    ):
        uri = other.server.post(f"/n/echt{number}", other.uri, content="<p>Zo staat het er.</p>")
        forged = note(uri, other.uri, content="<p>Verzonnen.</p>", updated=LATER, **HERE)
        await scene.hear(scene.square, scene.square.activity("Announce", wrap(forged)))
        assert scene.all_by(Question, uri).title == "Zo staat het er."


async def test_b11_a_delete_that_is_passed_on_counts_when_the_post_is_gone(scene):
    """Its own server decides: still there, it stays; gone, it goes."""
    other = Elsewhere(scene.world, "vijfde.example").person("vic")
    uris = []
    for number in range(3):
        uri = other.server.post(f"/n/weg{number}", other.uri, inReplyTo=scene.things["question"])
        await scene.hear(
            other, other.activity("Create", json.loads(other.server.pages[f"/n/weg{number}"][2]))
        )
        uris.append(uri)
        await scene.drop(
            scene.square, scene.square.activity("Announce", other.activity("Delete", uri)), requests=1
        )
    scene.world.clock.tick(minutes=2)
    del other.server.pages["/n/weg0"]
    other.server.put("/n/weg1", {"id": uris[1], "type": "Tombstone"}, status=410)
    other.server.put("/n/weg2", {"id": uris[2], "type": "Tombstone"})
    for uri in uris:
        await scene.hear(scene.square, scene.square.activity("Announce", other.activity("Delete", uri)))
        assert scene.all_by(Answer, uri) is None


@pytest.mark.parametrize("sender", ["square", "pilot"])
async def test_b20_nobody_passes_on_what_was_passed_on_or_what_is_private(scene, sender):
    """An Announce of an Announce, of itself, of what is ours, of an actor or of what is not public, is nothing."""
    group, good = getattr(scene, sender), scene.vera.server
    public = good.post(f"/n/rond-{sender}", scene.vera.uri)
    announce = group.activity("Announce", public)
    good.put(f"/n/rondom-{sender}", announce | {"id": f"{good.base}/n/rondom-{sender}"})
    private = {
        "followers": {"to": [f"{scene.vera.uri}/followers"]},
        "one": {"to": [scene.mallory.uri]},
        "nobody": {"to": [], "cc": []},
        "bto": {"to": [], "bto": [PUBLIC]},
        "our neighbourhood": {"to": [GROUP]},
        "pilots": {"to": [f"{WEST}/circles/samenbeter"], "vb:privacy": "pilots"},
        "home": {"to": [PUBLIC], "vb:privacy": "neighbourhood"},
    }
    hidden = [
        good.post(f"/n/besloten-{sender}-{name.replace(' ', '')}", scene.vera.uri, **members)
        for name, members in private.items()
    ]
    insides = (
        announce,
        scene.crowd.activity("Announce", public),
        f"{good.base}/n/rondom-{sender}",
        scene.things["question"],
        scene.things["pilots question"],
        {
            "type": "Create",
            "actor": f"{WEST}/u/fatma",
            "object": note(scene.things["question"], f"{WEST}/u/fatma"),
        },
        {"type": "Delete", "actor": f"{WEST}/u/fatma", "object": scene.things["question"]},
        {"type": "Delete", "actor": scene.vera.uri, "object": scene.things["question"]},
        {"type": "Update", "actor": scene.vera.uri, "object": scene.things["question"]},
        GROUP,
        scene.vera.uri,
        scene.vera.document(),
        *hidden,
        *(
            scene.vera.activity("Create", json.loads(good.pages[uri.removeprefix(good.base)][2]))
            for uri in hidden
        ),
    )
    await scene.drop(
        group, *(group.activity("Announce", inside) for inside in insides), requests=len(insides)
    )
    itself = group.activity("Announce", None)
    await scene.drop(group, itself | {"object": itself["id"]}, requests=1)


async def test_b18_a_vouched_activity_has_no_id_but_its_own_servers(scene):
    """Under an id of ours or of another server, nothing is remembered as said, shown by us or passed on."""
    uri = f"{scene.olga.server.base}/n/vervalst-id"
    ours = scene.west.all(Activity)[0].id
    for inner in (ours, f"{WEST}/act/01k2m700000000000000000000", f"{scene.vera.server.base}/act/vreemd"):
        post = note(uri, scene.olga.uri, inReplyTo=scene.things["question"], **HERE)
        create = scene.olga.activity("Create", post) | {"id": inner}
        await scene.hear(scene.pilot, scene.pilot.activity("Announce", create))
        sent = len(scene.world.network.sent)
        delete = scene.olga.activity("Delete", uri) | {"id": inner}
        await scene.hear(scene.pilot, scene.pilot.activity("Announce", delete))
        said = [json.loads(each.body) for each in scene.world.network.sent[sent:] if each.method == "POST"]
        assert [
            each["object"] for each in said if each["object"] != uri and isinstance(each["object"], dict)
        ] == []
        scene.west.store.run_now(lambda tx: [tx.remove(grave) for grave in tx.find(Tombstone, uri=uri)])
    assert scene.west.all(Activity, id=f"{WEST}/act/01k2m700000000000000000000") == []


# what helped


@pytest.mark.parametrize("kind", ["Add", "Remove"])
@pytest.mark.parametrize("attacker", ["mallory", "vera", "eve", "pilot", "square"])
@pytest.mark.parametrize("answer", ["helped", "vera's answer to olga", "answer", "vera's answer"])
async def test_b21_b22_only_the_asker_says_what_helped(scene, kind, attacker, answer):
    """Neither the one who answered, nor somebody on the asker's server, nor the neighbourhood can mark an answer."""
    sender = getattr(scene, attacker)
    said = [
        sender.activity(
            kind, scene.things[answer], target=f"{scene.things[question]}/helpful", **{"vb:mark": "partly"}
        )
        for question in ("olga's question", "question", "pilots question", "own question", "vera's question")
    ]
    await scene.drop(sender, *said)


@pytest.mark.parametrize("kind", ["Add", "Remove"])
@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        [],
        5,
        "https://pilot.example/n/question",
        "https://pilot.example/n/question/helpful#",
        "https://PILOT.example/n/question/helpful",
        "https://pilot.example/n/question/replies",
        "https://good.example/n/question/helpful",
        f"{WEST}/b/westerpark/featured",
        f"{WEST}/b/westerpark/followers",
    ],
)
async def test_b22_a_mark_names_the_collection_it_changes(scene, kind, target):
    """Also from the asker: another target than the question's own list of what helped changes nothing."""
    said = scene.olga.activity(kind, scene.things["helped"], **{"vb:mark": "partly"}) | {"target": target}
    await scene.drop(scene.olga, said)


@pytest.mark.parametrize("answer", ["answer", "henk's answer", "vera's answer", "question", "olga's answer"])
async def test_b22_a_mark_is_for_an_answer_to_that_question(scene, answer):
    """The asker of one question says nothing of answers to another."""
    target = scene.things["olga's question"] + "/helpful"
    await scene.drop(scene.olga, scene.olga.activity("Add", scene.things[answer], target=target))


async def test_b21_a_question_cannot_borrow_the_list_of_another(scene):
    """Who claims another question's list as their own does not get to change it."""
    target = scene.things["olga's question"] + "/helpful"
    borrowed = scene.eve.own(content="<p>Van mij?</p>", **HERE, **{"vb:helpful": target})
    await scene.hear(scene.eve, scene.eve.activity("Create", borrowed))
    assert scene.all_by(Question, borrowed["id"]).helpful_uri == target
    for kind in ("Add", "Remove"):
        said = scene.eve.activity(kind, scene.things["helped"], target=target, **{"vb:mark": "partly"})
        await scene.drop(scene.eve, said)


async def test_b21_a_like_of_somebody_else_is_no_mark(scene):
    """Only from the asker does a Like mean that an answer helped."""
    for sender in (scene.mallory, scene.vera, scene.eve, scene.neighbour):
        liked = ("helped", "answer", "vera's answer to olga")
        await scene.drop(
            sender, *(sender.activity("Like", scene.things[name]) for name in liked), but=("likes", "notices")
        )


# scopes


@pytest.mark.parametrize("sender", ["mallory", "vera", "crowd"])
@pytest.mark.parametrize(
    "members",
    [
        {"to": [f"{WEST}/circles/samenbeter", f"{WEST}/actor"], "vb:privacy": "pilots"},
        {"to": [f"{WEST}/actor"], "vb:privacy": "pilots", "vb:neighbourhood": GROUP},
        {"to": [GROUP], "vb:privacy": "pilots"},
        {"to": [GROUP], "vb:privacy": "public"},
        {"to": [GROUP], "vb:privacy": "neighbourhood"},
        {"to": [PUBLIC, GROUP], "vb:privacy": "pilots"},
        {"to": [PUBLIC, GROUP], "vb:privacy": "neighbourhood"},
        {"to": [GROUP, f"{GROUP}/followers"]},
        {"to": [], "cc": [], "vb:privacy": "public"},
    ],
)
async def test_a_server_that_is_no_pilot_is_not_trusted_with_more_than_public(scene, sender, members):
    """What says that it is for pilots or for this neighbourhood is not taken from a server that is none."""
    author = getattr(scene, sender)
    await scene.drop(author, author.activity("Create", author.own(**members), to=members["to"]))


async def test_nobody_speaks_to_our_neighbourhood_alone_from_elsewhere(scene):
    """Not even a pilot can put something into what is only for here."""
    for members in ({"to": [PUBLIC, GROUP]}, {"to": [GROUP]}, {"to": [f"{WEST}/actor"]}):
        forged = scene.olga.own(**members, **{"vb:privacy": "neighbourhood"})
        await scene.drop(scene.olga, scene.olga.activity("Create", forged))


@pytest.mark.parametrize(
    "members",
    [
        {"vb:privacy": "public", "to": [PUBLIC, GROUP]},
        {"to": [PUBLIC, GROUP]},
        {"vb:privacy": "public", "to": [f"{WEST}/actor"]},
        {"vb:privacy": "PUBLIC", "to": ["as:Public"]},
    ],
)
async def test_an_edit_never_widens(scene, members):
    """A question for pilots stays for pilots, whatever a later version of it says."""
    first = scene.olga.own(
        content="<p>Onder ons?</p>",
        to=[f"{WEST}/actor"],
        **{"vb:privacy": "pilots", "vb:title": "Onder ons?"},
    )
    await scene.hear(scene.olga, scene.olga.activity("Create", first))
    assert scene.all_by(Question, first["id"]).scope is Scope.PILOTS
    privacy = {name: value for name, value in first.items() if name != "vb:privacy"}
    for kind in ("Update", "Create"):
        scene.world.clock.tick(minutes=1)
        later = {"updated": scene.world.clock.now().isoformat(), "vb:title": f"Door {kind}"}
        await scene.hear(scene.olga, scene.olga.activity(kind, privacy | later | members))
        assert scene.all_by(Question, first["id"]).scope is Scope.PILOTS
    async with scene.west.client(Accept="application/activity+json") as client:
        page = await client.get(f"/v/{scene.all_by(Question, first['id']).id}", follow_redirects=True)
        assert page.status_code == 404


@pytest.mark.parametrize("sender", ["mallory", "vera", "eve", "olga"])
@pytest.mark.parametrize("parent", ["pilots question", "own question"])
async def test_g07_a_reply_is_never_wider_than_its_question(scene, sender, parent):
    """A public reply to what is for pilots counts as for pilots, and is not taken from who may not know of the question."""
    author = getattr(scene, sender)
    reply = author.own(inReplyTo=scene.things[parent], **HERE)
    if sender in {"mallory", "vera"} or parent == "own question":
        await scene.drop(author, author.activity("Create", reply))
        return
    await scene.hear(author, author.activity("Create", reply))
    assert scene.all_by(Answer, reply["id"]).scope is Scope.PILOTS
    comment = scene.vera.own(inReplyTo=reply["id"], **HERE)
    await scene.drop(scene.vera, scene.vera.activity("Create", comment), requests=1)


# again, at once, and otherwise


@pytest.mark.parametrize("inboxes", [("/inbox",), ("/inbox", "/b/westerpark/inbox", "/u/fatma/inbox")])
async def test_i01_the_same_activity_at_once_in_every_inbox_is_one(scene, inboxes):
    """However often and wherever an activity comes in at the same moment, it happens once."""
    reply = scene.vera.own(inReplyTo=scene.things["question"], **HERE)
    activity = scene.vera.activity("Create", reply)
    requests = [scene.vera.signed(scene.west, activity, target=target) for target in inboxes] * (
        12 // len(inboxes)
    )
    sent = len(scene.world.network.sent)
    answers = await asyncio.gather(*(request.to(scene.west) for request in requests))
    assert {answer.status_code for answer in answers} == {202}
    await scene.world.settle()
    assert len(scene.west.all(Answer, uri=reply["id"])) == 1
    assert len(scene.west.all(Seen, id=activity["id"])) == 1
    told = [each for each in scene.world.network.sent[sent:] if reply["id"].encode() in each.body]
    assert len([each for each in told if each.host == scene.east.host]) == 1


async def test_i01_one_post_in_many_activities_is_one(scene):
    """The same post in ten activities at once, from the author and passed on, is there once and is told once."""
    uri = scene.vera.server.post("/n/tienmaal", scene.vera.uri, inReplyTo=scene.things["question"], **HERE)
    document = json.loads(scene.vera.server.pages["/n/tienmaal"][2])
    said = [(scene.vera, scene.vera.activity("Create", document)) for _ in range(5)]
    said += [(scene.square, scene.square.activity("Announce", uri)) for _ in range(5)]
    sent = len(scene.world.network.sent)
    await asyncio.gather(*(sender.send(scene.west, activity) for sender, activity in said))
    await scene.world.settle()
    assert len(scene.west.all(Answer, uri=uri)) == 1
    told = [
        each
        for each in scene.world.network.sent[sent:]
        if each.host == scene.east.host and each.method == "POST"
    ]
    assert len(told) == 1


async def test_i03_the_first_of_two_activities_under_one_id_counts(scene):
    """Another body under an id that was seen is taken politely and dropped, also by somebody else on that server."""
    first = scene.vera.activity("Create", scene.vera.own(content="<p>Eerst.</p>", **HERE))
    await scene.hear(scene.vera, first)
    later = scene.vera.own(content="<p>Later.</p>", **HERE)
    await scene.drop(scene.vera, scene.vera.activity("Create", later) | {"id": first["id"]})
    await scene.drop(scene.vera, scene.vera.activity("Delete", first["object"]["id"]) | {"id": first["id"]})
    theirs = scene.neighbour.own(**HERE)
    await scene.drop(scene.neighbour, scene.neighbour.activity("Create", theirs) | {"id": first["id"]})


async def test_i03_another_one_under_an_id_that_was_used_is_logged_and_a_copy_is_not(scene, caplog):
    """A steward can see that a server says two things under one id: one line, with nothing of what was said."""
    caplog.set_level("INFO", logger="vraagbaak.inbox")
    first = scene.vera.activity("Create", scene.vera.own(content="<p>Eerst.</p>", **HERE))
    for _ in range(3):
        await scene.hear(scene.vera, first)
    assert "used before" not in caplog.text
    await scene.hear(scene.vera, scene.vera.activity("Create", scene.vera.own(**HERE)) | {"id": first["id"]})
    (line,) = [each.getMessage() for each in caplog.records if "used before" in each.getMessage()]
    host = scene.vera.server.host
    assert line == f"activity of kind Create from {host} dropped: its id was used before, for something else"
    assert first["id"] not in caplog.text


@pytest.mark.parametrize(
    "uri",
    [
        f"{WEST}/act/01k2m700000000000000000000",
        "https://good.example/act/1",
        "https://evil.example:8443/act/1",
        "http://evil.example/act/1",
        "https://evil.example@westerpark.example/act/1",
        "urn:uuid:1",
        "javascript:alert(1)",
        "mallory",
        "",
        5,
        {},
        [],
        True,
        ["https://evil.example/act/1"],
        "https://evil.example/" + "x" * 3000,
    ],
)
async def test_b40_an_activity_has_an_id_on_its_own_server(scene, uri):
    """An id elsewhere would keep that server's own activity out, so it is refused."""
    forged = scene.mallory.activity("Create", scene.mallory.own(**HERE)) | {"id": uri}
    assert_refused(await scene.drop(scene.mallory, forged), 400, "malformed-id")


@pytest.mark.parametrize(
    "kind",
    [
        "Move",
        "Block",
        "Flag",
        "EmojiReact",
        "ChooseAnswer",
        "QuoteRequest",
        "Invite",
        "Join",
        "Leave",
        "View",
        "Read",
        "Question",
        "Note",
        "Person",
        "Tombstone",
        "OrderedCollection",
        "Collection",
        "https://evil.example/ns#Create",
        "create",
        "x" * 100_000,
        "__proto__",
        "constructor",
    ],
    ids=lambda kind: {"Move": "B28 ", "Flag": "B36 ", "Collection": "B37 "}.get(kind[-10:], "") + kind[:40],
)
async def test_what_we_do_not_understand_changes_nothing(scene, kind):
    """Moves, reports, reactions, batches and inventions are taken politely and dropped."""
    items = [scene.vera.activity("Delete", scene.things["vera's answer"])]
    forged = scene.mallory.activity(
        kind, scene.vera.uri, target=scene.mallory.uri, orderedItems=items, items=items
    )
    await scene.drop(scene.mallory, forged)


async def test_b31_a_person_does_not_turn_into_a_neighbourhood(scene):
    """An actor stays what it was; without an inbox its new document is not taken, and the old one stays."""
    shifty = Elsewhere(scene.world, "zesde.example").person("shifty")
    await scene.hear(shifty, shifty.activity("Follow", GROUP))
    before = scene.all_by(Actor, shifty.uri)
    shifty.publish(type="Group", name="Het plein")
    scene.world.clock.tick(minutes=2)
    await scene.hear(shifty, shifty.activity("Update", shifty.document(type="Group")))
    after = scene.all_by(Actor, shifty.uri)
    assert (after.kind, after.name) == (ActorKind.PERSON, "Het plein")
    shifty.publish(inbox=None)
    await scene.drop(shifty, shifty.activity("Update", shifty.document(inbox=None)), requests=1)
    shifty.publish(inbox=f"{WEST}/inbox", endpoints={"sharedInbox": f"{WEST}/inbox"})
    await scene.drop(shifty, shifty.activity("Update", shifty.document()), requests=1)
    shifty.publish(endpoints={"sharedInbox": "https://good.example/inbox"})
    await scene.hear(shifty, shifty.activity("Update", shifty.document()))
    assert scene.all_by(Actor, shifty.uri).delivery_inbox == before.inbox


@pytest.mark.parametrize("attacker", ATTACKERS)
async def test_b07_nobody_changes_who_another_is(scene, attacker):
    """An actor's new name is only taken from that actor, and then from its own server."""
    sender = getattr(scene, attacker)
    for victim in (scene.vera, scene.olga):
        changed = victim.document(name="Verdraaid", inbox=f"{sender.uri}/inbox")
        await scene.drop(sender, sender.activity("Update", changed))
        await scene.drop(sender, sender.activity("Update", victim.uri), requests=1)
    await scene.hear(scene.vera, scene.vera.activity("Update", scene.vera.document(name="Ingebed")))
    assert scene.all_by(Actor, scene.vera.uri).name == "vera"


# what was reviewed

NICE, NASTY = "<p>Wat aardig gezegd.</p>", "<p>Wat gemeen gezegd.</p>"
REVIEWED = {
    "the same post, otherwise": (NICE, [("Create", {"content": NASTY})]),
    "an edit that is not newer": (NICE, [("Update", {"content": NASTY, "updated": "2026-11-01T00:00:00Z"})]),
    "an edit": (NASTY, [("Update", {"content": NICE, "updated": LATER})]),
    "an edit by another name": (NASTY, [("Create", {"content": NICE, "updated": LATER})]),
    "an edit and its opposite": (
        NICE,
        [
            ("Update", {"content": NICE, "updated": LATER}),
            ("Update", {"content": NASTY, "updated": "2026-11-02T19:00:00Z"}),
            ("Create", {"content": NASTY}),
        ],
    ),
}


@pytest_asyncio.fixture(loop_scope="module")
async def desk(tmp_path, caplog):
    """A pilot that reviews what comes from outside, with a moderator, a stranger and a pilot that hears of it."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    noor, vera = west.member("noor", Role.MODERATOR), Elsewhere(world, "good.example").person("vera")
    other = Elsewhere(world, "pilot.example")
    other.become_pilot()
    west.trust(other)
    await world.settle()
    await other.trust(west)
    yield west, noor, vera, other
    assert faults(world, caplog.records) == []
    world.close()


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("what", REVIEWED)
async def test_b09_i03_what_is_passed_on_is_what_was_reviewed(desk, what, turned):
    """After release nobody hears through us what a moderator never saw, in whatever order and under whatever ids it came."""
    west, noor, vera, other = desk
    question = west.ask(noor, "Wie loopt er mee?", Scope.PUBLIC)
    await west.world.settle()
    first, later = REVIEWED[what]
    post = vera.own(content=first, inReplyTo=question.uri, **HERE)
    said = [("Create", {}), *later]
    ids = [f"{vera.server.base}/act/{what.replace(' ', '')}{number}" for number in range(len(said))]
    for name, (kind, members) in zip(reversed(ids) if turned else ids, said, strict=True):
        assert (await vera.send(west, vera.activity(kind, post | members) | {"id": name})).status_code == 202
        await west.world.settle()
    (answer,) = west.all(Answer, uri=post["id"])
    assert (answer.status, answer.html) == (ReplyStatus.HELD, NICE)
    west.store.run_now(moderation.release, noor, Answer, answer.id)
    await west.world.settle()
    told = [sent.body.decode() for sent in other.requests if sent.method == "POST"]
    assert [body for body in told if post["id"] in body]
    assert [body for body in told if "gemeen" in body] == []
    edited = any("updated" in members and members["updated"] == LATER for _, members in later)
    assert bool([body for body in told if "aardig" in body]) is not edited  # then it has to be fetched


# pilots gone bad


async def test_b32_b40_what_a_pilot_says_it_said_before_is_its_own(scene):
    """Of another pilot's outbox only its own announcements under its own ids are taken; nothing gets an id of ours."""
    server = Elsewhere(scene.world, "zevende.example")
    _, group = server.become_pilot()
    uris = [f"{server.base}/n/{number}" for number in range(4)]
    answers = [note(uri, group.uri, inReplyTo=scene.things["question"], **HERE) for uri in uris]
    planted = f"{WEST}/act/01k2m711111111111111111111"
    items = [
        group.activity(["Create", "Person"], answers[0], inbox=group.uri) | {"id": planted},
        group.activity("Create", answers[1]) | {"id": f"{scene.vera.server.base}/act/gepland"},
        {name: value for name, value in group.activity("Create", answers[2]).items() if name != "id"},
        {"@id": f"{server.base}/act/anders", "type": "Create", "actor": group.uri, "object": answers[3]},
        scene.vera.activity("Create", note(f"{server.base}/n/5", scene.vera.uri, **HERE)),
        scene.vera.activity("Delete", scene.things["vera's answer"]),
        group.activity("Delete", scene.things["vera's answer"]),
        group.activity("Announce", scene.vera.activity("Delete", scene.things["vera's answer"])),
        None,
        5,
        "https://good.example/act/1",
        [],
        {},
    ]
    server.become_pilot(items)
    scene.west.trust(server)
    await scene.world.settle()
    assert scene.all_by(Answer, scene.things["vera's answer"])
    assert scene.all_by(Question, f"{server.base}/n/5") is None
    assert [scene.all_by(Answer, uri) is not None for uri in uris] == [False, False, False, True]
    said = {kept.id: kept.actor_uri for uri in uris for kept in scene.west.all(Activity, thing_uri=uri)}
    assert said.pop(f"{server.base}/act/anders") == group.uri
    assert set(said.values()) == {GROUP}
    async with scene.west.client(Accept="application/activity+json") as client:
        assert (await client.get(planted.removeprefix(WEST))).status_code == 404


async def test_b32_a_page_of_an_outbox_on_another_server_is_not_read(scene):
    """Neither a link nor a document under another id leads from a pilot's outbox to somebody else's server."""
    server, other = Elsewhere(scene.world, "achtste.example"), Elsewhere(scene.world, "negende.example")
    for number, first in enumerate(
        (
            f"{other.base}/page",
            {"type": "OrderedCollectionPage", "next": f"{other.base}/page"},
            f"{server.base}/page",
        )
    ):
        _, group = server.become_pilot(first=first)
        post = server.post(f"/n/{number}", group.uri)
        page = {"type": "OrderedCollectionPage", "orderedItems": [group.activity("Create", post)]}
        other.put("/page", page | {"id": f"{other.base}/page"})
        server.put("/page", page | {"id": f"{other.base}/page"})
        scene.world.clock.tick(minutes=2)
        scene.west.trust(server)
        await scene.world.settle()
        assert scene.all_by(Question, post) is None
    assert len(other.asked) <= 1  # what stands under another id is looked up there, once, and then not used


async def test_a_sender_who_is_gone_by_the_time_it_is_read_leaves_no_work(desk):
    """An activity whose actor cannot be looked up again, a day later, is dropped and not tried for a week."""
    west, _, fleeting, _ = desk
    assert (await fleeting.send(west, fleeting.activity("Listen", "x"))).status_code == 202
    await west.world.settle()
    for change in (
        lambda: fleeting.server.put("/u/vera", b"", status=410),
        lambda: fleeting.server.put("/u/vera", b"<html>", content_type="text/html"),
        lambda: fleeting.publish(inbox=None),
        lambda: fleeting.server.redirect("/u/vera", "/u/vera"),
    ):
        west.world.clock.tick(days=2)
        change()
        # Once for its keys, which may be others by now, and once for who it is, where that was answered at all.
        with unchanged(west, "seen", "hosts", requests=2):
            answer = await fleeting.send(west, fleeting.activity("Create", fleeting.own(**HERE)))
            assert answer.status_code == 202
            await west.world.settle()


# what cannot be read


def said_by(mallory, **members):
    """An honest activity as text, to be spoiled."""
    return json.dumps(mallory.activity("Listen", "x", **members))


def with_member(mallory, name, value):
    """An honest activity with one more member, written as this very text."""
    return said_by(mallory)[:-1] + f', "{name}": {value}}}'


UNREADABLE = {
    "B38 actor twice": lambda m: with_member(m, "actor", '"https://good.example/u/vera"'),
    "B38 actor twice, the same": lambda m: with_member(m, "actor", json.dumps(m.uri)),
    "B38 type twice": lambda m: with_member(m, "type", '"Delete"'),
    "B38 object twice": lambda m: with_member(m, "object", '"y"'),
    "B38 twice, once escaped": lambda m: with_member(m, "\\u0061ctor", '"https://good.example/u/vera"'),
    "B38 twice inside": lambda m: with_member(m, "tag", '{"a": 1, "a": 2}'),
    "B39 a long name": lambda m: with_member(m, "k" * 10_000, "1"),
    "B39 NUL": lambda m: with_member(m, "summary", '"\\u0000"'),
    "B39 NUL in a name": lambda m: with_member(m, "\\u0000", "1"),
    "B39 NUL inside": lambda m: with_member(m, "tag", '[[["\\u0000"]]]'),
    "B39 a bare NUL": lambda m: with_member(m, "summary", '"\0"'),
    "B39 a bare line break": lambda m: with_member(m, "summary", '"\n"'),
    "B37 a list": lambda m: f"[{said_by(m)}, {said_by(m)}]",
    "B37 a list of one": lambda m: f"[{said_by(m)}]",
    "B37 two in a row": lambda m: said_by(m) + said_by(m),
    "B37 a line each": lambda m: said_by(m) + "\n" + said_by(m),
    "D04 depth 33": lambda m: with_member(m, "tag", "[" * 33 + "]" * 33),
    "D04 depth 5000": lambda m: with_member(m, "tag", "[" * 5000 + "]" * 5000),
    "D04 200,000 lists": lambda m: "[" * 200_000 + "]" * 200_000,
    "D04 200,000 lists inside": lambda m: with_member(m, "tag", "[" * 200_000 + "]" * 200_000),
    "D04 100,000 objects": lambda m: '{"a":' * 100_000 + "1" + "}" * 100_000,
    "D04 never closed": lambda m: '{"a":[' * 100_000,
    "D06 1e400": lambda m: with_member(m, "latitude", "1e400"),
    "D06 -1e400": lambda m: with_member(m, "latitude", "-1e400"),
    "D06 5000 digits": lambda m: with_member(m, "latitude", "9" * 5000),
    "D06 100,000 digits": lambda m: with_member(m, "latitude", "9" * 100_000),
    "D06 2**64": lambda m: with_member(m, "latitude", str(2**64)),
    "D06 NaN": lambda m: with_member(m, "latitude", "NaN"),
    "D06 Infinity": lambda m: with_member(m, "latitude", "Infinity"),
    "D06 -Infinity": lambda m: with_member(m, "latitude", "[-Infinity]"),
    "D06 0x10": lambda m: with_member(m, "latitude", "0x10"),
    "D06 -0": lambda m: with_member(m, "latitude", "-0"),
    "D06 -0.0": lambda m: with_member(m, "latitude", "[-0.0]"),
    "D06 01": lambda m: with_member(m, "latitude", "01"),
    "D07 no type": lambda m: said_by(m).replace('"type": "Listen", ', ""),
    "D07 type null": lambda m: said_by(m, type=None),
    "D07 type a number": lambda m: said_by(m, type=5),
    "D07 type an object": lambda m: said_by(m, type={"id": "Create"}),
    "D07 type empty": lambda m: said_by(m, type=""),
    "D07 type an empty list": lambda m: said_by(m, type=[]),
    "D07 types that are none": lambda m: said_by(m, type=[None, 5, {}, [], ""]),
    "D08 nothing": lambda m: "",
    "D08 a space": lambda m: " ",
    "D08 null": lambda m: "null",
    "D08 a text": lambda m: '"Create"',
    "D08 a number": lambda m: "5",
    "D08 true": lambda m: "true",
    "D08 an empty list": lambda m: "[]",
    "D08 an empty object": lambda m: "{}",
    "D08 no JSON": lambda m: "type=Create",
    "D08 HTML": lambda m: "<html></html>",
    "D08 half": lambda m: said_by(m)[:-1],
    "D08 more": lambda m: said_by(m) + "}",
    "D08 a comma too many": lambda m: said_by(m)[:-1] + ",}",
    "D08 a comment": lambda m: "/* */" + said_by(m),
    "D08 BOM": lambda m: "\ufeff" + said_by(m),
    "D08 UTF-16": lambda m: said_by(m).encode("utf-16"),
    "D08 UTF-32": lambda m: said_by(m).encode("utf-32"),
    "D08 UTF-8 that is none": lambda m: said_by(m).encode() + b"\xff",
    "D08 an overlong character": lambda m: (
        with_member(m, "summary", '"?"').encode().replace(b"?", b"\xc0\xaf")
    ),
    "D08 half a character": lambda m: with_member(m, "summary", '"\\ud83d"'),
    "D08 the other half": lambda m: with_member(m, "summary", '"\\ude00"'),
    "D08 half a character as bytes": lambda m: (
        with_member(m, "summary", '"?"').encode().replace(b"?", b"\xed\xa0\xbd")
    ),
    "D08 half a character in a name": lambda m: with_member(m, "\\ud83d", "1"),
    "D08 half a character inside": lambda m: with_member(m, "tag", '[{"name": ["\\udfff"]}]'),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_two_readers_could_read_differently_is_not_read(scene, what):
    """What is malformed, too deep, out of range or said twice is refused with a code, and the connection lives."""
    text = UNREADABLE[what](scene.mallory)
    body = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    answer = await scene.drop(scene.mallory, body)
    assert_refused(answer, 400)
    assert answer.json()["code"].startswith("malformed-")


READABLE = {
    "depth 32": lambda m: with_member(m, "tag", "[" * 31 + "]" * 31),
    "64 bits": lambda m: with_member(m, "latitude", str(2**63 - 1)),
    "1e300": lambda m: with_member(m, "latitude", "-1.5e300"),
    "two halves of a character": lambda m: with_member(m, "summary", '"\\ud83d\\ude00"'),
    "a slash with a stroke": lambda m: with_member(m, "summary", '"\\/"'),
    "space around it": lambda m: f"\r\n\t {said_by(m)} \n",
    "D07 id null": lambda m: said_by(m, id=None),
    "D07 a thousand types": lambda m: said_by(m, type=["Listen"] * 1000),
    "D07 a thousand types that are none": lambda m: said_by(m, type=[5, None, "Listen"] + [{}] * 1000),
    "a type in a list": lambda m: said_by(m, type=["Listen"]),
    "a type by its whole name": lambda m: said_by(m, type="https://www.w3.org/ns/activitystreams#Listen"),
    "B39 a prototype": lambda m: with_member(m, "__proto__", '{"actor": "https://good.example/u/vera"}'),
    "B39 a constructor": lambda m: with_member(m, "constructor", '{"prototype": {}}'),
    "B38 the same name deeper": lambda m: with_member(m, "tag", '{"actor": "https://good.example/u/vera"}'),
    "A35 a graph": lambda m: with_member(m, "@graph", '[{"actor": "https://good.example/u/vera"}]'),
}


@pytest.mark.parametrize("what", READABLE)
async def test_what_everybody_reads_alike_is_read(scene, what):
    """At the edge of what is refused, and however odd: what has one meaning is taken, with no more than that meaning."""
    answer = await scene.drop(scene.mallory, READABLE[what](scene.mallory).encode())
    assert answer.status_code == 202


LARGEST = 1_048_576


def filled(mallory, size):
    """An honest activity of exactly so many bytes."""
    text = said_by(mallory, summary="")
    return text.replace('"summary": ""', f'"summary": "{"x" * (size - len(text))}"').encode()


async def test_d01_a_mebibyte_is_read_and_not_a_byte_more(scene):
    """The largest activity is taken; one byte more is refused, by its length or, without one, by counting."""
    assert len(filled(scene.mallory, LARGEST)) == LARGEST
    assert (await scene.drop(scene.mallory, filled(scene.mallory, LARGEST))).status_code == 202
    request = scene.mallory.signed(scene.west, filled(scene.mallory, LARGEST + 1))
    streamed = Request(headers=request.headers, chunks=[request.body[:LARGEST], request.body[LARGEST:]])
    lying = Request(headers=[*request.headers, ("content-length", "10")], body=request.body)
    promising = Request(headers=[*request.headers, ("content-length", "9" * 30)], body=b"{}")
    negative = Request(headers=[*request.headers, ("content-length", "-1")], body=request.body)
    name = scene.mallory.signed(scene.west, filled(scene.mallory, 10_000_000))
    with unchanged(scene.west):
        for forged in (request, streamed, lying, promising, negative, name):
            assert_refused(await forged.to(scene.west), 413, "too-large")


@pytest.mark.parametrize("signed", [True, False])
async def test_d01_a_body_without_end_is_left_after_a_mebibyte(scene, signed):
    """Who streams a gigabyte is refused when the first mebibyte is in."""
    taken = []

    def gigabyte():
        for number in range(16_384):
            taken.append(number)
            yield b"x" * 65_536

    request = scene.mallory.signed(scene.west, b"x")
    headers = request.headers if signed else request.with_header("signature", None).headers
    with unchanged(scene.west):
        answer = await Request(headers=headers, chunks=gigabyte()).to(scene.west)
    assert_refused(answer, 413, "too-large")
    assert len(taken) <= 18


@pytest.mark.parametrize(
    "encoding", ["gzip", "GZIP", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "aes128gcm", ""]
)
async def test_d03_what_is_packed_is_not_unpacked(scene, encoding):
    """An inbox takes nothing compressed, so that there is nothing to blow up."""
    body = gzip.compress(b" " * 10_000_000)
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, body, as_sent={"content-encoding": encoding})
    assert_refused(answer, 415, "wrong-type")


# strange members


ODD = (
    None,
    True,
    2**63 - 1,
    1.5e300,
    "",
    "x" * 30_000,
    "\u202e\u200b\ufeff\u0301" * 100,
    "https://evil.example/",
    "javascript:alert(1)",
    "' OR 1=1 --",
    [],
    {},
    [5, None, {}, [], [[]], "x"],
    {"id": 5, "type": None, "@value": 5},
    {"@id": "https://evil.example/x"},
    {"__proto__": {"type": "Delete"}, "constructor": {}},
    ["x"] * 3000,
    [{"type": "Mention", "href": "https://westerpark.example/u/fatma"}] * 500,
    [{"type": "Hashtag", "name": "#" + "x" * 100}] * 500,
    {str(number): number for number in range(1000)},
)
MEMBERS = (
    "@context",
    "to",
    "cc",
    "bto",
    "audience",
    "url",
    "name",
    "nameMap",
    "summary",
    "summaryMap",
    "content",
    "contentMap",
    "source",
    "published",
    "updated",
    "tag",
    "attachment",
    "icon",
    "inReplyTo",
    "context",
    "replies",
    "likes",
    "sensitive",
    "interactionPolicy",
    "quote",
    "purpose",
    "publishes",
    "vb:kind",
    "vb:title",
    "vb:body",
    "vb:topics",
    "vb:neighbourhood",
    "vb:privacy",
    "vb:status",
    "vb:helpful",
    "vb:perspective",
    "vb:availability",
)


@pytest.mark.parametrize(
    "kind",
    ["Accept", "Add", "Announce", "Create", "Delete", "Follow", "Like", "Reject", "Remove", "Undo", "Update"],
)
async def test_d07_an_activity_about_something_odd_changes_nothing(scene, kind):
    """Whatever stands where an object or target should be, nothing happens and nothing breaks."""
    before = everything(scene.west, "seen", "tombstones")
    sent = len(scene.world.network.sent)
    for odd in ODD:
        for members in (
            {"object": odd},
            {"object": {"type": "Create", "actor": scene.vera.uri, "object": odd}},
            {"object": {"type": odd, "id": f"{scene.mallory.server.base}/x", "actor": odd, "object": odd}},
            {"object": scene.things["answer"], "target": odd, "vb:mark": odd},
        ):
            said = scene.mallory.activity(kind, None) | members
            answer = await scene.mallory.send(scene.west, said)
            assert answer.status_code in {202, 400}, odd
    await scene.world.settle()
    if kind == "Like":
        before.pop("likes")
        before.pop("notices")
    after = everything(scene.west, "seen", "tombstones")
    assert {name for name in before if before[name] != after[name]} == set()
    gone_out = scene.world.network.sent[sent:]
    assert {each.method for each in gone_out} <= {"GET"}
    assert {each.host for each in gone_out} <= {"evil.example"}


@pytest.mark.parametrize("member", MEMBERS)
async def test_d05_d09_a_post_with_odd_members_harms_nobody(scene, member):
    """Lists without end, texts without end and values of every kind are cut or left out; all pages can still be read."""
    written = ("seen", "questions", "answers", "offers", "question_terms", "answer_terms", "offer_terms")
    before = everything(scene.west, *written)
    sent = len(scene.world.network.sent)
    for number, odd in enumerate(ODD):
        post = scene.mallory.own(content=f"<p>Vraag {number}</p>", **HERE) | {member: odd}
        said = scene.mallory.activity("Create", post)
        assert (await scene.mallory.send(scene.west, said)).status_code == 202
    await scene.world.settle()
    after = everything(scene.west, *written)
    assert {name for name in before if before[name] != after[name]} == set()
    assert [each for each in scene.world.network.sent[sent:] if each.host != "evil.example"] == []
    mallory = scene.all_by(Actor, scene.mallory.uri)
    for kind in (Question, Answer, Offer):
        for post in scene.west.all(kind, author_id=mallory.id):
            assert len(getattr(post, "title", "")) <= 200
            assert len(post.body) <= 10_000
            assert len(getattr(post, "topics", ())) <= 5
            assert post.url.startswith("https://evil.example/")
            assert post.published_at <= scene.world.clock.now()
            scene.west.store.run_now(
                lambda tx, thing=post: tx.remove(thing)
            ) if kind is not Question else None
    read = [f"/v/{question.id}" for question in scene.west.all(Question, author_id=mallory.id)[-1:]]
    for path in ("/vragen", "/meehelpen", "/api/vraagbaak/v1/questions", *read):
        assert (await Request(method="GET", target=path).to(scene.west)).status_code == 200
    for kind in (Question, Answer, Offer):
        for post in scene.west.all(kind, author_id=mallory.id):
            scene.west.store.run_now(lambda tx, thing=post: tx.remove(thing))


async def test_d05_a_hundred_thousand_tags_are_not_read(scene):
    """Of a list without end only so much is looked at: the post comes in, in no more time than another."""
    tags = [{"a": 1}] * 100_000
    post = scene.mallory.own(content="<p>Veel labels?</p>", tag=tags, **HERE)
    await scene.hear(scene.mallory, scene.mallory.activity("Create", post))
    assert scene.all_by(Question, post["id"]).topics == ()


@pytest.mark.parametrize(
    "member",
    [
        "@context",
        "id",
        "type",
        "preferredUsername",
        "inbox",
        "outbox",
        "publicKey",
        "name",
        "summary",
        "url",
        "icon",
        "endpoints",
        "implements",
        "assertionMethod",
        "vb:neighbourhood",
    ],
)
async def test_d09_an_actor_with_odd_members_harms_nobody(scene, member):
    """A stranger's own document can be as odd as it likes: it is read, cut or not taken, and nothing breaks."""
    server = Elsewhere(scene.world, f"raar-{member.strip('@').replace(':', '-').lower()}.example")
    before = everything(scene.west, "seen", "actors", "actor_keys")
    for number, odd in enumerate(ODD):
        stranger = Stranger(server, f"n{number}")
        stranger.publish(**{member: odd})
        answer = await stranger.send(scene.west, stranger.activity("Follow", f"{WEST}/u/niemand"))
        assert answer.status_code in {202, 401, 503}
    await scene.world.settle()
    after = everything(scene.west, "seen", "actors", "actor_keys")
    assert {name for name in before if before[name] != after[name]} == set()
    for actor in scene.west.all(Actor, domain=server.host):
        assert len(actor.name) <= 100
        assert len(actor.handle) <= 200
        assert len(actor.summary) <= 40_000
        assert actor.inbox.startswith(server.base)
        assert actor.delivery_inbox.startswith(server.base)
        assert actor.url.startswith(server.base)
