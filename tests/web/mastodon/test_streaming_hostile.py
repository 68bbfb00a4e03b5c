"""A line ends with its token, tells nobody what they may not see, and cannot be used to fill the server."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

import pytest

from storage.store import Store
from tests.web.mastodon.apps import App, token_for
from tests.web.mastodon.lines import Events, Socket
from vraagbaak import apps, members, moderation, preferring, questions
from vraagbaak.model import Actor, Answer, Member, Question, Role, Scope, SilenceKind, Token
from web.mastodon.streaming.hub import MOST_FROM_ONE_PLACE, MOST_OF_ONE_TOKEN_HOLDER
from web.mastodon.streaming.listeners import MESSAGES, MOST_WAITING

numbers = itertools.count()
LISTENS = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN %'"
SOON = 1.0  # seconds within which a line has to be over


def revoke(tx, app):
    from web.sessions import hash_of

    apps.end_token(tx, app.member, hash_of(app.token))


def suspend(tx, app):
    tx.save(replace(tx.get(Actor, app.member.actor_id), suspended=True))


WAYS = {
    "revoked": revoke,
    "password": lambda tx, app: members.change_password(tx, tx.get(Member, app.member.id), "other"),
    "signed out everywhere": lambda tx, app: members.end_all_sessions(tx, app.member.id),
    "left": lambda tx, app: members.leave(tx, tx.get(Member, app.member.id)),
    "suspended": suspend,
}


@pytest.mark.parametrize("transport", ["socket", "events"])
@pytest.mark.parametrize("way", WAYS)
async def test_g09_a_line_ends_with_what_it_was_opened_with(pilot, noor, sam, way, transport):
    """Token revoked, password changed, signed out everywhere, left or suspended: over within a second, nothing told after."""
    made = {
        "socket": Socket(pilot, {"stream": "user"}, noor.token),
        "events": Events(pilot, "user", noor.token),
    }[transport]
    async with made as line, Socket(pilot, {"stream": "user"}, sam.token) as other:
        await other.accepted()
        await line.raw()
        started = time.monotonic()
        await pilot.store.run(WAYS[way], noor)
        await pilot.store.run(
            lambda tx: questions.ask_anew(tx, pilot_actor(tx, sam), questions.Draft(title="Geheim"))
        )
        if transport == "socket":
            assert await line.next() == 1008
        else:
            assert await line.next() is None
        assert time.monotonic() - started < SOON
        await line.over()
        assert (await other.next())[1] == "update"  # others hear on


def pilot_actor(tx, app):
    return tx.get(Actor, app.member.actor_id)


async def test_g09_another_line_of_the_same_member_stays(pilot, noor):
    """Revoking one token ends the lines of that one."""
    second = App(pilot, noor.member, token=token_for(pilot, noor.member))
    async with (
        Socket(pilot, {"stream": "user"}, noor.token) as line,
        Socket(pilot, {"stream": "user"}, second.token) as other,
    ):
        await line.accepted()
        await other.accepted()
        await pilot.store.run(revoke, noor)
        assert await line.next() == 1008
        asked = await second.status("Nog daar?")
        assert (await other.next())[2]["id"] == asked["id"]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request):
    return "" if request.param == "sqlite" else request.getfixturevalue("fresh_postgres_url")


async def test_g09_a_revocation_by_another_process_counts_as_soon(database, world):
    """The command line, or another web process, ends a token: the lines that this process holds end too."""
    pilot = world.pilot("Ooster", database=database)
    noor = App(pilot, pilot.member("noor"))
    other = Store.open(database, home=pilot.config.home, folder=pilot.folder)
    try:
        async with Socket(pilot, {"stream": "user"}, noor.token) as line:
            await line.accepted()
            started = time.monotonic()
            await other.run(revoke, noor)
            assert await line.next() == 1008
            assert time.monotonic() - started < SOON
    finally:
        other.close()


@pytest.mark.postgres
async def test_what_another_process_writes_is_heard_here(fresh_postgres_url, world):
    """On PostgreSQL a worker or web process elsewhere takes something in: who listens here hears it."""
    pilot = world.pilot("Ooster", database=fresh_postgres_url)
    noor = App(pilot, pilot.member("noor"))
    other = Store.open(fresh_postgres_url, home=pilot.config.home, clock=world.clock)
    try:
        async with Socket(pilot, {"stream": "user"}, noor.token) as line:
            await line.accepted()
            # A word of our own first: the connection that listens may have only just begun to.
            await listening_to_others(pilot, other, noor, line)
            draft = questions.Draft(title="Van elders")
            made = await other.run(lambda tx: questions.ask_anew(tx, pilot_actor(tx, noor), draft))
            heard = await line.next()
            while heard[2]["id"] != made.id:
                heard = await line.next()
            assert heard[1] == "update"
    finally:
        other.close()


@pytest.mark.postgres
async def test_g09_a_line_that_was_deaf_for_a_moment_is_looked_at_again(
    fresh_postgres_url, world, monkeypatch
):
    """The connection that listens breaks, and a token is revoked elsewhere meanwhile: the line ends as soon as it listens."""
    import psycopg

    monkeypatch.setattr("storage.postgresql.AGAIN_SECONDS", 0.01)
    pilot = world.pilot("Ooster", database=fresh_postgres_url)
    noor = App(pilot, pilot.member("noor"))
    with psycopg.connect(fresh_postgres_url, autocommit=True) as connection:
        async with Socket(pilot, {"stream": "user"}, noor.token) as line:
            await line.accepted()
            while not connection.execute(LISTENS).fetchone():
                await pilot.store.read(lambda reading: reading.now)  # until it began
            connection.execute("DELETE FROM tokens")  # past the feed, as by a process that nobody hears
            connection.execute(LISTENS.replace("SELECT pid", "SELECT pg_terminate_backend(pid)"))
            assert await line.next() == 1008


async def listening_to_others(pilot, other, noor, line) -> None:
    """The other process writes until it is heard."""
    draft = questions.Draft(title="Hoor je me?")
    while line._from_app.empty():
        await other.run(lambda tx: questions.ask_anew(tx, pilot_actor(tx, noor), draft))
        await pilot.store.read(lambda reading: reading.now)
    await line.next()


async def test_g10_no_stream_without_a_token_that_is_for_it(pilot, noor):
    """No token, a wrong one, one that is for less, one in a cookie: 401, on public streams as well."""
    narrow = token_for(pilot, noor.member, "write", "read:accounts")
    told = token_for(pilot, noor.member, "read:notifications")
    for given, stream in (
        ({}, "public"),
        ({"token": "nonsense"}, "public"),
        ({"token": "x" * 500}, "public"),
        ({"token": narrow}, "public"),
        ({"token": narrow}, "user"),
        ({"token": narrow}, "hashtag"),
        ({"token": narrow}, "user:notification"),
        ({"token": told}, "user"),
        ({"token": told}, "public:local"),
        ({"headers": [(b"cookie", b"__Host-session=x")]}, "public"),
    ):
        async with Socket(pilot, {"stream": stream, "tag": "fysio"}, **given) as line:
            status, said = await line.refused()
            assert (status, set(said)) == (401, {"error", "code"}), (given, stream)
        path = stream.replace(":", "/")
        async with Events(pilot, path, given.get("token", ""), query={"tag": "fysio"}) as events:
            assert (await events.started())[0] == 401
    async with Socket(pilot, {"stream": "user:notification"}, told) as line:
        await line.accepted()
        line.subscribe("public")
        assert (await line.next())["status"] == 401


async def test_notifications_come_only_with_a_token_for_them(pilot, noor, sam):
    """A token that reads statuses alone hears what is said, and not what a member is told."""
    narrow = token_for(pilot, noor.member, "read:statuses")
    async with Socket(pilot, {"stream": "user"}, narrow) as line:
        await line.accepted()
        asked = await noor.status("Wie weet raad?", visibility="public")
        answer = await sam.status("Ik.", in_reply_to_id=asked["id"])
        again = await sam.status("En nog iets", visibility="public")
        heard = [await line.next() for _ in range(3)]
    assert [(event, status["id"]) for _, event, status in heard] == [
        ("update", asked["id"]),
        ("update", answer["id"]),
        ("update", again["id"]),
    ]


@pytest.fixture
async def lines(pilot, noor, sam, moderator):
    """A member, a moderator and an app of nobody, each listening to all that is public."""
    opened = []
    for token in (noor.token, moderator.token, own_token(pilot)):
        line = Socket(pilot, {"stream": "public"}, token)
        await line.__aenter__()
        await line.accepted()
        opened.append(line)
    yield opened
    for line in opened:
        await line.__aexit__()


def own_token(pilot) -> str:
    from vraagbaak.apps import Registration
    from web import sessions

    secret, secret_hash = sessions.new_secret()

    def give(tx):
        app = apps.register(tx, Registration(name="Bord", redirect_uris=["https://bord.example/"]), "x" * 64)
        apps.give_own(tx, app, ("read",), secret_hash)

    pilot.store.run_now(give)
    return secret


async def heard_until(sam, lines) -> list[list[tuple[str, str]]]:
    """What each line hears before a last question that all of them hear."""
    last = await sam.status(f"Klaar {next(numbers)}", visibility="public")
    found = []
    for line in lines:
        said = []
        while (heard := await line.next())[1] != "update" or heard[2]["id"] != last["id"]:
            said.append((heard[1], heard[2] if heard[1] == "delete" else heard[2]["id"]))
        found.append(said)
    return found


async def test_g03_a_scope_holds_on_a_stream_as_everywhere(pilot, sam, lines):
    """What is for the neighbourhood reaches no app of nobody; neither does its edit or its end."""
    asked = await sam.status("Onder ons", visibility="private")
    await sam.call("PUT", f"v1/statuses/{asked['id']}", data={"status": "Onder ons, echt"})
    await sam.call("DELETE", f"v1/statuses/{asked['id']}")
    member, moderator, app = await heard_until(sam, lines)
    assert member == moderator == [(event, asked["id"]) for event in ("update", "status.update", "delete")]
    assert app == []


async def test_g06_who_falls_outside_is_told_that_it_is_gone(pilot, sam, lines):
    """Narrowed from public to the neighbourhood: a deletion for who no longer sees it, a change for who does."""
    asked = await sam.status("Voor allen", visibility="public")
    await pilot.store.run(
        lambda tx: questions.narrow(tx, pilot_actor(tx, sam), asked["id"], Scope.NEIGHBOURHOOD)
    )
    member, _, app = await heard_until(sam, lines)
    assert member == [("update", asked["id"]), ("status.update", asked["id"])]
    assert app == [("update", asked["id"]), ("delete", asked["id"])]


async def test_g06_what_waits_or_is_hidden_is_told_to_nobody(pilot, noor, sam, moderator, lines):
    """Hiding is a deletion for others; what waits makes no sound until it is released, and then is new."""

    def hold(tx):
        asked = questions.ask_anew(
            tx, pilot_actor(tx, sam), questions.Draft(title="Wacht", scope=Scope.PUBLIC)
        )
        tx.save(replace(asked, status=questions.QuestionStatus.HELD))
        return asked.id

    waits = await pilot.store.run(hold)
    await pilot.store.run(lambda tx: tx.save(replace(tx.get(Question, waits), title="Wacht nog")))
    assert await heard_until(sam, lines) == [[], [], []]
    await pilot.store.run(moderation.release, moderator.member, Question, waits)
    assert await heard_until(sam, lines) == [[("update", waits)]] * 3
    await pilot.store.run(moderation.hide, moderator.member, Question, waits)
    member, reviews, app = await heard_until(sam, lines)
    assert member == app == [("delete", waits)]
    assert reviews == []  # who reviews may still see it


async def test_g06_with_a_question_its_answers_go(pilot, noor, sam, moderator):
    """Hidden or deleted: what stood under it is named too, to who could see it."""
    asked = await sam.status("Wie weet raad?", visibility="public")
    answer = await sam.status("Ik zelf.", in_reply_to_id=asked["id"])
    async with Socket(pilot, {"stream": "user"}, noor.token) as line:
        await line.accepted()
        await pilot.store.run(moderation.hide, moderator.member, Question, asked["id"])
        assert [(await line.next())[2] for _ in range(2)] == [asked["id"], answer["id"]]


async def test_who_is_kept_away_is_not_heard(pilot, noor, sam, lines):
    """A member who mutes somebody hears nothing of them on any stream; others do."""
    await pilot.store.run(preferring.silence, noor.member, SilenceKind.MUTE, sam.member.actor_id)
    asked = await sam.status("Stil", visibility="public")
    other = App(pilot, pilot.member("ali"))
    member, _, app = await heard_until(other, lines)
    assert (member, app) == ([], [("update", asked["id"])])


async def test_g05_a_mark_or_like_tells_only_whom_it_concerns(pilot, noor, sam, lines):
    """A like is heard by the writer alone, as a notification; that something helped is said by its answer."""
    asked = await noor.status("Wie weet raad?", visibility="public")
    answer = await sam.status("Ik.", in_reply_to_id=asked["id"])
    async with (
        Socket(pilot, {"stream": "user"}, noor.token) as own,
        Socket(pilot, {"stream": "user"}, sam.token) as his,
    ):
        await own.accepted()
        await his.accepted()
        await sam.post(f"v1/statuses/{asked['id']}/favourite")
        assert (await own.next())[1:2] == ("notification",)
        await noor.post(f"v1/statuses/{answer['id']}/favourite")
        kinds = {
            (event, status["id"] if event != "notification" else "")
            for _, event, status in [await his.next() for _ in range(3)]
        }
        assert kinds == {
            ("notification", ""),
            ("status.update", answer["id"]),
            ("status.update", asked["id"]),
        }


async def test_g16_a_question_of_the_shared_neighbour_does_not_tell_its_moment(
    world, pilot, noor, sam, moderator
):
    """Asked without an account and not reviewed: no sound. Released by somebody: heard then, and dated by the hour."""
    persona = pilot.store.read_now(
        lambda reading: reading.one(Actor, uri=f"{pilot.base}/u/{pilot.config.home.persona_handle}")
    )
    async with Socket(pilot, {"stream": "public"}, noor.token) as line:
        await line.accepted()
        waits = await pilot.store.run(
            questions.ask_anew, persona, questions.Draft(title="Stil", scope=Scope.PUBLIC)
        )
        await pilot.store.run(
            lambda tx: tx.add(
                replace(
                    waits, id=tx.new_id(), uri="https://x.example/q", status=questions.QuestionStatus.OPEN
                )
            )
        )
        await pilot.store.run(moderation.release, moderator.member, Question, waits.id)
        assert (await line.next())[2]["id"] == waits.id


# Too much


async def test_who_does_not_read_loses_the_line(pilot, noor, sam):
    """What waits for a slow client is bounded; then the line ends, and others go on."""
    async with (
        Socket(pilot, {"stream": "user"}, noor.token) as slow,
        Socket(pilot, {"stream": "user"}, sam.token) as other,
    ):
        await slow.accepted()
        await other.accepted()
        slow.reads.clear()
        draft = questions.Draft(title="Veel")

        def many(tx):
            return [questions.ask_anew(tx, pilot_actor(tx, sam), draft).id for _ in range(MOST_WAITING // 2)]

        for _ in range(3):
            made = await pilot.store.run(many)
            while (await other.next())[2]["id"] != made[-1]:
                pass
        await slow.over()  # although it never read
        (line,) = pilot.app.state.hub._lines.values()
        assert line.visitor.member.handle == "sam"


async def test_who_says_too_much_is_cut_off(world):
    """Messages are counted; a flood ends the line."""
    pilot = world.pilot("Ooster", lab_limits="")
    noor = App(pilot, pilot.member("noor"))
    async with Socket(pilot, {"stream": "user"}, noor.token) as line:
        await line.accepted()
        for _ in range(MESSAGES.burst + 1):
            line.say({"type": "subscribe", "stream": "user"})
        assert await line.next() == 1008


async def test_lines_of_one_member_and_of_one_place_are_counted(world):
    """Beyond so many a line is refused (429) until another is given back; who comes from elsewhere gets one."""
    pilot = world.pilot("Ooster", lab_limits="")
    people = [App(pilot, pilot.member(name)) for name in ("noor", "sam", "ali")]
    opened = []

    async def open_one(app, address):
        line = Socket(pilot, {"stream": "user"}, app.token, address=address)
        await line.__aenter__()
        opened.append(line)
        return line

    for app in people[:2]:
        for _ in range(MOST_OF_ONE_TOKEN_HOLDER):
            await (await open_one(app, "198.51.100.7")).accepted()
    assert len(opened) == MOST_FROM_ONE_PLACE
    for app, address in ((people[0], "203.0.113.9"), (people[2], "198.51.100.7")):
        status, said = await (await open_one(app, address)).refused()
        assert (status, said["code"]) == (429, "too-fast")
    await (await open_one(people[2], "203.0.113.9")).accepted()
    await opened[0].__aexit__()
    await (await open_one(people[2], "198.51.100.7")).accepted()
    assert "198.51.100.7" not in repr(vars(pilot.app.state.hub))
    for line in opened[1:]:
        await line.__aexit__()
    assert len(pilot.app.state.hub) == 0


async def test_a_fault_in_telling_ends_the_lines_and_says_where(pilot, noor, caplog, monkeypatch):
    """No line goes on as if nothing had happened: its client comes back and reads what it missed. No text is logged."""

    secret = "kastanje"

    def broken(*_):
        raise ZeroDivisionError(secret)

    async with Socket(pilot, {"stream": "user"}, noor.token) as line:
        await line.accepted()
        monkeypatch.setattr("web.mastodon.streaming.hub.told", broken)
        await noor.status(secret)
        assert await line.next() == 1013
    assert "ZeroDivisionError" in caplog.text
    assert secret not in caplog.text


async def test_the_server_stops_and_says_so(pilot, noor):
    """Every line ends when the application does."""
    async with pilot.app.router.lifespan_context(pilot.app):
        line = Socket(pilot, {"stream": "user"}, noor.token)
        await line.__aenter__()
        await line.accepted()
    assert await line.next() == 1012
    await line.__aexit__()


async def test_a_moderator_who_is_one_no_more_sees_no_more(pilot, noor, sam, moderator):
    """Roles are those of the moment: what waits for review is told to nobody who may not review."""
    asked = await noor.status("Wie weet raad?", visibility="public")
    async with Socket(pilot, {"stream": "user"}, moderator.token) as line:
        await line.accepted()
        await pilot.store.run(members.grant, moderator.member, (Role.RESIDENT,))

        def hold(tx):
            answer = tx.find(Answer, question_id=asked["id"])[0]
            tx.save(replace(answer, status=moderation.ReplyStatus.HELD))

        answer = await sam.status("Ik.", in_reply_to_id=asked["id"])
        await pilot.store.run(hold)
        last = await sam.status("Klaar")
        heard = []
        while (said := await line.next())[2] == answer["id"] or said[2]["id"] != last["id"]:
            heard.append(said[1])
        assert heard in ([], ["delete"])
        assert (
            pilot.store.read_now(lambda reading: len(reading.find(Token, member_id=moderator.member.id))) == 1
        )
