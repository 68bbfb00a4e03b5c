"""A message that only one program can read, and a proof of who sends it: as the documents give them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from web.mastodon.push import BadSubscription, Reader, Vapid, decoded, encoded, encrypt

# RFC 8291, Appendix A
PLAIN = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
READER = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8w"
    "EqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_a_message_is_that_of_the_standard():
    """With the keys and salt of RFC 8291 Appendix A every byte is the one that stands there."""
    ephemeral = derive_private_key(int.from_bytes(decoded(SENDER), "big"), SECP256R1())
    made = encrypt(PLAIN, Reader.of(READER, AUTH), salt=decoded(SALT), ephemeral=ephemeral)
    assert encoded(made) == MESSAGE


def test_each_message_is_new_and_as_long_as_any_other():
    """The same words twice share nothing but what names their form, and their length tells nothing."""
    reader = Reader.of(READER, AUTH)
    one, other = encrypt(b"ja", reader, length=512), encrypt(b"ja" * 200, reader, length=512)
    assert len(one) == len(other) == 16 + 4 + 1 + 65 + 512 + 16
    assert one[16:21] == other[16:21]
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]


@pytest.mark.parametrize("key", [READER, READER + "=", READER.replace("-", "+").replace("_", "/")])
def test_keys_are_taken_in_whatever_base64_they_come(key):
    """Padded or not, in either alphabet: clients send all of them."""
    assert Reader.of(key, AUTH + "==").auth == decoded(AUTH)


@pytest.mark.parametrize(
    ("p256dh", "auth", "name"),
    [
        ("", AUTH, "p256dh"),
        ("AAAA", AUTH, "p256dh"),
        ("B" + "A" * 86, AUTH, "p256dh"),
        ("A" * 87, AUTH, "p256dh"),
        (READER[:-4], AUTH, "p256dh"),
        (READER + "AAAA", AUTH, "p256dh"),
        ("A" * 100_000, AUTH, "p256dh"),
        ("Ayd-u" + "A" * 39, AUTH, "p256dh"),
        ("é" * 87, AUTH, "p256dh"),
        (READER, "", "auth"),
        (READER, AUTH[:-4], "auth"),
        (READER, AUTH + "AAAA", "auth"),
        (READER, "!" * 22, "auth"),
    ],
)
def test_what_cannot_be_a_key_is_none(p256dh, auth, name):
    """Too short, too long, not on the curve, compressed, no base64: refused when it is given, not when it is used."""
    with pytest.raises(BadSubscription, match=name):
        Reader.of(p256dh, auth)


def test_a_proof_is_for_one_place_and_half_a_day():
    """RFC 8292: a JWT by P-256 for the origin of the endpoint, and the key to check it with beside it."""
    vapid = Vapid(b"s" * 32, "https://wester.example")
    header = vapid.authorization("https://push.example/a/b?c", datetime(2026, 11, 2, tzinfo=UTC))
    token, key = header.removeprefix("vapid t=").split(", k=")
    assert key == vapid.public
    head, body, signature = token.split(".")
    assert json.loads(decoded(head)) == {"typ": "JWT", "alg": "ES256"}
    assert json.loads(decoded(body)) == {
        "aud": "https://push.example",
        "exp": int(datetime(2026, 11, 2, 12, tzinfo=UTC).timestamp()),
        "sub": "https://wester.example",
    }
    raw = decoded(signature)
    public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(key))
    made = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(made, f"{head}.{body}".encode(), ECDSA(SHA256()))


def test_the_key_of_a_server_is_always_the_same():
    """Made from its secret: each process and each start has the one that programs know; another server has another."""
    one, again, other = (Vapid(secret * 32, "x").public for secret in (b"s", b"s", b"t"))
    assert one == again != other
    assert len(decoded(one)) == 65
