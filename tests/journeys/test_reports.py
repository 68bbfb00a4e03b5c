"""Complaints between servers, and people who block ours (threat B36)."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import Elsewhere
from tests.journeys.world import World
from vraagbaak import reports
from vraagbaak.errors import Invalid, NotYours, Unknown
from vraagbaak.model import Answer, Follow, Report, Role, Scope, Standing


@pytest.fixture
async def street(tmp_path):
    """A pilot with things for everybody and for few, a moderator, and a server elsewhere with somebody who answered."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    west.fatma, west.mo = west.member("fatma"), west.member("mo", Role.MODERATOR)
    west.question = west.ask(west.fatma, scope=Scope.PUBLIC)
    west.quiet = west.ask(west.fatma, "Fluister?", Scope.NEIGHBOURHOOD)
    west.circle = west.ask(west.fatma, "Alleen wij?", Scope.PILOTS)
    vera = Elsewhere(world, "goed.example").person("vera")
    await vera.send(west, vera.activity("Create", vera.own(inReplyTo=west.question.uri)))
    await world.settle()
    (west.reply,) = west.all(Answer)
    world.network.sent.clear()
    yield world, west, vera
    assert not world.network.faults
    world.close()


def flag(vera, about, **members):
    return vera.activity("Flag", about, content="<p>Dit is <b>reclame</b>.<script>x</script></p>", **members)


async def test_a_complaint_from_elsewhere_reaches_the_moderators_without_a_name(street):
    """What is wrong and with what, and from which server; who complained is not kept."""
    world, west, vera = street
    said = flag(vera, [west.question.uri, west.actor(west.fatma).uri])
    for _ in range(2):
        await vera.send(west, said)
        await world.settle()
    (report,) = west.store.read_now(reports.waiting, west.mo)
    assert report.about == (west.question.uri, west.actor(west.fatma).uri)
    assert (report.text, report.domain) == ("Dit is reclame.", "goed.example")
    assert "vera" not in str(report)
    west.store.run_now(reports.handle, west.mo, report.id)
    assert west.store.read_now(reports.waiting, west.mo) == []
    with pytest.raises(NotYours):
        west.store.read_now(reports.waiting, west.fatma)


@pytest.mark.parametrize(
    "about",
    ["quiet", "circle", "reply", "nothing", "many", "rubbish", "their own"],
)
async def test_b36_a_complaint_is_about_what_its_server_can_see_here(street, about):
    """What is hidden, elsewhere or nowhere is no complaint, and tells nothing; ten thousand are a hundred."""
    world, west, vera = street
    inside = {
        "quiet": west.quiet.uri,
        "circle": [west.circle.uri, f"{west.base}/q/nee"],
        "reply": west.reply.uri,
        "nothing": None,
        "many": [f"{west.base}/q/{number}" for number in range(10_000)] + [west.question.uri],
        "rubbish": [5, None, {"id": 7}, "x", [], {"type": "Note"}],
        "their own": vera.uri,
    }[about]
    assert (await vera.send(west, flag(vera, inside))).status_code == 202
    await world.settle()
    assert west.all(Report) == []


async def test_a_complaint_of_ours_goes_from_the_server_to_the_server(street):
    """A moderator tells the other server; neither the moderator nor who complained is in it."""
    world, west, vera = street
    report = west.store.run_now(reports.report_elsewhere, west.mo, west.reply, "Dit is reclame.")
    await world.settle()
    (said,) = vera.server.received("Flag")
    assert said["actor"] == west.config.home.application_uri
    assert said["object"] == [vera.uri, west.reply.uri]
    assert said["content"] == "Dit is reclame."
    assert "mo" not in {
        part for value in said.values() if isinstance(value, str) for part in value.split("/")
    }
    assert west.store.read_now(reports.waiting, west.mo) == []
    assert report.uri == said["id"]


async def test_who_may_complain_about_what(street):
    """Only moderators do, about things elsewhere, to servers that we speak with, with words."""
    world, west, _ = street
    run = west.store.run_now
    with pytest.raises(NotYours):
        run(reports.report_elsewhere, west.fatma, west.reply, "Reclame.")
    with pytest.raises(Unknown):
        run(reports.report_elsewhere, west.mo, west.question, "Reclame.")
    with pytest.raises(Invalid):
        run(reports.report_elsewhere, west.mo, west.reply, " ")
    from vraagbaak import peers

    run(peers.decide, "goed.example", Standing.REFUSED)
    await world.settle()
    with pytest.raises(Invalid):
        run(reports.report_elsewhere, west.mo, west.reply, "Reclame.")


async def test_who_blocks_one_of_ours_hears_and_tells_no_more(street):
    """Both follows end in silence; a block of somebody else, or of nobody, is nothing."""
    world, west, vera = street
    fatma = west.actor(west.fatma)
    await vera.send(west, vera.activity("Follow", fatma.uri))
    await world.settle()
    other = vera.server.person("ander")
    for sender, whom in (
        (other, fatma.uri),
        (vera, west.config.home.group_uri),
        (vera, None),
        (vera, vera.uri),
    ):
        await sender.send(west, sender.activity("Block", whom))
        await world.settle()
    assert len(west.all(Follow)) == 1
    world.network.sent.clear()
    await vera.send(west, vera.activity("Block", fatma.uri))
    await world.settle()
    assert west.all(Follow) == []
    assert world.network.sent == []
