"""What somebody may call themselves: a handle is believed when the server that it stands on confirms it, and only then.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import pytest_asyncio

from storage.records import Seen
from tests.journeys.strangers import PUBLIC, Elsewhere, Stranger, assert_refused, faults, unchanged
from tests.journeys.world import Instance, World
from tests.web.mastodon.apps import App
from vraagbaak import peers
from vraagbaak.model import Actor, Question, Standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
HERE = {"to": [PUBLIC, f"{WEST}/b/westerpark"]}
JRD = "application/jrd+json"
ACTIVITY = "application/activity+json"

_servers = itertools.count(1)


@dataclass
class Scene:
    """One pilot, and servers that it never heard of."""

    world: World
    west: Instance

    def server(self) -> Elsewhere:
        return Elsewhere(self.world, f"nieuw{next(_servers)}.example")

    def known(self, somebody: Stranger) -> Actor | None:
        return next(iter(self.west.all(Actor, uri=somebody.uri)), None)

    async def ask(self, somebody: Stranger) -> Question:
        """A question of theirs, taken in."""
        post = somebody.own(content="<p>Wie heeft er een ladder?</p>", **HERE)
        said = somebody.activity("Create", post, **HERE)
        assert (await somebody.send(self.west, said)).status_code == 202
        await self.world.settle()
        (question,) = self.west.all(Question, uri=post["id"])
        return question


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("handles"))
    west = world.pilot("Westerpark", moderate_outside=False)
    west.member("fatma")
    yield Scene(world, west)
    world.close()


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    """Whatever others say of themselves, nothing breaks."""
    scene.world.clock.tick(minutes=2)
    yield
    assert faults(scene.world, caplog.records) == []


def asked_for(account: str) -> str:
    """The path at which an account is looked up."""
    return f"/.well-known/webfinger?resource={quote(f'acct:{account}', safe='')}"


def says(server: Elsewhere, account: str, uri: str, **members: object) -> None:
    """Let a server answer for an account."""
    links = [{"rel": "self", "type": ACTIVITY, "href": uri}]
    doc = {"subject": f"acct:{account}", "links": links} | members
    server.put(asked_for(account), doc, content_type=JRD)


def self_links(*uris: str, kind: str = ACTIVITY) -> dict[str, object]:
    return {"links": [{"rel": "self", "type": kind, "href": uri} for uri in uris]}


def numbered(server: Elsewhere, **members: object) -> Stranger:
    """Somebody whose id ends in a number and who says to be called vera."""
    somebody = Stranger(server, "7")
    somebody.publish(preferredUsername="vera", **members)
    return somebody


async def test_b29_a_handle_that_its_server_confirms_is_taken_and_asked_for_once_a_day(scene):
    """One question to the server itself, after the sender has its answer; none for what is said on the same day."""
    vera = numbered(scene.server())
    says(vera.server, f"vera@{vera.server.host}", vera.uri)
    post = vera.own(content="<p>Wie heeft er een ladder?</p>", **HERE)
    assert (await vera.send(scene.west, vera.activity("Create", post))).status_code == 202
    assert vera.server.asked == ["/u/7"]  # nobody who sends waits for it
    assert scene.known(vera).address == f"@7@{vera.server.host}"
    await scene.world.settle()
    assert scene.known(vera).address == f"@vera@{vera.server.host}"
    await scene.ask(vera)
    assert vera.server.asked == ["/u/7", asked_for(f"vera@{vera.server.host}")]
    scene.world.clock.tick(days=2)
    await scene.ask(vera)
    assert vera.server.asked[2:] == ["/u/7", asked_for(f"vera@{vera.server.host}")]
    assert scene.known(vera).address == f"@vera@{vera.server.host}"


async def test_b29_who_is_called_as_the_id_ends_costs_no_question(scene):
    """Where the answer could change nothing, nobody is asked."""
    somebody = scene.server().person("vera")
    await scene.ask(somebody)
    assert somebody.server.asked == ["/u/vera"]
    assert scene.known(somebody).address == f"@vera@{somebody.server.host}"


OTHER = "https://derde.example"
UNCONFIRMED = {
    "B29 nobody of that name": lambda server, account, uri: None,
    "B29 another actor": lambda server, account, uri: says(server, account, f"{server.base}/u/vera"),
    "B29 another actor elsewhere": lambda server, account, uri: says(server, account, f"{OTHER}/u/vera"),
    "B30 self link to one of ours": lambda server, account, uri: says(server, account, f"{WEST}/u/fatma"),
    "B30 two self links": lambda server, account, uri: says(
        server, account, uri, **self_links(uri, f"{server.base}/u/vera")
    ),
    "B30 self link of another kind": lambda server, account, uri: says(
        server, account, uri, **self_links(uri, kind="text/html")
    ),
    "B30 no links": lambda server, account, uri: says(server, account, uri, links=None),
    "B30 subject on a third domain": lambda server, account, uri: says(
        server, account, uri, subject="acct:vera@derde.example"
    ),
    "B30 subject on our domain": lambda server, account, uri: says(
        server, account, uri, subject="acct:fatma@westerpark.example"
    ),
    "B30 subject with another name": lambda server, account, uri: says(
        server, account, uri, subject=f"acct:mallory@{server.host}"
    ),
    "B30 no subject": lambda server, account, uri: says(server, account, uri, subject=None),
    "B30 subject that is no account": lambda server, account, uri: says(server, account, uri, subject=uri),
    "B30 HTML": lambda server, account, uri: server.put(
        asked_for(account), b"<html>", content_type="text/html"
    ),
    "B30 JSON said to be HTML": lambda server, account, uri: server.put(
        asked_for(account),
        {"subject": f"acct:{account}", **self_links(uri)},
        content_type="text/html",
    ),
    "B30 no JSON": lambda server, account, uri: server.put(asked_for(account), b"{", content_type=JRD),
    "B30 a list": lambda server, account, uri: server.put(asked_for(account), [], content_type=JRD),
    "B30 subject twice": lambda server, account, uri: server.put(
        asked_for(account),
        f'{{"subject":"acct:x@x.example","subject":"acct:{account}","links":'
        f"{json.dumps(self_links(uri)['links'])}}}".encode(),
        content_type=JRD,
    ),
    "B30 two megabytes": lambda server, account, uri: says(server, account, uri, padding="x" * 2_000_000),
    "B30 a fault": lambda server, account, uri: server.put(asked_for(account), b"", status=500),
    "B30 a way to us": lambda server, account, uri: server.redirect(
        asked_for(account), f"{WEST}/.well-known/webfinger?resource=acct:fatma@westerpark.example"
    ),
    "B30 a way without TLS": lambda server, account, uri: server.redirect(
        asked_for(account), f"http://{server.host}/x"
    ),
    "B30 a way in circles": lambda server, account, uri: server.redirect(
        asked_for(account), asked_for(account)
    ),
}


@pytest.mark.parametrize("what", UNCONFIRMED)
async def test_a_handle_that_is_not_confirmed_is_not_taken_and_loses_no_post(scene, what):
    """Both sides have to agree; else an actor is called by the end of its id, on its own host, and can be used."""
    third = Elsewhere(scene.world, "derde.example")
    victim = Stranger(third, "vera")
    victim.publish()
    says(third, "vera@derde.example", victim.uri)
    before = len(third.requests)
    mallory = numbered(scene.server())
    account = f"vera@{mallory.server.host}"
    mallory.server.person("vera")
    UNCONFIRMED[what](mallory.server, account, mallory.uri)
    await scene.ask(mallory)
    assert scene.known(mallory).address == f"@7@{mallory.server.host}"
    assert mallory.server.asked == ["/u/7", asked_for(account)]
    # The domain of another subject is asked once whether it agrees; nobody else is.
    assert len(third.requests) - before == (what == "B30 subject on a third domain")
    await scene.ask(mallory)
    assert len(mallory.server.asked) == 2
    assert [sent for sent in scene.world.sent_to(scene.west) if sent.method == "GET"] == []


async def test_b30_a_chain_of_subjects_is_not_followed(scene):
    """Of three servers that each name the next one the second is asked whether it agrees, and the third nothing."""
    first, second, third = (scene.server() for _ in range(3))
    vera = numbered(first)
    says(first, f"vera@{first.host}", vera.uri, subject=f"acct:vera@{second.host}")
    says(second, f"vera@{second.host}", vera.uri, subject=f"acct:vera@{third.host}")
    says(third, f"vera@{third.host}", vera.uri)
    await scene.ask(vera)
    assert (second.asked, third.requests) == ([asked_for(f"vera@{second.host}")], [])
    assert scene.known(vera).address == f"@7@{first.host}"


# living at one domain, called after another


def split(scene, handle: str = "vera", **members: object) -> tuple[Stranger, Elsewhere]:
    """Somebody who lives at one server and is called after another domain, as both say."""
    server, named = scene.server(), scene.server()
    vera = server.person(handle, **members)
    says(server, f"{handle}@{server.host}", vera.uri, subject=f"acct:{handle}@{named.host}")
    says(named, f"{handle}@{named.host}", vera.uri)
    return vera, named


async def test_b29_who_is_called_after_another_domain_is_shown_so_when_both_agree(scene):
    """Each is asked once a day; pages and apps show the address that people know, and it is found by both."""
    vera, named = split(scene)
    vera.publish(webfinger=f"vera@{named.host}")
    question = await scene.ask(vera)
    known = scene.known(vera)
    assert (known.address, known.domain) == (f"@vera@{named.host}", vera.server.host)
    assert vera.server.asked == ["/u/vera", asked_for(f"vera@{vera.server.host}")]
    assert named.asked == [asked_for(f"vera@{named.host}")]
    async with scene.west.client() as client:
        page = (await client.get(f"/v/{question.id}")).text
        assert named.host in page
        for domain in (named.host, vera.server.host):
            found = await client.get(f"/api/v1/accounts/lookup?acct=vera@{domain}")
            assert found.json()["acct"] == f"vera@{named.host}"
    await scene.ask(vera)
    assert len(named.requests) == 1
    scene.world.clock.tick(days=2)
    await scene.ask(vera)
    assert len(named.requests) == 2


async def test_b29_a_subject_that_differs_is_enough_without_a_claim(scene):
    """A server that does not know FEP-2c59 says it when it is asked about a name."""
    server, named = scene.server(), scene.server()
    vera = numbered(server)
    says(server, f"vera@{server.host}", vera.uri, subject=f"acct:vera@{named.host}")
    says(named, f"vera@{named.host}", vera.uri)
    await scene.ask(vera)
    assert scene.known(vera).address == f"@vera@{named.host}"


async def test_b29_who_is_looked_for_by_the_address_that_people_know_is_shown_by_it(scene):
    """A member looks for `@vera@example.nl`: found at the server where she lives, and called as she was looked for."""
    vera, named = split(scene)
    app = App(scene.west, scene.west.member(f"zoeker{next(_servers)}"))
    found = await app.get("v2/search", params={"q": f"@vera@{named.host}", "resolve": "true"})
    assert [each["acct"] for each in found["accounts"]] == [f"vera@{named.host}"]
    assert scene.known(vera).named_domain == named.host


DISAGREE = {
    "B29 the other domain does not know it": lambda named, account, uri: None,
    "B29 the other domain names another": lambda named, account, uri: says(
        named, account, f"{named.base}/u/vera"
    ),
    "B29 the other domain names ours": lambda named, account, uri: says(named, account, f"{WEST}/u/fatma"),
    "B30 the other domain names a third": lambda named, account, uri: says(
        named, account, uri, subject="acct:vera@derde.example"
    ),
    "B30 the other domain has another name for it": lambda named, account, uri: says(
        named, account, uri, subject=f"acct:noor@{named.host}"
    ),
    "B30 HTML": lambda named, account, uri: named.put(asked_for(account), b"<p>", content_type="text/html"),
    "B30 a way to us": lambda named, account, uri: named.redirect(
        asked_for(account), f"{WEST}/.well-known/webfinger?resource=acct:fatma@westerpark.example"
    ),
    "B30 two self links": lambda named, account, uri: says(
        named, account, uri, **self_links(uri, f"{named.base}/u/x")
    ),
}


@pytest.mark.parametrize("what", DISAGREE)
async def test_an_address_of_another_domain_that_it_does_not_confirm_is_not_shown(scene, what):
    """Without the other domain's own word somebody is called by the end of their id, where they live."""
    vera, named = split(scene)
    vera.publish(webfinger=f"vera@{named.host}")
    named.pages.clear()
    DISAGREE[what](named, f"vera@{named.host}", vera.uri)
    await scene.ask(vera)
    assert scene.known(vera).address == f"@vera@{vera.server.host}"
    assert len(named.requests) == 1


async def test_b30_our_own_domain_is_nobody_elses_and_is_not_asked(scene):
    """Whoever says to be called after us is not."""
    vera = scene.server().person("fatma", webfinger="fatma@westerpark.example")
    account = f"fatma@{vera.server.host}"
    says(vera.server, account, vera.uri, subject="acct:fatma@westerpark.example")
    await scene.ask(vera)
    assert scene.known(vera).address == f"@{account}"
    assert [sent for sent in scene.world.sent_to(scene.west) if sent.method == "GET"] == []


async def test_b29_an_address_that_was_confirmed_stays_while_nobody_answers_and_goes_when_it_is_taken_back(
    scene,
):
    """A fault of a day changes nothing; the other domain's word does, as soon as it is asked."""
    vera, named = split(scene)
    vera.publish(webfinger=f"vera@{named.host}")
    await scene.ask(vera)
    path = asked_for(f"vera@{named.host}")
    right = named.pages[path]
    named.put(path, b"", status=503)
    scene.world.clock.tick(days=2)
    await scene.ask(vera)
    assert scene.known(vera).address == f"@vera@{named.host}"
    named.pages[path] = right
    vera.publish()  # says nothing of it any more, but its server still does
    scene.world.clock.tick(days=2)
    await scene.ask(vera)
    assert scene.known(vera).address == f"@vera@{named.host}"
    del named.pages[path]
    scene.world.clock.tick(days=2)
    await scene.ask(vera)
    assert scene.known(vera).address == f"@vera@{vera.server.host}"


async def test_f03_a_refusal_of_the_domain_that_people_see_holds_for_who_is_called_after_it(scene, refusing):
    """Refused before, they do not come in under it; refused later, what they send is not taken any more."""
    vera, named = split(scene)
    vera.publish(webfinger=f"vera@{named.host}")
    await scene.ask(vera)
    refusing(named.host)
    before = len(scene.west.all(Question))
    said = vera.activity("Create", vera.own(**HERE))
    await vera.send(scene.west, said)
    await scene.world.settle()
    assert len(scene.west.all(Question)) == before
    other = numbered(scene.server())
    says(other.server, f"vera@{other.server.host}", other.uri, subject=f"acct:vera@{named.host}")
    await other.send(scene.west, other.activity("Create", other.own(**HERE)))
    await scene.world.settle()
    assert len(scene.west.all(Question)) == before
    assert len(named.requests) == 1


async def test_d15_names_of_one_owner_make_us_ask_them_twenty_times_an_hour(scene):
    """A server full of people who say to be called after somebody else's domain makes no flood there."""
    crowd, victim = scene.server(), scene.server()
    for number in range(25):
        somebody = crowd.person(f"x{number}", webfinger=f"x{number}@{victim.host}")
        says(crowd, f"x{number}@{crowd.host}", somebody.uri, subject=f"acct:x{number}@{victim.host}")
        await scene.ask(somebody)
    assert len(victim.requests) == 20


@pytest.mark.parametrize(
    "claim", ["vera@derde.example", "@vera@derde.example", "acct:fatma@westerpark.example"]
)
async def test_b29_an_address_on_another_server_is_no_more_than_a_claim(scene, claim):
    """Nobody is shown under another server's name, whatever the actor's own document says."""
    third = Elsewhere(scene.world, "derde.example")
    mallory = numbered(scene.server(), webfinger=claim)
    says(mallory.server, f"vera@{mallory.server.host}", mallory.uri)
    before = len(third.requests)
    await scene.ask(mallory)
    assert scene.known(mallory).address == f"@vera@{mallory.server.host}"
    assert len(third.requests) == before


@pytest.mark.parametrize("how", ["told", "a day later"])
async def test_b29_nobody_takes_the_name_of_a_neighbour(scene, how):
    """A name that was confirmed is lost, and the neighbour's is not won, when the actor changes it."""
    mallory = numbered(scene.server())
    victim = Stranger(mallory.server, "8")
    victim.publish(preferredUsername="noor")
    for somebody, name in ((mallory, "vera"), (victim, "noor")):
        says(somebody.server, f"{name}@{somebody.server.host}", somebody.uri)
        await scene.ask(somebody)
    assert scene.known(mallory).handle == "vera"
    mallory.publish(preferredUsername="noor")
    if how == "told":
        changed = mallory.activity("Update", mallory.document(preferredUsername="noor"))
        assert (await mallory.send(scene.west, changed)).status_code == 202
        await scene.world.settle()
    else:
        scene.world.clock.tick(days=2)
        await scene.ask(mallory)
    assert (scene.known(mallory).handle, scene.known(victim).handle) == ("7", "noor")


@pytest.mark.parametrize("trouble", ["down", 500, 429])
async def test_b29_a_server_that_cannot_be_asked_now_keeps_the_name_it_had(scene, trouble):
    """What was confirmed before stays while there is no answer; what never was is not taken."""
    vera, new = numbered(scene.server()), numbered(scene.server())
    says(vera.server, f"vera@{vera.server.host}", vera.uri)
    await scene.ask(vera)
    scene.world.clock.tick(days=2)
    for somebody, name in ((vera, "vera"), (new, "7")):
        path = asked_for(f"vera@{somebody.server.host}")
        if trouble == "down":
            somebody.server.redirect(path, "https://nergens.example/x")
        else:
            somebody.server.put(path, b"", status=trouble)
        await scene.ask(somebody)
        assert scene.known(somebody).handle == name


async def test_b29_another_process_asks_anew_who_it_is(scene):
    """What one process read of a newcomer need not be known to the one that does the work."""
    vera = numbered(scene.server())
    says(vera.server, f"vera@{vera.server.host}", vera.uri)
    said = vera.activity("Create", vera.own(**HERE))
    assert (await vera.send(scene.west, said)).status_code == 202
    directory = scene.west.parts.site.inbox._directory
    directory._unconfirmed.clear()
    directory._actors.clear()
    await scene.world.settle()
    assert scene.known(vera).handle == "vera"
    assert vera.server.asked == ["/u/7", "/u/7", asked_for(f"vera@{vera.server.host}")]


async def test_b31_what_is_no_actor_any_more_is_looked_up_anew_and_not_forgotten(scene):
    """Without an inbox the old document stays; the next time its server is asked again, and then it counts again."""
    shifty = scene.server().person("shifty")
    await scene.ask(shifty)
    before = scene.known(shifty)
    shifty.publish(inbox=None, name="Een ander")
    with unchanged(scene.west, "seen", requests=1):
        said = shifty.activity("Update", shifty.document(inbox=None, name="Een ander"))
        assert (await shifty.send(scene.west, said)).status_code == 202
        await scene.world.settle()
    assert (scene.known(shifty).name, scene.known(shifty).inbox) == (before.name, before.inbox)
    assert scene.known(shifty).fetched_at is None
    with unchanged(scene.west, "seen", requests=1):
        post = shifty.activity("Create", shifty.own(**HERE))
        assert (await shifty.send(scene.west, post)).status_code == 202
        await scene.world.settle()
    shifty.publish(name="Een ander")
    await scene.ask(shifty)
    assert scene.known(shifty).name == "Een ander"


@pytest.fixture
def refusing(scene):
    """Refuses a server for one test."""
    decided = []

    def refuse(name):
        decided.append(scene.west.store.run_now(peers.decide, name, Standing.REFUSED).id)

    yield refuse
    for name in decided:
        scene.west.store.run_now(peers.decide, name, Standing.OPEN)


@pytest.mark.parametrize("claim", ["vera@fout.example", "vera@sub.fout.example", "vera@FOUT.example."])
async def test_f03_who_says_to_be_somebody_on_a_refused_server_is_refused(scene, refusing, claim):
    """A refusal holds for the name that people see as for the server behind it, by whichever one it was written down."""
    refusing("fout.example")
    vera = scene.server().person("vera", webfinger=claim)
    with unchanged(scene.west, requests=1):
        assert_refused(
            await vera.send(scene.west, vera.activity("Create", vera.own(**HERE))), 403, "refused-peer"
        )
    post = vera.server.post("/n/1", vera.uri, **HERE)
    friend = scene.server().person("friend")
    await scene.ask(friend)
    with unchanged(scene.west, "seen", requests=2):  # nor does it come in as what somebody else replies to
        said = friend.activity("Create", friend.own(inReplyTo=post, **HERE))
        assert (await friend.send(scene.west, said)).status_code == 202
        await scene.world.settle()


async def test_f03_a_welcome_name_does_not_let_a_refused_server_in(scene, refusing):
    """The other way round: the server is refused and not asked, whatever name it would give."""
    refusing("fout.example")
    vera = Elsewhere(scene.world, "fout.example").person("vera", webfinger="vera@derde.example")
    with unchanged(scene.west):
        assert_refused(
            await vera.send(scene.west, vera.activity("Create", vera.own(**HERE))), 403, "refused-peer"
        )
    assert [seen for seen in scene.west.all(Seen) if "fout.example" in seen.id] == []
