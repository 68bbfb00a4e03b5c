"""Web Push: a message that only one program can read (RFC 8291), and who sends it (VAPID, RFC 8292).

The two algorithms and nothing else; tested against the examples in those documents.
"""

from __future__ import annotations

import base64
import os
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4096
POINT = 65
AUTH = 16
SALT = 16
PROOF_LASTS = timedelta(hours=12)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (NIST SP 800-186)


class BadSubscription(ValueError):  # noqa: N818 - reads as what it is
    """A key or secret that cannot be one. Its text names which."""


@dataclass(frozen=True, slots=True)
class Reader:
    """The keys of the program that reads: a point on P-256, and 16 bytes that it shares with us."""

    public: EllipticCurvePublicKey
    auth: bytes

    @classmethod
    def of(cls, p256dh: str, auth: str) -> Reader:
        """From base64url, with or without its padding. Raises BadSubscription."""
        try:
            shared = decoded(auth)
        except ValueError:
            shared = b""
        if len(shared) != AUTH:
            raise BadSubscription("auth")
        try:
            public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), decoded(p256dh))
        except ValueError:
            raise BadSubscription("p256dh") from None
        if len(decoded(p256dh)) != POINT:
            raise BadSubscription("p256dh")
        return cls(public, shared)


def decoded(text: str) -> bytes:
    """The bytes behind base64 in either alphabet, padded or not. Raises ValueError."""
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    if not plain.isascii() or len(plain) > 200:
        raise ValueError(text[:0])
    return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def encrypt(
    text: bytes,
    reader: Reader,
    *,
    length: int = 0,
    salt: bytes | None = None,
    ephemeral: EllipticCurvePrivateKey | None = None,
) -> bytes:
    """`text` in one record of aes128gcm (RFC 8188), filled up to `length` so that it does not tell how long it is.

    `salt` and `ephemeral` are given only to follow an example: both are new for each message.
    """
    salt = salt or os.urandom(SALT)
    ephemeral = ephemeral or generate_private_key(SECP256R1())
    own = point(ephemeral.public_key())
    shared = ephemeral.exchange(ECDH(), reader.public)
    info = b"WebPush: info\0" + point(reader.public) + own
    material = _derived(shared, reader.auth, info, 32)
    key = _derived(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(material, salt, b"Content-Encoding: nonce\0", 12)
    filled = (text + b"\x02").ljust(length, b"\0")
    header = salt + struct.pack("!IB", RECORD, len(own)) + own
    return header + AESGCM(key).encrypt(nonce, filled, None)


def point(key: EllipticCurvePublicKey) -> bytes:
    """The uncompressed point: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length=length, salt=salt, info=info).derive(material)


class Vapid:
    """Who we are to those who take messages for programs: one key per server, made from the server's own secret.

    Nothing more has to be kept or copied for it, and every process of a server has the same one.
    """

    def __init__(self, secret: bytes, subject: str) -> None:
        material = HKDF(SHA256(), length=48, salt=None, info=b"vraagbaak web push 1").derive(secret)
        self._key = derive_private_key(int.from_bytes(material, "big") % (_ORDER - 1) + 1, SECP256R1())
        self._subject = subject

    @cached_property
    def public(self) -> str:
        """The public key, as programs give it to their browser (`applicationServerKey`)."""
        return encoded(point(self._key.public_key()))

    def authorization(self, endpoint: str, now: datetime) -> str:
        """The Authorization header for one endpoint: worth something there only, for half a day (RFC 8292 section 2)."""
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int((now + PROOF_LASTS).timestamp()),
            "sub": self._subject,
        }
        signed = ".".join(
            encoded(msgspec.json.encode(each)) for each in ({"typ": "JWT", "alg": "ES256"}, claims)
        )
        r, s = decode_dss_signature(self._key.sign(signed.encode(), ECDSA(SHA256())))
        signature = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"
