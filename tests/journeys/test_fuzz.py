"""Whatever a stranger signs, serves or says of itself to a running pilot: it is answered, worked off, and takes nothing.

The documents are made by the strategies of tests/federation/odd.py, the same ones at each run; `FUZZ_TIMES=20` makes
so many times more of them, and other ones each time.
"""

from __future__ import annotations

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from federation.documents import ACTIVITY_JSON, id_of, same_origin
from federation.fetching import Budget, Fetcher, FetchFault
from federation.inbox import ACTIVITIES
from tests.federation import odd, test_actors
from tests.federation.test_fuzz import SAFE_CODE, examples
from tests.journeys.strangers import PUBLIC, Elsewhere, Stranger, faults
from tests.journeys.world import Instance, World
from vraagbaak.model import Actor, Answer, Follow, Offer, Question, Scope, Standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
GROUP = f"{WEST}/b/westerpark"
NOWHERE = "https://nergens.example/x"
SENDERS = ("mallory", "olga", "square")
# Written into documents in place of ids that are only known once there is a world to send them to.
NAMES = (
    *(
        "question",
        "pilots question",
        "answer",
        "offer",
        "fatma",
        "group",
        "application",
        "our follow",
        "nothing",
    ),
    *("me", "my question", "my answer", "my offer", "my follow", "my like", "square", "olga", "her question"),
    *("page 0", "page 1", "page 2"),
)
THINGS = st.sampled_from([f"@{name}@" for name in NAMES]) | odd.URLS
KINDS = st.sampled_from(list(ACTIVITIES))
POST: Mapping[str, Any] = {
    "id": "@page 0@",
    "type": "Note",
    "attributedTo": "@me@",
    "to": [PUBLIC, GROUP],
    "content": "<p>Wie heeft er een ladder?</p>",
    "published": "2026-11-02T08:00:00Z",
    "updated": "2026-11-02T20:00:00Z",
}
POSTS = st.builds(
    lambda post, members: {**post, **members},
    odd.posts(POST),
    st.fixed_dictionaries({}, optional={"inReplyTo": THINGS, "id": THINGS, "attributedTo": THINGS}),
)
INNER: st.SearchStrategy[dict] = st.fixed_dictionaries(
    {
        "type": KINDS | st.sampled_from(("Tombstone", "Person", "Block")),
        "object": THINGS | POSTS | odd.JSON,
    },
    optional={"id": THINGS, "actor": st.just("@me@") | THINGS | odd.JSON, "target": THINGS},
)
ANYTHING = st.builds(
    lambda kind, inside, members: {"type": kind, "object": inside, **members},
    KINDS,
    THINGS | POSTS | INNER | st.lists(THINGS, max_size=2) | odd.JSON,
    st.fixed_dictionaries(
        {},
        optional={
            "target": THINGS | odd.JSON,
            "vb:mark": odd.JSON,
            "to": odd.SAID["to"] | odd.JSON,
            "id": THINGS | odd.JSON,
            "type": odd.KINDS,
            "published": odd.MOMENTS,
        },
    ),
)


def _about(*names: str) -> st.SearchStrategy[str]:
    return st.sampled_from([f"@{name}@" for name in names])


# What is taken for what it says, but for a member here and there.
_OWN_POSTS = st.builds(
    lambda post, members: {
        **post,
        **{name: POST[name] for name in ("type", "attributedTo", "to")},
        **members,
    },
    odd.posts(POST),
    st.fixed_dictionaries(
        {"id": _about("page 0", "page 0", "my question", "my answer", "my offer")},
        optional={
            "inReplyTo": _about("question", "answer", "her question", "my question", "page 1", "page 2")
        },
    ),
)
_ABOUT_POSTS = st.builds(
    lambda kind, post: {"type": kind, "object": post},
    st.sampled_from(("Create", "Update")),
    _OWN_POSTS | _about("page 0", "page 1", "my question", "my answer"),
)
_ABOUT_THINGS = st.builds(
    lambda kind, inside, members: {"type": kind, "object": inside, **members},
    st.sampled_from(("Delete", "Follow", "Like", "Undo", "Accept", "Reject", "Add", "Remove")),
    _about(
        "my question",
        "my answer",
        "my offer",
        "my follow",
        "my like",
        "our follow",
        "question",
        "answer",
        "me",
    )
    | st.builds(
        lambda kind, actor, inside: {"type": kind, "actor": actor, "object": inside},
        st.sampled_from(("Follow", "Like", "Tombstone")),
        _about("me", "application"),
        _about("group", "fatma", "me", "square", "answer"),
    ),
    st.fixed_dictionaries(
        {"target": st.sampled_from(("@question@/helpful", "@my question@/helpful"))},
        optional={"vb:mark": st.sampled_from(("accepted", "partly", "x", "", {}, [], None))},
    ),
)
TAKEN = _ABOUT_POSTS | _ABOUT_THINGS
PASSED_ON = st.builds(
    lambda inside, actor: {"type": "Announce", "object": {"id": "@page 1@", "actor": actor, **inside}},
    TAKEN,
    _about("olga", "olga", "me", "fatma"),
) | st.builds(
    lambda inside: {"type": "Announce", "object": inside}, _about("page 0", "page 1", "her question")
)
SAID = ANYTHING | TAKEN | PASSED_ON
PAGES = st.lists(POSTS | INNER | odd.actors(test_actors.JOEP), max_size=3)

OURS = {
    "actors": "SELECT * FROM actors WHERE local = 1 ORDER BY id",
    "keys": "SELECT k.* FROM actor_keys k JOIN actors a ON a.id = k.actor_id WHERE a.local = 1 ORDER BY k.id",
    "questions": "SELECT * FROM questions WHERE local = 1 ORDER BY id",
    "answers": (
        "SELECT a.* FROM answers a JOIN questions q ON q.id = a.question_id"
        " WHERE a.local = 1 AND q.local = 1 ORDER BY a.id"
    ),
    "offers": "SELECT * FROM offers WHERE local = 1 ORDER BY id",
    "marks": "SELECT m.* FROM marks m JOIN questions q ON q.id = m.question_id WHERE q.local = 1 ORDER BY m.id",
    "graves": f"SELECT * FROM tombstones WHERE uri LIKE '{WEST}/%' ORDER BY id",
    **{name: f"SELECT * FROM {name} ORDER BY id" for name in ("members", "topics", "invites", "tokens")},
}
"""What no stranger may touch."""


@dataclass
class Scene:
    """A pilot with something of everything; a stranger, and two of another pilot; all of whom have spoken."""

    world: World
    west: Instance
    mallory: Stranger
    olga: Stranger
    square: Stranger
    things: dict[str, str]
    numbers: Iterator[int]

    def begin(self, caplog: pytest.LogCaptureFixture) -> None:
        """For each example: nothing has gone wrong yet, and nobody is out of patience."""
        caplog.clear()
        self.world.network.faults.clear()
        self.world.clock.tick(minutes=3)

    async def speak(self, sender: Stranger) -> None:
        """What a sender may have said stands again, under a new id where it is gone."""
        for actor in self.west.all(Actor, uri=sender.uri):
            if actor.suspended:  # it said farewell in an example before
                self.west.store.run_now(lambda tx, back: tx.save(back), replace(actor, suspended=False))
        self.things["me"] = sender.uri
        mine: dict[str, dict[str, Any]] = {
            "question": {},
            "answer": {"inReplyTo": self.things["question"]},
            "offer": {"vb:kind": "offer"},
        }
        for name, members in mine.items():
            uri = self.things.get(f"{sender.handle} {name}", "")
            if not any(self.west.all(kind, uri=uri) for kind in (Question, Answer, Offer)):
                uri = self.things[f"{sender.handle} {name}"] = f"{sender.server.base}/n/{next(self.numbers)}"
                note = {**POST, "id": uri, "attributedTo": sender.uri, **members}
                await sender.send(self.west, sender.activity("Create", note))
            self.things[f"my {name}"] = uri
        for name, kind, about in (("follow", "Follow", GROUP), ("like", "Like", self.things["answer"])):
            said = sender.activity(kind, about)
            self.things[f"my {name}"] = said["id"]
            await sender.send(self.west, said)
        await self.west.work()

    def filled_in(self, doc: Any) -> bytes:
        """The document as bytes, with ids in the places that were left for them."""
        return re.sub(
            rb"@([a-z0-9 ]+)@",
            lambda found: self.things.get(found[1].decode(), NOWHERE).encode(),
            json.dumps(doc).encode(),
        )

    def serve(self, sender: Stranger, pages: list[dict]) -> None:
        """Put documents where they can be fetched, under ids of their own."""
        for number in range(3):
            self.things[f"page {number}"] = f"{sender.server.base}/p/{next(self.numbers)}"
        for number, page in enumerate(pages):
            path = self.things[f"page {number}"].removeprefix(sender.server.base)
            sender.server.put(path, self.filled_in({**page, "id": f"@page {number}@"}))

    def ours(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row that no stranger may touch."""
        with closing(sqlite3.connect(self.west.store.file)) as connection:
            return {name: connection.execute(sql).fetchall() for name, sql in OURS.items()}

    def leftovers(self) -> list[str]:
        """Why work was left undone, but for servers that do not answer; then it is put away."""
        with closing(sqlite3.connect(self.west.store.file)) as connection, connection:
            left = connection.execute("DELETE FROM jobs RETURNING state, last_error").fetchall()
        patient = ("cannot fetch: ", "no answer: ")
        return [
            error
            for state, error in left
            if not (state == "waiting" and (error is None or error.startswith(patient)))
        ]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("fuzz"))
    west = world.pilot("Westerpark", moderate_outside=False)
    evil, pilot = Elsewhere(world, "evil.example"), Elsewhere(world, "pilot.example")
    _, square = pilot.become_pilot()
    fatma, noor = west.member("fatma"), west.member("noor")
    west.trust(pilot)
    await world.settle()
    question = west.ask(fatma, scope=Scope.PUBLIC)
    answer = west.answer(noor, question)
    west.mark(fatma, answer)
    things = {
        "question": question.uri,
        "pilots question": west.ask(fatma, "Onder proeftuinen?").uri,
        "answer": answer.uri,
        "offer": west.offer(fatma).uri,
        "fatma": west.actor(fatma).uri,
        "group": GROUP,
        "application": f"{WEST}/actor",
        "our follow": west.all(Follow)[0].uri,
        "nothing": f"{WEST}/q/01k2m700000000000000000000",
        "square": square.uri,
    }
    made = Scene(world, west, evil.person(), pilot.person("olga"), square, things, itertools.count(1))
    things["olga"] = made.olga.uri
    for name in SENDERS:
        await made.speak(getattr(made, name))
    things["her question"] = things["olga question"]
    await world.settle()
    yield made
    world.close()


async def test_the_scene_stands(scene):
    """Everything that the documents below name is there, said by whom it should be."""
    for sender in SENDERS:
        for kind, name in ((Question, "question"), (Answer, "answer"), (Offer, "offer")):
            assert scene.west.all(kind, uri=scene.things[f"{sender.replace('square', 'buurt')} {name}"]), name
    assert all(
        scene.ours()[name] for name in ("actors", "questions", "answers", "offers", "marks", "members")
    )
    assert scene.leftovers() == []


@examples(250)
@given(SAID, PAGES, st.sampled_from(SENDERS))
async def test_nothing_that_a_stranger_signs_breaks_or_takes_what_is_ours(
    scene, caplog, said: dict, pages: list[dict], name: str
):
    """Any activity, with any documents behind it, is answered and worked off, and all that is ours stays as it was."""
    sender = getattr(scene, name)
    scene.begin(caplog)
    await scene.speak(sender)
    scene.serve(sender, pages)
    before = scene.ours()
    whole = {"id": f"{sender.server.base}/act/odd/{next(scene.numbers)}", "actor": sender.uri, **said}
    answer = await sender.send(scene.west, scene.filled_in(whole))
    assert answer.status_code in {202, 400, 403}
    await scene.west.work()
    assert faults(scene.world, caplog.records) == []
    assert scene.ours() == before
    assert scene.leftovers() == []


@examples(60)
@given(
    odd.actors({}),
    odd.actors({}),
    odd.JRDS | st.none(),
    odd.posts({}),
    st.lists(SAID | INNER, max_size=4) | odd.JSON,
)
async def test_no_pilot_is_so_odd_that_meeting_it_breaks(
    scene, caplog, application: dict, group: dict, nodeinfo: dict | None, outbox: dict, items: Any
):
    """Whatever a server says of itself, it is met or is no pilot, and what was said there is worked off."""
    scene.begin(caplog)
    server = Elsewhere(scene.world, f"raar{next(scene.numbers)}.example")
    before = scene.ours()
    met, square = server.become_pilot(items if isinstance(items, list) else [items], **outbox)
    if nodeinfo is not None:
        server.put("/.well-known/nodeinfo", nodeinfo, content_type="application/json")
    met.publish(**{"type": "Application", "vb:neighbourhood": square.uri, **application})
    square.publish(**{"type": "Group", **group})
    scene.west.trust(server)
    await scene.west.work()
    scene.west.trust(server, Standing.OPEN)
    await scene.west.work()
    assert faults(scene.world, caplog.records) == []
    assert scene.ours() == before
    assert [why for why in scene.leftovers() if not why.startswith(("not a pilot: ", "no outbox: "))] == []


STATUSES = st.sampled_from((200, 200, 200, 200, 301, 302, 404, 410, 418, 429, 500, 503))


@examples(200)
@given(
    odd.BODIES | PAGES.map(lambda pages: json.dumps(pages[:1]).encode()[1:-1]),
    odd.CONTENT_TYPES,
    STATUSES,
    odd.URLS,
)
async def test_what_is_fetched_is_a_document_or_there_is_a_reason(
    scene, body: bytes, content_type: str, status: int, location: str
):
    """A page with any status, type, address and content is the document with that id, or none for a known reason."""
    scene.world.clock.tick(minutes=3)
    server, path = scene.mallory.server, f"/p/{next(scene.numbers)}"
    kind = ACTIVITY_JSON if len(content_type) % 2 else content_type.encode("ascii", "replace").decode()
    headers = {"Content-Type": kind, "Location": location.encode("ascii", "replace").decode()}
    scene.things["page 0"] = server.base + path
    server.pages[path] = (status, headers, body.replace(b"@page 0@", (server.base + path).encode()))
    fetcher: Fetcher = scene.west.parts.site.inbox._directory.fetcher
    try:
        found = await fetcher.fetch_document(server.base + path, budget=Budget())
    except FetchFault as fault:
        assert re.fullmatch(rf"{SAFE_CODE.pattern}|\d{{3}}", fault.code)  # noqa: PT017 - both ways are right
        return
    assert same_origin(id_of(found), server.base)
