"""Both sides of a follow stay in step (FEP-8fcf), and nobody can use that against others (threat B27)."""

from __future__ import annotations

import pytest

from federation.synchronizing import digest_of, read_claim
from tests.journeys.strangers import CAVAGE, Elsewhere
from tests.journeys.world import ACTIVITY, World
from vraagbaak import follows
from vraagbaak.model import Actor, Follow, FollowState, Scope

HEADER = "collection-synchronization"


@pytest.fixture
async def street(tmp_path):
    """A pilot with followers on two servers, and one of ours that follows somebody there."""
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    west.fatma = west.member("fatma")
    big = Elsewhere(world, "groot.example")
    vera, henk = (big.person(name, followers=f"{big.base}/u/{name}/followers") for name in ("vera", "henk"))
    other = Elsewhere(world, "ander.example").person("noor")
    for each in (vera, henk, other):
        await each.send(west, each.activity("Follow", west.config.home.group_uri))
    await world.settle()
    world.network.sent.clear()
    yield world, west, vera, henk, other
    assert not world.network.faults
    world.close()


def test_the_example_of_the_fep() -> None:
    """The digest is the XOR of the SHA-256 of the ids (the example of FEP-8fcf)."""
    assert digest_of(["https://testing.example.org/users/1", "https://testing.example.org/users/2"]) == (
        "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
    )
    assert digest_of([]) == "0" * 64


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        'collectionId="a"',
        'collectionId="a", url="b"',
        'url="a", url="b", collectionId="c", digest="d"',
        "a" * 8000,
    ],
)
def test_what_is_no_header_says_nothing(value) -> None:
    assert read_claim(value) is None


async def test_who_we_think_follows_is_said_to_each_server_by_itself(street):
    """The header counts the followers on the receiving server only, and that server alone may see who they are."""
    world, west, vera, henk, other = street
    west.ask(west.fatma, scope=Scope.PUBLIC)
    await world.settle()
    said = {
        sent.host: read_claim(sent.headers["Collection-Synchronization"])
        for sent in world.network.sent
        if sent.method == "POST"
    }
    group = west.config.home.group_uri
    assert said[vera.server.host].digest == digest_of([vera.uri, henk.uri])
    assert said[other.server.host].digest == digest_of([other.uri])
    assert said[other.server.host].collection == f"{group}/followers"
    path = said[vera.server.host].url.removeprefix(west.base)
    assert (await vera.get(west, path)).json()["orderedItems"] == sorted([vera.uri, henk.uri])
    assert (await other.get(west, path)).json()["orderedItems"] == [other.uri]
    async with west.client(Accept=ACTIVITY) as client:
        assert (await client.get(path)).status_code == 404


async def followed(west, vera):
    """Our server follows vera, and was let in."""

    def let_in(tx):
        application, target = tx.one(Actor, uri=tx.home.application_uri), tx.one(Actor, uri=vera.uri)
        asked = follows.ask(tx, application, target)
        follows.receive_verdict(tx, target, asked.uri, FollowState.ACCEPTED)

    west.store.run_now(let_in)
    await west.work()
    west.world.network.sent.clear()


def header(vera, uris, **changed):
    """What vera's server says of her followers here, and the list behind it."""
    url = f"{vera.uri}/followers?domain=westerpark.example"
    listed = {"id": url, "type": "OrderedCollection", "orderedItems": list(uris)}
    vera.server.put("/u/vera/followers?domain=westerpark.example", listed)
    claim = {"collectionId": f"{vera.uri}/followers", "url": url, "digest": digest_of(list(uris))} | changed
    return ", ".join(f'{name}="{value}"' for name, value in claim.items())


async def say(west, vera, value, *, signed=True):
    said, given = vera.activity("Like", west.config.home.group_uri), {HEADER: value}
    covered = f"{CAVAGE} {HEADER}" if signed else CAVAGE
    request = vera.signed(west, said, covered=covered, as_signed=given, as_sent=given)
    assert (await request.to(west)).status_code == 202
    await west.world.settle()


def ours(west):
    return {
        follow.target_id for follow in west.all(Follow) if west.all(Actor, id=follow.follower_id)[0].local
    }


async def test_a_follow_that_the_other_side_lost_is_over(street):
    """Vera's server does not know that we follow her: then we do not."""
    _, west, vera, *_ = street
    await followed(west, vera)
    await say(west, vera, header(vera, []))
    assert ours(west) == set()


async def test_a_follow_that_only_the_other_side_knows_is_taken_back(street):
    """Vera's server thinks that somebody here follows her: it hears that this is not so."""
    _, west, vera, *_ = street
    await say(west, vera, header(vera, [west.config.home.application_uri, f"{west.base}/u/niemand"]))
    (undone,) = vera.server.received("Undo")
    assert (undone["object"]["type"], undone["object"]["object"]) == ("Follow", vera.uri)


async def test_nothing_is_asked_when_both_agree(street):
    """The same digest on both sides costs nothing."""
    _, west, vera, *_ = street
    await followed(west, vera)
    await say(west, vera, header(vera, [west.config.home.application_uri]))
    assert vera.server.asked == []
    assert len(ours(west)) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"collectionId": "https://groot.example/u/henk/followers"},
        {"collectionId": "https://derde.example/u/vera/followers"},
        {"url": "https://derde.example/followers"},
        {"url": "https://westerpark.example/b/westerpark/followers_synchronization"},
        {"url": "javascript:alert(1)"},
        {"digest": "0" * 63},
        {"digest": "f" * 64},
    ],
)
async def test_b27_only_the_signers_own_followers_count(street, changed):
    """A header about another's followers, another host, or with another digest than its list ends no follow."""
    _, west, vera, *_ = street
    await followed(west, vera)
    await say(west, vera, header(vera, [], **changed))
    assert len(ours(west)) == 1
    assert {sent.host for sent in west.world.network.sent} <= {vera.server.host}


async def test_b27_a_header_that_is_not_signed_is_not_there(street):
    """Whoever carries the request could have written it."""
    _, west, vera, *_ = street
    await followed(west, vera)
    await say(west, vera, header(vera, []), signed=False)
    assert len(ours(west)) == 1
    assert vera.server.asked == []
