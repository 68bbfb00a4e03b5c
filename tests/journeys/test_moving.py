"""Going to live elsewhere: followers go along when both accounts say so, and not otherwise (threat B28)."""

from __future__ import annotations

import pytest

from tests.journeys.strangers import Elsewhere
from tests.journeys.world import ACTIVITY, World
from vraagbaak import follows, moves, peers
from vraagbaak.errors import Invalid, TooFast
from vraagbaak.model import Actor, Follow, FollowState, Standing


@pytest.fixture
async def street(tmp_path):
    """A pilot whose server follows somebody elsewhere, who has another account on a third server."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    old = Elsewhere(world, "oud.example").person("vera")
    new = Elsewhere(world, "nieuw.example").person("vera", alsoKnownAs=[old.uri])
    await old.send(west, old.activity("Like", west.config.home.group_uri))

    def follow(tx):
        application, target = tx.one(Actor, uri=tx.home.application_uri), tx.one(Actor, uri=old.uri)
        asked = follows.ask(tx, application, target)
        follows.receive_verdict(tx, target, asked.uri, FollowState.ACCEPTED)

    west.store.run_now(follow)
    await world.settle()
    world.network.sent.clear()
    yield world, west, old, new
    assert not world.network.faults
    world.close()


def followed(west):
    return {west.all(Actor, id=follow.target_id)[0].uri for follow in west.all(Follow)}


def moving(who, target, **members):
    return who.activity("Move", who.uri, target=target) | members


async def test_who_we_follow_goes_elsewhere(street):
    """Our server lets the old account go and asks to follow the new one."""
    world, west, old, new = street
    assert (await old.send(west, moving(old, new.uri))).status_code == 202
    await world.settle()
    assert followed(west) == {new.uri}
    assert [each["type"] for each in old.server.received()] == ["Undo"]
    assert [each["object"] for each in new.server.received("Follow")] == [new.uri]


@pytest.mark.parametrize(
    "how",
    [
        *(
            "not named back",
            "named by somebody else",
            "to itself",
            "to nobody",
            "to rubbish",
            "to a refused server",
        ),
        *("in another's name", "of another", "to one of ours", "to a page that says it is somebody else"),
    ],
)
async def test_b28_a_move_that_not_both_agree_on_is_nothing(street, how):
    """One side alone moves nobody."""
    world, west, old, new = street
    sender, said = old, moving(old, new.uri)
    if how == "not named back":
        new.publish()
    elif how == "named by somebody else":
        new.publish(alsoKnownAs=[f"{old.uri}2", "https://oud.example/u/VERA"])
    elif how == "to itself":
        said["target"] = old.uri
    elif how == "to nobody":
        said["target"] = f"{new.server.base}/u/niemand"
    elif how == "to rubbish":
        said["target"] = [5, None, {"id": 7}]
    elif how == "to a refused server":
        west.store.run_now(peers.decide, new.server.host, Standing.REFUSED)
    elif how == "in another's name":
        sender = old.server.person("mallory")
        said = moving(sender, new.uri, object=old.uri)
    elif how == "of another":
        sender = old.server.person("mallory")
        said = moving(sender, new.uri)
    elif how == "to one of ours":
        said["target"] = west.actor(west.fatma).uri
    else:
        new.server.put("/u/vera", new.document(alsoKnownAs=[old.uri]) | {"id": f"{new.server.base}/u/ander"})
    await sender.send(west, said)
    await world.settle()
    assert followed(west) == {old.uri}


async def test_b28_an_account_moves_once_in_seven_days(street):
    """Who moves every minute is followed to the first place only, until a week has passed."""
    world, west, old, new = street
    third = Elsewhere(world, "derde.example").person("vera", alsoKnownAs=[old.uri, new.uri])
    await old.send(west, moving(old, new.uri))
    await world.settle()
    await old.send(west, moving(old, third.uri))
    await world.settle()
    assert followed(west) == {new.uri}
    world.clock.tick(days=8)
    await new.send(west, moving(new, third.uri))
    await world.settle()
    assert followed(west) == {third.uri}


async def test_one_of_ours_goes_elsewhere(street):
    """A member names the new account, it names them back, and their followers hear of it."""
    world, west, old, new = street
    fatma = west.actor(west.fatma)
    await old.send(west, old.activity("Follow", fatma.uri))
    await world.settle()
    west.store.run_now(moves.ask, west.fatma, new.uri)
    await world.settle()
    assert west.actor(west.fatma).moved_to == ""
    new.publish(alsoKnownAs=fatma.uri)
    world.clock.tick(minutes=2)
    west.store.run_now(moves.ask, west.fatma, new.uri)
    await world.settle()
    (said,) = old.server.received("Move")
    assert (said["actor"], said["object"], said["target"]) == (fatma.uri, fatma.uri, new.uri)
    async with west.client(Accept=ACTIVITY) as client:
        assert (await client.get("/u/fatma")).json()["movedTo"] == new.uri
    with pytest.raises(TooFast):
        west.store.run_now(moves.ask, west.fatma, old.uri)


async def test_somebody_comes_to_live_here(street):
    """A member names the old account as their own; then it may move here, and loses us as a follower."""
    world, west, old, _ = street
    fatma = west.actor(west.fatma)
    await old.send(west, old.activity("Follow", fatma.uri))
    await world.settle()
    west.store.run_now(moves.name_as_own, west.fatma, old.uri)
    await world.settle()
    (update,) = old.server.received("Update")
    assert update["object"]["alsoKnownAs"] == [old.uri]
    await old.send(west, moving(old, fatma.uri))
    await world.settle()
    assert old.uri not in followed(west)
    west.store.run_now(moves.no_longer_own, west.fatma, old.uri)
    assert west.actor(west.fatma).also_known_as == ()


@pytest.mark.parametrize(
    "uri", ["", "vera@oud.example", "javascript:alert(1)", "https://a b", "https://" + "x" * 3000]
)
async def test_what_is_no_account_is_refused(street, uri):
    _, west, *_ = street
    for act in (moves.name_as_own, moves.ask):
        with pytest.raises(Invalid):
            west.store.run_now(act, west.fatma, uri)
    with pytest.raises(Invalid):
        west.store.run_now(moves.ask, west.fatma, west.actor(west.fatma).uri)
