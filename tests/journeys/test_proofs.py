"""What somebody said, brought by somebody else: believed when it carries the proof of who said it (FEP-8b32)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation.documents import PUBLIC
from federation.keys import ED25519, KeyRing, PrivateKey, Sealer, multikey
from federation.proofs import holds, prove, read_proof
from federation.signatures import FoundKey
from tests.journeys.strangers import Elsewhere, assert_refused, unchanged
from tests.journeys.world import World
from vraagbaak import follows, moderation, pilots, questions
from vraagbaak.model import Actor, Answer, Question, Role, Scope

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture
async def scene(tmp_path):
    """A pilot with a public question, somebody elsewhere who can prove what she says, and somebody who brings it."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma = west.member("fatma", Role.RESIDENT)
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await west.work()
    good = Elsewhere(world, "good.example")
    vera = good.person("vera")
    vera.publish(
        assertionMethod=[
            {
                "id": f"{vera.uri}#ed25519-key",
                "type": "Multikey",
                "controller": vera.uri,
                "publicKeyMultibase": multikey(SECRET.public_key().public_bytes_raw()),
            }
        ]
    )
    bringer = Elsewhere(world, "bringer.example").group()
    yield west, question, vera, bringer
    assert not world.network.faults
    world.close()


def proven(vera, west, activity):
    key = PrivateKey(f"{vera.uri}#ed25519-key", ED25519, SECRET)
    return prove(activity, key, west.world.clock.now())


def answer_by(vera, question, text="Ik kom kijken."):
    post = vera.own(inReplyTo=question.uri, content=f"<p>{text}</p>")
    return vera.activity("Create", post), post


async def test_a23_what_is_forwarded_counts_with_the_proof_of_its_author(scene):
    """An inbox forwards what it got (ActivityPub 7.1.2): the author's proof makes it hers, and nothing is fetched."""
    west, question, vera, bringer = scene
    said, post = answer_by(vera, question)
    assert (await bringer.send(west, proven(vera, west, said))).status_code == 202
    await west.work()
    (answer,) = west.all(Answer, uri=post["id"])
    assert west.all(Actor, id=answer.author_id)[0].uri == vera.uri
    assert vera.server.asked == ["/u/vera"]


@pytest.mark.parametrize("broken", ["no proof", "changed after", "somebody else's", "another actor"])
async def test_a24_what_is_forwarded_without_a_proof_that_holds_is_refused(scene, broken):
    """A bringer's word is worth nothing."""
    west, question, vera, bringer = scene
    eve = vera.server.person("eve")
    said, _ = answer_by(vera, question)
    sent = said if broken == "no proof" else proven(vera, west, said)
    if broken == "changed after":
        sent["object"]["content"] = "<p>Iets anders.</p>"
    elif broken == "somebody else's":
        sent["proof"]["verificationMethod"] = f"{eve.uri}#ed25519-key"
    elif broken == "another actor":
        sent["actor"] = eve.uri
    with unchanged(west, "actor_keys", requests=4):
        assert_refused(await bringer.send(west, sent), 403, "actor")
        await west.work()


async def test_b18_an_announced_activity_counts_with_the_proof_of_its_author(scene):
    """What a neighbourhood elsewhere passes on of people on other servers needs no fetch when they prove it."""
    west, question, vera, bringer = scene
    said, post = answer_by(vera, question)
    announce = bringer.activity("Announce", proven(vera, west, said))
    assert (await bringer.send(west, announce)).status_code == 202
    await west.work()
    assert not west.all(Answer, uri=post["id"])  # nobody here listens to this neighbourhood
    listens(west, bringer)
    announce["id"] += "-again"
    assert (await bringer.send(west, announce)).status_code == 202
    await west.work()
    (answer,) = west.all(Answer, uri=post["id"])
    assert answer.body == "Ik kom kijken."
    assert vera.server.asked == ["/u/vera"]


async def test_b18_an_announced_forgery_is_fetched_from_its_author(scene):
    """A proof that does not hold is none: her own server has the last word."""
    west, question, vera, bringer = scene
    await bringer.send(west, bringer.activity("Follow", west.config.home.group_uri))
    await west.work()
    listens(west, bringer)
    said, post = answer_by(vera, question)
    vera.server.post(
        post["id"].removeprefix(vera.server.base), vera.uri, inReplyTo=question.uri, content="<p>Echt.</p>"
    )
    forged = proven(vera, west, said)
    forged["object"] = post | {"content": "<p>Nep.</p>"}
    await bringer.send(west, bringer.activity("Announce", forged))
    await west.work()
    (answer,) = west.all(Answer, uri=post["id"])
    assert answer.body == "Echt."


def listens(west, group):
    """Our server follows a neighbourhood elsewhere, and was let in."""

    def let_in(tx):
        application = tx.one(Actor, uri=tx.home.application_uri)
        target = tx.one(Actor, uri=group.uri)
        asked = follows.ask(tx, application, target)
        follows.receive_verdict(tx, target, asked.uri, follows.FollowState.ACCEPTED)

    west.store.run_now(let_in)


async def test_what_is_public_carries_our_proof_and_nothing_else_does(scene):
    """Our public activities can be believed whoever brings them; a proof of the rest would make a leak provable."""
    west, _, vera, bringer = scene
    for each in (vera, bringer):
        west_group = west.config.home.group_uri
        assert (await each.send(west, each.activity("Follow", west_group))).status_code == 202
    await west.work()
    asked = west.ask(west.fatma, "Wie kookt er?", Scope.PUBLIC)
    west.ask(west.fatma, "Wie luistert er?", Scope.PILOTS)
    await west.work()
    announced = vera.server.received("Announce")
    assert [each["object"] for each in announced] == [asked.uri]
    accepted = vera.server.received("Accept")
    assert accepted
    assert all("proof" not in each for each in accepted)
    for each in announced:
        assert PUBLIC in each["to"]
        document = (await vera.get(west, "/b/westerpark")).json()
        (method,) = document["assertionMethod"]
        key = FoundKey(method["id"], document["id"], ED25519, method["publicKeyMultibase"])
        proof = read_proof(each, west.world.clock.now())
        assert proof
        assert holds(proof, key, west.config.home.group_uri, KeyRing(Sealer(b"s" * 32)))


async def test_g12_a_proof_tells_no_other_moment_than_the_question(scene):
    """Who asks without an account is not dated by the proof either."""
    west, _, vera, _ = scene
    await vera.send(west, vera.activity("Follow", west.config.home.group_uri))
    await west.work()
    persona = west.store.read_now(pilots.persona)
    draft = questions.Draft(title="Wie weet raad?", scope=Scope.PUBLIC)
    held = west.store.run_now(questions.ask, persona, draft)
    steward = west.member("bea", Role.STEWARD)
    west.world.clock.tick(minutes=17)
    west.store.run_now(moderation.release, steward, Question, held.id)
    west.world.clock.tick(minutes=16)
    await west.work()
    (announced,) = vera.server.received("Announce")
    assert announced["proof"]["created"] == held.published_at.strftime("%Y-%m-%dT%H:00:00Z")
