"""What somebody who is not trusted gets to see, and how far they can send us: nothing, and not far.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
import pytest
import pytest_asyncio

from federation.signatures import Scheme
from storage import jobs
from storage.clock import ALPHABET, UlidIds
from storage.reading import Reading
from storage.records import Activity
from tests.journeys.strangers import (
    PUBLIC,
    Elsewhere,
    Request,
    Stranger,
    faults,
    flipped,
    jobs_left,
    note,
    unchanged,
)
from tests.journeys.world import ACTIVITY, Instance, World
from vraagbaak import answers, moderation, offers, pilots, questions
from vraagbaak.model import (
    Actor,
    Answer,
    Follow,
    Helped,
    Member,
    Offer,
    Perspective,
    Question,
    Report,
    Role,
    Scope,
    Standing,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
GROUP = f"{WEST}/b/westerpark"
HERE = {"to": [PUBLIC, GROUP]}
NEVER = "01k2m7zzzzzzzzzzzzzzzzzzzz"
SECRET = "zonnebloemolie"  # a word that stands nowhere else

Ask = Callable[..., Awaitable[httpx.Response]]


@dataclass
class Scene:
    """Two pilots with questions of every scope, and everybody who may come and ask for them."""

    world: World
    west: Instance
    east: Instance
    fatma: Member
    noor: Member
    henk: Member
    friend: Stranger
    """On a server that is trusted as a pilot."""
    outsiders: dict[str, Ask] = field(default_factory=dict)
    """Everybody who may not see what is for pilots, as a way to ask."""
    hidden: dict[str, list[str]] = field(default_factory=dict)
    """The ids of what must not be seen, by kind of path."""
    pilots_only: list[str] = field(default_factory=list)
    """The paths of what a pilot sees and nobody else."""
    before: dict[str, httpx.Response] = field(default_factory=dict)
    """What every list said before there was anything to hide."""


OUTSIDERS = (
    "unsigned",
    "with a token",
    "from a proxy",
    "with a signature that is none",
    "flipped",
    "stale",
    "signed for another path",
    "signed for another server",
    "signed to post",
    "in another's name",
    "in our name",
    "refused and unknown",
    "unknown",
    "without a key",
    "whose key is away",
    "refused",
    "limited",
    "sub-domain of a pilot",
    "pilot on another port",
    "ends like a pilot",
    *(f"{who}, {scheme}" for who in ("stranger", "was a pilot until today") for scheme in Scheme),
)
LISTS = (
    "/u/fatma/outbox",
    "/u/noor/outbox",
    "/u/noor/outbox?page=first",
    f"/u/noor/outbox?page={NEVER}",
    "/u/buurtgenoot-westerpark/outbox",
    "/b/westerpark/outbox",
    "/b/westerpark/outbox?page=first",
    "/actor/outbox",
    "/b/westerpark/followers",
    "/b/westerpark/following",
    "/u/fatma/followers",
    "/u/fatma/following",
    "/b/westerpark/featured",
    "/u/fatma",
    "/b/westerpark",
    "/actor",
)
PAGES = (
    "/",
    "/vragen",
    "/vragen?zonder-antwoord=1",
    "/vragen?onderwerp=wonen",
    "/o/wonen",
    f"/o/{SECRET}",
    "/p/westerpark",
    "/p/nieuwland",
    "/meehelpen",
    "/proeftuinen",
    "/u/fatma",
    "/u/noor",
    "/u/buurtgenoot-westerpark",
    "/b/westerpark",
    "/api/vraagbaak/v1/questions",
    "/api/vraagbaak/v1/questions?topic=wonen",
    "/api/vraagbaak/v1/questions?pilot=westerpark",
    "/api/vraagbaak/v1/questions?unanswered=true",
    "/api/vraagbaak/v1/offers",
    "/api/vraagbaak/v1/topics",
    "/api/vraagbaak/v1/pilots",
    "/nodeinfo/2.1",
    "/.well-known/nodeinfo",
)
DOCUMENTS = {
    "question": (
        "/q/{id}",
        "/q/{id}/replies",
        "/q/{id}/replies?page=first",
        "/q/{id}/replies?page={id}",
        "/q/{id}/context",
        "/q/{id}/context?page=first",
        "/q/{id}/helpful",
        "/q/{id}/likes",
    ),
    "answer": ("/a/{id}", "/a/{id}/replies", "/a/{id}/replies?page=first", "/a/{id}/likes"),
    "offer": ("/offers/{id}",),
    "activity": ("/act/{id}",),
}
BROWSED = {
    "question": (
        "/q/{id}",
        "/v/{id}",
        "/v/{id}?taal=en",
        "/v/{id}/antwoord",
        "/v/{id}/hielp",
        "/api/vraagbaak/v1/questions/{id}",
        "/api/vraagbaak/v1/offers?question={id}",
    ),
    "answer": ("/a/{id}", "/a/{id}/aanpassen", "/a/{id}/verwijderen", "/api/vraagbaak/v1/answers/{id}"),
    "offer": ("/offers/{id}", "/api/vraagbaak/v1/offers/{id}"),
    "activity": ("/act/{id}",),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("outsiders"))
    west, east = world.pilots("Westerpark", "Nieuwland")
    friends = [Elsewhere(world, host) for host in ("pilot.example", "was.example")]
    for server in friends:
        server.become_pilot()
        west.trust(server)
    await world.settle()
    for server in friends:
        await server.trust(west)
    made = Scene(
        world=world,
        west=west,
        east=east,
        fatma=west.member("fatma"),
        noor=west.member("noor", Role.MODERATOR),
        henk=east.member("henk"),
        friend=friends[0].person("friend"),
    )
    made.outsiders = await _outsiders(made, friends[1])
    west.trust(friends[1], Standing.OPEN)
    for path in LISTS:
        for name, ask in made.outsiders.items():
            made.before[f"{name} {path}"] = await ask(path)
    for path in PAGES:
        made.before[path] = await _browse(made, path)
    west.trust(friends[1])
    await world.settle()
    await _speak(made)
    west.trust(friends[1], Standing.OPEN)
    await world.settle()
    world.clock.tick(minutes=2)
    yield made
    world.close()


def _browse(scene: Scene, path: str, method: str = "GET") -> Awaitable[httpx.Response]:
    return Request(method=method, target=path, headers=[("accept", "text/html")]).to(scene.west)


async def _outsiders(scene: Scene, was: Elsewhere) -> dict[str, Ask]:
    world, west, friend = scene.world, scene.west, scene.friend
    people = {
        "stranger": Elsewhere(world, "vreemd.example").person(),
        "refused": Elsewhere(world, "fout.example").person(),
        "limited": Elsewhere(world, "beperkt.example").person(),
        "sub-domain of a pilot": Elsewhere(world, "sub.pilot.example").person(),
        "pilot on another port": Elsewhere(world, "pilot.example:8443").person(),
        "ends like a pilot": Elsewhere(world, "heelpilot.example").person(),
        "was a pilot until today": was.person(),
    }
    for person in (*people.values(), friend):
        assert (await person.send(west, person.activity("Listen", "x"))).status_code == 202
    west.trust(people["refused"].server, Standing.REFUSED)
    west.trust(people["limited"].server, Standing.LIMITED)
    await world.settle()
    unknown, refused = (
        Elsewhere(world, "nieuw.example").person(),
        Elsewhere(world, "sub.fout.example").person(),
    )
    keyless, dark = (
        Stranger(people["stranger"].server, "niemand"),
        Elsewhere(world, "donker.example").person(),
    )
    world.network.down.add("donker.example")

    def plain(path: str, *more: tuple[str, str], method: str = "GET") -> Awaitable[httpx.Response]:
        return Request(method=method, target=path, headers=[("accept", ACTIVITY), *more]).to(west)

    def posted(path: str) -> Awaitable[httpx.Response]:
        request = friend.signed(west, b"", target=path)
        return Request(method="GET", target=path, headers=[("accept", ACTIVITY), *request.headers]).to(west)

    def forged(path: str) -> Awaitable[httpx.Response]:
        request = friend.signed_get(west, path)
        start, mark, signature = request.header("signature").partition('signature="')
        return request.with_header("signature", start + mark + flipped(signature)).to(west)

    def elsewhere(path: str) -> Awaitable[httpx.Response]:
        return friend.signed_get(west, path, host=scene.east.host).with_header("host", west.host).to(west)

    made: dict[str, Ask] = {
        "unsigned": plain,
        "with a token": lambda path: plain(
            path, ("authorization", "Bearer x"), ("cookie", "__Host-session=x")
        ),
        "from a proxy": lambda path: plain(
            path, ("x-forwarded-host", "pilot.example"), ("x-forwarded-for", "::1")
        ),
        "with a signature that is none": lambda path: plain(path, ("signature", "x")),
        "flipped": forged,
        "stale": lambda path: friend.get(west, path, moment=world.clock.now() - timedelta(hours=2)),
        "signed for another path": lambda path: friend.signed_get(west, "/q/x").at(path).to(west),
        "signed for another server": elsewhere,
        "signed to post": posted,
        "in another's name": lambda path: Stranger(dark.server, "x").get(
            west, path, key_id=people["stranger"].key_id
        ),
        "in our name": lambda path: friend.get(west, path, key_id=f"{WEST}/actor#main-key"),
        "refused and unknown": lambda path: refused.get(west, path),
        "unknown": lambda path: unknown.get(west, path),
        "without a key": lambda path: keyless.get(west, path),
        "whose key is away": lambda path: dark.get(west, path),
    }
    for name in ("stranger", "was a pilot until today"):
        for scheme in Scheme:
            made[f"{name}, {scheme}"] = lambda path, who=people[name], how=scheme: who.get(west, path, how)
    for name in ("refused", "limited", "sub-domain of a pilot", "pilot on another port", "ends like a pilot"):
        made[name] = lambda path, who=people[name]: who.get(west, path)
    return made


async def _thread(scene: Scene, scope: Scope) -> Question:
    """A question with everything in it that can be in a thread; all of it is to be hidden."""
    west, settle = scene.west, scene.world.settle
    question = west.ask(scene.fatma, f"Waar koop ik {SECRET}?", scope, body=SECRET, topics=("wonen",))
    await settle()
    answer = west.answer(scene.noor, question, f"Hier is {SECRET}.")
    comment = west.answer(scene.fatma, question, f"Welke {SECRET}?", parent_id=answer.id)
    offer = west.offer(scene.noor, f"Ik breng {SECRET}.", scope, question_id=question.id)
    west.mark(scene.fatma, answer, Helped.HELPED)
    await settle()
    if scope is not Scope.NEIGHBOURHOOD:
        scene.east.answer(scene.henk, question, f"Bij ons is {SECRET}.")
        await settle()
    scene.hidden["question"].append(question.id)
    scene.hidden["answer"] += [answer.id, comment.id]
    scene.hidden["offer"].append(offer.id)
    return question


def _paths(kind: str, key: str) -> list[str]:
    return [path.format(id=key) for path in DOCUMENTS[kind]]


async def _speak(scene: Scene) -> None:
    west, run = scene.west, scene.west.store.run_now
    fatma, noor = west.actor(scene.fatma), west.actor(scene.noor)
    scene.hidden = {kind: [] for kind in DOCUMENTS}
    await _thread(scene, Scope.NEIGHBOURHOOD)
    await _thread(scene, Scope.PILOTS)
    scene.pilots_only = [
        path for kind in ("question", "answer", "offer") for path in _paths(kind, scene.hidden[kind][-1])
    ]
    run(moderation.hide, scene.noor, Question, (await _thread(scene, Scope.PUBLIC)).id)
    run(offers.withdraw, noor, scene.hidden["offer"].pop())  # its list is another matter than its document
    run(questions.narrow, fatma, (await _thread(scene, Scope.PUBLIC)).id, Scope.PILOTS)
    run(questions.narrow, fatma, (await _thread(scene, Scope.PUBLIC)).id, Scope.NEIGHBOURHOOD)
    run(questions.close, fatma, (await _thread(scene, Scope.PILOTS)).id)
    run(questions.withdraw, fatma, (await _thread(scene, Scope.PILOTS)).id)
    draft = questions.Draft(title=f"Is {SECRET} gezond?", scope=Scope.PUBLIC)
    scene.hidden["question"].append(
        run(questions.ask, west.store.read_now(pilots.persona), draft).id
    )  # is held
    for scope in (Scope.NEIGHBOURHOOD, Scope.PILOTS):
        scene.hidden["offer"].append(west.offer(scene.noor, SECRET, scope).id)
    gone = west.offer(scene.noor, SECRET, Scope.PILOTS)
    await scene.world.settle()
    run(offers.withdraw, noor, gone.id)
    scene.hidden["offer"].append(gone.id)
    await scene.world.settle()
    private = [kept for kept in west.all(Activity) if SECRET in kept.body or PUBLIC not in kept.body]
    said = [kept.id.removeprefix(f"{WEST}/act/") for kept in private]
    scene.hidden["activity"] = [key for key in said if len(key) == 26]
    kinds = {json.loads(kept.body)["type"] for kept in private}
    assert kinds == {"Accept", "Add", "Announce", "Create", "Delete", "Follow", "Update"}


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    """Whoever asks for whatever, nothing breaks."""
    yield
    assert faults(scene.world, caplog.records) == []


def without(answer: httpx.Response, key: str) -> tuple[int, str, list[tuple[str, str]]]:
    """An answer, byte for byte, but for the id that was asked for."""
    headers = [(name, value.replace(key, "ID")) for name, value in answer.headers.multi_items()]
    return answer.status_code, answer.text.replace(key, "ID"), headers


# what does not exist for them


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("who", OUTSIDERS)
async def test_g02_a31_what_an_outsider_may_not_have_does_not_exist(scene, who, kind):
    """For what is not for them an outsider gets, byte for byte, what they get for an id that never was."""
    assert set(scene.outsiders) == set(OUTSIDERS)
    ask = scene.outsiders[who]
    with unchanged(scene.west, requests=2):
        for path in DOCUMENTS[kind]:
            never = without(await ask(path.format(id=NEVER)), NEVER)
            assert never[0] == (503 if who == "whose key is away" else 404)
            keys = scene.hidden[kind] if path == DOCUMENTS[kind][0] else scene.hidden[kind][:3]
            for key in keys:
                assert without(await ask(path.format(id=key)), key) == never, path.format(id=key)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("kind", BROWSED)
async def test_g02_what_a_passer_by_may_not_see_has_no_page(scene, kind, method):
    """The same for browsers and programs: pages, redirects and the plain JSON."""
    with unchanged(scene.west):
        for path in BROWSED[kind]:
            never = without(await _browse(scene, path.format(id=NEVER), method), NEVER)
            assert never[0] in {303, 401, 404, 405}
            for key in scene.hidden[kind]:
                answer = await _browse(scene, path.format(id=key), method)
                assert without(answer, key) == never, path.format(id=key)


@pytest.fixture
def steps(monkeypatch):
    """What is asked of the database, in order, and how much each question finds."""
    made: list[tuple[str, object]] = []

    def row(reading, statement, given, _real=Reading.row):
        answer = _real(reading, statement, given)
        made.append((statement.sql, answer is not None))
        return answer

    def find(reading, kind, _real=Reading.find, **equals):
        answer = _real(reading, kind, **equals)
        made.append((kind.__name__, len(answer)))
        return answer

    def execute(reading, statement, parameters=None, _real=Reading.execute):
        made.append((str(statement), None))
        return _real(reading, statement, parameters)

    for each in (row, find, execute):
        monkeypatch.setattr(Reading, each.__name__, each)
    return made


IN_APPS = tuple(f"/api/v1/statuses/{{id}}{part}" for part in ("", "/context", "/history", "/favourited_by"))


@pytest.mark.parametrize("kind", DOCUMENTS)
@pytest.mark.parametrize("who", ["unsigned", "a browser", "refused", "limited", *OUTSIDERS[-4:]])
async def test_g02_what_is_hidden_takes_the_same_steps_as_what_never_was(scene, who, kind, steps):
    """No step more, and none that finds more: the time of an answer does not tell that there is something."""
    ask = scene.outsiders.get(who) or (lambda path: _browse(scene, path))
    paths = (*BROWSED[kind], *IN_APPS) if who == "a browser" else (*DOCUMENTS[kind], "/q/{id}")

    async def taken(path: str) -> list[tuple[str, object]]:
        steps.clear()
        await ask(path)
        return list(steps)

    for path in paths:
        await taken(path.format(id=NEVER))  # whatever is looked up once
        never = await taken(path.format(id=NEVER))
        for key in scene.hidden[kind]:
            assert await taken(path.format(id=key)) == never, path.format(id=key)


@pytest.mark.parametrize("path", LISTS)
async def test_g01_g14_no_collection_tells_an_outsider_of_it(scene, path):
    """Every outbox and collection says to an outsider what it said before there was anything to hide."""
    for who, ask in scene.outsiders.items():
        answer, before = await ask(path), scene.before[f"{who} {path}"]
        assert without(answer, NEVER) == without(before, NEVER), who
        assert SECRET not in answer.text


@pytest.mark.parametrize("path", PAGES)
async def test_g01_g11_no_page_or_list_tells_a_passer_by_of_it(scene, path):
    """Neither front page, list, topic, neighbourhood, person nor API shows or counts what is not public."""
    assert without(await _browse(scene, path), NEVER) == without(scene.before[path], NEVER)


# what does exist for those who are trusted


@pytest.mark.parametrize("scheme", Scheme)
async def test_a_pilot_that_proves_itself_gets_what_is_for_pilots(scene, scheme):
    """Without this, the tests above would prove nothing: a trusted server gets all of it, and nobody may keep it."""
    for path in scene.pilots_only:
        answer = await scene.friend.get(scene.west, path, scheme)
        assert answer.status_code == 200, path
        assert answer.headers["cache-control"] == "private, no-store"
        assert "Signature" in answer.headers["vary"]
        if path.count("/") == 2:
            assert SECRET in answer.text
    outbox = await scene.friend.get(scene.west, "/b/westerpark/outbox", scheme)
    assert SECRET in outbox.text
    assert outbox.headers["cache-control"] == "private, no-store"


@pytest.mark.parametrize("scheme", Scheme)
async def test_a_pilot_gets_nothing_of_what_is_for_the_neighbourhood(scene, scheme):
    """What is for here alone, held, hidden or withdrawn does not exist for a pilot either."""
    own = {key: kind for kind in ("question", "answer", "offer") for key in scene.hidden[kind]}
    seen = {}
    for kind, keys in scene.hidden.items():
        for key in keys:
            if kind != "activity":
                seen[key] = (await scene.friend.get(scene.west, _paths(kind, key)[0], scheme)).status_code
    shown = {key for key, status in seen.items() if status == 200}
    stored = {
        thing.id: thing
        for kind in (Question, Answer, Offer)
        for thing in scene.west.all(kind)
        if thing.id in own
    }
    threads = {
        thing.id: stored.get(getattr(thing, "question_id", None)) or thing for thing in stored.values()
    }
    assert shown == {
        key
        for key, thing in stored.items()
        if thing.scope is Scope.PILOTS and threads[key].status in {"open", "answered", "closed", "shown"}
    }
    assert len(shown) > 8


async def test_g03_nothing_under_a_hidden_question_can_be_fetched(scene):
    """With a question its answers and the offers in reply to it are hidden too, and what was said of them."""
    west = scene.west
    question = west.ask(scene.fatma, f"Waar koop ik {SECRET}?", Scope.PUBLIC)
    thing = west.answer(scene.noor, question), west.offer(scene.noor, question_id=question.id)
    await scene.world.settle()
    uris = {question.uri, *(each.uri for each in thing)}
    said = [kept.id for kept in west.all(Activity) if kept.thing_uri in uris]
    paths = [uri.removeprefix(WEST) for uri in (*uris, *said)]
    assert len(paths) > 5
    for path in paths:
        assert (await scene.outsiders["unsigned"](path)).status_code == 200, path
    west.store.run_now(moderation.hide, scene.noor, Question, question.id)
    for path in paths:
        assert (await scene.outsiders["unsigned"](path)).status_code == 404, path
        assert (await scene.friend.get(west, path)).status_code == 404, path
    west.store.run_now(moderation.release, scene.noor, Question, question.id)
    await scene.world.settle()
    for path in paths:
        assert (await scene.outsiders["unsigned"](path)).status_code == 200, path
    west.store.run_now(offers.withdraw, west.actor(scene.noor), thing[1].id)
    west.store.run_now(questions.withdraw, west.actor(scene.fatma), question.id)
    await scene.world.settle()


async def test_g20_what_others_said_to_a_withdrawn_question_cannot_be_fetched(scene):
    """What we passed on of an answer from elsewhere is not shown any more once its question is gone."""
    question = scene.west.ask(scene.fatma, "Wie loopt er mee?", Scope.PUBLIC)
    await scene.world.settle()
    vera = Elsewhere(scene.world, "weer.example").person("vera")
    scene.west.trust(vera.server)
    await scene.world.settle()
    reply = vera.own(content=f"<p>Met {SECRET}.</p>", inReplyTo=question.uri, **HERE)
    assert (await vera.send(scene.west, vera.activity("Create", reply))).status_code == 202
    await scene.world.settle()
    (passed_on,) = [kept for kept in scene.west.all(Activity, thing_uri=reply["id"]) if WEST in kept.id]
    path = passed_on.id.removeprefix(WEST)
    assert SECRET in (await scene.outsiders["unsigned"](path)).text
    scene.west.store.run_now(questions.withdraw, scene.west.actor(scene.fatma), question.id)
    await scene.world.settle()
    assert (await scene.outsiders["unsigned"](path)).status_code == 404


async def test_what_is_public_is_there_for_everybody(scene):
    """A public question is shown to all, without a signature being needed; a refused server is told of none."""
    question = scene.west.ask(scene.fatma, "Waar is hier een bakker?", Scope.PUBLIC)
    await scene.world.settle()
    for ask in scene.outsiders.values():
        await ask(
            "/b/westerpark/outbox"
        )  # whose key is whose was looked up a moment ago, whatever ran before
    with unchanged(scene.west):
        for who, ask in scene.outsiders.items():
            for path in _paths("question", question.id)[:3]:
                assert (await ask(path)).status_code == 200, who
            shown = question.id in (await ask("/b/westerpark/outbox")).text
            assert shown is not who.startswith(("refused", "whose key is away")), who
    scene.west.store.run_now(questions.withdraw, scene.west.actor(scene.fatma), question.id)
    await scene.world.settle()
    for who, ask in scene.outsiders.items():
        assert (await ask(f"/q/{question.id}")).status_code == 410, who


@pytest.mark.parametrize(
    "target",
    [
        "/q/' OR 1=1 --",
        "/q/..%2f..%2fetc%2fpasswd",
        "/u/%00",
        "/u/%ff%fe",
        "/u/" + "x" * 5000,
        "/a/" + NEVER.upper(),
        f"/q/{NEVER}/context?page=%27",
        f"/q/{NEVER}/replies?page=" + "9" * 400,
        "/b/westerpark/outbox?page=-1",
        "/act/1",
        "/follows/1",
        "/nodeinfo/9.9",
        "/.well-known/webfinger?resource=%00",
        "/.well-known/webfinger?resource=acct:fatma@vreemd.example",
        "/.well-known/webfinger",
        "/niets",
        "/static/../../pyproject.toml",
    ],
)
async def test_g22_no_answer_tells_what_runs_here(scene, target):
    """What cannot be found is not there, without a version, a file, a statement or anything else of the insides."""
    with unchanged(scene.west):
        for accept in (ACTIVITY, "text/html", "", "*/*"):
            answer = await Request(method="GET", target=target, headers=[("accept", accept)]).to(scene.west)
            assert answer.status_code in {404, 422}
            assert {"server", "x-powered-by", "via"}.isdisjoint(answer.headers)
            for word in ("Traceback", "SELECT", "sqlite", "python", "starlette", "/work", "0.1.0"):
                assert word.lower() not in answer.text.lower()


async def test_a29_a_signed_request_for_something_public_fetches_no_key(scene):
    """Nobody can make us fetch anything by asking for what everybody may have."""
    stranger = Elsewhere(scene.world, "sleutel.example").person()
    with unchanged(scene.west):
        for path in (
            "/actor",
            "/b/westerpark",
            "/u/fatma",
            "/b/westerpark/followers",
            "/.well-known/nodeinfo",
        ):
            assert (await stranger.get(scene.west, path)).status_code == 200


# where things go


@pytest.fixture
async def street(tmp_path, caplog):
    """A pilot with a friend that is a pilot, and a big server that follows its neighbourhood and its people."""
    world = World(tmp_path, UlidIds)
    west = world.pilot("Westerpark", moderate_anonymous=False)
    fatma = west.member("fatma")
    friend, big = Elsewhere(world, "pilot.example"), Elsewhere(world, "groot.example")
    friend.become_pilot()
    west.trust(friend)
    await world.settle()
    await friend.trust(west)
    fan = big.person("fan", endpoints={"sharedInbox": f"{big.base}/inbox"})
    for target in (GROUP, f"{WEST}/u/fatma", f"{WEST}/u/buurtgenoot-westerpark"):
        assert (await fan.send(west, fan.activity("Follow", target))).status_code == 202
    await world.settle()
    assert len(big.received("Accept")) == 3
    world.network.sent.clear()
    yield west, fatma, friend, big
    assert faults(world, caplog.records) == []
    world.close()


@pytest.mark.parametrize("scope", [Scope.NEIGHBOURHOOD, Scope.PILOTS])
async def test_g18_a_server_with_followers_but_no_trust_gets_nothing(street, scope):
    """Who follows a neighbourhood or a person here is sent what is public, and never what is for fewer people."""
    west, fatma, _, big = street
    question = west.ask(fatma, f"Waar koop ik {SECRET}?", scope)
    answer = west.answer(fatma, question, SECRET)
    west.offer(fatma, SECRET, scope)
    await west.world.settle()
    west.store.run_now(answers.withdraw, west.actor(fatma), answer.id)
    west.store.run_now(questions.withdraw, west.actor(fatma), question.id)
    await west.world.settle()
    assert big.requests == []
    west.ask(fatma, "Waar is hier een bakker?", Scope.PUBLIC)
    await west.world.settle()
    assert {activity["type"] for activity in big.received()} == {"Create", "Announce"}


async def test_g17_what_waits_for_a_pilot_is_not_sent_once_trust_ends(street):
    """Trust is asked for again just before sending, whether the server was away or we were slow."""
    west, fatma, friend, _ = street
    west.world.network.down.add(friend.host)
    question = west.ask(fatma, f"Waar koop ik {SECRET}?", Scope.PILOTS)
    west.answer(fatma, question, SECRET)
    await west.world.settle()
    west.trust(friend, Standing.OPEN)
    west.world.network.down.discard(friend.host)
    west.world.network.sent.clear()  # what did not get through stands there too
    for _ in range(4):
        west.world.clock.tick(hours=1)
        await west.world.settle()
    received = friend.received()
    assert {activity["type"] for activity in received} <= {
        "Undo",
        "Delete",
    }  # we follow its neighbourhood no more
    assert SECRET not in str(received)


async def test_g17_what_a_pilot_has_is_taken_back_once_trust_ends(street):
    """A server that is no pilot any more is told to erase what was for pilots, and never what became of it."""
    west, fatma, friend, _ = street
    question = west.ask(fatma, "Wie loopt er mee?", Scope.PILOTS)
    answer = west.answer(fatma, question)
    await west.world.settle()
    west.world.network.sent.clear()
    west.trust(friend, Standing.OPEN)
    await west.world.settle()
    erased = [activity for activity in friend.received() if activity["type"] == "Delete"]
    assert {activity["object"]["id"] for activity in erased} == {question.uri, answer.uri}
    assert {tuple(activity["object"]) for activity in erased} == {("id", "type")}
    west.world.network.sent.clear()
    west.world.clock.tick(minutes=1)
    fatmas = west.actor(fatma)
    west.store.run_now(questions.edit, fatmas, question.id, questions.Draft(title=f"Wie koopt {SECRET}?"))
    west.store.run_now(answers.edit, fatmas, answer.id, SECRET, Perspective.RESIDENT)
    west.answer(fatma, question, SECRET)
    west.store.run_now(questions.close, fatmas, question.id)
    await west.world.settle()
    west.store.run_now(questions.withdraw, fatmas, question.id)
    await west.world.settle()
    assert friend.received() == []


@pytest.mark.parametrize("standing", [Standing.REFUSED])
async def test_f02_a_server_that_is_refused_is_sent_and_asked_nothing(street, standing):
    """Not what is public, not a key, not a post that somebody else names or replies to."""
    west, fatma, _, big = street
    fan = Stranger(big, "fan")
    west.trust(big, standing)
    west.ask(fatma, "Waar is hier een bakker?", Scope.PUBLIC)
    await west.world.settle()
    post = big.post("/n/1", fan.uri, **HERE)
    mallory = Elsewhere(west.world, "evil.example").person()
    for said in (
        mallory.activity("Create", mallory.own(inReplyTo=post, **HERE)),
        mallory.activity("Create", post),
        mallory.activity("Create", mallory.own(**HERE) | {"tag": [{"type": "Mention", "href": fan.uri}]}),
        mallory.activity("Announce", post),
        mallory.activity("Follow", fan.uri),
    ):
        assert (await mallory.send(west, said)).status_code == 202
    await west.world.settle()
    assert big.asked == []
    assert {each["type"] for each in big.received()} == {"Reject"}  # its follows are over, and it hears so
    assert west.all(Answer) == []


def moment_in(key: str) -> datetime:
    """The moment that an id tells."""
    number = 0
    for letter in key[:10]:
        number = number * 32 + ALPHABET.index(letter)
    return datetime.fromtimestamp(number / 1000).astimezone()


async def test_g12_nothing_tells_when_somebody_asked_without_a_name(street):
    """Whatever goes out of a question by the shared neighbour says the hour and no more: its id, its dates, its activities."""
    west, fatma, friend, big = street
    west.world.clock.tick(minutes=37, seconds=11)
    hour = west.world.clock.now().replace(minute=0, second=0, microsecond=0)
    persona = west.store.read_now(pilots.persona)
    draft = questions.Draft(title="Wie weet iets over schulden?", scope=Scope.PUBLIC)
    question = west.store.run_now(questions.ask, persona, draft)
    await west.world.settle()
    assert [*friend.received(), *big.received()] == []
    west.world.clock.tick(minutes=16)
    await west.world.settle()
    said = [*friend.received(), *big.received()]
    documents = [
        (await Request(method="GET", target=path, headers=[("accept", ACTIVITY)]).to(west)).json()
        for path in (
            *_paths("question", question.id),
            "/b/westerpark/outbox",
            f"{persona.uri.removeprefix(WEST)}/outbox",
        )
    ]
    text = json.dumps([said, documents])
    assert len(said) >= 3
    keys = [part[:26] for mark in ("/q/", "/act/", "/v/") for part in text.split(mark)[1:]]
    assert len(keys) > 10
    assert {moment_in(key) for key in keys} == {hour}
    assert "2026-11-02T09:00:00Z" in text
    assert not any(f"T09:{tens}" in text for tens in range(1, 6))
    assert fatma


async def test_g12_ids_cannot_be_guessed(street):
    """Two things of one moment share nothing in their ids but that moment."""
    west, fatma, _, _ = street
    asker = west.actor(fatma)

    def at_once(tx):
        drafts = [questions.Draft(title=f"Vraag {number}?") for number in range(20)]
        return [questions.ask(tx, asker, draft).id for draft in drafts]

    for keys in (west.store.run_now(at_once), [west.ids.new(west.world.clock.now()) for _ in range(20)]):
        assert len({key[:10] for key in keys}) == 1
        tails = sorted(int.from_bytes(key[10:].encode()) for key in keys)
        assert len(tails) == 20
        assert min(later - first for first, later in itertools.pairwise(tails)) > 2**24


# how far we can be sent


@pytest_asyncio.fixture(loop_scope="module")
async def road(tmp_path, caplog):
    """A pilot, a stranger whose key it knows, and a long way to go."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", moderate_outside=False)
    mallory, long = Elsewhere(world, "evil.example").person(), Elsewhere(world, "lang.example")
    assert (await mallory.send(west, mallory.activity("Listen", "x"))).status_code == 202
    await world.settle()
    world.network.sent.clear()
    yield west, mallory, long
    assert faults(world, caplog.records) == []
    world.close()


def ways(long: Elsewhere) -> dict[str, int]:
    """Redirects by the path they start at, with how many requests they may cost at most."""
    for number in range(50):
        long.redirect(f"/vijftig/{number}", f"/vijftig/{number + 1}")
    long.redirect("/zelf", "/zelf")
    long.redirect("/heen", "/weer")
    long.redirect("/weer", "/heen")
    for number, location in enumerate(
        (
            "http://lang.example/n/1",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:application/activity+json,{}",
            "gopher://lang.example/1",
            "ftp://lang.example/n/1",
            "//westerpark.example/q/1",
            "https://westerpark.example/q/1",
            "https://WESTERPARK.example:443/q/1",
            "https://westerpark.example./q/1",
            "https://x@lang.example/n/1",
            "https://lang.example:99999/n/1",
            "",
            "https://",
            "\\\\lang.example\\n",
        )
    ):
        long.redirect(f"/uit/{number}", location)
    return {"/vijftig/0": 4, "/zelf": 1, "/heen": 2, **{f"/uit/{number}": 1 for number in range(15)}}


@pytest.mark.parametrize("kind", ["Create", "Update"])
async def test_c08_c09_c10_c22_redirects_lead_nowhere(road, kind):
    """At most three hops, none twice, none to us, none without TLS and none out of the web."""
    west, mallory, long = road
    for path, most in ways(long).items():
        west.world.network.sent.clear()
        said = mallory.activity(kind, long.base + path)
        assert (await mallory.send(west, said)).status_code == 202
        with unchanged(west, "jobs", requests=most):
            await west.world.settle()
        assert {sent.host for sent in west.world.network.sent} == {long.host}, path
        assert len(set(long.asked)) == len(long.asked)


@pytest.mark.parametrize(
    "kind", ["Create", "Update", "Announce", "Delete", "Follow", "Like", "Undo", "Accept"]
)
async def test_c22_we_never_ask_ourselves(road, kind):
    """No activity makes us fetch from our own address, however it is spelled."""
    west, mallory, _ = road
    question = west.ask(west.member("fatma"), "Wie loopt er mee?", Scope.PUBLIC)
    for base in (WEST, "https://WESTERPARK.EXAMPLE", f"{WEST}:443", f"{WEST}.", "http://westerpark.example"):
        for path in (
            f"/q/{question.id}",
            "/actor",
            "/u/fatma",
            "/b/westerpark",
            "/api/vraagbaak/v1/questions",
            "/inbox",
        ):
            for inside in (base + path, mallory.own(inReplyTo=base + path, content="", **HERE)):
                assert (await mallory.send(west, mallory.activity(kind, inside))).status_code == 202
    await west.world.settle()
    assert [sent for sent in west.world.network.sent if sent.host == west.host] == []


async def test_d12_a_line_of_replies_without_end_is_left(road):
    """Of ten thousand replies to replies only so many are looked at, and nothing of them is kept."""
    west, mallory, long = road
    author = long.person("lang")
    for number in range(200):
        long.post(f"/n/{number}", author.uri, inReplyTo=f"{long.base}/n/{number + 1}", **HERE)
    reply = mallory.own(inReplyTo=f"{long.base}/n/0", **HERE)
    with unchanged(west, "seen", "jobs", requests=50):
        assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
        await west.world.settle()
    assert 1 < len(long.asked) <= 50
    await given_up(west, requests=0)


async def given_up(west, requests: int) -> None:
    """What needs more than its budget is over: in all tries together it costs no more than that."""
    with unchanged(west, "seen", "jobs", requests=requests):
        for hours in (1, 1, 24, 24 * 6):
            west.world.clock.tick(hours=hours)
            await west.world.settle()
    assert [job for job in jobs_left(west) if job[1] == "receive"] == []


async def test_d12_a_line_of_replies_over_many_servers_is_left(road):
    """The same when every reply stands on another server, by somebody else, and the last of them does not answer."""
    west, mallory, _ = road
    hosts = [f"nr{number}.lang.example" for number in range(100)]
    for host, after in itertools.pairwise(hosts):
        server = Elsewhere(west.world, host)
        server.post("/n", server.person("x").uri, inReplyTo=f"https://{after}/n", **HERE)
    reply = mallory.own(inReplyTo=f"https://{hosts[0]}/n", **HERE)
    with unchanged(west, "seen", "jobs", requests=50):
        assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
        await west.world.settle()
    await given_up(west, requests=0)


async def test_d12_what_is_tried_again_goes_on_with_what_is_left(road):
    """Of a line of replies the tenth page is away for days: all tries together ask fifty times, and then it is over."""
    west, mallory, long = road
    author = long.person("lang")
    for number in range(10):
        long.post(f"/n/{number}", author.uri, inReplyTo=f"{long.base}/n/{number + 1}", **HERE)
    long.put("/n/10", {}, status=503)
    reply = mallory.own(inReplyTo=f"{long.base}/n/0", **HERE)
    with unchanged(west, "seen", "jobs", requests=50):
        assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
        await west.world.settle()
        assert [job for job in jobs_left(west) if job[1] == "receive"]
        west.switch_off()
        west.start()
        for _ in range(24 * 8):
            west.world.clock.tick(hours=1)
            await west.world.settle()
    assert len(long.asked) == 50
    assert [job for job in jobs_left(west) if job[1] == "receive"] == []


async def test_d12_a_try_that_is_cut_off_has_cost_what_it_asked(road):
    """Three pages of a line were asked for when everything stopped: they count."""
    west, mallory, long = road
    author = long.person("lang")
    for number in range(10):
        long.post(f"/n/{number}", author.uri, inReplyTo=f"{long.base}/n/{number + 1}", **HERE)
    real, third = west.world.network.apps[long.host], asyncio.Event()

    async def hanging(scope, receive, send):
        if scope["path"] == "/n/2":
            third.set()
            await asyncio.Event().wait()
        await real(scope, receive, send)

    west.world.network.apps[long.host] = hanging
    reply = mallory.own(inReplyTo=f"{long.base}/n/0", **HERE)
    assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
    jobs_ = west.store.run_now(jobs.claim, 5, "w", 60, west.store.policy)
    (job,) = [job for job in jobs_ if job.kind == "receive"]
    trying = asyncio.create_task(west.parts.site.inbox.receive(job))
    await third.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert job.tally.requests == len(long.asked) == 3


async def test_a_page_that_is_away_for_days_is_asked_for_until_it_is_there(road):
    """A short way that fails costs one request at a time, so there is enough for all seven days."""
    west, mallory, long = road
    question = west.ask(west.member("fatma"), "Wie loopt er mee?", Scope.PUBLIC)
    await west.world.settle()
    author = long.person("lang")
    long.put("/n/1", {}, status=503)
    reply = mallory.own(inReplyTo=f"{long.base}/n/1", **HERE)
    assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
    for _ in range(26):
        await west.world.settle()
        west.world.clock.tick(hours=6)
    long.post("/n/1", author.uri, inReplyTo=question.uri, **HERE)
    for _ in range(3):
        west.world.clock.tick(hours=6)
        await west.world.settle()
    assert len(west.all(Answer)) == 2


async def test_d12_a_long_thread_that_is_ours_is_taken_within_its_budget(road):
    """A real line of replies to a question here comes in whole, each author looked up once."""
    west, mallory, long = road
    question = west.ask(west.member("fatma"), "Wie loopt er mee?", Scope.PUBLIC)
    await west.world.settle()
    west.world.network.sent.clear()
    above = question.uri
    for number in range(15):
        above = long.post(f"/n/{number}", long.person(f"x{number}").uri, inReplyTo=above, **HERE)
    reply = mallory.own(inReplyTo=above, **HERE)
    assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
    await west.world.settle()
    assert len(west.all(Answer)) == 16
    assert len(long.asked) == 30


@pytest.mark.parametrize(("missing", "authors"), [(25, 1), (49, 1), (25, 25)])
async def test_d12_a_long_thread_that_nobody_sent_us_comes_in_whole(road, missing, authors):
    """What is missing above a reply is fetched, as deep as fifty requests go."""
    west, mallory, long = road
    question = west.ask(west.member("fatma"), "Wie loopt er mee?", Scope.PUBLIC)
    await west.world.settle()
    people = [long.person(f"x{number}") for number in range(authors)]
    above = question.uri
    for number in range(missing):
        above = long.post(f"/n/{number}", people[number % authors].uri, inReplyTo=above, **HERE)
    reply = mallory.own(inReplyTo=above, **HERE)
    assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
    await west.world.settle()
    assert len(west.all(Answer)) == missing + 1


@pytest.mark.parametrize("size", [1, 2, 5])
async def test_d13_replies_in_a_circle_are_seen(road, size):
    """A reply to itself, or a round of replies, is walked once."""
    west, mallory, long = road
    author = long.person("rond")
    for number in range(size):
        long.post(f"/n/{number}", author.uri, inReplyTo=f"{long.base}/n/{(number + 1) % size}", **HERE)
    itself = mallory.own(**HERE)
    for reply in (mallory.own(inReplyTo=f"{long.base}/n/0", **HERE), itself | {"inReplyTo": itself["id"]}):
        west.world.network.sent.clear()
        with unchanged(west, "seen", requests=size):
            assert (await mallory.send(west, mallory.activity("Create", reply))).status_code == 202
            await west.world.settle()


async def test_d15_d17_what_a_post_names_is_not_all_fetched(road):
    """Neither mentions, tags, links, pictures, replies nor quotes in a post make us ask anybody for anything."""
    west, mallory, long = road
    urls = [f"{long.base}/n/{number}" for number in range(400)]
    post = mallory.own(
        tag=[{"type": "Mention", "href": url, "name": f"@{number}"} for number, url in enumerate(urls)],
        replies={"type": "Collection", "first": {"items": urls, "next": urls[0]}},
        attachment=[{"type": "Image", "url": url} for url in urls],
        icon=urls[0],
        image=urls[0],
        url=urls,
        context=urls[0],
        quote=urls[0],
        quoteUrl=urls[0],
        likes=urls[0],
        shares=urls[0],
        generator=urls[0],
        content="<p>Kijk!</p>" + "".join(f'<a href="{url}"><img src="{url}"></a>' for url in urls[:50]),
        **HERE,
        cc=urls,
    )
    assert (await mallory.send(west, mallory.activity("Create", post, cc=urls))).status_code == 202
    await west.world.settle()
    (question,) = west.all(Question, uri=post["id"])
    assert west.world.network.sent == []
    assert "<img" not in question.html


def endless(server: Elsewhere, group: Stranger) -> dict[str, dict]:
    """Outboxes that have no end, as what their collection says."""

    def page(path: str, **members) -> str:
        return server.put(path, {"id": server.base + path, "type": "OrderedCollectionPage", **members})

    for number in range(100):
        page(f"/leeg/{number}", next=f"{server.base}/leeg/{number + 1}", orderedItems=[])
        post = server.post(f"/n/{number}", group.uri)
        page(
            f"/vol/{number}",
            next=f"{server.base}/vol/{number + 1}",
            orderedItems=[group.activity("Announce", post)],
        )
    page("/zelf", next=f"{server.base}/zelf", orderedItems=[])
    page("/heen", next=f"{server.base}/weer", orderedItems=[])
    page("/weer", next=f"{server.base}/heen", orderedItems=[])
    page("/terug", next=f"{group.uri}/outbox", orderedItems=[])
    inside: dict = {"type": "OrderedCollectionPage", "orderedItems": []}
    for _ in range(12):
        inside = {"type": "OrderedCollectionPage", "orderedItems": [], "next": inside}
    return {
        "empty pages": {"first": f"{server.base}/leeg/0"},
        "full pages": {"first": f"{server.base}/vol/0"},
        "itself": {"first": f"{server.base}/zelf"},
        "there and back": {"first": f"{server.base}/heen"},
        "back to the whole": {"first": f"{server.base}/terug"},
        "the whole": {"first": f"{group.uri}/outbox"},
        "pages in pages": {"first": inside},
        "nowhere": {"first": f"{server.base}/niets"},
        "a list": {"first": [f"{server.base}/leeg/0"] * 1000},
        "a number": {"first": 5},
    }


ENDLESS = (
    "empty pages",
    "full pages",
    "itself",
    "there and back",
    "back to the whole",
    "the whole",
    "pages in pages",
    "nowhere",
    "a list",
    "a number",
)


@pytest.mark.parametrize("what", ENDLESS)
async def test_d14_an_outbox_without_end_is_left(road, what):
    """Of another pilot's outbox so many pages are read, none twice, and then it is enough."""
    west, _, long = road
    _, group = long.become_pilot()
    pages = endless(long, group)
    assert set(pages) == set(ENDLESS)
    long.become_pilot(**pages[what])
    west.trust(long)
    await west.world.settle()
    read = [path for path in long.asked if not path.startswith(("/u/", "/n/", "/.well-known/"))]
    assert len(read) <= 20
    assert len(set(read)) == len(read)
    assert len(long.asked) <= 40
    assert len(west.all(Question)) <= 20


async def test_d14_a_page_of_an_outbox_without_end_is_cut(road):
    """However many things stand on one page, five hundred are looked at."""
    west, _, long = road
    _, group = long.become_pilot()
    posts = [note(f"{long.base}/n/{number}", group.uri, content=f"<p>{number}</p>") for number in range(700)]
    long.become_pilot([group.activity("Create", post) for post in posts])
    west.trust(long)
    await west.world.settle()
    assert 0 < len(west.all(Question)) <= 500


@pytest.mark.parametrize("status", [200, 404, 500])
async def test_d14_what_is_announced_again_and_again_is_asked_for_once_a_minute(road, status):
    """A post that is not there is not asked for by every one of a hundred activities that name it."""
    west, mallory, long = road
    uri = long.put("/n/1", b"{}", status=status)
    for _ in range(30):
        assert (await mallory.send(west, mallory.activity("Create", uri))).status_code == 202
    await west.world.settle()
    assert len(long.asked) == 1


# known servers only


@pytest.mark.parametrize("who", ["stranger", "open", "pilot"])
async def test_f05_who_is_not_known_is_refused_when_only_known_servers_are_spoken_with(tmp_path, who):
    """No follow, no post, no complaint and no document of few for a server that nobody named; nothing of it is kept."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", known_only=True, moderate_outside=False)
    question = west.ask(west.member("fatma"), scope=Scope.PUBLIC)
    await world.settle()
    server = Elsewhere(world, "nieuw.example")
    vera = server.person("vera")
    if who != "stranger":
        west.trust(server, Standing(who))
        await world.settle()
    group = west.config.home.group_uri
    said = [
        vera.activity("Follow", group),
        vera.activity("Create", vera.own(inReplyTo=question.uri, to=[PUBLIC, group])),
        vera.activity("Flag", [question.uri], content="Nee"),
    ]
    sent = len(server.requests)
    answers = {(await vera.send(west, each)).status_code for each in said}
    await world.settle()
    kept = [len(west.all(kind)) for kind in (Follow, Answer, Report)]
    if who == "stranger":
        assert answers == {403}
        assert kept == [0, 0, 0]
        assert len(server.requests) == sent
        assert west.all(Actor, uri=vera.uri) == []
    else:
        assert answers == {202}
        assert kept == [1, 1, 1]
    world.close()
