"""One pilot put together: its worker's life, what it does not do while it is a trial, and moving to its own name."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from federation.keys import BadSecret
from storage import counts
from storage.mapping import mapper
from storage.records import Activity, Seen, Sent
from storage.tables import jobs, metadata, tables
from tests.storage.things import AT, actor, follow
from vraagbaak import answers, members, offers, peers, pilots, questions
from vraagbaak.config import BadSetting, Config
from vraagbaak.model import (
    Actor,
    ActorKey,
    ActorKind,
    Answer,
    Perspective,
    Pilot,
    Question,
    Role,
    Scope,
    Standing,
)
from web import app as applications
from web import sessions, wiring

TRIAL = Config(name="Wester", slug="wester", meeting_place="De Wegwijzer")
PUBLIC = replace(TRIAL, base_url="https://vraag.example")
ACTIVITY = {"Accept": "application/activity+json"}


def client(app) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, client=("192.0.2.7", 1234))
    return httpx.AsyncClient(transport=transport, base_url=app.state.site.config.base_url)


async def get(app, path: str, **headers: str) -> httpx.Response:
    async with client(app) as browser:
        return await browser.get(path, headers=headers)


# Life


async def test_the_worker_lives_as_long_as_the_application(tmp_path):
    """It starts with the application and stops with it, and `/readyz` tells whether it is at work."""
    app = applications.create_app(PUBLIC, tmp_path)
    assert (await get(app, "/readyz")).json()["worker"] == "none in this process"
    async with app.router.lifespan_context(app):
        task = app.state.worker_task
        assert not task.done()
        ready = await get(app, "/readyz")
        assert (ready.status_code, ready.json()) == (
            200,
            {"status": "ready", "database": "ok", "worker": "ok", "disk": "ok"},
        )
    assert task.done()
    assert task.exception() is None


async def test_a_worker_that_died_makes_the_process_unfit(tmp_path):
    """When the worker is gone `/readyz` says so with 503, pages still come, and the application still stops well."""
    app = applications.create_app(PUBLIC, tmp_path)
    async with app.router.lifespan_context(app):
        app.state.worker_task.cancel()
        await asyncio.wait([app.state.worker_task])
        ready = await get(app, "/readyz")
        assert (ready.status_code, ready.json()["worker"]) == (503, "has stopped")
        assert (await get(app, "/")).status_code == 200


async def test_without_a_worker_none_is_started(tmp_path):
    """With the setting `worker` off the process serves only, and is fit for that."""
    app = applications.create_app(replace(PUBLIC, worker=False), tmp_path)
    async with app.router.lifespan_context(app):
        assert app.state.worker_task is None
        ready = await get(app, "/readyz")
        assert (ready.status_code, ready.json()["worker"]) == (200, "none in this process")


def _ask(tx) -> bool:
    """Whether this caused work."""
    noor = members.add(tx, members.Newcomer(handle="noor", name="Noor", password_hash="x"), (Role.RESIDENT,))
    questions.ask(
        tx, tx.get(Actor, noor.actor_id), questions.Draft(title="Hoort iemand dit?", scope=Scope.PUBLIC)
    )
    return tx.queued


async def test_work_is_done_while_it_lives(tmp_path):
    """What an event causes is taken up at once: a question leaves no job behind when nobody has to hear of it."""
    app = applications.create_app(PUBLIC, tmp_path)
    store = app.state.site.store
    async with app.router.lifespan_context(app):
        assert await store.run(_ask)
        deadline = asyncio.get_running_loop().time() + 20
        while (await store.read(counts.queue)).jobs:
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)


async def test_the_application_can_be_made_from_the_environment(tmp_path, monkeypatch):
    """Several processes read the same settings from the environment."""
    monkeypatch.setenv("VRAAGBAAK_DATA", str(tmp_path))
    monkeypatch.setenv("VRAAGBAAK_NAME", "Anders")
    monkeypatch.setenv("VRAAGBAAK_SLUG", "anders")
    app = applications.from_environment()
    assert (
        gc.get_freeze_count() > 10_000
    )  # what is there from the start is not looked through again and again
    gc.unfreeze()
    async with app.router.lifespan_context(app):
        assert "Anders" in (await get(app, "/b/anders")).text


def test_all_settings_go_on_to_other_processes(tmp_path, monkeypatch):
    """Whatever the settings are, a process that is started from this one reads the same ones."""
    from vraagbaak.config import load
    from web.commands.serving import pass_on

    given = replace(
        PUBLIC,
        languages=("en", "nl"),
        worker=False,
        moderate_outside=False,
        trusted_proxies=("127.0.0.1", "10.0.0.0/8"),
        lab_networks=("127.0.0.0/8",),
        lab_clock=60,
        city="",
        metrics_token="geheim, met komma",
    )
    environment: dict[str, str] = {}
    monkeypatch.setattr("os.environ", environment)
    pass_on(given, tmp_path)
    assert load(Path(environment["VRAAGBAAK_DATA"]), {}, environment)[0] == given


def test_a_start_that_fails_lets_go_of_the_database(tmp_path):
    """When a secret cannot be used the start is refused with one sentence, and the next start finds nothing in its way."""
    secret = tmp_path / "secrets" / "instance.key"
    secret.parent.mkdir()
    secret.write_text("ab" * 32)
    secret.chmod(0o644)
    with pytest.raises(BadSecret, match="chmod 600"):
        applications.create_app(PUBLIC, tmp_path)
    secret.chmod(0o600)
    applications.create_app(PUBLIC, tmp_path).state.site.store.close()


# A trial


def _live(tx) -> dict[str, str]:
    """Two members ask, answer, comment, offer, say what helped, and withdraw something."""
    noor = members.add(tx, members.Newcomer(handle="noor", name="Noor", password_hash="x"), (Role.STEWARD,))
    sam = members.add(tx, members.Newcomer(handle="sam", name="Sam", password_hash="x"), (Role.RESIDENT,))
    asker = tx.get(Actor, noor.actor_id)
    asked = questions.ask(tx, asker, questions.Draft(title="Wie gaat er mee?", scope=Scope.PUBLIC))
    said = answers.answer(tx, sam, asked.id, answers.Draft(body="Ik.", perspective=Perspective.FAMILY))
    comment = answers.Draft(body="Fijn!", perspective=Perspective.RESIDENT, parent_id=said.id)
    answers.answer(tx, noor, asked.id, comment)
    offers.offer(tx, sam, offers.Draft(body="Ik rijd.", scope=Scope.PUBLIC))
    questions.mark(tx, asker, asked.id, said.id, None)
    draft = questions.Draft(title="Niet meer nodig", scope=Scope.PILOTS)
    questions.withdraw(tx, asker, questions.ask(tx, asker, draft).id)
    questions.ask(tx, pilots.persona(tx), draft)
    peers.decide(tx, "nieuwland.example", Standing.PILOT)
    peers.decide(tx, "spam.example", Standing.REFUSED)
    tx.add(
        replace(
            follow(follower=asker.id, target=pilots.ours(tx).actor_id), uri=f"{tx.home.base_url}/follows/1"
        )
    )
    secret, secret_hash = sessions.new_secret()
    members.give_token(tx, noor, secret_hash, ("read", "write"))
    return {"question": asked.id, "answer": said.id, "token": secret}


async def test_a_trial_has_no_inbox_and_no_actors(tmp_path):
    """A pilot that does not federate is not there for other servers: no inbox, no actor, no document of anything."""
    app = applications.create_app(TRIAL, tmp_path)
    made = app.state.site.store.run_now(_live)
    async with app.router.lifespan_context(app), client(app) as other:
        for path in ("/inbox", "/actor/inbox", "/u/noor/inbox", "/b/wester/inbox"):
            answer = await other.post(path, json={}, headers={"Content-Type": "application/activity+json"})
            assert answer.status_code == 404, path
        for path in ("/actor", "/u/noor", "/b/wester", f"/q/{made['question']}", "/u/noor/outbox"):
            assert (await other.get(path, headers=ACTIVITY)).status_code == 404, path
        assert (await other.get("/u/noor")).status_code == 200


@pytest.mark.parametrize("config", [TRIAL, replace(TRIAL, base_url="http://vraag.example")])
def test_a_trial_causes_no_work(config, tmp_path):
    """Whatever happens in a pilot that does not federate, nothing waits to be sent."""
    with wiring.open_store(config, tmp_path) as store:
        store.run_now(_live)
        store.run_now(lambda tx: members.leave(tx, members.by_handle(tx, "sam")))
        assert store.read_now(counts.queue).jobs == ()


# Moving


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request):
    """The setting `database`: one test, two databases."""
    return "" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def everything(store) -> list[str]:
    """Every value in the database, as text, with where it stands."""

    def read(reading):
        return [
            f"{table.name}.{column}={value}"
            for table in metadata.sorted_tables
            for row in reading.execute(table.select()).mappings()
            for column, value in row.items()
        ]

    return store.read_now(read)


def count(store) -> dict[str, int]:
    return store.read_now(
        lambda reading: {
            table.name: len(reading.execute(table.select()).fetchall())
            for table in metadata.sorted_tables
            if table is not jobs
        }
    )


async def test_a_trial_gets_its_own_name_with_everything_in_it(database, tmp_path):
    """Who tried it at http://localhost:8000 and goes public keeps all: everything is found under the new address."""
    trial, public = (replace(config, database=database, worker=False) for config in (TRIAL, PUBLIC))
    with wiring.open_store(trial, tmp_path) as store:
        made = store.run_now(_live)
        before = count(store)
        assert any("localhost:8000" in value for value in everything(store))
    app = applications.create_app(public, tmp_path)
    store = app.state.site.store
    assert [value for value in everything(store) if "localhost" in value] == []
    assert count(store) == before
    async with client(app) as other:
        note = (await other.get(f"/q/{made['question']}", headers=ACTIVITY)).json()
        assert note["id"] == f"https://vraag.example/q/{made['question']}"
        assert note["attributedTo"] == "https://vraag.example/u/noor"
        account = {"resource": "acct:noor@vraag.example"}
        found = (await other.get("/.well-known/webfinger", params=account)).json()
        assert "https://vraag.example/u/noor" in {link.get("href") for link in found["links"]}
        for name in ("/u/noor", "/b/wester", "/actor"):
            doc = (await other.get(name, headers=ACTIVITY)).json()
            assert doc["id"] == f"https://vraag.example{name}"
            assert doc["inbox"] == f"https://vraag.example{name}/inbox"
            assert doc["publicKey"]["id"].startswith(doc["id"])
        asked = await other.post(
            "/api/vraagbaak/v1/questions",
            json={"title": "En dit is nieuw", "scope": "public"},
            headers={"Authorization": f"Bearer {made['token']}"},
        )
        assert asked.json()["url"].startswith("https://vraag.example/v/")
    async with app.router.lifespan_context(app):
        pass


def test_pilots_that_were_trusted_in_a_trial_are_met_after_it(database, tmp_path):
    """A trial meets nobody; once it has its own name it sets out to meet those whom it was told to trust, once."""
    trial, public = (replace(config, database=database) for config in (TRIAL, PUBLIC))
    wiring.open_store(trial, tmp_path).close()
    with wiring.open_store(trial, tmp_path) as store:
        store.run_now(_live)
    for _ in range(2):
        with wiring.open_store(public, tmp_path) as store:
            waiting = store.read_now(counts.queue).jobs
        assert waiting == (("meet", "waiting", 1),)


@pytest.mark.parametrize(
    "base_url", ["http://localhost:8000", "https://wester.example", "https://buurtgenoot-wester.nl"]
)
def test_a_neighbourhood_can_be_called_otherwise(base_url, database, tmp_path):
    """Another slug gives the neighbourhood and its shared neighbour other names, and leaves the domain alone."""
    before = replace(TRIAL, base_url=base_url, database=database)
    after = replace(before, slug="nieuw", name="Nieuw")
    with wiring.open_store(before, tmp_path) as store:
        made = store.run_now(_live)
        asked = store.run_now(
            lambda tx: questions.ask(tx, pilots.persona(tx), questions.Draft(title="Van wie is dit?"))
        )
        amount = count(store)
    with wiring.open_store(after, tmp_path) as store:
        assert count(store) == amount
        group = store.read_now(pilots.ours)
        persona = store.read_now(pilots.persona)
        assert (group.uri, group.slug, group.name) == (f"{base_url}/b/nieuw", "nieuw", "Nieuw")
        ours = store.read_now(lambda reading: reading.get(Actor, group.actor_id))
        for one, place, handle in (
            (ours, "b/nieuw", "nieuw"),
            (persona, "u/buurtgenoot-nieuw", "buurtgenoot-nieuw"),
        ):
            uri = f"{base_url}/{place}"
            assert (one.uri, one.url, one.inbox, one.handle) == (uri, uri, f"{uri}/inbox", handle)
            assert one.domain == base_url.partition("://")[2]
        question = store.read_now(lambda reading: reading.get(Question, asked.id))
        assert (question.author_id, question.pilot_id) == (persona.id, group.id)
        kept = store.read_now(lambda reading: reading.get(Answer, made["answer"]))
        assert kept.uri == f"{base_url}/a/{kept.id}"
        assert [value for value in everything(store) if f"{base_url}/b/wester" in value] == []


def test_there_and_back_again_is_where_it_was(database, tmp_path):
    """A pilot that moves and moves back is as it was: nothing was lost on the way."""
    trial = replace(TRIAL, database=database)
    elsewhere = replace(trial, base_url="http://localhost:80", slug="x")
    with wiring.open_store(trial, tmp_path) as store:
        store.run_now(_live)
        before = sorted(everything(store))
    wiring.open_store(elsewhere, tmp_path).close()
    with wiring.open_store(trial, tmp_path) as store:
        renamed = {"actors.name", "pilots.name"}
        assert [value for value in sorted(everything(store)) if value.split("=")[0] not in renamed] == [
            value for value in before if value.split("=")[0] not in renamed
        ]


STRANGER = actor("vreemd", uri="https://mast.example/u/v", domain="mast.example", local=False)
TRACES = {
    "somebody was met": STRANGER,
    "something was sent": Activity(
        id="https://x/act/1", actor_uri="x", thing_uri="x", body="{}", public=False, made_at=AT
    ),
    "something was received there": Sent(
        id="1", thing_uri="x", inbox="https://y/inbox", host="y", sent_at=AT
    ),
    "somebody was heard": Seen(id="https://y/act/1", actor_uri="https://y/u/z", seen_at=AT),
}


@pytest.mark.parametrize("trace", TRACES)
def test_who_is_known_elsewhere_does_not_move(trace, database, tmp_path):
    """Once another server can know its address a pilot keeps it: a start under another name is refused, and changes nothing."""
    config = replace(PUBLIC, database=database)
    with wiring.open_store(config, tmp_path) as store:
        store.run_now(_live)
        store.run_now(lambda tx: tx.add(TRACES[trace]))
        before = everything(store)
    for other in (replace(config, base_url="https://ander.example"), replace(config, slug="ander")):
        with pytest.raises(BadSetting, match=r"belongs to https://vraag\.example \(slug wester\)"):
            wiring.open_store(other, tmp_path)
    with wiring.open_store(config, tmp_path) as store:
        assert everything(store) == before


def test_keys_are_made_anew_after_a_move(tmp_path):
    """A key is sealed under its address: after a move none of the old ones is left, so that new ones are made."""
    with wiring.open_store(TRIAL, tmp_path) as store:

        def have_key(tx):
            (one,) = [each for each in _all(tx, Actor) if each.kind is ActorKind.APPLICATION]
            tx.add(
                ActorKey(id=f"{one.uri}#main-key", actor_id=one.id, algorithm="rsa", public="p", sealed="s")
            )

        store.run_now(have_key)
    with wiring.open_store(PUBLIC, tmp_path) as store:
        assert store.read_now(lambda reading: _all(reading, ActorKey)) == []


def _all(reading, kind):
    shape = mapper(kind)
    return [shape.thing(row) for row in reading.execute(select(tables[kind]))]


def test_coming_in_beside_the_server_changes_nothing(database, tmp_path):
    """`open_as_it_is` takes address and name from the data: another setting moves, renames and empties nothing."""
    config = replace(PUBLIC, database=database)
    with wiring.open_store(config, tmp_path) as store:
        store.run_now(_live)
        before = everything(store)
    found, store = wiring.open_as_it_is(Config(database=database, city="Gouda"), tmp_path)
    with store:
        assert (found.base_url, found.slug, found.name) == (config.base_url, config.slug, config.name)
        assert found.federates
        assert store.home == found.home
        assert everything(store) == before


def test_coming_in_first_founds_the_pilot(database, tmp_path):
    """On a database without a pilot it is the same as a start."""
    _, store = wiring.open_as_it_is(replace(PUBLIC, database=database), tmp_path)
    with store:
        assert [each.uri for each in store.read_now(lambda r: r.find(Pilot))] == [
            "https://vraag.example/b/wester"
        ]
