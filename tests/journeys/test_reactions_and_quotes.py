"""What others do with a post of ours beside answering it: react with a picture, or ask to quote it."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import PUBLIC, Elsewhere, unchanged
from tests.journeys.world import World
from vraagbaak.model import Answer, Helped, Like, Mark, Question, Role, Scope


@pytest.fixture
async def street(tmp_path):
    """A pilot with a public question, vera elsewhere, and fatma and a moderator here."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma, west.mod = west.member("fatma"), west.member("mo", Role.MODERATOR)
    question = west.ask(west.fatma, scope=Scope.PUBLIC)
    vera = Elsewhere(world, "groot.example").person("vera")
    await vera.send(west, vera.activity("Create", vera.own(inReplyTo=question.uri)))
    await world.settle()
    world.network.sent.clear()
    yield world, west, question, vera
    assert not world.network.faults
    world.close()


async def hear(west, sender, said):
    answer = await sender.send(west, said)
    assert answer.status_code == 202
    await west.world.settle()


# quoting


@pytest.mark.parametrize("what", ["for pilots", "never was", "of another server", "a list", "no instrument"])
async def test_g02_who_asks_to_quote_learns_nothing_of_what_is_not_for_them(street, what):
    """A request about what somebody may not know of is dropped, as one about what never was."""
    _, west, question, vera = street
    hidden = west.ask(west.fatma, "Geheim", Scope.PILOTS)
    (theirs,) = west.all(Answer)
    await west.work()
    about = {
        "for pilots": hidden.uri,
        "never was": f"{hidden.uri[:-1]}z",
        "of another server": theirs.uri,
        "a list": [question.uri, hidden.uri],
        "no instrument": question.uri,
    }[what]
    more = {} if what == "no instrument" else {"instrument": f"{vera.server.base}/n/citaat"}
    with unchanged(west, "seen"):
        await hear(west, vera, vera.activity("QuoteRequest", about, **more))


@pytest.mark.parametrize("kind", ["question", "answer"])
async def test_who_asks_to_quote_one_of_ours_hears_no(street, kind):
    """The author's Reject comes back at once, with the request in it (FEP-044f): nobody waits for an answer."""
    _, west, question, vera = street
    thing = question if kind == "question" else west.answer(west.fatma, question)
    await west.work()
    quote = {"type": "Note", "id": f"{vera.server.base}/n/citaat", "quote": thing.uri}
    asked = vera.activity("QuoteRequest", thing.uri, instrument=quote)
    await hear(west, vera, asked)
    (refusal,) = vera.server.received("Reject")
    assert refusal["actor"] == west.actor(west.fatma).uri
    assert refusal["to"] == [vera.uri]
    assert refusal["object"] == {
        "id": asked["id"],
        "type": "QuoteRequest",
        "actor": vera.uri,
        "object": thing.uri,
        "instrument": quote["id"],
    }


# reactions


@pytest.mark.parametrize("kind", ["Like", "EmojiReact"])
@pytest.mark.parametrize("picture", ["👎", "😡", "❌", ":huh:"])
async def test_b21_a_picture_that_is_no_thanks_is_no_mark(street, kind, picture):
    """A thumb down by the asker, of an answer to their own question, is kept as a reaction and marks nothing."""
    _, west, _, vera = street
    answer = await answered(west, vera)
    await hear(west, vera, vera.activity(kind, answer, content=picture))
    assert len(west.all(Like)) == 1
    assert west.all(Mark) == []


@pytest.mark.parametrize("kind", ["Like", "EmojiReact"])
@pytest.mark.parametrize("picture", ["👍", "👍🏽", "❤️", "🙏"])
async def test_a_picture_of_thanks_by_the_asker_means_that_it_helped(street, kind, picture):
    """Misskey and Pleroma thank with a picture, and take it back with an Undo of that."""
    _, west, _, vera = street
    answer = await answered(west, vera)
    said = vera.activity(kind, answer, content=picture)
    await hear(west, vera, said)
    assert [mark.value for mark in west.all(Mark)] == [Helped.HELPED]
    await hear(west, vera, vera.activity("Undo", said))
    assert west.all(Mark) == []
    assert west.all(Like) == []


async def test_b21_the_reaction_of_somebody_else_is_no_mark(street):
    """Whoever else is glad of an answer says nothing in the asker's name, and cannot take back what another gave."""
    _, west, _, vera = street
    answer = await answered(west, vera)
    eve = vera.server.person("eve")
    await hear(west, eve, eve.activity("EmojiReact", answer, content="👍"))
    assert west.all(Mark) == []
    said = vera.activity("EmojiReact", answer, content="👍")
    await hear(west, vera, said)
    await hear(west, eve, eve.activity("Undo", said["id"]))
    assert len(west.all(Mark)) == 1
    assert len(west.all(Like)) == 2


async def answered(west, vera):
    """A question by vera, with an answer by fatma; its uri."""
    asked = vera.own(to=[PUBLIC, west.config.home.group_uri], content="<p>Wie weet het?</p>")
    await hear(west, vera, vera.activity("Create", asked))
    (question,) = west.all(Question, uri=asked["id"])
    answer = west.answer(west.fatma, question)
    await west.work()
    return answer.uri
