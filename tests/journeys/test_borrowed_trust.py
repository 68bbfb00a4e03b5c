"""What others stand for: threads that are not theirs, things only named, pictures only shown, people who are gone.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio

from storage.worker import Worker
from tests.journeys.strangers import (
    ACTIVITY,
    PUBLIC,
    Elsewhere,
    Request,
    Stranger,
    everything,
    faults,
    jobs_left,
    note,
    unchanged,
)
from tests.journeys.world import Instance, World
from vraagbaak import follows
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    FollowState,
    Helped,
    Like,
    Member,
    Offer,
    Question,
    Scope,
    Standing,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
GROUP = f"{WEST}/b/westerpark"
HERE = {"to": [PUBLIC, GROUP]}
LATER = "2026-11-02T20:00:00Z"


@dataclass
class Scene:
    """A pilot that follows two neighbourhoods of one server, and a server that means no good."""

    world: World
    west: Instance
    fatma: Member
    vera: Stranger
    square: Stranger
    park: Stranger
    mallory: Stranger
    question: Question

    async def hear(self, sender: Stranger, said, **how):
        assert (await sender.send(self.west, said, **how)).status_code == 202
        await self.world.settle()

    async def drop(self, sender: Stranger, *said, but=(), requests: int = 0):
        """These change nothing; for all, so many documents are fetched at most."""
        with unchanged(self.west, "seen", *but, requests=requests):
            for each in said:
                assert (await sender.send(self.west, each)).status_code in {202, 400, 403}
            await self.world.settle()

    def one(self, kind, uri: str):
        return next(iter(self.west.all(kind, uri=uri)), None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("borrowed"))
    west = world.pilot("Westerpark", moderate_outside=False)
    good, evil = Elsewhere(world, "good.example"), Elsewhere(world, "evil.example")
    fatma = west.member("fatma")
    made = Scene(
        world=world,
        west=west,
        fatma=fatma,
        vera=good.person("vera"),
        square=good.group("square"),
        park=good.group("park"),
        mallory=evil.person(),
        question=west.ask(fatma, "Wie loopt er mee?", Scope.PUBLIC),
    )
    await world.settle()
    for each in (made.vera, made.square, made.park, made.mallory):
        await made.hear(each, each.activity("Listen", "https://good.example/muziek"))
    ourselves = west.all(Actor, uri=f"{WEST}/actor")[0]
    for group in (made.square, made.park):
        follow = west.store.run_now(follows.ask, ourselves, made.one(Actor, group.uri))
        await world.settle()
        await made.hear(group, group.activity("Accept", follow.uri))
    yield made
    world.close()


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    scene.world.clock.tick(minutes=2)
    yield
    assert faults(scene.world, caplog.records) == []
    assert jobs_left(scene.west) == []


# threads of others


PARK, SQUARE = "https://good.example/u/park", "https://good.example/u/square"
OTHERS_AUDIENCE = {
    "B19 another of the same server": PARK,
    "B19 ours": GROUP,
    "B19 another pilot's": "https://nieuwland.example/b/nieuwland",
    "B19 one that nobody knows": "https://derde.example/c/fietsen",
    "B19 in a list": [PARK],
    "B19 two others": [PARK, "https://derde.example/c/fietsen"],
    "B19 embedded": {"id": PARK, "type": "Group"},
    "B19 beside the public": [PUBLIC, PARK],
    "B19 one that only begins alike": f"{SQUARE}2",
}
OWN_AUDIENCE = {
    "B19 its own": SQUARE,
    "B19 its own among others": [PARK, SQUARE],
    "B19 its followers": f"{SQUARE}/followers",
    "B19 the public": PUBLIC,
    "B19 none": None,
}


def passed_on(scene: Scene, path: str, audience: object) -> list[object]:
    """A post by vera as it can be passed on: by name, whole, in an activity, and in one that says whose it is."""
    uri = scene.vera.server.post(path, scene.vera.uri, inReplyTo=scene.question.uri, audience=audience)
    document = json.loads(scene.vera.server.pages[path][2])
    bare = {name: value for name, value in document.items() if name != "audience"}
    return [
        uri,
        document,
        scene.vera.activity("Create", document),
        scene.vera.activity("Create", bare, audience=audience),
        scene.vera.activity("Update", document | {"updated": LATER}),
    ]


@pytest.mark.parametrize("what", OTHERS_AUDIENCE)
async def test_what_belongs_to_another_neighbourhood_is_not_taken_from_this_one(scene, what):
    """A neighbourhood speaks for its own threads: what names another one is not taken from it, whole or by name."""
    path = f"/n/{what.replace(' ', '-')}"
    for inside in passed_on(scene, path, OTHERS_AUDIENCE[what]):
        scene.world.clock.tick(minutes=2)
        await scene.drop(scene.square, scene.square.activity("Announce", inside), requests=1)
    assert scene.one(Answer, scene.vera.server.base + path) is None


@pytest.mark.parametrize("what", OWN_AUDIENCE)
async def test_what_is_a_neighbourhoods_own_is_taken_from_it(scene, what):
    """Without this, the refusals above would prove nothing."""
    for number in range(4):
        path = f"/n/{what.replace(' ', '-')}-{number}"
        inside = passed_on(scene, path, OWN_AUDIENCE[what])[number]
        await scene.hear(scene.square, scene.square.activity("Announce", inside))
        assert scene.one(Answer, scene.vera.server.base + path), number


@pytest.mark.parametrize("kind", ["Update", "Delete", "Add", "Remove"])
async def test_b19_nor_is_what_happened_to_it_since(scene, kind):
    """Edits, deletions and marks in a thread come from its own neighbourhood as well."""
    path = f"/n/sinds-{kind}"
    uri = scene.vera.server.post(path, scene.vera.uri, inReplyTo=scene.question.uri, audience=PARK)
    document = json.loads(scene.vera.server.pages[path][2])
    await scene.hear(scene.park, scene.park.activity("Announce", scene.vera.activity("Create", document)))
    assert scene.one(Answer, uri)
    changed = document | {"updated": LATER, "content": "<p>Anders.</p>"} if kind == "Update" else uri
    inner = scene.vera.activity(kind, changed, audience=PARK, target=f"{scene.question.uri}/helpful")
    await scene.drop(scene.square, scene.square.activity("Announce", inner))
    if kind in {"Update", "Delete"}:
        await scene.hear(scene.park, scene.park.activity("Announce", inner))
        found = scene.one(Answer, uri)
        assert (found.body if found else "") == ("Anders." if kind == "Update" else "")


MODERATORS = (f"{GROUP}/moderators", f"{GROUP}#moderators", GROUP, f"{GROUP}/followers", f"{GROUP}/featured")


@pytest.mark.parametrize("kind", ["Add", "Remove"])
@pytest.mark.parametrize("sender", ["mallory", "vera", "square"])
async def test_b23_nobody_elsewhere_makes_moderators_here(scene, sender, kind):
    """Who reviews here is decided here: no list of ours can be changed from outside, whatever it may be called."""
    author = getattr(scene, sender)
    said = [
        author.activity(kind, somebody, target=target)
        for target in (*MODERATORS, {"id": GROUP, "type": "Collection"}, f"{SQUARE}/moderators")
        for somebody in (author.uri, scene.mallory.uri, f"{WEST}/u/fatma")
    ]
    await scene.drop(author, *said)


@pytest.mark.parametrize(
    "where", ["https://derde.example/c/x/moderators", f"{WEST}/u/fatma", ["https://evil.example/u/mallory"]]
)
async def test_b23_who_moderates_elsewhere_is_not_looked_up(scene, where):
    """Whom a neighbourhood names as its moderators, on whatever server, gives those no say here and costs no request."""
    crowd = Elsewhere(scene.world, "evil.example").person(
        "crowd", type="Group", attributedTo=where, moderators=where
    )
    sent = len(scene.world.network.sent)
    await scene.hear(crowd, crowd.activity("Listen", "x"))
    assert [each.target for each in scene.world.network.sent[sent:]] in ([], ["/u/crowd"])
    deleted = scene.mallory.activity("Delete", scene.question.uri)
    await scene.drop(scene.mallory, deleted, scene.mallory.activity("Announce", deleted))
    answer = await Request(method="GET", target="/b/westerpark", headers=[("accept", ACTIVITY)]).to(
        scene.west
    )
    assert answer.json()["attributedTo"] == f"{GROUP}/moderators"
    assert where not in answer.json().values()


# posts that we fetch ourselves


LIES = {
    "B02 in another's name": {"attributedTo": "https://good.example/u/vera"},
    "B02 in another's name, listed": {
        "attributedTo": ["https://good.example/u/vera", "https://evil.example/u/mallory"]
    },
    "B02 in the name of one of ours": {"attributedTo": f"{WEST}/u/fatma"},
    "B02 in nobody's name": {"attributedTo": None},
}
WAYS = ("named by its sender", "replied to", "passed on", "passed on in an activity", "in an outbox")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", LIES)
async def test_a_post_that_we_fetch_ourselves_is_believed_no_more_than_one_that_is_sent(scene, what, way):
    """Whatever brings us to a document: on an evil server nobody speaks in the name of somebody elsewhere."""
    evil, path = scene.mallory.server, f"/n/{what}-{way}".replace(" ", "-").replace("'", "").replace(",", "")
    uri = evil.put(path, note(evil.base + path, "", inReplyTo=scene.question.uri, **HERE) | LIES[what])
    if way == "named by its sender":
        await scene.drop(scene.mallory, scene.mallory.activity("Create", uri), requests=1)
    elif way == "replied to":
        reply = scene.mallory.own(inReplyTo=uri, **HERE)
        await scene.drop(scene.mallory, scene.mallory.activity("Create", reply), requests=1)
    elif way == "in an outbox":
        server = Elsewhere(scene.world, f"bak{len(scene.world.network.apps)}.example")
        _, group = server.become_pilot()
        server.become_pilot([group.activity("Announce", uri)])
        scene.west.trust(server)
        await scene.world.settle()
    else:
        inside = uri if way == "passed on" else scene.vera.activity("Create", uri)
        await scene.drop(scene.square, scene.square.activity("Announce", inside), requests=2)
    assert uri in {f"https://{sent.host}{sent.target}" for sent in scene.world.network.sent}
    assert [scene.one(kind, uri) for kind in (Question, Answer, Offer)] == [None, None, None]


# what a post shows and names


def quoting(scene: Scene, hidden: Question) -> dict[str, dict[str, object]]:
    """Members that name a post of somebody else as quoted, and say that this is allowed."""
    far = "https://derde.example"
    stamp = {
        "id": f"{far}/stamps/1",
        "type": "QuoteAuthorization",
        "attributedTo": f"{far}/u/daan",
        "interactingObject": f"{scene.vera.server.base}/n/x",
        "interactionTarget": f"{far}/n/1",
    }
    ours = dict.fromkeys(("quote", "quoteUrl", "quoteUri", "_misskey_quote"), hidden.uri)
    link = {
        "type": "Link",
        "mediaType": ACTIVITY,
        "href": hidden.uri,
        "rel": "https://misskey-hub.net/ns#_misskey_quote",
    }
    deep: dict[str, object] = {"id": f"{far}/n/0", "type": "Note", "content": "<p>diep</p>"}
    for number in range(25):
        deep = {"id": f"{far}/n/{number}", "type": "Note", "content": "<p>diep</p>", "quote": deep}
    return {
        "B33 stamp on a third server": {"quote": f"{far}/n/1", "quoteAuthorization": f"{far}/stamps/1"},
        "B33 stamp brought along": {"quote": f"{far}/n/1", "quoteAuthorization": stamp},
        "B33 stamp for another post": {"quote": f"{far}/n/2", "quoteAuthorization": stamp},
        "B34 what is hidden here": ours,
        "B34 what is hidden here, as a link": {"tag": [link]},
        "B34 hidden words brought along": {"quote": {"id": hidden.uri, "content": "<p>zonnebloemolie</p>"}},
        "D18 quotes in quotes": {"quote": deep},
        "D18 a quote that quotes": {"quote": f"{far}/keten/0"},
    }


QUOTES = (
    "B33 stamp on a third server",
    "B33 stamp brought along",
    "B33 stamp for another post",
    "B34 what is hidden here",
    "B34 what is hidden here, as a link",
    "B34 hidden words brought along",
    "D18 quotes in quotes",
    "D18 a quote that quotes",
)


@pytest.mark.parametrize("what", QUOTES)
async def test_what_a_post_quotes_is_neither_fetched_nor_shown(scene, what):
    """A post is its own words: what it quotes, with or without leave, costs no request and shows nothing of anybody."""
    hidden = scene.west.ask(scene.fatma, "Waar koop ik zonnebloemolie?", Scope.NEIGHBOURHOOD)
    far = Elsewhere(scene.world, "derde.example")
    for number in range(5):
        far.post(f"/keten/{number}", f"{far.base}/u/daan", quote=f"{far.base}/keten/{number + 1}")
    members = quoting(scene, hidden)
    assert set(members) == set(QUOTES)
    scene.world.network.sent.clear()
    plain = scene.vera.own(content="<p>Kijk hier eens?</p>", **HERE)
    quoting_it = scene.vera.own(content="<p>Kijk hier eens?</p>", **HERE) | members[what]
    for post in (plain, quoting_it):
        await scene.hear(scene.vera, scene.vera.activity("Create", post))
    assert scene.world.network.sent == []
    one, other = (scene.one(Question, post["id"]) for post in (plain, quoting_it))
    assert replace(other, id=one.id, uri=one.uri, url=one.url) == one
    for path in (f"/v/{other.id}", f"/api/vraagbaak/v1/questions/{other.id}"):
        page = await Request(method="GET", target=path, headers=[("accept", "text/html")]).to(scene.west)
        assert page.status_code == 200
        assert "zonnebloemolie" not in page.text
        assert hidden.id not in page.text


@pytest.mark.parametrize("kind", ["Accept", "Reject", "Delete"])
async def test_b33_nobody_gives_or_takes_leave_to_quote_here(scene, kind):
    """Stamps and their end are taken politely and do nothing; a request for one is answered with a no."""
    request = {
        "id": "https://evil.example/quotes/1",
        "type": "QuoteRequest",
        "actor": scene.mallory.uri,
        "object": scene.question.uri,
        "instrument": "https://evil.example/n/1",
    }
    inside = request
    extra = {"instrument": "https://evil.example/n/1", "result": f"{WEST}/stamps/1"}
    await scene.drop(scene.mallory, scene.mallory.activity(kind, inside, **extra), but=("tombstones",))


async def test_b35_a_claim_to_be_a_site_s_author_is_not_read(scene):
    """Who says that a newspaper names them as its author is shown as anybody else, and the newspaper is not asked."""
    made = []
    for number, members in enumerate(({}, {"attributionDomains": ["nu.nl", "westerpark.example"]})):
        server = Elsewhere(scene.world, f"krant{number}.example")
        somebody = server.person("eve", **members)
        post = somebody.own(content='<p>Lees <a href="https://nu.nl/1">dit</a></p>', **HERE)
        sent = len(scene.world.network.sent)
        await scene.hear(somebody, somebody.activity("Create", post))
        assert {each.host for each in scene.world.network.sent[sent:]} == {server.host}
        question, actor = scene.one(Question, post["id"]), scene.one(Actor, somebody.uri)
        page = await Request(method="GET", target=f"/v/{question.id}", headers=[("accept", "text/html")]).to(
            scene.west
        )
        text = page.text.replace(server.host, "HOST").replace(question.id, "ID").replace(question.uri, "URI")
        made.append((replace(actor, id="", uri="", domain="", url="", inbox="", fetched_at=None), text))
    for one, other in zip(made[0], made[1], strict=True):
        assert one == other


PRIVATE = (
    "https://127.0.0.1/x",
    "https://169.254.169.254/latest",
    "https://[::1]/x",
    "http://localhost:6379/",
)
SHOWN = {
    "C12 avatar": ("actor", lambda url: {"icon": {"type": "Image", "url": url}}),
    "C12 header": ("actor", lambda url: {"image": {"type": "Image", "url": url}}),
    "C12 profile fields": (
        "actor",
        lambda url: {
            "attachment": [{"type": "PropertyValue", "name": "x", "value": f'<a href="{url}" rel="me">x</a>'}]
        },
    ),
    "C12 featured posts": (
        "actor",
        lambda url: {"featured": url, "featuredTags": url, "outbox": url, "followers": url},
    ),
    "C12 where somebody went": ("actor", lambda url: {"movedTo": url}),
    "C12 endpoints": (
        "actor",
        lambda url: {"endpoints": {"proxyUrl": url, "oauthTokenEndpoint": url, "uploadMedia": url}},
    ),
    "C12 emoji": ("post", lambda url: {"tag": [{"type": "Emoji", "name": ":x:", "icon": {"url": url}}]}),
    "C12 picture": (
        "post",
        lambda url: {"attachment": [{"type": "Image", "mediaType": "image/png", "url": url}]},
    ),
    "C12 link preview": (
        "post",
        lambda url: {"content": f'<p>Kijk <a href="{url}">hier</a>?</p>', "preview": url},
    ),
    "C12 picture in the text": ("post", lambda url: {"content": f'<p>Kijk? <img src="{url}"></p>'}),
    "C12 frame in the text": ("post", lambda url: {"content": f'<p>Kijk? <iframe src="{url}"></iframe></p>'}),
    "C12 generator": ("post", lambda url: {"generator": url, "instrument": url, "context": url}),
    "C12 webmention": (
        "post",
        lambda url: {
            "source": {"mediaType": "text/html", "content": f'<link rel="webmention" href="{url}">'}
        },
    ),
    "D22 bomb": (
        "post",
        lambda url: {
            "attachment": [
                {"type": "Image", "mediaType": "image/png", "url": url, "width": 30_000, "height": 30_000}
            ]
        },
    ),
    "D22 vector": (
        "post",
        lambda url: {"attachment": {"type": "Image", "mediaType": "image/svg+xml", "url": url}},
    ),
    "D22 film": (
        "post",
        lambda url: {
            "attachment": [{"type": "Video", "mediaType": "video/mp4", "url": url, "duration": "P999999D"}]
        },
    ),
    "D22 ten thousand frames": (
        "post",
        lambda url: {"attachment": [{"type": "Image", "mediaType": "image/gif", "url": url}] * 1000},
    ),
    "D22 picture in the document": (
        "post",
        lambda url: {"attachment": [{"type": "Image", "url": "data:image/png;base64," + "A" * 100_000}]},
    ),
    "D22 something else than it says": (
        "post",
        lambda url: {
            "attachment": [{"type": "Document", "mediaType": "text/html", "url": url, "name": "x.png"}]
        },
    ),
}


@pytest.mark.parametrize("what", SHOWN)
async def test_pictures_and_links_are_neither_fetched_nor_shown(scene, what):
    """Whatever an actor or a post shows: nobody is asked for it, least of all this machine, and no page brings it in."""
    of, members = SHOWN[what]
    server = Elsewhere(scene.world, f"beeld{len(scene.world.network.apps)}.example")
    for number, url in enumerate((*PRIVATE, "https://derde.example/bom.png")):
        somebody = server.person(f"n{number}", **(members(url) if of == "actor" else {}))
        post = somebody.own(content="<p>Kijk?</p>", **HERE) | (members(url) if of == "post" else {})
        sent = len(scene.world.network.sent)
        await scene.hear(somebody, somebody.activity("Create", post))
        assert [f"{each.host}{each.target}" for each in scene.world.network.sent[sent:]] == [
            f"{server.host}/u/n{number}"
        ]
        question = scene.one(Question, post["id"])
        page = await Request(method="GET", target=f"/v/{question.id}", headers=[("accept", "text/html")]).to(
            scene.west
        )
        for tag in ("<img", "<iframe", "<video", "<object", "<picture", "data:image", "background"):
            assert tag not in page.text
        stored = json.dumps(everything(scene.west, "jobs", "questions"), default=str)
        assert url not in stored


# at the same time


async def together(scene: Scene, *said: tuple[Stranger, object]) -> None:
    """All of it comes in at the same moment, and two workers do it at the same time."""
    requests = [sender.signed(scene.west, each) for sender, each in said]
    answers = await asyncio.gather(*(request.to(scene.west) for request in requests))
    assert {answer.status_code for answer in answers} == {202}
    first = scene.west.parts.worker
    second = Worker(scene.west.store, first._handlers, first._limits)
    await asyncio.gather(first.run_until_idle(), second.run_until_idle())
    await scene.world.settle()


async def test_i02_create_and_update_at_once_are_the_later_one(scene):
    for number in range(5):
        post = scene.vera.own(content=f"<p>Eerste {number}?</p>", **HERE)
        later = post | {"content": f"<p>Tweede {number}?</p>", "updated": LATER}
        await together(
            scene,
            (scene.vera, scene.vera.activity("Create", post)),
            (scene.vera, scene.vera.activity("Update", later)),
        )
        (found,) = scene.west.all(Question, uri=post["id"])
        assert found.title == f"Tweede {number}?"


async def test_i02_create_and_delete_at_once_leave_nothing(scene):
    for _ in range(5):
        post = scene.vera.own(inReplyTo=scene.question.uri, **HERE)
        await together(
            scene,
            (scene.vera, scene.vera.activity("Create", post)),
            (scene.vera, scene.vera.activity("Delete", post["id"])),
        )
        assert scene.one(Answer, post["id"]) is None


async def test_i02_follow_and_undo_at_once_are_no_follow_and_two_follows_are_one(scene):
    fan = scene.vera.server.person("fan")
    await scene.hear(fan, fan.activity("Listen", "x"))
    actor = scene.one(Actor, fan.uri)
    follow = fan.activity("Follow", GROUP)
    await together(scene, (fan, follow), (fan, fan.activity("Undo", follow)))
    assert scene.west.all(Follow, follower_id=actor.id) == []
    await together(scene, *((fan, fan.activity("Follow", GROUP)) for _ in range(5)))
    (one,) = scene.west.all(Follow, follower_id=actor.id)
    assert one.state is FollowState.ACCEPTED


async def test_i02_two_votes_and_two_marks_at_once_count_once(scene):
    """Likes of one person for one answer say it once; of two marks of the asker one stands."""
    answer = scene.west.answer(scene.fatma, scene.question)
    await scene.world.settle()
    likes = [scene.vera.activity("Like", answer.uri) for _ in range(2)]
    await together(scene, *((scene.vera, each) for each in (*likes, *likes)))
    assert {each.id for each in scene.west.all(Like, object_uri=answer.uri)} == {each["id"] for each in likes}
    assert scene.west.mark_of(answer) is None
    helpful = f"{scene.vera.server.base}/n/gul/helpful"
    post = note(
        f"{scene.vera.server.base}/n/gul",
        scene.vera.uri,
        content="<p>Wie?</p>",
        **HERE,
        **{"vb:helpful": helpful},
    )
    await scene.hear(scene.vera, scene.vera.activity("Create", post))
    ours = scene.west.answer(scene.fatma, scene.one(Question, post["id"]))
    await scene.world.settle()
    marks = [
        scene.vera.activity("Add", ours.uri, target=helpful, **{"vb:mark": mark})
        for mark in ("accepted", "partly")
    ]
    await together(scene, *((scene.vera, each) for each in marks))
    assert scene.west.mark_of(ours) in {Helped.HELPED, Helped.PARTLY}


async def test_i02_two_accepts_at_once_are_one(scene):
    third = Elsewhere(scene.world, "tweemaal.example").group("groep")
    await scene.hear(third, third.activity("Listen", "x"))
    ourselves = scene.west.all(Actor, uri=f"{WEST}/actor")[0]
    follow = scene.west.store.run_now(follows.ask, ourselves, scene.one(Actor, third.uri))
    await scene.world.settle()
    before = len(third.server.received())
    await together(scene, *((third, third.activity("Accept", follow.uri)) for _ in range(4)))
    (found,) = scene.west.all(Follow, uri=follow.uri)
    assert found.state is FollowState.ACCEPTED
    assert len(third.server.received()) == before


# who is gone, and round in circles


@pytest.mark.parametrize("how", ["said farewell", "suspended", "server refused"])
async def test_i13_what_somebody_said_who_is_gone_does_not_come_back_by_others(scene, how):
    """Neighbourhoods that pass an old post on bring neither it nor its author back, by name, whole or in an activity."""
    server = Elsewhere(scene.world, f"weg-{how.replace(' ', '-')}.example")
    ghost = server.person("ghost")
    uris = [server.post(f"/n/{number}", ghost.uri, content="<p>Oud?</p>", **HERE) for number in range(4)]
    first = json.loads(server.pages["/n/0"][2])
    await scene.hear(ghost, ghost.activity("Create", first))
    assert scene.one(Question, uris[0])
    if how == "said farewell":
        await scene.hear(ghost, ghost.activity("Delete", ghost.uri))
        assert scene.one(Question, uris[0]) is None
    elif how == "suspended":
        gone = replace(scene.one(Actor, ghost.uri), suspended=True)
        scene.west.store.run_now(lambda tx: tx.save(gone))
    else:
        scene.west.trust(server, Standing.REFUSED)
        await scene.world.settle()
    for number, uri in enumerate(uris):
        document = json.loads(server.pages[f"/n/{number}"][2])
        for inside in (
            uri,
            document,
            ghost.activity("Create", document),
            ghost.activity("Update", document | {"updated": LATER, "content": "<p>Nieuw?</p>"}),
        ):
            scene.world.clock.tick(minutes=2)
            await scene.drop(scene.square, scene.square.activity("Announce", inside), requests=2)
    assert [scene.one(Question, uri) for uri in uris[1:]] == [None, None, None]


def brought_in(scene: Scene, refused: Stranger, uri: str) -> dict[str, tuple[Stranger, dict[str, object]]]:
    """Every way in which others bring a refused server's post here."""
    document = json.loads(refused.server.pages[uri.removeprefix(refused.server.base)][2])
    create = refused.activity("Create", document)
    quoted = scene.vera.own(content="<p>Kijk?</p>", quote=document, quoteUrl=uri, **HERE)
    return {
        "F02 passed on by name": (scene.square, scene.square.activity("Announce", uri)),
        "F02 passed on whole": (scene.square, scene.square.activity("Announce", document)),
        "F02 passed on in an activity": (scene.square, scene.square.activity("Announce", create)),
        "F02 passed on as an edit": (
            scene.square,
            scene.square.activity("Announce", refused.activity("Update", document)),
        ),
        "F02 passed on as a deletion": (
            scene.square,
            scene.square.activity("Announce", refused.activity("Delete", uri)),
        ),
        "F02 shared by a person": (scene.vera, scene.vera.activity("Announce", document)),
        "F02 replied to": (scene.vera, scene.vera.activity("Create", scene.vera.own(inReplyTo=uri, **HERE))),
        "F02 embedded in what is replied to": (
            scene.vera,
            scene.vera.activity("Create", scene.vera.own(inReplyTo=document, **HERE)),
        ),
        "F02 named as one's own": (scene.vera, scene.vera.activity("Create", uri)),
        "F02 quoted": (scene.vera, scene.vera.activity("Create", quoted)),
        "F02 among its replies": (
            scene.vera,
            scene.vera.activity("Create", scene.vera.own(content="<p>Kijk?</p>", replies=[document], **HERE)),
        ),
    }


BROUGHT_IN = (
    *(
        "F02 passed on by name",
        "F02 passed on whole",
        "F02 passed on in an activity",
        "F02 passed on as an edit",
    ),
    *("F02 passed on as a deletion", "F02 shared by a person", "F02 replied to", "F02 named as one's own"),
    *("F02 embedded in what is replied to", "F02 quoted", "F02 among its replies"),
)


@pytest.mark.parametrize("way", BROUGHT_IN)
async def test_nobody_brings_in_what_is_on_a_refused_server(scene, way):
    """By whatever way it comes, nothing of a refused server is taken in, and that server is asked for nothing."""
    server = Elsewhere(scene.world, "fout.example")
    refused = server.person()
    scene.west.trust(server, Standing.REFUSED)
    path = f"/n/{way.replace(' ', '-')}"
    uri = server.post(path, refused.uri, inReplyTo=scene.question.uri, **HERE)
    ways = brought_in(scene, refused, uri)
    assert set(ways) == set(BROUGHT_IN)
    sender, said = ways[way]
    await scene.hear(sender, said)
    assert server.requests == []
    assert [scene.one(kind, uri) for kind in (Question, Answer, Offer)] == [None, None, None]
    assert scene.one(Actor, refused.uri) is None


async def test_i14_our_neighbourhood_does_not_follow_itself(scene):
    """Nobody makes it: neither in its own name nor by asking for it."""
    ourselves = Stranger(Elsewhere(scene.world, "westerpark.example"), "x")
    for actor in (GROUP, f"{WEST}/actor"):
        said = scene.mallory.activity("Follow", GROUP) | {"actor": actor}
        await scene.drop(scene.mallory, said)
        request = ourselves.signed(scene.west, said, key_id=f"{actor}#main-key")
        with unchanged(scene.west):
            assert (await request.to(scene.west)).status_code in {401, 403}
    group = scene.one(Actor, GROUP)
    assert scene.west.all(Follow, follower_id=group.id) == []


async def test_i14_what_we_passed_on_is_not_taken_back_from_others(scene):
    """Our own announcement, passed on to us again, is nothing new, whoever does it and however it is wrapped."""
    await scene.hear(
        scene.vera, scene.vera.activity("Create", scene.vera.own(inReplyTo=scene.question.uri, **HERE))
    )
    ours = [
        json.loads(sent.body)
        for sent in scene.world.network.sent
        if sent.method == "POST" and WEST.encode() in sent.body
    ]
    announce = {"id": f"{WEST}/act/x", "type": "Announce", "actor": GROUP, "object": scene.question.uri}
    for said in (announce, *ours[-3:]):
        inner = scene.park.activity("Announce", said)
        for inside in (said, said["id"], inner, inner["id"], scene.square.activity("Announce", inner)):
            await scene.drop(scene.square, scene.square.activity("Announce", inside), requests=2)


async def test_i14_two_neighbourhoods_that_follow_each_other_fall_silent(tmp_path, caplog):
    """What is said in two pilots that pass everything on to each other arrives once, and then nobody says any more."""
    world = World(tmp_path)
    west, east, north = world.pilots("Westerpark", "Nieuwland", "Noord")
    await world.settle()
    fatma, henk = west.member("fatma"), east.member("henk")
    for one in (west, east, north):
        for other in (west, east, north):
            if one is not other:
                ourselves = one.all(Actor, uri=f"{one.base}/b/{one.host.partition('.')[0]}")[0]
                target = one.all(Actor, uri=f"{other.base}/b/{other.host.partition('.')[0]}")[0]
                one.store.run_now(follows.ask, ourselves, target)
    await world.settle()
    world.network.sent.clear()
    question = west.ask(fatma, "Wie loopt er mee?", Scope.PUBLIC)
    await world.settle()
    answer = east.answer(henk, question)
    await world.settle()
    for thing in (question, answer):
        assert all(pilot.knows(thing) for pilot in (west, east, north))
    posts = [(sent.host, json.loads(sent.body)["id"]) for sent in world.network.sent if sent.method == "POST"]
    assert len(posts) == len(set(posts))
    assert len(posts) <= 12
    world.network.sent.clear()
    world.clock.tick(hours=6)
    await world.settle()
    assert world.network.sent == []
    assert faults(world, caplog.records) == []
    world.close()
