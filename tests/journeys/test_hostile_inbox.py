"""Whose word is believed: everything that can be wrong with the proof under an activity, sent to a running pilot.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import random
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from federation.keys import make_ed25519
from federation.looking import SPARE
from federation.signatures import Scheme
from storage.records import Seen
from tests.journeys.strangers import (
    CAVAGE,
    Elsewhere,
    Request,
    Stranger,
    assert_refused,
    content_digest,
    digest,
    faults,
    flipped,
    http_date,
    key,
    pem,
    rsa,
    unchanged,
)
from tests.journeys.world import Instance, World
from vraagbaak import peers
from vraagbaak.model import Actor, ActorKey, Standing

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMES = list(Scheme)
INBOXES = ("/inbox", "/actor/inbox", "/u/fatma/inbox", "/b/westerpark/inbox", "/u/niemand/inbox")
OTHER = b'{"type":"Listen"}'


@dataclass
class Scene:
    """One pilot, and a stranger whose key it knows already."""

    world: World
    west: Instance
    mallory: Stranger

    def server(self) -> Elsewhere:
        """A server that the pilot never heard of."""
        return Elsewhere(self.world, f"nieuw{len(self.world.network.apps)}.example")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("inbox"))
    west = world.pilot("Westerpark")
    west.member("fatma")
    mallory = Elsewhere(world, "evil.example").person()
    assert (await mallory.send(west, said(mallory))).status_code == 202
    await world.settle()
    yield Scene(world, west, mallory)
    world.close()


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    """Whatever comes in, nothing breaks; and what a pilot remembers for a minute is forgotten for the next test."""
    scene.world.clock.tick(minutes=2)
    yield
    assert faults(scene.world, caplog.records) == []


def said(stranger):
    """Something that every server may say and that does nothing here."""
    return stranger.activity("Listen", "https://evil.example/muziek")


# without proof


@pytest.mark.parametrize("inbox", INBOXES)
async def test_a01_what_is_not_signed_is_not_read(scene, inbox):
    """Every inbox refuses what nobody signed, in the same words, before anything in it is looked at."""
    answers = []
    for body in (json.dumps(said(scene.mallory)).encode(), b"{", b"[" * 200_000, b"", b"\xff"):
        request = scene.mallory.signed(scene.west, body, target=inbox).with_header("signature", None)
        with unchanged(scene.west):
            answers.append(await request.to(scene.west))
        assert_refused(answers[-1], 401, "signature-unsigned")
    assert len({(answer.content, tuple(answer.headers.multi_items())) for answer in answers}) == 1


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("inbox", INBOXES)
async def test_an_honest_signature_is_taken_at_every_inbox(scene, inbox, scheme):
    """Without this, every refusal below would prove nothing: the same request is taken when nothing is wrong."""
    answer = await scene.mallory.send(scene.west, said(scene.mallory), scheme, target=inbox)
    assert (answer.status_code, answer.content) == (202, b"")
    await scene.world.settle()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("times", [1, 20])
async def test_a02_a_flipped_letter_is_refused_after_one_look_at_the_key(scene, scheme, times):
    """A signature that does not fit is refused, however often it comes, with one look each, two a minute, at the key."""
    request = scene.mallory.signed(scene.west, said(scene.mallory), scheme)
    forged = request.with_header("signature", flipped(request.header("signature")))
    for number in range(times):
        with unchanged(scene.west, requests=1 if number < 2 else 0):
            refusal = (401, "signature-mismatch") if number < 2 else (503, "key-unavailable")
            assert_refused(await forged.to(scene.west), *refusal)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a02_a_forged_signature_by_somebody_unknown_leaves_no_trace(scene, scheme):
    """Who is only claimed to have sent something is not kept, though the key had to be looked up."""
    stranger = scene.server().person()
    request = stranger.signed(scene.west, said(stranger), scheme)
    forged = request.with_header("signature", flipped(request.header("signature")))
    with unchanged(scene.west, requests=2):
        assert_refused(await forged.to(scene.west), 401, "signature-mismatch")
    assert (await request.to(scene.west)).status_code == 202  # and the honest one is taken right after it
    await scene.world.settle()
    assert scene.west.all(Actor, uri=stranger.uri)[0].handle == "mallory"


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_who_proves_itself_is_looked_up_once(scene, scheme):
    """One request tells who a new sender is, for its first activity and for all that follow."""
    stranger = scene.server().person()
    for _ in range(3):
        assert (await stranger.send(scene.west, said(stranger), scheme)).status_code == 202
        await scene.world.settle()
    assert stranger.server.asked == ["/u/mallory"]


# what is covered: body, target, host, moment


def changed_after_signing(scheme):
    """One thing about the request at a time, changed after it was signed."""
    digests = {
        Scheme.CAVAGE: ("digest", digest(OTHER)),
        Scheme.RFC9421: ("content-digest", content_digest(OTHER)),
    }
    return {
        "A03 body": lambda request: request.saying(OTHER),
        "A03 body by a space": lambda request: request.saying(request.body + b" "),
        "A03 no body": lambda request: request.saying(b""),
        "A03 body and digest": lambda request: request.saying(OTHER).with_header(*digests[scheme]),
        "A08 path": lambda request: request.at("/u/fatma/inbox"),
        "A08 query": lambda request: request.at("/inbox?x=1"),
        "A10 host": lambda request: request.with_header("host", "nieuwland.example"),
        "A10 host with a port": lambda request: request.with_header("host", "westerpark.example:8443"),
        "A10 two hosts": lambda request: Request(
            headers=[*request.headers, ("host", "nieuwland.example")], body=request.body
        ),
        "A05 no digest": lambda request: request.with_header(digests[scheme][0], None),
    }


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("what", changed_after_signing(Scheme.CAVAGE))
async def test_what_was_signed_cannot_be_changed(scene, scheme, what):
    """Another body, digest, path, query or host than the one that was signed is refused."""
    request = changed_after_signing(scheme)[what](
        scene.mallory.signed(scene.west, said(scene.mallory), scheme)
    )
    with unchanged(scene.west, requests=1):
        answer = await request.to(scene.west)
    assert_refused(answer, 400 if what == "A10 two hosts" else 401)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a10_what_was_signed_for_another_server_is_not_taken_here(scene, scheme):
    """A server that receives something cannot pass it on to us as if it were meant for us."""
    request = scene.mallory.signed(scene.west, said(scene.mallory), scheme, host="nieuwland.example")
    with unchanged(scene.west, requests=1):
        assert_refused(await request.to(scene.west), 401, "signature-host")
        assert_refused(await request.with_header("host", scene.west.host).to(scene.west), 401)


@pytest.mark.parametrize(
    "covered",
    [
        "(request-target) host date content-type",
        "host date digest content-type",
        "(request-target) date digest content-type",
        "(request-target) host digest content-type",
        "date",
        "digest",
        "",
        "host date",
        "(request-target)",
    ],
    ids=[
        "A04 no digest",
        "A08 no target",
        "A09 no host",
        "A11 no moment",
        "A11 only the date",
        "A08 only the digest",
        "A12 nothing",
        "A08 only host and date",
        "A09 only the target",
    ],
)
async def test_too_little_signed_is_not_signed(scene, covered):
    """A signature has to cover method and path, host, moment and body; whatever is right but unsigned counts for nothing."""
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), covered=covered)
    assert_refused(answer, 401, "signature-not-covered")


@pytest.mark.parametrize(
    "covered",
    [
        "@target-uri content-digest",
        "@method content-digest",
        "@method @target-uri",
        "@method @path content-digest",
        "",
    ],
)
async def test_a32_too_little_covered_is_not_covered(scene, covered):
    """The same for RFC 9421."""
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), Scheme.RFC9421, covered=covered)
    assert_refused(answer, 401, "signature-not-covered")


@pytest.mark.parametrize(
    "value",
    [
        lambda body: digest(OTHER),
        lambda body: f"MD5={base64.b64encode(hashlib.md5(body).digest()).decode()}",
        lambda body: f"SHA={base64.b64encode(hashlib.sha1(body).digest()).decode()},{digest(OTHER)}",
        lambda body: f"{digest(body)},{digest(OTHER)}",
        lambda body: f"SHA-256={hashlib.sha256(body).hexdigest()}",
        lambda body: "SHA-256=",
    ],
    ids=[
        "A03 of another body",
        "A06 only a weak one",
        "A06 the weak one right",
        "A06 two",
        "A03 in another spelling",
        "A03 empty",
    ],
)
async def test_the_digest_that_was_signed_has_to_be_right(scene, value):
    """A weak digest that is right beside a strong one that is wrong proves nothing, nor does one of two."""
    body = json.dumps(said(scene.mallory)).encode()
    wrong = {"digest": value(body)}
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, body, as_signed=wrong, as_sent=wrong)
    assert_refused(answer, answer.status_code)
    assert answer.status_code in {400, 401}


async def test_a07_only_the_digest_that_was_signed_counts(scene):
    """Of two kinds of digest the signed one is used, whatever the other says."""
    body = json.dumps(said(scene.mallory)).encode()
    wrong = {"digest": digest(OTHER), "content-digest": content_digest(OTHER)}
    for scheme, signed in ((Scheme.CAVAGE, "digest"), (Scheme.RFC9421, "content-digest")):
        with unchanged(scene.west):
            as_sent = {"digest": digest(body), "content-digest": content_digest(body), signed: wrong[signed]}
            how = {"as_sent": as_sent, "as_signed": {signed: wrong[signed]}}
            assert_refused(await scene.mallory.send(scene.west, body, scheme, **how), 401, "signature-digest")
    good = {"digest": digest(body), "content-digest": content_digest(OTHER)}
    assert (await scene.mallory.send(scene.west, body, as_sent=good)).status_code == 202
    await scene.world.settle()


# when


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(
    "age",
    [66 / 60, 2, 11, 13, 25, 400 * 24, -6 / 60, -2, -13],
    ids=lambda age: f"A13 {age:g} hours old" if age > 0 else f"A14 {-age:g} hours ahead",
)
async def test_old_and_future_requests_are_refused(scene, scheme, age):
    """What was signed more than 65 minutes ago, or will be in 5 minutes, is refused."""
    moment = scene.world.clock.now() - timedelta(hours=age)
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), scheme, moment=moment)
    assert_refused(answer, 401, "signature-stale" if age > 0 else "signature-future")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("gisteren", 400),
        ("", 400),
        ("Mon, 02 Nov 2026 09:00:00 +0100", 400),
        ("Tue, 00 Nov 2026 09:00:00 GMT", 400),
    ],
)
async def test_a13_a_moment_that_cannot_be_read_is_refused(scene, text, status):
    """A Date in another form than the one form is no date."""
    wrong = {"date": text}
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), as_signed=wrong, as_sent=wrong)
    assert_refused(answer, status)


CREATED = "(request-target) host (created) digest content-type"
EXPIRES = "(request-target) host (created) (expires) digest content-type"


@pytest.mark.parametrize(
    ("covered", "created", "expires", "status"),
    [
        (CREATED, -7200, None, 401),
        (CREATED, 7200, None, 401),
        (CREATED, "straks", None, 400),
        (CREATED, None, None, 401),
        (EXPIRES, -600, -60, 401),
        (EXPIRES, -13 * 3600, 10 * 365 * 86400, 401),
        (CREATED, -13 * 3600, 10 * 365 * 86400, 401),
        (EXPIRES, -600, "nooit", 400),
        (EXPIRES, -600, 600, 202),
        (EXPIRES, -11 * 3600, 3600, 202),
    ],
    ids=[
        "A15 created long ago",
        "A15 created in the future",
        "A15 created as text",
        "A15 not created",
        "A15 expired",
        "A16 expires in ten years",
        "A16 expires in ten years, unsigned",
        "A15 expires as text",
        "A15 in time",
        "A16 within twelve hours",
    ],
)
async def test_created_and_expires_are_kept_to(scene, covered, created, expires, status):
    """A signature is over when it says so, and twelve hours after it was made whatever it says."""
    now = int(scene.world.clock.now().timestamp())
    at = {
        name: str(now + value) if isinstance(value, int) else value
        for name, value in (("created", created), ("expires", expires))
        if value is not None
    }
    parameters = "".join(f"{name}={value if value.isdigit() else repr(value)}," for name, value in at.items())
    how = {
        "covered": covered,
        "algorithm": "hs2019",
        "parameters": parameters.replace("'", '"'),
        "as_signed": {f"({name})": value for name, value in at.items()},
    }
    if status == 202:
        assert (await scene.mallory.send(scene.west, said(scene.mallory), **how)).status_code == 202
        await scene.world.settle()
        return
    with unchanged(scene.west):
        assert_refused(await scene.mallory.send(scene.west, said(scene.mallory), **how), status)


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        (';keyid="{key}"', 401),
        (';created={old};keyid="{key}"', 401),
        (';created={later};keyid="{key}"', 401),
        (';created="{now}";keyid="{key}"', 400),
        (';created={now};expires={old};keyid="{key}"', 401),
        (';created={old};expires={never};keyid="{key}"', 401),
        (';created={now};keyid="{key}";tag="web-bot-auth"', 401),
        (';created={now};keyid="{key}";alg="hmac-sha256"', 401),
        (';created={now};keyid="{key}";alg="none"', 401),
        (';created={now};keyid="{key}";alg="ed25519"', 401),
        (";created={now}", 401),
    ],
    ids=[
        "A32 not created",
        "A15 created long ago",
        "A15 created in the future",
        "A15 created as text",
        "A15 expired",
        "A16 expires in ten years",
        "A32 another tag",
        "A18 keyed hash",
        "A18 none",
        "A18 another kind of key",
        "A32 no key",
    ],
)
async def test_the_parameters_of_rfc_9421_are_kept_to(scene, parameters, status):
    """Without a moment, out of time, for another purpose, by another algorithm or by nobody: refused."""
    now = int(scene.world.clock.now().timestamp())
    moments = {"now": now, "old": now - 13 * 3600, "later": now + 7200, "never": now + 10 * 365 * 86400}
    given = parameters.format(key=scene.mallory.key_id, **moments)
    with unchanged(scene.west, requests=1):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), Scheme.RFC9421, parameters=given)
    assert_refused(answer, status)


# how


@pytest.mark.parametrize(
    "double",
    [
        'keyId="https://nieuwland.example/u/henk#main-key",',
        'headers="date",',
        'signature="AAAA",',
        'algorithm="hs2019",',
    ],
)
async def test_a17_nothing_in_a_signature_is_said_twice(scene, double):
    """Two readers could each take another one of the two."""
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), parameters=double)
    assert_refused(answer, 400, "signature-signature-header")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a17_a32_two_signatures_are_none(scene, scheme):
    """Of two signatures we do not choose."""
    request = scene.mallory.signed(scene.west, said(scene.mallory), scheme)
    double = Request(
        headers=[*request.headers, ("signature", request.header("signature"))], body=request.body
    )
    other = scene.mallory.signed(
        scene.west,
        json.loads(request.body),
        scheme,
        **({"label": "sig2"} if scheme is Scheme.RFC9421 else {}),
    )
    both = Request(headers=[*request.headers, *other.headers[-2:]], body=request.body)
    with unchanged(scene.west):
        for forged in (double, both):
            answer = await forged.to(scene.west)
            assert answer.status_code in {400, 401}
            assert_refused(answer, answer.status_code)


@pytest.mark.parametrize("name", ["none", "hmac-sha256", "rsa-sha1", "ed25519", "RSA", ""])
async def test_a18_the_algorithm_follows_the_key(scene, name):
    """What a request says of its algorithm never makes a weaker check."""
    with unchanged(scene.west, requests=1):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), algorithm=name)
    assert_refused(answer, 401, "signature-algorithm")


@pytest.mark.parametrize("name", ["hs2019", "rsa-sha256", "hmac-sha256"])
async def test_a18_the_public_key_is_no_secret(scene, name):
    """A keyed hash with the public key, or a SHA-1 signature, is no signature."""
    body = json.dumps(said(scene.mallory)).encode()
    values = {
        "(request-target)": "post /inbox",
        "host": scene.west.host,
        "date": http_date(scene.world.clock.now()),
        "digest": digest(body),
        "content-type": "application/activity+json",
    }
    message = "\n".join(f"{each}: {values[each]}" for each in CAVAGE.split())
    secret = pem(scene.mallory.private).encode()
    forged = [
        base64.b64encode(hmac.digest(secret, message.encode(), "sha256")).decode(),
        rsa(scene.mallory.private, message, SHA1()),
        base64.b64encode(hashlib.sha256(message.encode()).digest()).decode(),
        "",
    ]
    with unchanged(scene.west, requests=len(forged)):
        for signature in forged:
            answer = await scene.mallory.send(scene.west, body, algorithm=name, signature=signature or "AA==")
            assert_refused(answer, 401)
            scene.world.clock.tick(seconds=61)


async def test_a33_a_signature_of_one_kind_under_the_name_of_the_other_is_none(scene):
    """With Signature-Input it is RFC 9421 and nothing else."""
    request = scene.mallory.signed(scene.west, said(scene.mallory))
    modern = scene.mallory.signed(scene.west, json.loads(request.body), Scheme.RFC9421)
    mixed = request.with_header("signature-input", modern.header("signature-input"))
    with unchanged(scene.west):
        assert_refused(await mixed.to(scene.west), 401, "signature-signature-header")
        assert_refused(await modern.with_header("signature-input", None).to(scene.west), 400)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_signature_for_reading_is_none_for_writing(scene, scheme):
    """What was signed to fetch something does not put anything in an inbox."""
    reading = scene.mallory.signed_get(scene.west, "/inbox", scheme)
    as_post = Request(headers=[*reading.headers, ("content-type", "application/activity+json")], body=OTHER)
    with unchanged(scene.west):
        assert_refused(await as_post.to(scene.west), 401, "signature-not-covered")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_an_inbox_only_takes_what_is_posted(scene, method):
    """An inbox is not read, replaced or removed."""
    with unchanged(scene.west):
        answer = await Request(method=method, headers=[("accept", "application/activity+json")]).to(
            scene.west
        )
    assert_refused(answer, 405)


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/ld+json",
        "text/html",
        "multipart/form-data",
        "",
        "application/ld+json; profile=x",
    ],
)
async def test_an_inbox_only_takes_activities(scene, content_type):
    """Another type than ActivityPub's is refused, however well it is signed."""
    wrong = {"content-type": content_type}
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), as_sent=wrong, as_signed=wrong)
    assert_refused(answer, 415, "wrong-type")


# whose key


def der(tag, content):
    """One value in DER."""
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def made_up_key(modulus, exponent):
    """A public RSA key with these numbers, as PEM, that no library would make."""
    numbers = der(
        0x30,
        b"".join(der(2, n.to_bytes(n.bit_length() // 8 + 1, "big")) for n in (modulus, exponent)),
    )
    rsa_encryption = bytes.fromhex("300d06092a864886f70d0101010500")
    text = base64.b64encode(der(0x30, rsa_encryption + der(3, b"\0" + numbers))).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n"


def padded(message, size):
    """What an RSA signature of this message is under exponent 1: made by anybody."""
    prefix = bytes.fromhex("3031300d060960864801650304020105000420")
    tail = prefix + hashlib.sha256(message).digest()
    return b"\x00\x01" + b"\xff" * (size - len(tail) - 3) + b"\x00" + tail


def modulus(bits):
    """An odd number of so many bits."""
    return random.Random(bits).getrandbits(bits) | 1 | 1 << (bits - 1)


def ed25519_pem():
    return (
        Ed25519PrivateKey.generate()
        .public_key()
        .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


UNFIT = {
    "A19 512 bits": lambda: made_up_key(modulus(512), 65537),
    "A19 2047 bits": lambda: made_up_key(modulus(2047), 65537),
    "A19 16384 bits": lambda: made_up_key(modulus(16384), 65537),
    "A19 exponent 2": lambda: made_up_key(modulus(2048), 2),
    "A20 another kind in its clothes": ed25519_pem,
    "A20 rubbish": lambda: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "A20 a private key": lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "A20 a number": lambda: 5,
    "A20 a list": lambda: [pem(key())],
    "A19 100 kB": lambda: "-----BEGIN PUBLIC KEY-----\n" + "A" * 100_000 + "\n-----END PUBLIC KEY-----\n",
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("what", UNFIT)
async def test_a_key_that_is_unfit_proves_nothing(scene, what, scheme):
    """Keys that are too weak, too dear, of another kind or no keys at all are not used, and nobody is kept for them."""
    stranger = scene.server().person()
    owned = {"id": stranger.key_id, "owner": stranger.uri, "publicKeyPem": UNFIT[what]()}
    stranger.publish(publicKey=owned)
    with unchanged(scene.west, requests=2):
        answer = await stranger.send(scene.west, said(stranger), scheme)
    assert_refused(answer, 401)


async def test_a19_a_signature_that_anybody_can_make_proves_nothing(scene):
    """Under exponent 1 the padded message is its own signature; under 1024 bits a key can be found."""
    easy = scene.server().person("easy")
    body = json.dumps(said(easy)).encode()
    numbers = modulus(2048)
    easy.publish(publicKey={"id": easy.key_id, "owner": easy.uri, "publicKeyPem": made_up_key(numbers, 1)})
    values = [
        "(request-target): post /inbox",
        f"host: {scene.west.host}",
        f"date: {http_date(scene.world.clock.now())}",
        f"digest: {digest(body)}",
        "content-type: application/activity+json",
    ]
    forged = base64.b64encode(padded("\n".join(values).encode(), 256)).decode()
    with unchanged(scene.west, requests=2):
        assert_refused(await easy.send(scene.west, body, signature=forged), 401, "signature-key")
    small = Stranger(scene.server(), "small", generate_private_key(65537, 1024))
    small.publish()
    with unchanged(scene.west, requests=2):
        assert_refused(await small.send(scene.west, said(small)), 401, "signature-key")


@pytest.mark.parametrize(
    "multibase",
    [lambda good: good + "1", lambda good: "z" + good, lambda good: good[1:], lambda good: f"u{good[1:]}"],
)
async def test_a20_a_multikey_with_anything_more_or_less_is_no_key(scene, multibase):
    """A key of one kind is never read as another, and nothing may stand after it."""
    stranger = scene.server().person()
    method = {
        "id": stranger.key_id,
        "type": "Multikey",
        "controller": stranger.uri,
        "publicKeyMultibase": multibase(make_ed25519().public),
    }
    stranger.publish(publicKey=None, assertionMethod=[method])
    with unchanged(scene.west, requests=2):
        assert_refused(await stranger.send(scene.west, said(stranger), algorithm="hs2019"), 401)


async def test_a21_a_key_on_an_evil_server_is_not_the_victims(scene):
    """A key's document may name whom it likes as its owner; the owner has to stand on the same server and list it."""
    victim, evil = scene.server().person("vera"), scene.server()
    lone = {"id": f"{evil.base}/keys/1", "owner": victim.uri, "publicKeyPem": pem(key())}
    evil.put("/keys/1", lone)
    evil.put(
        "/keys/2",
        {"id": f"{evil.base}/keys/2", "type": "Key", "owner": victim.uri, "publicKeyPem": pem(key())},
    )
    for path in ("/keys/1", "/keys/2"):
        with unchanged(scene.west, requests=1):
            answer = await victim.send(scene.west, said(victim), key_id=evil.base + path)
        assert_refused(answer, 401, "signature-unknown-key")
    assert victim.server.asked == []  # nobody is sent to the victim's door either


async def test_a21_a_key_that_its_owner_does_not_list_is_not_the_owners(scene):
    """Somebody who may put a file on the victim's server cannot speak as the victim."""
    victim = scene.server().person("vera")
    planted = {"id": f"{victim.server.base}/files/key", "owner": victim.uri, "publicKeyPem": pem(key(1))}
    forger = Stranger(victim.server, "vera", key(1))
    victim.server.put("/files/key", planted)
    with unchanged(scene.west, requests=2):
        answer = await forger.send(scene.west, said(forger), key_id=planted["id"])
    assert_refused(answer, 401, "signature-unknown-key")


@pytest.mark.parametrize("there", [True, False])
async def test_a22_a_document_on_an_evil_server_does_not_speak_for_the_victim(scene, there):
    """An actor is what stands at its own id, wherever else a copy of it is shown."""
    victim, evil = Stranger(scene.server(), "vera", key(1)), scene.server()
    if there:
        victim.publish()
    forged = {"id": f"{evil.base}/u/vera#main-key", "owner": victim.uri, "publicKeyPem": pem(key())}
    for copied in (
        victim.document(publicKey=forged),
        victim.document(publicKey={**forged, "id": victim.key_id}),
    ):
        evil.put("/u/vera", copied)
        for key_id in (f"{evil.base}/u/vera#main-key", f"{evil.base}/u/vera"):
            scene.world.clock.tick(minutes=2)
            liar = Stranger(victim.server, "vera")
            with unchanged(scene.west, requests=2):
                answer = await liar.send(scene.west, said(liar), key_id=key_id)
            assert_refused(answer, 401, "signature-unknown-key")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a26_a_key_of_somebody_else_in_a_document_is_not_the_actors(scene, scheme):
    """A second key under an actor's name, owned by another or standing elsewhere, is not read."""
    victim, evil = scene.server().person("vera"), scene.server()
    eve = Stranger(evil, "eve")
    own = {"id": eve.key_id, "owner": eve.uri, "publicKeyPem": pem(key())}
    keys = [
        own,
        {"id": f"{eve.uri}#second", "owner": victim.uri, "publicKeyPem": pem(key())},
        {"id": victim.key_id, "owner": eve.uri, "publicKeyPem": pem(key())},
        {"id": f"{victim.uri}#second", "owner": victim.uri, "publicKeyPem": pem(key())},
    ]
    eve.publish(publicKey=keys)
    assert (await eve.send(scene.west, said(eve))).status_code == 202
    await scene.world.settle()
    assert [
        each.id for each in scene.west.all(ActorKey, actor_id=scene.west.all(Actor, uri=eve.uri)[0].id)
    ] == [eve.key_id]
    for forged in (f"{eve.uri}#second", f"{victim.uri}#second"):
        with unchanged(scene.west, requests=2):
            assert_refused(
                await eve.send(scene.west, said(eve), scheme, key_id=forged), 401, "signature-unknown-key"
            )
    with unchanged(scene.west, requests=2):  # the victim's own key proves the victim and nobody else
        answer = await eve.send(scene.west, said(eve), scheme, key_id=victim.key_id)
    assert_refused(answer, 403, "actor")


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a27_an_old_key_is_dead_once_there_is_a_new_one(scene, scheme):
    """A new key under the same name is found by one look; the old one is never believed again."""
    server = scene.server()
    old, new = Stranger(server, "vera", key(1)), Stranger(server, "vera", key(2))
    old.publish()
    assert (await old.send(scene.west, said(old), scheme)).status_code == 202
    scene.world.clock.tick(minutes=2)
    new.publish()
    before = len(server.asked)
    assert (await new.send(scene.west, said(new), scheme)).status_code == 202
    assert len(server.asked) == before + 1
    await scene.world.settle()
    with unchanged(scene.west, requests=3):
        assert_refused(await old.send(scene.west, said(old), scheme), 503, "key-unavailable")
        for minutes in (2, 60):
            scene.world.clock.tick(minutes=minutes)
            assert_refused(await old.send(scene.west, said(old), scheme), 401, "signature-mismatch")
        assert_refused(await new.signed(scene.west, OTHER, scheme).saying(b"{}").to(scene.west), 401)


async def test_a27_a_key_that_is_no_longer_listed_is_dead(scene):
    """When an actor lists another key instead, the one before it is forgotten here too."""
    server = scene.server()
    old, new = Stranger(server, "vera", key(1)), Stranger(server, "vera", key(2))
    old.publish()
    assert (await old.send(scene.west, said(old))).status_code == 202
    name = f"{new.uri}#key-2"
    new.publish(publicKey={"id": name, "owner": new.uri, "publicKeyPem": pem(key(2))})
    assert (await new.send(scene.west, said(new), key_id=name)).status_code == 202
    await scene.world.settle()
    scene.world.clock.tick(minutes=2)
    with unchanged(scene.west, requests=1):
        assert_refused(await old.send(scene.west, said(old)), 401, "signature-unknown-key")


# keys that cannot be had


@pytest.mark.parametrize("trouble", ["down", "slow", 500, 503, 429])
async def test_a28_a_key_that_cannot_be_had_now_is_asked_for_once_a_minute(scene, trouble):
    """While a key's server does not answer, the sender is told to come back, and the server is left alone."""
    stranger = scene.server().person()
    network, host = scene.world.network, stranger.server.host
    if isinstance(trouble, int):
        network.answers[host] = trouble
    else:
        getattr(network, trouble).add(host)
    for _ in range(2):
        with unchanged(scene.west, requests=1):
            for number in range(20):
                key_id = f"{stranger.uri}#key-{number}"
                answer = await stranger.send(scene.west, said(stranger), key_id=key_id)
                assert_refused(answer, 503, "key-unavailable")
                assert answer.headers["retry-after"] == "60"
        scene.world.clock.tick(seconds=61)
    assert len(stranger.server.requests) == 2
    network.answers.pop(host, None)
    network.down.discard(host)
    network.slow.discard(host)
    assert (await stranger.send(scene.west, said(stranger))).status_code == 202
    await scene.world.settle()


NO_KEY = {
    "nothing": lambda server: None,
    "gone": lambda server: server.put("/u/mallory", b"", status=410),
    "a page": lambda server: server.put("/u/mallory", b"<html>", content_type="text/html"),
    "plain JSON": lambda server: server.put(
        "/u/mallory", Stranger(server, "mallory").document(), content_type="application/json"
    ),
    "a picture": lambda server: server.put(
        "/u/mallory", Stranger(server, "mallory").document(), content_type="image/png"
    ),
    "another profile": lambda server: server.put(
        "/u/mallory",
        Stranger(server, "mallory").document(),
        content_type='application/ld+json; profile="https://evil.example/ns"',
    ),
    "no JSON": lambda server: server.put("/u/mallory", b"{"),
    "no actor": lambda server: server.put("/u/mallory", {"id": f"{server.base}/u/mallory", "type": "Note"}),
    "no id": lambda server: server.put("/u/mallory", {"type": "Person"}),
    "no inbox": lambda server: Stranger(server, "mallory").publish(inbox=None),
    "an inbox elsewhere": lambda server: Stranger(server, "mallory").publish(
        inbox="https://nieuwland.example/inbox"
    ),
    "no key": lambda server: Stranger(server, "mallory").publish(publicKey=None),
    "a key of somebody else": lambda server: Stranger(server, "mallory").publish(
        publicKey={
            "id": f"{server.base}/u/mallory#main-key",
            "owner": f"{server.base}/u/vera",
            "publicKeyPem": pem(key()),
        }
    ),
    "a way round in circles": lambda server: server.redirect("/u/mallory", "/u/mallory"),
    "a way to us": lambda server: server.redirect("/u/mallory", "https://westerpark.example/u/fatma"),
    "a way without TLS": lambda server: server.redirect("/u/mallory", f"http://{server.host}/u/mallory2"),
    "a way out of the web": lambda server: server.redirect("/u/mallory", "file:///etc/passwd"),
}


DEFINITE = {"nothing", "gone", "no key", "a key of somebody else"}


@pytest.mark.parametrize("what", NO_KEY)
async def test_a28_what_is_no_key_is_asked_for_once_a_minute(scene, what):
    """Where there is no actor with that key, nothing is proven, nothing is kept, and nobody is asked again at once.

    Only a page that is gone and an actor without that key say so for good; whatever else stands there may pass.
    """
    server = scene.server()
    NO_KEY[what](server)
    stranger = Stranger(server, "mallory")
    first = (401, "signature-unknown-key") if what in DEFINITE else (503, "key-unavailable")
    with unchanged(scene.west, requests=1):
        assert_refused(await stranger.send(scene.west, said(stranger)), *first)
        for _ in range(4):
            assert_refused(await stranger.send(scene.west, said(stranger)), 503, "key-unavailable")
    scene.world.clock.tick(seconds=61)
    stranger.publish()
    assert (await stranger.send(scene.west, said(stranger))).status_code == 202


async def test_a28_a_forged_letter_does_not_make_a_new_key_look_false(scene):
    """Right after somebody forged a letter in vera's name, vera's new key is found by a second look."""
    server = scene.server()
    old, new = Stranger(server, "vera", key(1)), Stranger(server, "vera", key(2))
    old.publish()
    assert (await old.send(scene.west, said(old))).status_code == 202
    await scene.world.settle()
    scene.world.clock.tick(hours=3)
    forger = Stranger(server, "vera", key())
    assert_refused(await forger.send(scene.west, said(forger)), 401, "signature-mismatch")
    scene.world.clock.tick(seconds=20)
    new.publish()
    assert (await new.send(scene.west, said(new))).status_code == 202


async def test_a27_a_key_under_a_new_name_is_found_right_after_a_forged_one(scene):
    """Somebody names a key of vera's that never was; her own new one is on the same page, which is looked at once more."""
    server = scene.server()
    vera = Stranger(server, "vera", key(2))
    vera.publish()
    forger = Stranger(server, "vera", key())
    assert_refused(await forger.send(scene.west, said(forger), key_id=f"{vera.uri}#nooit"), 401)
    name = f"{vera.uri}#key-2"
    vera.publish(publicKey={"id": name, "owner": vera.uri, "publicKeyPem": pem(key(2))})
    assert (await vera.send(scene.west, said(vera), key_id=name)).status_code == 202


@pytest.mark.parametrize("named", ["as it is", "otherwise each time"])
async def test_a28_forged_letters_neither_hide_a_new_key_nor_cost_its_server_much(scene, named):
    """A forged letter every second, for five minutes: two looks a minute at most, and the new key waits no longer."""
    server = scene.server()
    old, new = Stranger(server, "vera", key(1)), Stranger(server, "vera", key(2))
    old.publish()
    assert (await old.send(scene.west, said(old))).status_code == 202
    await scene.world.settle()
    forger = Stranger(server, "vera", key())
    before, waited = len(server.asked), []
    for second in range(300):
        scene.world.clock.tick(seconds=1)
        key_id = new.key_id if named == "as it is" else f"{new.uri}#key-{second}"
        assert (await forger.send(scene.west, said(forger), key_id=key_id)).status_code in {401, 503}
        if second == 130:
            new.publish()
        if second >= 130 and (await new.send(scene.west, said(new))).status_code == 503:
            waited.append(second)
    assert len(server.asked) - before <= 12
    assert len(waited) <= 60


async def test_a28_second_looks_at_one_server_are_counted(scene):
    """Forged letters in a hundred names of one server cost it one look each, and ten more in all."""
    server = scene.server()
    people = [server.person(f"p{number}") for number in range(30)]
    for each in people:
        assert (await each.send(scene.west, said(each))).status_code == 202
    await scene.world.settle()
    scene.world.clock.tick(minutes=2)
    before = len(server.asked)
    for _ in range(4):
        for each in people:
            forger = Stranger(server, each.handle, key(1))
            assert (await forger.send(scene.west, said(forger))).status_code in {401, 503}
    assert len(server.asked) - before == 30 + SPARE


async def test_a29_a_key_of_a_hundred_megabytes_is_not_swallowed(scene):
    """A document that is too big is not read to its end, nor asked for again at once."""
    stranger = scene.server().person(summary="x" * 2_000_000)
    with unchanged(scene.west, requests=1):
        for _ in range(3):
            answer = await stranger.send(scene.west, said(stranger))
            assert answer.status_code in {401, 503}


@pytest.mark.parametrize(
    "key_id",
    [
        "https://westerpark.example/actor#main-key",
        "https://westerpark.example/u/fatma#main-key",
        "https://westerpark.example/b/westerpark#main-key",
        "https://WESTERPARK.example/actor#main-key",
        "https://westerpark.example:443/actor#main-key",
        "https://westerpark.example./actor#main-key",
        "http://westerpark.example/actor#main-key",
        "https://westerpark.example/q/00000000000000000000000000",
        "https://westerpark.example/u/fatma%23main-key",
    ],
)
async def test_a29_nobody_speaks_to_us_in_our_own_name(scene, key_id):
    """A key said to be ours proves nothing and is not fetched: we do not send ourselves anything."""
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, said(scene.mallory), key_id=key_id)
    assert_refused(answer, 401, "signature-unknown-key")


@pytest.mark.parametrize(
    "key_id",
    [
        "",
        "mallory",
        "acct:mallory@evil.example",
        "ftp://evil.example/u/mallory",
        "https://good.example@evil.example/u/mallory#main-key",
        "https://evil.example:0/u/mallory#main-key",
        "https://0x7f.1/u/mallory#main-key",
        "https://evil.example/" + "x" * 3000,
        "file:///etc/passwd",
        "data:text/plain,x",
        "//evil.example/u/mallory",
        "https:///u/mallory",
    ],
)
async def test_a29_what_is_no_address_of_a_key_is_not_gone_to(scene, key_id):
    """Only the address of a web server can be where a key is."""
    with unchanged(scene.west):
        request = scene.mallory.signed(scene.west, said(scene.mallory), key_id=key_id or "x")
        if not key_id:
            request = request.with_header("signature", request.header("signature").replace('keyId="x",', ""))
        answer = await request.to(scene.west)
    assert answer.status_code in {400, 401}
    assert_refused(answer, answer.status_code)


# in whose name


NAMES = {
    "A23 another on the same server": lambda mallory, henk, vera: henk.uri,
    "A24 another elsewhere": lambda mallory, henk, vera: vera.uri,
    "A24 one of ours": lambda mallory, henk, vera: "https://westerpark.example/u/fatma",
    "A24 our server": lambda mallory, henk, vera: "https://westerpark.example/actor",
    "A25 a list": lambda mallory, henk, vera: [vera.uri, mallory.uri],
    "A25 a list the other way": lambda mallory, henk, vera: [mallory.uri, vera.uri],
    "A25 a list of one": lambda mallory, henk, vera: [vera.uri],
    "A25 embedded": lambda mallory, henk, vera: {"id": vera.uri, "type": "Person"},
    "A25 embedded under another name": lambda mallory, henk, vera: {"@id": vera.uri},
    "A25 embedded with a key": lambda mallory, henk, vera: vera.document(),
    "A25 embedded with both names": lambda mallory, henk, vera: {"id": vera.uri, "@id": mallory.uri},
    "A25 with a fragment": lambda mallory, henk, vera: f"{mallory.uri}#x",
    "A25 in capitals": lambda mallory, henk, vera: mallory.uri.upper(),
    "A25 with a port": lambda mallory, henk, vera: mallory.uri.replace(".example", ".example:443"),
    "A25 with a dot": lambda mallory, henk, vera: mallory.uri.replace(".example", ".example."),
    "A25 with a slash": lambda mallory, henk, vera: f"{mallory.uri}/",
    "A25 nobody": lambda mallory, henk, vera: None,
    "A25 nothing": lambda mallory, henk, vera: "",
    "A25 a number": lambda mallory, henk, vera: 5,
    "A25 an empty object": lambda mallory, henk, vera: {},
    "A25 an empty list": lambda mallory, henk, vera: [],
    "A25 true": lambda mallory, henk, vera: True,
}


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("what", NAMES)
async def test_only_who_signed_may_say_it(scene, what, scheme):
    """An activity is taken from the very actor whose key signed it, however the actor is written."""
    henk, vera = scene.mallory.server.person("henk"), Elsewhere(scene.world, "good.example").person("vera")
    forged = said(scene.mallory) | {"actor": NAMES[what](scene.mallory, henk, vera)}
    with unchanged(scene.west):
        answer = await scene.mallory.send(scene.west, forged, scheme)
    assert_refused(answer, 403, "actor")


@pytest.mark.parametrize(
    "proof",
    [
        {
            "signature": {
                "type": "RsaSignature2017",
                "creator": "https://good.example/u/vera#main-key",
                "signatureValue": "AAAA",
            }
        },
        {"@context": ["https://www.w3.org/ns/activitystreams", {"actor": "as:target", "target": "as:actor"}]},
        {"@graph": [{"type": "Note"}], "@included": [], "@reverse": {"actor": "https://good.example/u/vera"}},
        {
            "proof": {
                "type": "DataIntegrityProof",
                "cryptosuite": "eddsa-jcs-2022",
                "verificationMethod": "https://good.example/u/vera#ed25519-key",
                "proofPurpose": "assertionMethod",
                "proofValue": "z!!!",
            }
        },
    ],
    ids=["A34 signed by a key elsewhere", "A34 names exchanged", "A35 a graph", "A36 a proof that is none"],
)
async def test_a_signature_inside_the_document_changes_nothing(scene, proof):
    """Neither LD signature nor proof nor context makes an activity somebody else's: only the request's signature counts."""
    vera = Elsewhere(scene.world, "good.example").person("vera")
    forged = vera.activity("Listen", "https://good.example/muziek") | proof
    with unchanged(scene.west):
        unsigned = scene.mallory.signed(scene.west, forged).with_header("signature", None)
        assert_refused(await unsigned.to(scene.west), 401, "signature-unsigned")
        assert_refused(await scene.mallory.send(scene.west, forged), 403, "actor")


# who is refused


REFUSED = ("fout.example", "FOUT.example", "fout.example.", "https://fout.example/", "fout.example:443")
HOSTS = ("fout.example", "sub.fout.example", "a.b.fout.example")
SPELLINGS = {
    "plain": lambda uri: uri,
    "capitals": lambda uri: uri.replace("fout.example", "FOUT.Example"),
    "a dot": lambda uri: uri.replace("fout.example", "fout.example."),
    "a port": lambda uri: uri.replace("fout.example", "fout.example:443"),
}


@pytest.fixture
def refusing(scene):
    """Refuses a server for one test."""
    decided = []

    def refuse(name):
        decided.append(scene.west.store.run_now(peers.decide, name, Standing.REFUSED).id)

    yield refuse
    for name in decided:
        scene.west.store.run_now(peers.decide, name, Standing.OPEN)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", REFUSED)
async def test_a30_f01_a_server_that_we_knew_and_now_refuse_is_heard_no_more(scene, refusing, name, scheme):
    """However the refusal was written down, all of that server's signatures are worth a plain no, and nothing is kept."""
    mallory = Elsewhere(scene.world, "fout.example").person()
    assert (await mallory.send(scene.west, said(mallory), scheme)).status_code == 202
    await scene.world.settle()
    refusing(name)
    with unchanged(scene.west):
        for target in INBOXES:
            answer = await mallory.send(scene.west, said(mallory), scheme, target=target)
            assert_refused(answer, 403, "refused-peer")
        assert_refused(await mallory.send(scene.west, mallory.activity("Delete", mallory.uri), scheme), 403)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("host", HOSTS)
async def test_a30_f01_a_server_that_we_refuse_is_not_even_asked_who_it_is(scene, refusing, host, spelling):
    """A refused server, its sub-domains and its odd spellings are not asked for any key, and nothing of them is kept."""
    mallory = Elsewhere(scene.world, host).person(f"nieuw{spelling.replace(' ', '')}")
    refusing("fout.example")
    with unchanged(scene.west):
        answer = await mallory.send(scene.west, said(mallory), key_id=SPELLINGS[spelling](mallory.key_id))
    assert_refused(answer, 403, "refused-peer")


@pytest.mark.parametrize("host", ["xn--bcher-kva.example", "sub.xn--bcher-kva.example"])
async def test_f01_a_server_with_a_name_in_other_letters_is_refused_too(scene, refusing, host):
    """Letters outside ASCII are the same name as their spelling for machines."""
    refusing("Bücher.example")
    mallory = Elsewhere(scene.world, host).person()
    with unchanged(scene.west):
        assert_refused(await mallory.send(scene.west, said(mallory)), 403, "refused-peer")


async def test_f01_a_server_whose_name_only_ends_alike_is_not_refused(scene, refusing):
    """Refusing fout.example does not refuse heelfout.example."""
    refusing("fout.example")
    neighbour = Elsewhere(scene.world, "heelfout.example").person()
    assert (await neighbour.send(scene.west, said(neighbour))).status_code == 202
    await scene.world.settle()


async def test_f04_a_refused_server_cannot_speak_in_the_name_of_another(scene, refusing):
    """A refused key under a welcome name, or the other way, is a plain no."""
    refused, vera = (
        Elsewhere(scene.world, "fout.example").person(),
        Elsewhere(scene.world, "good.example").person("vera"),
    )
    refusing("fout.example")
    with unchanged(scene.west):
        assert_refused(await refused.send(scene.west, said(vera)), 403)
    with unchanged(scene.west):
        assert_refused(await scene.mallory.send(scene.west, said(refused)), 403, "actor")


# again, and too often


async def test_i01_the_same_request_again_is_taken_and_does_nothing(scene):
    """Whoever resends (or replays) a request within its hour is told that all is well, and nothing is stored twice."""
    request = scene.mallory.signed(scene.west, said(scene.mallory))
    assert (await request.to(scene.west)).status_code == 202
    await scene.world.settle()
    with unchanged(scene.west):
        for _ in range(3):
            assert (await request.to(scene.west)).status_code == 202
        await scene.world.settle()
    assert len(scene.west.all(Seen, id=json.loads(request.body)["id"])) == 1


async def test_d25_a_server_that_sends_too_much_has_to_wait_and_nobody_else(tmp_path):
    """Past its burst a server is told when to come back; what is forged in its name is not counted against it."""
    world = World(tmp_path)
    west = world.pilot("Westerpark", lab_limits="on")
    mallory, vera = Elsewhere(world, "evil.example").person(), Elsewhere(world, "good.example").person("vera")
    forger = Stranger(vera.server, "vera", key(1))
    for _ in range(20):
        assert (await forger.send(west, said(forger))).status_code in {401, 503}
    limits = west.app.state.limits
    assert limits.delivering.new_again == {}
    for _ in range(600):
        limits.inbox("evil.example")
    answer = await mallory.send(west, said(mallory))
    assert_refused(answer, 429, "too-fast")
    assert answer.headers["retry-after"] == "1"
    assert west.all(Seen) == []
    assert (await vera.send(west, said(vera))).status_code == 202
    world.clock.tick(seconds=1)
    assert (await mallory.send(west, said(mallory))).status_code == 202
    world.close()


@pytest.mark.parametrize("doc", [{}, {"@context": "https://www.w3.org/ns/activitystreams"}])
async def test_behaviour_13_a_farewell_of_somebody_unknown_needs_no_proof_and_does_nothing(scene, doc):
    """The Delete of an actor that we never heard of is taken politely, without asking its server, which is gone."""
    gone = Stranger(scene.server(), "weg")
    with unchanged(scene.west):
        answer = await gone.send(scene.west, gone.activity("Delete", gone.uri) | doc)
    assert answer.status_code == 202


async def test_behaviour_13_a_farewell_is_short(scene):
    """Nobody makes us take a mebibyte apart before they have proven anything: what is that long is no farewell."""
    gone = Stranger(scene.server(), "weg")
    with unchanged(scene.west, requests=1):
        long = gone.activity("Delete", gone.uri, summary="x" * 20_000)
        assert_refused(await gone.send(scene.west, long), 401, "signature-unknown-key")


async def test_behaviour_13_a_farewell_in_another_name_is_no_farewell(scene):
    """The Delete of somebody we know is not believed without that actor's own signature."""
    vera = scene.server().person("vera")
    assert (await vera.send(scene.west, said(vera))).status_code == 202
    await scene.world.settle()
    forger = Stranger(vera.server, "vera", key(1))
    with unchanged(scene.west, requests=2):
        assert_refused(await forger.send(scene.west, vera.activity("Delete", vera.uri)), 401)
        unknown = await forger.send(scene.west, vera.activity("Delete", vera.uri), key_id=f"{vera.uri}#other")
        assert unknown.status_code in {202, 401}
        await scene.world.settle()
    assert not scene.west.all(Actor, uri=vera.uri)[0].suspended


@pytest.mark.parametrize(
    "kind", ["Listen", "Move\n2026-11-24 ERROR vraagbaak.web: a fault", "x" * 10_000, "\x1b[2J"]
)
async def test_i11_no_word_of_a_stranger_stands_in_the_log(scene, caplog, kind):
    """What an activity calls itself cannot write lines of its own, nor fill the log."""
    caplog.set_level(logging.INFO, "vraagbaak")
    assert (await scene.mallory.send(scene.west, said(scene.mallory) | {"type": kind})).status_code == 202
    await scene.world.settle()
    (line,) = [record.getMessage() for record in caplog.records if record.name == "vraagbaak.inbox"]
    assert line == "activity of kind unknown from evil.example dropped: unknown-type"


async def test_g22_no_refusal_tells_what_runs_here(scene):
    """No answer to a bad request names a version, a file, a statement or the server's insides."""
    request = scene.mallory.signed(scene.west, said(scene.mallory))
    attempts = [
        request.with_header("signature", None),
        request.with_header("signature", "x"),
        request.with_header("signature", "\xe9"),
        request.with_header("content-type", "text/html"),
        request.with_header("host", "x"),
        request.at("/u/%00/inbox"),
        request.at("/u/" + "x" * 5000 + "/inbox"),
        scene.mallory.signed(scene.west, b"{"),
        scene.mallory.signed(scene.west, {"type": "Create", "actor": scene.mallory.uri, "id": 5}),
        Request(method="GET", target="/q/' OR 1=1 --"),
    ]
    with unchanged(scene.west, requests=2):
        for attempt in attempts:
            answer = await attempt.to(scene.west)
            assert 400 <= answer.status_code < 500 or answer.json()["code"] == "key-unavailable"
            assert {"server", "x-powered-by", "via"}.isdisjoint(answer.headers)
            for word in (
                "Traceback",
                "SELECT",
                "sqlite",
                "python",
                "starlette",
                "/work",
                "0.1.0",
                "evil.example",
            ):
                assert word.lower() not in answer.text.lower()
