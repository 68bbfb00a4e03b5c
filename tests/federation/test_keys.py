"""Which keys are taken, how private ones are sealed, and how few are kept loaded."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.keys import (
    ED25519,
    RSA,
    BadKey,
    BadSecret,
    KeyPair,
    KeyRing,
    Sealer,
    load_public,
    make_ed25519,
    make_rsa,
    multikey,
    raw_of_multikey,
    read_or_make_secret,
)
from vraagbaak.model import ActorKey

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # loads Unicode tables first

KEY_ID = "https://noord.example/u/fatma#main-key"


def pem(public: object) -> str:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def rsa_pem(modulus_bits: int, exponent: int) -> str:
    """A PEM with these numbers. They need not be a real key: it has to be refused before it is used."""
    modulus = (1 << (modulus_bits - 1)) | 1
    length = lambda n: bytes([n]) if n < 128 else bytes([0x82]) + n.to_bytes(2, "big")
    wrap = lambda tag, body: bytes([tag]) + length(len(body)) + body
    number = lambda n: wrap(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))
    key = wrap(0x30, number(modulus) + number(exponent))
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    body = base64.encodebytes(wrap(0x30, algorithm + wrap(3, b"\0" + key))).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}-----END PUBLIC KEY-----\n"


@pytest.mark.parametrize(("bits", "exponent"), [(512, 65537), (1024, 65537), (4104, 65537), (16384, 65537)])
def test_a19_rsa_sizes(bits: int, exponent: int) -> None:
    """An RSA key that is weak, or so large that checking it burns our time, is refused (threat A19)."""
    with pytest.raises(BadKey):
        load_public(RSA, rsa_pem(bits, exponent))


@pytest.mark.parametrize("exponent", [1, 2, 4, 65536])
def test_a19_rsa_exponents(exponent: int) -> None:
    """An RSA exponent that is 1, even or too small is refused (threat A19)."""
    with pytest.raises(BadKey):
        load_public(RSA, rsa_pem(2048, exponent))


def test_a20_type_confusion() -> None:
    """A key is of the type it is said to be: Ed25519 as RSA, the reverse, and other kinds are refused (threat A20)."""
    edwards, curve = make_ed25519(), ec.generate_private_key(ec.SECP256R1()).public_key()
    for algorithm, public in [
        (RSA, edwards.public),
        (RSA, pem(ed25519.Ed25519PrivateKey.generate().public_key())),
        (RSA, pem(curve)),
        (RSA, "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"),
        (RSA, "x" * 100_000),
        (RSA, ""),
        (ED25519, make_rsa().public),
        (ED25519, ""),
        ("none", edwards.public),
        ("hmac", "secret"),
    ]:
        with pytest.raises(BadKey):
            load_public(algorithm, public)


def test_a20_multikey_strictness() -> None:
    """A Multikey with trailing bytes, another codec, another base or letters outside base58 is refused (threat A20)."""
    raw = bytes(range(32))
    good = multikey(raw)
    assert good.startswith("z6Mk")
    assert raw_of_multikey(good) == raw
    for text in [
        good + "1",
        good[:-1],
        "u" + good[1:],
        good[:-1] + "0",
        good[:-1] + "é",
        multikey(raw + b"\0"),
        "z" + "1" * 47,
        "z" + "z" * 47,
        "",
    ]:
        with pytest.raises(BadKey):
            raw_of_multikey(text)


def test_known_multikey() -> None:
    """Our base58btc agrees with the did:key test vector of the W3C."""
    raw = bytes.fromhex("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6")
    assert multikey(raw) == "z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@PATIENT
@given(st.binary(min_size=32, max_size=32))
def test_multikey_round_trip(raw: bytes) -> None:
    """Every Ed25519 key survives the way to a Multikey and back."""
    assert raw_of_multikey(multikey(raw)) == raw


@PATIENT
@given(st.text(max_size=60), st.sampled_from([RSA, ED25519]))
def test_any_text(public: str, algorithm: str) -> None:
    """Whatever is published as a key, it loads or it is a BadKey."""
    with pytest.raises(BadKey):
        load_public(algorithm, public)


def own_key(pair: KeyPair, sealer: Sealer, key_id: str = KEY_ID) -> ActorKey:
    return ActorKey(
        id=key_id,
        actor_id="1",
        algorithm=pair.algorithm,
        public=pair.public,
        sealed=sealer.seal(pair.private, key_id),
    )


@pytest.mark.parametrize("make", [make_rsa, make_ed25519])
def test_sign_and_verify(make) -> None:
    """A fresh pair signs, its public half verifies that and nothing else."""
    sealer = Sealer(b"s" * 32)
    ring = KeyRing(sealer)
    pair = make()
    signature = ring.private(own_key(pair, sealer)).sign(b"message")
    public = ring.public(pair.algorithm, pair.public)
    assert public.verify(signature, b"message")
    assert not public.verify(signature, b"other")
    assert not public.verify(signature[:-1], b"message")
    assert not public.verify(b"", b"message")


def test_sealed_keys() -> None:
    """A sealed key opens with its own secret, under its own id, unchanged: or not at all."""
    sealer = Sealer(b"s" * 32)
    pair = make_ed25519()
    sealed = sealer.seal(pair.private, KEY_ID)
    assert sealer.open(sealed, KEY_ID) == pair.private
    assert sealer.seal(pair.private, KEY_ID) != sealed
    for other, text, name in [
        (Sealer(b"t" * 32), sealed, KEY_ID),
        (sealer, sealed, "https://noord.example/u/eve#main-key"),
        (sealer, ("B" if sealed[20] != "B" else "C").join((sealed[:20], sealed[21:])), KEY_ID),
        (sealer, "", KEY_ID),
        (sealer, "not base64!", KEY_ID),
    ]:
        with pytest.raises(BadKey):
            other.open(text, name)
    with pytest.raises(BadSecret):
        Sealer(b"short")


def test_private_is_not_shown() -> None:
    """Printing a key pair or a loaded key shows nothing of the private half."""
    sealer = Sealer(b"s" * 32)
    pair = make_ed25519()
    assert "private" not in repr(pair)
    assert "loaded" not in repr(KeyRing(sealer).private(own_key(pair, sealer)))


def test_ring_is_bounded() -> None:
    """Loaded keys are kept, the least recently used goes first, and a changed key is loaded anew."""
    sealer = Sealer(b"s" * 32)
    ring = KeyRing(sealer, public_room=2)
    pairs = [make_ed25519() for _ in range(3)]
    first = ring.public(ED25519, pairs[0].public)
    ring.public(ED25519, pairs[1].public)
    assert ring.public(ED25519, pairs[0].public) is first
    ring.public(ED25519, pairs[2].public)
    assert ring.public(ED25519, pairs[0].public) is first
    assert len(ring._public) == 2
    old, new = (own_key(pair, sealer) for pair in pairs[:2])
    assert ring.private(old) is ring.private(old)
    assert ring.private(new) is not ring.private(old)


def test_rsa_3072_is_taken() -> None:
    """A stronger RSA key of a peer is taken."""
    public = rsa.generate_private_key(65537, 3072).public_key()
    assert load_public(RSA, pem(public)).loaded.key_size == 3072


def test_secret_file(tmp_path: Path) -> None:
    """The secret is made once, for nobody else to read, and read back the same."""
    path = tmp_path / "secrets" / "keys"
    secret = read_or_make_secret(path)
    assert len(secret) == 32
    assert read_or_make_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_secret_for_others(tmp_path: Path, mode: int) -> None:
    """A secret that others may read is refused, with the command that mends it."""
    path = tmp_path / "keys"
    read_or_make_secret(path)
    path.chmod(mode)
    with pytest.raises(BadSecret, match="chmod 600"):
        read_or_make_secret(path)


@pytest.mark.parametrize("text", ["", "ab", "zz" * 32, "é"])
def test_other_file(tmp_path: Path, text: str) -> None:
    """A file with something else in it is refused, never overwritten; a link is not followed."""
    path = tmp_path / "keys"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(BadSecret):
        read_or_make_secret(path)
    assert path.read_text() == text
    link = tmp_path / "link"
    link.symlink_to(path)
    with pytest.raises(BadSecret):
        read_or_make_secret(link)
