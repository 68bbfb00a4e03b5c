"""What happens comes to whoever listens, at once, as the timelines would show it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.web.mastodon.apps import App
from tests.web.mastodon.lines import Events, Socket

OWN = ("favourited", "reblogged", "bookmarked", "pinned", "muted")


@pytest.fixture
async def line(noor):
    async with Socket(noor.pilot, {"stream": "user"}, noor.token) as made:
        await made.accepted()
        yield made


async def test_what_is_asked_here_stands_at_home_at_once(noor, sam, line):
    """An `update` holds the status as JSON in a string, the same as the timeline gives."""
    asked = await sam.status("Wie weet raad?", visibility="public")
    stream, event, status = await line.next()
    assert (stream, event) == (["user"], "update")
    assert status == await noor.get(f"v1/statuses/{asked['id']}")


async def test_an_answer_comes_as_notification_and_as_update(noor, sam, line):
    """Who asked is told that somebody answered, and sees the answer."""
    asked = await noor.status("Wie weet raad?", visibility="public")
    assert (await line.next())[1:] == ("update", asked | {"account": asked["account"]})
    answer = await sam.status("Ik.", in_reply_to_id=asked["id"])
    heard = {event: payload for _, event, payload in [await line.next(), await line.next()]}
    assert heard["update"]["id"] == answer["id"]
    assert heard["notification"]["type"] == "mention"
    assert heard["notification"] == (await noor.get("v1/notifications"))[0]


async def test_an_edit_and_a_deletion_follow(noor, sam, line):
    """Other words are a `status.update`; a `delete` names the id, of what stood under it too."""
    asked = await sam.status("Wie weet raad?", visibility="public")
    answer = await sam.status("Ik zelf.", in_reply_to_id=asked["id"])
    await line.next()
    await sam.call("PUT", f"v1/statuses/{asked['id']}", data={"status": "Wie weet nu raad?"})
    stream, event, status = await line.next()
    assert (stream, event, status["vraagbaak"]["title"]) == (["user"], "status.update", "Wie weet nu raad?")
    await sam.call("DELETE", f"v1/statuses/{asked['id']}")
    gone = [await line.next(), await line.next()]
    assert gone == [(["user"], "delete", asked["id"]), (["user"], "delete", answer["id"])]


@pytest.mark.parametrize("transport", ["socket", "events"])
async def test_mastodon_py_can_read_that_something_is_gone(noor, sam, transport):
    """It takes every payload for JSON and hangs up at an id that is none: to it alone an id goes in quotes."""
    headers = [(b"user-agent", b"mastodonpy")]
    made = {
        "socket": lambda: Socket(noor.pilot, {"stream": "user"}, noor.token, headers=headers),
        "events": lambda: Events(noor.pilot, "user", noor.token, headers=headers),
    }
    asked = await sam.status("Wie weet raad?", visibility="public")
    async with made[transport]() as line:
        await line.raw()
        await sam.call("DELETE", f"v1/statuses/{asked['id']}")
        assert (await line.next())[-2:] == ("delete", f'"{asked["id"]}"')


async def test_several_streams_on_one_line(noor, sam, line):
    """Subscribing and unsubscribing while the line is open; each message says of which stream it is."""
    for stream in ("public", "public:local", "public:remote", "direct", "public:media", "user:notification"):
        line.subscribe(stream)
    line.subscribe("hashtag", tag="Fysio")
    line.subscribe("hashtag", tag="slapen")
    line.say({"type": "unsubscribe", "stream": "public"})
    line.subscribe("nergens")  # its answer says that all before was heard
    assert "error" in await line.next()
    asked = await sam.status("Goede fysio?\n\n#fysio", visibility="public")
    heard = [await line.next() for _ in range(3)]
    assert [stream for stream, _, _ in heard] == [["user"], ["public:local"], ["hashtag", "Fysio"]]
    assert {status["id"] for _, _, status in heard} == {asked["id"]}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"type": "subscribe", "stream": "nergens"}, 400),
        ({"type": "subscribe"}, 400),
        ({"type": "subscribe", "stream": "hashtag"}, 400),
        ({"type": "subscribe", "stream": "list", "list": "1"}, 401),
        ({"type": "subscribe", "stream": "list"}, 400),
        ({"type": "subscribe", "stream": ["nergens", "user"]}, 400),
        ({"type": "unsubscribe", "stream": 7}, 400),
        ("geen json", 400),
        ("[]", 400),
        ("[" * 3000, 400),
        ('{"type": "subscribe", "stream": "\\ud800"}', 400),
        ("", 400),
    ],
)
async def test_what_cannot_be_had_is_said_and_the_line_goes_on(noor, line, said, status):
    """A name that is none, a list of nobody, a message that cannot be read: an error, and then what was asked for."""
    line.say(said)
    answer = await line.next()
    assert (answer["status"], set(answer)) == (status, {"error", "status"})
    asked = await noor.status("Nog daar?")
    assert (await line.next())[2]["id"] == asked["id"]


async def test_no_more_streams_than_fit_on_a_line(noor, line):
    """The forty-first topic is refused, and the line goes on."""
    for number in range(40):
        line.subscribe("hashtag", tag=f"t{number}")
    assert (await line.next())["status"] == 400
    asked = await noor.status("Nog daar?")
    assert (await line.next())[2]["id"] == asked["id"]


async def test_server_sent_events(noor, sam):
    """The same over plain HTTP: a greeting, then each event with its data on one line."""
    async with Events(noor.pilot, "user", noor.token) as events:
        status, headers = await events.started()
        assert (status, headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        assert headers["cache-control"] == "private, no-store"
        assert "content-length" not in headers
        assert await events.text() == ":)\n"
        asked = await sam.status("Wie weet raad?\n\nEen\nregel.", visibility="public")
        assert await events.next() == ("update", await noor.get(f"v1/statuses/{asked['id']}"))
        await sam.call("DELETE", f"v1/statuses/{asked['id']}")
        assert await events.next() == ("delete", asked["id"])


async def test_a_heartbeat_keeps_a_quiet_line_open(noor, monkeypatch):
    """`:thump` when nothing happens, as Mastodon sends it."""
    monkeypatch.setattr("web.mastodon.streaming.lines.HEARTBEAT", 0.01)
    async with Events(noor.pilot, "user", noor.token) as events:
        await events.started()
        assert [await events.text() for _ in range(3)] == [":)\n", ":thump\n", ":thump\n"]


@pytest.mark.parametrize(
    ("path", "query", "hears"),
    [
        ("user/notification", {}, False),
        ("public", {}, True),
        ("public", {"only_media": "true"}, False),
        ("public/local", {}, True),
        ("public/remote", {}, False),
        ("hashtag", {"tag": "FYSIO"}, True),
        ("hashtag", {"tag": "slapen"}, False),
        ("hashtag/local", {"tag": "fysio"}, True),
        ("direct", {}, False),
    ],
)
async def test_each_path_is_a_stream(noor, sam, path, query, hears):
    """What comes on it is what the timeline of that name would hold; a token in the address will do here."""
    async with Events(noor.pilot, path, query={**query, "access_token": noor.token}) as events:
        assert (await events.started())[0] == 200
        async with Events(noor.pilot, "user", noor.token) as other:
            await other.started()
            asked = await sam.status("Goede fysio?\n\n#fysio", visibility="public")
            assert (await other.next())[1]["id"] == asked["id"]  # by now it was told to all
            events.leave()
            await events.over()
            said = [(await events.text())]
            while not events._from_app.empty():
                said.append(await events.text())
            assert any(asked["id"] in text for text in said) is hears


async def test_the_streams_are_there_for_who_asks(nobody):
    """`/api/v1/streaming/health` says OK to everybody; no other path is one."""
    answer = await nobody.call("GET", "v1/streaming/health")
    assert (answer.status_code, answer.text) == (200, "OK")
    for path in ("v1/streaming/nergens", "v1/streaming/user/niets"):
        assert (await nobody.call("GET", path)).status_code == 404


async def test_a_token_as_subprotocol_is_named_back(noor):
    """A browser only opens the line when the server chooses what it offered (RFC 6455 section 4.1)."""
    async with Socket(noor.pilot, {"stream": "user"}, protocols=[noor.token]) as line:
        assert await line.accepted() == noor.token
        asked = await noor.status("Hoor je me?")
        assert (await line.next())[2]["id"] == asked["id"]


async def test_what_was_written_long_ago_is_no_news(world, noor, line):
    """A thread from elsewhere that is taken in later does not come by as if it were new; what is released does."""
    old = noor.pilot.ask(noor.member, "Van vroeger")
    assert (await line.next())[2]["id"] == old.id

    def take_in(tx, published_at):
        from dataclasses import replace

        key = tx.new_id()
        tx.add(replace(old, id=key, uri=f"https://ver.example/q/{key}", published_at=published_at))
        return key

    now = world.clock.now()
    noor.pilot.store.run_now(take_in, now - timedelta(hours=7))
    recent = noor.pilot.store.run_now(take_in, now - timedelta(hours=5))
    assert (await line.next())[2]["id"] == recent


async def test_an_app_of_nobody_hears_what_everybody_may_see(pilot, noor, sam):
    """A token that an app has for itself listens to public streams, and to nothing of anybody."""
    from vraagbaak import apps
    from vraagbaak.apps import Registration
    from web import sessions

    secret, secret_hash = sessions.new_secret()

    def give(tx):
        app = apps.register(tx, Registration(name="Bord", redirect_uris=["https://bord.example/"]), "x" * 64)
        apps.give_own(tx, app, ("read",), secret_hash)

    pilot.store.run_now(give)
    board = App(pilot, token=secret)
    async with Socket(pilot, {"stream": "public"}, board.token) as line:
        await line.accepted()
        await sam.status("Onder ons", visibility="private")
        asked = await sam.status("Voor allen", visibility="public")
        assert (await line.next())[2]["id"] == asked["id"]
    async with Socket(pilot, {"stream": "user"}, board.token) as line:
        assert (await line.refused())[0] == 401


async def test_each_is_shown_what_is_their_own(pilot, noor, sam, moderator):
    """Liked, kept, passed on, put first, silenced: by whoever did it and nobody else, as in a timeline."""
    asked = await sam.status("Wie weet raad?", visibility="public")
    for verb in ("favourite", "bookmark", "reblog"):
        await noor.post(f"v1/statuses/{asked['id']}/{verb}")
    await sam.post(f"v1/statuses/{asked['id']}/pin")
    await moderator.post(f"v1/statuses/{asked['id']}/mute")
    apps_of = (noor, sam, moderator, App(pilot, pilot.member("ali")))
    lines = [Socket(pilot, {"stream": "hashtag", "tag": "fysio"}, app.token) for app in apps_of]
    for line in lines:
        await line.__aenter__()
        await line.accepted()
    await sam.call("PUT", f"v1/statuses/{asked['id']}", data={"status": "Wie weet nu raad?\n\n#fysio"})
    own = []
    for app, line in zip(apps_of, lines, strict=True):
        _, event, status = await line.next()
        assert (event, status) == ("status.update", await app.get(f"v1/statuses/{asked['id']}"))
        own.append([name for name in OWN if status[name]])
        await line.__aexit__()
    assert own == [["favourited", "reblogged", "bookmarked"], ["pinned"], ["muted"], []]


async def test_other_filters_are_told_and_hold_at_once(noor, sam, line):
    """`filters_changed` without a payload, to the member's own apps alone; then what is written says what it falls under."""
    async with Socket(sam.pilot, {"stream": "user"}, sam.token) as other:
        await other.accepted()
        made = await noor.post("v2/filters", json={"title": "x", "context": ["home"]})
        assert await line.said() == {"stream": ["user"], "event": "filters_changed"}
        await noor.post(f"v2/filters/{made['id']}/keywords", {"keyword": "val"})
        assert (await line.said())["event"] == "filters_changed"
        await sam.status("Na een val?", visibility="public")
        heard = [(await each.next())[2]["filtered"] for each in (line, other)]
        assert [[each["keyword_matches"] for each in found] for found in heard] == [[["val"]], []]
        await noor.call("DELETE", f"v2/filters/{made['id']}")
        assert (await line.said())["event"] == "filters_changed"
        other.subscribe("nergens")  # its answer says that all before was heard
        assert "error" in await other.next()


async def test_filters_over_http_have_a_word_for_no_payload(noor):
    """A browser passes on no event without data: Mastodon says `undefined`."""
    async with Events(noor.pilot, "user", noor.token) as events:
        await events.started()
        await events.text()
        await noor.post("v2/filters", json={"title": "x", "context": ["home"]})
        assert await events.next() == ("filters_changed", "undefined")


async def test_a_list_is_a_stream(noor, sam, moderator, line):
    """What its timeline would hold; another's and none are refused alike (threat G23); deleted, nothing comes any more."""
    await noor.post(f"v1/accounts/{sam.account_id}/follow")
    made = (await noor.post("v1/lists", {"title": "Buren"}))["id"]
    await noor.post(f"v1/lists/{made}/accounts", {"account_ids[]": sam.account_id})
    line.say({"type": "unsubscribe", "stream": "user"})
    line.subscribe("list", list=made)
    line.subscribe("nergens")
    assert "error" in await line.next()
    await moderator.status("Van iris?", visibility="public")
    asked = await sam.status("Van sam?", visibility="public")
    stream, event, status = await line.next()
    assert (stream, event, status["id"]) == (["list", made], "update", asked["id"])
    async with Socket(sam.pilot, {"stream": "user"}, sam.token) as other:
        await other.accepted()
        for key in (made, "0" * 26):
            other.subscribe("list", list=key)
        refused = {"error": "Deze lijst is niet van jou.", "status": 401}
        assert [await other.next(), await other.next()] == [refused, refused]
    async with Events(sam.pilot, "list", sam.token, {"list": made}) as events:
        assert (await events.started())[0] == 401
    await noor.call("DELETE", f"v1/lists/{made}")
    await sam.status("Nog van sam?", visibility="public")
    line.subscribe("nergens")
    assert "error" in await line.next()


async def test_what_is_passed_on_comes_to_who_follows(noor, sam, moderator, line):
    """As at home: once, with the thing in `reblog`; taken back, its id; to nobody who does not follow."""
    await noor.post(f"v1/accounts/{sam.account_id}/follow")
    asked = await moderator.status("Wie weet raad?", visibility="public")
    await line.next()
    async with Socket(moderator.pilot, {"stream": "user"}, moderator.token) as other:
        await other.accepted()
        boost = await sam.post(f"v1/statuses/{asked['id']}/reblog")
        assert (await other.next())[1] == "notification"
        stream, event, status = await line.next()
        assert (stream, event, status["id"]) == (["user"], "update", boost["id"])
        assert status == (await noor.get("v1/timelines/home"))[0]
        await noor.post(f"v1/statuses/{asked['id']}/reblog")
        assert (await other.next())[1] == "notification"
        await sam.post(f"v1/statuses/{asked['id']}/unreblog")
        assert await line.next() == (["user"], "delete", boost["id"])
        other.subscribe("nergens")
        assert "error" in await other.next()
