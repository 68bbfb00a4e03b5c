"""What we said can be fetched under its id, as long as what it is about may be read; also what only came inside another."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from storage import jobs
from tests.journeys.strangers import PUBLIC, Elsewhere, everything
from tests.journeys.world import ACTIVITY, World
from vraagbaak import moderation
from vraagbaak.events import ActorChanged
from vraagbaak.model import Answer, Helped, Question, Role, Scope


@pytest.fixture
async def west(tmp_path):
    """A pilot whose only readers elsewhere get everything inside an Announce."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.world, west.fatma, west.noor = world, west.member("fatma"), west.member("noor", Role.MODERATOR)
    west.pie = Elsewhere(world, "taart.example")
    west.ilse = west.pie.person("ilse", implements=[{"href": "https://w3id.org/fep/1b12"}])
    await west.ilse.send(west, west.ilse.activity("Follow", west.config.home.group_uri))
    kitchen = west.pie.person("keuken", type="Group", questionAnswer=True)
    await kitchen.send(west, kitchen.activity("Like", west.config.home.group_uri))
    await world.settle()
    yield west
    assert not world.network.faults
    world.close()


async def fetched(west, uri):
    async with west.client(Accept=ACTIVITY) as client:
        answer = await client.get(uri)
    return answer.json() if answer.status_code == 200 else answer.status_code


def inside(west):
    """The activities of ours that came inside an Announce."""
    return [each["object"] for each in west.pie.received("Announce") if isinstance(each["object"], dict)]


async def test_what_only_came_inside_an_announce_can_be_fetched(west):
    """Who checks an inner activity with its origin when it comes finds it there, byte for byte the same."""
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    answer = west.answer(west.noor, question)
    said = []
    for mark in ("", Helped.HELPED, None):
        if mark != "":
            west.mark(west.fatma, answer, mark)
        await west.world.settle()
        for each in inside(west)[len(said) :]:
            assert await fetched(west, each["id"]) == each, each["type"]
            said.append(each)
    kinds = [each["type"] for each in said]
    assert {"Create", "Add", "ChooseAnswer", "Undo", "Remove"} <= set(kinds)
    (chosen,) = [each for each in said if each["type"] == "ChooseAnswer"]
    (undone,) = [each for each in said if each["type"] == "Undo"]
    assert undone["object"]["id"] == chosen["id"]


async def test_it_is_gone_when_what_it_is_about_is_hidden(west):
    """Neither the Create nor the Update of something out of sight can be fetched."""
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    answer = west.answer(west.noor, question, "Zonnebloemolie.")
    await west.world.settle()
    for kind, thing in ((Answer, answer), (Question, question)):
        about = [
            each for each in inside(west) if each["type"] == "Create" and each["object"]["id"] == thing.uri
        ]
        assert [await fetched(west, each["id"]) for each in about] == about != []
        west.store.run_now(moderation.hide, west.noor, kind, thing.id)
        await west.world.settle()
        assert [await fetched(west, each["id"]) for each in inside(west)].count(404) >= len(about)
        assert [await fetched(west, each["id"]) for each in about] == [404]


async def test_what_an_actor_says_of_itself_can_be_fetched(west):
    """The Update of a member that its followers got."""
    fatma = west.actor(west.fatma)
    await west.ilse.send(west, west.ilse.activity("Follow", fatma.uri))
    await west.world.settle()

    def renamed(tx):
        tx.save(replace(fatma, name="Fatma B."))
        tx.record(ActorChanged(actor_id=fatma.id))

    west.store.run_now(renamed)
    await west.world.settle()
    (said,) = [each for each in west.pie.received("Update") if each["object"]["id"] == fatma.uri]
    assert await fetched(west, said["id"]) == said
    assert json.dumps(said).count("Fatma B.") == 1


@pytest.mark.parametrize("changes", ["", "Update", "Delete"])
async def test_to_whom_it_was_sent_in_secret_is_neither_kept_nor_shown_nor_passed_on(west, changes):
    """A server that forgets to take `bto` and `bcc` away (ActivityPub 6) does not make us tell everybody."""
    secret = "https://geheim.example/u/"
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    await west.world.settle()
    vera = Elsewhere(west.world, "vera.example").person("vera")
    post = vera.own(
        inReplyTo=question.uri, bto=[f"{secret}a"], tag=[{"type": "Mention", "as:bcc": f"{secret}b"}]
    )
    said = vera.activity(
        "Create", post, bcc=f"{secret}c", **{"https://www.w3.org/ns/activitystreams#bto": secret}
    )
    await vera.send(west, said)
    waiting = west.store.run_now(jobs.claim, 50, "by hand", 0.0, west.store.policy)
    assert waiting
    assert secret not in "".join(job.payload for job in waiting)
    await west.world.settle()
    if changes:
        west.world.clock.tick(minutes=1)
        later = {"updated": "2026-11-02T09:30:00Z", "content": "<p>Anders.</p>"}
        what = {"Update": post | later, "Delete": {"type": "Tombstone", "id": post["id"], "bto": secret}}[
            changes
        ]
        await vera.send(west, vera.activity(changes, what, bcc=[f"{secret}d"], bto=[PUBLIC]))
        await west.world.settle()
    assert [each["type"] for each in inside(west)][-1] == (changes or "Create")
    assert len(west.all(Answer)) == (changes != "Delete")
    assert secret not in str(everything(west))
    assert not any(secret.encode() in sent.body for sent in west.pie.requests)
    for each in west.pie.received("Announce"):
        assert "geheim" not in str(await fetched(west, each["id"]))
