"""Makes, loads, seals and keeps the keys that actors sign with: RSA-2048 and Ed25519.

It refuses keys that are too weak, too dear or not what they are said to be, and never hands out a private half unsealed.
"""

from __future__ import annotations

import base64
import os
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from cryptography.exceptions import InvalidSignature, InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_pem_public_key,
)

from vraagbaak.model import ActorKey

RSA = "rsa"
ED25519 = "ed25519"
RSA_BITS = 2048
_LARGEST_PEM = 4096
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX = b"\xed\x01"
_NONCE = 12
_SECRET = 32

Loaded = TypeVar("Loaded")


class BadKey(Exception):  # noqa: N818 - what the key is
    """A key that may not be used. `code` is one safe word."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class BadSecret(Exception):  # noqa: N818 - what the secret is
    """The secret file cannot be used. Its text is one sentence for whoever starts the server."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh key: `public` as it is published, `private` (PKCS#8 DER) as it is to be sealed."""

    algorithm: str
    public: str
    private: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A loaded public key."""

    algorithm: str
    loaded: RSAPublicKey | Ed25519PublicKey

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature (RSA PKCS#1 v1.5 with SHA-256, or Ed25519) is of this message."""
        try:
            if isinstance(self.loaded, RSAPublicKey):
                self.loaded.verify(signature, message, PKCS1v15(), SHA256())
            else:
                self.loaded.verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A loaded private key, with the id that goes into `keyId`."""

    id: str
    algorithm: str
    loaded: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature: RSA PKCS#1 v1.5 with SHA-256, or Ed25519."""
        if isinstance(self.loaded, RSAPrivateKey):
            return self.loaded.sign(message, PKCS1v15(), SHA256())
        return self.loaded.sign(message)


def make_rsa() -> KeyPair:
    """A new RSA-2048 pair: the size that every peer takes."""
    made = generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    public = made.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return KeyPair(RSA, public, _der(made))


def make_ed25519() -> KeyPair:
    """A new Ed25519 pair, published as a Multikey (FEP-521a)."""
    made = Ed25519PrivateKey.generate()
    return KeyPair(ED25519, multikey(made.public_key().public_bytes_raw()), _der(made))


def _der(made: RSAPrivateKey | Ed25519PrivateKey) -> bytes:
    return made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def multibase(raw: bytes) -> str:
    """Bytes as `z...`: base58btc in multibase (W3C Controlled Identifiers section 2.4)."""
    number = int.from_bytes(raw, "big")
    digits = ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "z" + _ALPHABET[0] * (len(raw) - len(raw.lstrip(b"\0"))) + digits


def of_multibase(text: str, length: int) -> bytes:
    """The `length` bytes behind `z...`. Raises BadKey for another base, another length or more than fits in it."""
    if not text.startswith("z") or len(text) > 2 * length + 1:
        raise BadKey("not-multibase")
    number = 0
    for letter in text[1:]:
        digit = _ALPHABET.find(letter)
        if digit < 0:
            raise BadKey("not-base58")
        number = number * 58 + digit
    if number.bit_length() > length * 8:
        raise BadKey("trailing-bytes")
    raw = number.to_bytes(length, "big")
    if multibase(raw) != text:
        raise BadKey("not-canonical")
    return raw


def multikey(raw: bytes) -> str:
    """Raw Ed25519 public bytes as `z6Mk...` (W3C Controlled Identifiers section 2.2.2)."""
    return multibase(_ED25519_PREFIX + raw)


def raw_of_multikey(text: str) -> bytes:
    """The 32 bytes of an Ed25519 Multikey. Raises BadKey for another base, codec or length (Mitra 4.13)."""
    raw = of_multibase(text, len(_ED25519_PREFIX) + 32)
    if not raw.startswith(_ED25519_PREFIX):
        raise BadKey("wrong-codec")
    return raw[len(_ED25519_PREFIX) :]


def load_public(algorithm: str, public: str) -> PublicKey:
    """A public key as published: PEM when `algorithm` is `rsa`, multibase when it is `ed25519`.

    Raises BadKey for anything else, for RSA outside 2048 to 4096 bits (weak, or made to burn our time) and for an RSA
    exponent that is even or under 3.
    """
    if algorithm == ED25519:
        return PublicKey(ED25519, _ed25519(public))
    if algorithm == RSA:
        return PublicKey(RSA, _rsa(public))
    raise BadKey("algorithm")


def _ed25519(public: str) -> Ed25519PublicKey:
    try:
        return Ed25519PublicKey.from_public_bytes(raw_of_multikey(public))
    except ValueError:
        raise BadKey("ed25519") from None


def _rsa(public: str) -> RSAPublicKey:
    if len(public) > _LARGEST_PEM or not re.match(r"\s*-----BEGIN (RSA )?PUBLIC KEY-----", public):
        raise BadKey("not-pem")
    try:
        loaded = load_pem_public_key(public.strip().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey("not-pem") from None
    if not isinstance(loaded, RSAPublicKey):
        raise BadKey("not-rsa")
    if not 2048 <= loaded.key_size <= 4096:
        raise BadKey("rsa-size")
    exponent = loaded.public_numbers().e
    if exponent < 3 or exponent % 2 == 0:
        raise BadKey("rsa-exponent")
    return loaded


class Sealer:
    """Seals what the database must not hold open, with one secret that is kept outside it.

    What is sealed for one purpose opens for no other.
    """

    def __init__(self, secret: bytes, purpose: bytes = b"vraagbaak sealed keys 1") -> None:
        if len(secret) < _SECRET:
            raise BadSecret("The secret must be at least 32 bytes long.")
        derived = HKDF(SHA256(), length=32, salt=None, info=purpose).derive(secret)
        self._cipher = AESGCM(derived)

    def seal(self, private: bytes, name: str) -> str:
        """`private` sealed under `name` (the key's id): it opens under no other name."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, private, name.encode())).decode()

    def open(self, sealed: str, name: str) -> bytes:
        """What was sealed under `name`. Raises BadKey when it was changed, moved, or sealed with another secret."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], name.encode())
        except (ValueError, InvalidTag):
            raise BadKey("sealed") from None


class _Recent(Generic[Loaded]):
    """The most recently used loaded keys, up to a number."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._kept: OrderedDict[Hashable, Loaded] = OrderedDict()
        self._lock = Lock()

    def get(self, name: Hashable, load: Callable[[], Loaded]) -> Loaded:
        with self._lock:
            if name in self._kept:
                self._kept.move_to_end(name)
                return self._kept[name]
        loaded = load()
        with self._lock:
            self._kept[name] = loaded
            while len(self._kept) > self._room:
                self._kept.popitem(last=False)
        return loaded

    def __len__(self) -> int:
        return len(self._kept)


class KeyRing:
    """Loaded keys, bounded and least recently used first out: loading costs far more than using."""

    def __init__(self, sealer: Sealer, *, public_room: int = 5000, private_room: int = 500) -> None:
        self._sealer = sealer
        self._public: _Recent[PublicKey] = _Recent(public_room)
        self._private: _Recent[PrivateKey] = _Recent(private_room)

    def public(self, algorithm: str, public: str) -> PublicKey:
        """The loaded public key. Raises BadKey; a refused key is not kept."""
        return self._public.get((algorithm, public), lambda: load_public(algorithm, public))

    def private(self, key: ActorKey) -> PrivateKey:
        """The loaded private half of one of our own keys. Raises BadKey when it does not open."""
        return self._private.get((key.id, key.sealed), lambda: self._open(key))

    def _open(self, key: ActorKey) -> PrivateKey:
        # Sealed with authentication by ourselves, so the 40 ms of checks for a stranger's private key can be left out.
        loaded = load_der_private_key(
            self._sealer.open(key.sealed, key.id), password=None, unsafe_skip_rsa_key_validation=True
        )
        if not isinstance(loaded, RSAPrivateKey if key.algorithm == RSA else Ed25519PrivateKey):
            raise BadKey("algorithm")
        return PrivateKey(key.id, key.algorithm, loaded)


def read_or_make_secret(path: Path) -> bytes:
    """The secret in the file, made with mode 0600 when there is none.

    Two processes that start at once get the same one. Raises BadSecret when others may read the file or it holds
    something else.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _make_secret(path)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError as fault:
        raise BadSecret(f"{path} cannot be read: {fault.strerror}.") from fault
    with os.fdopen(descriptor, "rb") as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
            raise BadSecret(f"{path} can be read by others on this machine. Run: chmod 600 {path}")
        text = file.read(200).strip()
    try:
        secret = bytes.fromhex(text.decode("ascii"))
    except ValueError:
        secret = b""
    if len(secret) != _SECRET:
        raise BadSecret(f"{path} does not hold a secret of this program. Put the right file back.")
    return secret


def _make_secret(path: Path) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_SECRET))
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link, not a rename: whoever comes second finds the first one's secret instead of replacing it.
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
