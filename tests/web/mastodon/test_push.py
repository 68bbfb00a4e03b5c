"""Programs that are not open are told what happens, through whoever takes messages for them, and nobody else is."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.transport import Response
from tests.web.mastodon.apps import App, good, token_for
from vraagbaak import apps, members
from vraagbaak.model import Actor, Answer, Member, PushSubscription, ReplyStatus
from web.mastodon.push import decoded, encoded, point
from web.mastodon.pushing import MOST_ATTEMPTS
from web.sessions import hash_of

PATH = "v1/push/subscription"
HOST = "push.example"


class Phone:
    """The program's side: its keys, and what was sent to it."""

    def __init__(self, world, name: str = "phone", host: str = HOST) -> None:
        self.world = world
        self.host = host
        self.key = generate_private_key(SECP256R1())
        self.auth = b"sixteen bytes..."
        self.target = f"/{name}"
        world.network.answers.setdefault(host, 201)

    @property
    def endpoint(self) -> str:
        return f"https://{self.host}{self.target}"

    def form(self, *alerts: str, **more: str) -> dict[str, str]:
        return {
            "subscription[endpoint]": self.endpoint,
            "subscription[keys][p256dh]": encoded(point(self.key.public_key())),
            "subscription[keys][auth]": encoded(self.auth),
            "subscription[standard]": "true",
            **{f"data[alerts][{alert}]": "true" for alert in alerts},
            **more,
        }

    @property
    def got(self) -> list:
        return [
            sent for sent in self.world.network.sent if (sent.host, sent.target) == (self.host, self.target)
        ]

    def read(self, body: bytes) -> dict:
        """What a message says, as RFC 8291 section 3.4 has the program read it."""
        salt, (size, length) = body[:16], struct.unpack("!IB", body[16:21])
        sender, cipher = body[21 : 21 + length], body[21 + length :]
        assert (size, length, len(cipher)) == (4096, 65, 1024 + 16)
        shared = self.key.exchange(ECDH(), EllipticCurvePublicKey.from_encoded_point(SECP256R1(), sender))

        def derived(material, salt, info, length):
            return HKDF(SHA256(), length=length, salt=salt, info=info).derive(material)

        info = b"WebPush: info\0" + point(self.key.public_key()) + sender
        material = derived(shared, self.auth, info, 32)
        key = derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(material, salt, b"Content-Encoding: nonce\0", 12)
        filled = AESGCM(key).decrypt(nonce, cipher, None).rstrip(b"\0")
        assert filled.endswith(b"\x02")
        return json.loads(filled[:-1])


@pytest.fixture
def phone(world):
    return Phone(world)


async def answered(noor, sam, text="Ik, want kastanje.") -> dict:
    asked = await noor.status("Wie weet raad met mijn spreeuw?", visibility="private")
    return await sam.status(text, in_reply_to_id=asked["id"])


def kept(pilot) -> list[PushSubscription]:
    return pilot.all(PushSubscription)


async def test_a_subscription_is_made_read_changed_and_ended(pilot, noor, phone):
    """One for each token, with the members that Mastodon's clients read; the key is the one of the server."""
    made = await noor.post(PATH, phone.form("mention", "favourite", "poll"))
    server = await noor.get("v2/instance")
    assert made == {
        "id": made["id"],
        "endpoint": phone.endpoint,
        "standard": True,
        "alerts": {
            **dict.fromkeys(("status", "reblog", "follow", "follow_request", "poll", "update"), False),
            **dict.fromkeys(("quote", "quoted_update", "admin.sign_up", "admin.report"), False),
            "mention": True,
            "favourite": True,
        },
        "policy": "all",
        "server_key": server["configuration"]["vapid"]["public_key"],
    }
    assert 0 <= made["id"] < 2**31
    assert await noor.get(PATH) == made
    changed = good(
        await noor.call("PUT", PATH, json={"data": {"alerts": {"follow": True}, "policy": "followed"}})
    )
    assert ([name for name, on in changed["alerts"].items() if on], changed["policy"]) == (
        ["follow"],
        "followed",
    )
    assert changed["id"] == made["id"]
    again = await noor.post(PATH, phone.form("reblog"))
    assert (again["policy"], len(kept(pilot))) == ("all", 1)
    assert good(await noor.call("DELETE", PATH)) == {}
    assert (await noor.call("GET", PATH)).status_code == 404
    assert (await noor.call("PUT", PATH, json={})).status_code == 404
    assert good(await noor.call("DELETE", PATH)) == {}


async def test_an_app_learns_the_key_when_it_registers(pilot, nobody, noor):
    """`vapid_key` of an app is that of the server, also when it looks again."""
    key = (await noor.get("v2/instance"))["configuration"]["vapid"]["public_key"]
    app = await nobody.post("v1/apps", {"client_name": "Tuin", "redirect_uris": "app://x"})
    assert (len(decoded(key)), app["vapid_key"]) == (65, key)
    assert (await noor.get("v1/apps/verify_credentials"))["vapid_key"] == key


async def test_an_answer_is_told_without_a_word_of_it(world, pilot, noor, sam, phone):
    """What anybody could read on a locked screen: that somebody answered, and where. Encrypted all the same."""
    await noor.post(PATH, phone.form("mention"))
    await answered(noor, sam)
    await pilot.work()
    (sent,) = phone.got
    (notice,) = await noor.get("v1/notifications")
    said = phone.read(sent.body)
    assert said == {
        "access_token": "",
        "preferred_locale": "nl",
        "notification_id": notice["id"],
        "notification_type": "mention",
        "icon": "https://wester.example/static/avatar.png",
        "title": "Iemand heeft je geantwoord",
        "body": "Open de app om het te lezen. (Wester)",
    }
    assert not {"kastanje", "spreeuw", "sam"} & set(json.dumps(said).lower().split())
    assert sent.headers["TTL"] == "86400"
    assert sent.headers["Urgency"] == "normal"
    assert sent.headers["Content-Encoding"] == "aes128gcm"
    assert len(sent.headers["Topic"]) == 32
    assert sent.headers["Authorization"].startswith("vapid t=")
    assert "Signature" not in sent.headers


async def test_only_what_is_wanted_is_told(world, pilot, noor, sam, phone):
    """By kind, and by whose deed: of those one follows, of those who follow, or of nobody."""
    await noor.post(PATH, phone.form("favourite"))
    asked = await noor.status("Wie weet raad?", visibility="public")
    await sam.status("Ik.", in_reply_to_id=asked["id"])
    await pilot.work()
    assert phone.got == []

    async def liked(policy: str) -> int:
        before = len(phone.got)
        good(await noor.call("PUT", PATH, json={"data": {"policy": policy}}))
        await sam.post(f"v1/statuses/{asked['id']}/favourite")
        await sam.post(f"v1/statuses/{asked['id']}/unfavourite")
        await sam.post(f"v1/statuses/{asked['id']}/favourite")
        await pilot.work()
        await sam.post(f"v1/statuses/{asked['id']}/unfavourite")
        return len(phone.got) - before

    assert await liked("all") == 1  # what was taken back meanwhile is not told
    assert [await liked(policy) for policy in ("none", "followed", "follower")] == [0, 0, 0]
    await noor.post(f"v1/accounts/{sam.account_id}/follow")
    assert [await liked(policy) for policy in ("followed", "follower")] == [1, 0]
    await noor.post(f"v1/accounts/{sam.account_id}/unfollow")
    await sam.post(f"v1/accounts/{noor.account_id}/follow")
    assert [await liked(policy) for policy in ("followed", "follower")] == [0, 1]


WAYS = {
    "revoked": lambda tx, app: apps.end_token(tx, app.member, hash_of(app.token)),
    "password": lambda tx, app: members.change_password(tx, tx.get(Member, app.member.id), "other"),
    "signed out everywhere": lambda tx, app: members.end_all_sessions(tx, app.member.id),
    "left": lambda tx, app: members.leave(tx, tx.get(Member, app.member.id)),
}


@pytest.mark.parametrize("way", WAYS)
async def test_h09_a_subscription_goes_with_its_token(pilot, noor, sam, phone, way):
    """However the token ends, nothing of it is kept, and what waited to be told is not."""
    await noor.post(PATH, phone.form("mention"))
    await answered(noor, sam)
    await pilot.store.run(WAYS[way], noor)
    assert kept(pilot) == []
    await pilot.work()
    assert phone.got == []


async def test_h09_a_suspended_member_is_told_nothing(pilot, noor, sam, phone):
    """Nor one whose reader may not see the thing any more (threat G06)."""
    await noor.post(PATH, phone.form("mention"))
    answer = await answered(noor, sam)
    await pilot.store.run(lambda tx: tx.save(replace(tx.get(Actor, noor.member.actor_id), suspended=True)))
    await pilot.work()
    await pilot.store.run(lambda tx: tx.save(replace(tx.get(Actor, noor.member.actor_id), suspended=False)))
    again = await sam.status("Nog iets", in_reply_to_id=answer["in_reply_to_id"])
    await pilot.store.run(lambda tx: tx.save(replace(tx.get(Answer, again["id"]), status=ReplyStatus.HIDDEN)))
    await pilot.work()
    assert phone.got == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "",
        "nonsense",
        "http://push.example/x",
        "https://push.example:8443/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://10.1.2.3/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://printer.local/x",
        "https://push/x",
        "https://user:word@push.example/x",
        "https://wester.example/inbox",
        "ftp://push.example/x",
        "javascript:alert(1)",
        "https://push.example/" + "x" * 2000,
        "https://push.example/\r\nX: y",
    ],
)
async def test_h23_c12_no_message_is_sent_where_it_should_not(pilot, noor, phone, endpoint):
    """Not to this machine or its network, not to ourselves, not without TLS: refused (422) before anything is kept."""
    answer = await noor.call("POST", PATH, data=phone.form("mention", **{"subscription[endpoint]": endpoint}))
    assert (answer.status_code, answer.json()["field"]) == (422, "endpoint")
    assert kept(pilot) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("subscription[keys][p256dh]", "AAAA"),
        ("subscription[keys][auth]", "x" * 3000),
        ("data[policy]", "everybody"),
        ("subscription", "flat"),
        ("data[alerts]", "flat"),
        ("data[alerts][mention]", "perhaps"),
        ("subscription[keys]", "flat"),
    ],
)
async def test_what_cannot_be_taken_is_refused(pilot, noor, phone, name, value):
    """Keys that are none, words that mean nothing: 422, and nothing is kept."""
    form = {key: each for key, each in phone.form("follow").items() if not key.startswith(f"{name}[")}
    assert (await noor.call("POST", PATH, data={**form, name: value})).status_code == 422
    assert kept(pilot) == []


async def test_h23_g23_of_another_s_subscription_nothing_is_seen_or_changed(pilot, noor, sam, phone):
    """A token names its own and no other; another token of the same member has one of its own."""
    await noor.post(PATH, phone.form("mention"))
    second = App(pilot, noor.member, token=token_for(pilot, noor.member))
    for other in (sam, second):
        assert (await other.call("GET", PATH)).status_code == 404
        assert (await other.call("PUT", PATH, json={"data": {"policy": "none"}})).status_code == 404
        assert (await other.call("DELETE", PATH)).status_code == 200
    (known,) = kept(pilot)
    assert (known.member_id, known.policy.value) == (noor.member.id, "all")
    await second.post(PATH, Phone(pilot.world, "tablet").form("follow"))
    assert len(kept(pilot)) == 2


async def test_h04_only_a_token_for_it_subscribes(pilot, noor, nobody, phone):
    """Without `push`, or without a member: 403 or 401."""
    narrow = App(pilot, noor.member, "read", "write", "follow")
    for method in ("GET", "POST", "PUT", "DELETE"):
        for app, status in ((narrow, 403), (nobody, 401)):
            data = phone.form("mention") if method == "POST" else None
            assert (await app.call(method, PATH, data=data)).status_code == status
    assert kept(pilot) == []


@pytest.mark.parametrize("status", [404, 410])
async def test_who_is_gone_is_forgotten(world, pilot, noor, sam, phone, status):
    """Whoever takes messages says that nobody is there any more: the subscription goes."""
    await noor.post(PATH, phone.form("mention"))
    world.network.answers[HOST] = status
    await answered(noor, sam)
    await pilot.work()
    assert (len(phone.got), kept(pilot)) == (1, [])


async def test_who_moved_on_meanwhile_is_not_forgotten(world, pilot, noor, sam, phone):
    """The answer is about the endpoint that was asked: a new one stays."""
    await noor.post(PATH, phone.form("mention"))
    (old,) = kept(pilot)
    await noor.post(PATH, Phone(world, "new").form("mention"))
    from vraagbaak import pushing

    await pilot.store.run(pushing.forget, old.id, old.endpoint)
    assert len(kept(pilot)) == 1


@pytest.mark.parametrize("fault", [500, 503, 429, "down", "slow"])
async def test_a_message_is_tried_a_few_times_and_then_let_go(world, pilot, noor, sam, phone, fault):
    """Whoever takes messages fails: again later, the same topic, five times in all; the subscription stays."""
    await noor.post(PATH, phone.form("mention"))
    if isinstance(fault, int):
        world.network.answers[HOST] = fault
    else:
        getattr(world.network, fault).add(HOST)
    await answered(noor, sam)
    for _ in range(MOST_ATTEMPTS + 2):
        await pilot.work()
        world.clock.tick(hours=2)
    assert len(phone.got) == MOST_ATTEMPTS
    assert len({sent.headers["Topic"] for sent in phone.got}) == 1
    assert len(kept(pilot)) == 1
    world.network.answers[HOST] = 201
    world.network.down.clear()
    world.network.slow.clear()
    await answered(noor, sam, "En nu?")
    await pilot.work()
    assert len(phone.got) == MOST_ATTEMPTS + 1


@pytest.mark.parametrize("status", [200, 202, 400, 403, 413])
async def test_whatever_else_is_answered_ends_it(world, pilot, noor, sam, phone, status):
    """Taken, or refused for good: not sent again, and nothing of the answer is looked at."""
    await noor.post(PATH, phone.form("mention"))
    world.network.answers[HOST] = Response(status, {"location": "https://10.0.0.1/"}, b"{" * 100, "x")
    await answered(noor, sam)
    for _ in range(3):
        await pilot.work()
        world.clock.tick(hours=2)
    assert len(phone.got) == 1


async def test_nothing_of_a_message_stands_in_the_queue(pilot, noor, sam, phone):
    """A job holds ids and the name of a server: no words, no keys, no path."""
    await noor.post(PATH, phone.form("mention"))
    await answered(noor, sam)
    from sqlalchemy import text

    rows = pilot.store.read_now(
        lambda reading: reading.execute(text("SELECT * FROM jobs WHERE kind = 'push'")).all()
    )
    (row,) = rows
    assert not [word for word in ("kastanje", "spreeuw", "phone", encoded(phone.auth)) if word in str(row)]


async def test_a_server_that_speaks_with_nobody_pushes_to_nobody(world):
    """While it is only tried out, a server names no key and takes no subscription."""
    pilot = world.pilot("Proef", base_url="http://localhost:8000")
    noor = App(pilot, pilot.member("noor"))
    assert (await noor.get("v2/instance"))["configuration"]["vapid"]["public_key"] == ""
    answer = await noor.call("POST", PATH, data=Phone(world).form("mention"))
    assert (answer.status_code, answer.json()["code"]) == (422, "not-here")


async def test_what_is_old_is_told_no_more(world, pilot, noor, sam, phone):
    """The notice is gone by the time that it would be told."""
    await noor.post(PATH, phone.form("mention"))
    await answered(noor, sam)
    await noor.post("v1/notifications/clear")
    world.clock.tick(seconds=timedelta(minutes=1).seconds)
    await pilot.work()
    assert phone.got == []
