"""Where requests go, where they never go, and when they give up."""

from __future__ import annotations

import asyncio
import gzip
import os
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federation import transport
from federation.fetching import Budget, Fetcher, Rejected
from federation.signatures import Scheme
from federation.transport import (
    Forbidden,
    InMemoryNetwork,
    Response,
    TooBig,
    TooSlow,
    Transport,
    TransportFault,
    Unreachable,
    is_global,
)

LAB = {"lab_networks": ("127.0.0.0/8",), "lab_http": True}
Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server on loopback that does to each connection what `answer` does."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


@asynccontextmanager
async def lab(**more: object) -> AsyncIterator[Transport]:
    wire = Transport(user_agent="Vraagbaak test", **LAB | more)
    try:
        yield wire
    finally:
        await wire.aclose()


def plain(head: bytes, body: bytes = b"") -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (
                    int(line[15:])
                    for line in request.lower().split(b"\r\n")
                    if line.startswith(b"content-length:")
                ),
                0,
            )
            await reader.readexactly(length)
            writer.write(b"HTTP/1.1 " + head + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()

    return answer


PRIVATE = {
    "C01": (
        "127.0.0.1",
        "127.255.255.254",
        "127.1",
        "0177.0.0.1",
        "0x7f000001",
        "2130706433",
        "nonsense",
        "",
    ),
    "C02": ("0.0.0.0", "0.1.2.3", "::"),
    "C03": ("::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::ffff:0:127.0.0.1"),
    "C04": ("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2001::1"),
    "C05": (
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("fe80::1", "fe80::1%eth0", "febf::1", "fec0::1", "fc00::1", "fd12::1"),
    ),
    "C06": (
        *("100.64.0.1", "198.18.0.1", "192.0.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1", "224.0.0.1"),
        *("239.255.255.255", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("2001:db8::1", "ff02::1", "100::1", "3fff::1", "2001:10::1", "2001:20::1", "5f00::1"),
    ),
}


def by_row(rows: dict[str, tuple[str, ...]]) -> list[object]:
    """Each value as a case that carries its row."""
    return [
        pytest.param(value, id=f"{row} {value.encode('unicode_escape').decode()}")
        for row, values in rows.items()
        for value in values
    ]


@pytest.mark.parametrize("address", by_row(PRIVATE))
def test_private_addresses(address: str) -> None:
    """Only global unicast is global: no loopback, private, mapped, translated, reserved or made-up address."""
    assert not is_global(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2001:4860:4860::8888", "2a00:1450::1"]
)
def test_public_addresses(address: str) -> None:
    """Public addresses are public, also next to a private range."""
    assert is_global(address)


async def never(host: str, port: int) -> list[str]:
    raise AssertionError(f"asked the DNS for {host}:{port}")


FORBIDDEN = {
    "C01": (
        *("https://127.0.0.1/", "https://127.1/", "https://0/", "https://0x7f000001/", "https://2130706433/"),
        *("https://0177.0.0.1/", "https://8.8.8.8/"),
    ),
    "C02": ("https://0.0.0.0/", "https://[::]/"),
    "C03": ("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::127.0.0.1]/"),
    "C04": ("https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/"),
    "C05": ("https://169.254.169.254/latest/meta-data/", "https://[fd00:ec2::254]/", "https://10.0.0.1/"),
    "C06": ("https://100.64.0.1/", "https://198.18.0.1/", "https://[3fff::1]/"),
    "C10": ("file:///etc/passwd", "gopher://noord.example/", "data:text/plain,x", "ftp://noord.example/"),
    "C15": (
        *("http://noord.example/", "https://noord.example:22/", "https://noord.example:8443/"),
        *("http://noord.example:443/", "https://noord.example:80/", "https://noord.example:6379/"),
        *("https://noord.example:25/", "https://noord.example:0/", "https://noord.example:99999/"),
    ),
    "C16": (
        *("https://localhost/", "https://localhost./", "https://LOCALHOST/", "https://x.localhost/"),
        *("https://ｌocalhost/", "https://printer.local/", "https://x.onion/", "https://x.i2p/"),
        *(
            "https://intranet/",
            "https://x.internal/",
            "https://1.0.0.127.in-addr.arpa/",
            "https://router.lan/",
        ),
    ),
    "C17": (
        *("https://good.example@evil.example/", "https://noord.example/\r\nX: y", "https://noord.example/ x"),
        *("https://noord.example\\@evil.example/", "//noord.example/", "/inbox", ""),
    ),
}


@pytest.mark.parametrize("url", by_row(FORBIDDEN))
async def test_forbidden_urls(url: str) -> None:
    """Such a url is refused before any name is looked up or any connection made."""
    wire = Transport(user_agent="test", resolver=never)
    with pytest.raises(Forbidden):
        await wire.get(url, {})
    await wire.aclose()


NUMBERS = [  # only what a resolver can answer
    address
    for row in PRIVATE.values()
    for address in row
    if ":" in address or (address.count(".") == 3 and not address.startswith("01"))
]


@pytest.mark.parametrize("address", NUMBERS)
async def test_c07_names_of_private_addresses(address: str) -> None:
    """A public name with one private address among public ones is not connected to (C07)."""

    async def resolver(_host: str, _port: int) -> list[str]:
        return ["8.8.8.8", address]

    wire = Transport(user_agent="test", resolver=resolver)
    with pytest.raises(Forbidden):
        await wire.get("https://evil.example/", {})
    await wire.aclose()


async def test_c07_rebinding() -> None:
    """The address that was vetted is the one that is dialled: the DNS is asked once per connection (C07)."""
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def resolver(_host: str, _port: int) -> list[str]:
        return answers.pop(0)

    async with (
        listening(plain(b"200 OK\r\nConnection: close", b"hi")) as port,
        lab(resolver=resolver) as wire,
    ):
        assert (await wire.get(f"http://noord.example:{port}/", {})).body == b"hi"
        with pytest.raises(Forbidden):
            await wire.get(f"http://noord.example:{port}/", {})
    assert answers == []


async def test_c07_last_look_at_the_socket() -> None:
    """Even if a wrong address slipped through, no socket is made for it."""
    pools = transport._Pools(transport.Policy(), never, transport.ssl.create_default_context(), 1)
    for address in ("127.0.0.1", "::1", "169.254.169.254"):
        with pytest.raises(Forbidden):
            pools._socket((transport.socket.AF_INET, transport.socket.SOCK_STREAM, 0, "", (address, 443)))


@pytest.mark.parametrize("answer", [[], OSError("no such name"), UnicodeError("bad label")])
async def test_no_address(answer: list[str] | Exception) -> None:
    """A name without an address is unreachable, not an exception of somebody else's making."""

    async def resolver(_host: str, _port: int) -> list[str]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    wire = Transport(user_agent="test", resolver=resolver)
    with pytest.raises(Unreachable):
        await wire.get("https://noord.example/", {})
    await wire.aclose()


async def test_lab_stays_in_its_networks() -> None:
    """A laboratory reaches its own networks, and no other private one."""
    async with lab() as wire:
        for url in ("http://10.0.0.1:8001/", "http://[::1]:8001/", "http://169.254.169.254/"):
            with pytest.raises(Forbidden):
                await wire.get(url, {})


async def test_lab_names() -> None:
    """In a laboratory *.localhost is this machine, whatever the DNS says, with the name as Host."""
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nX-A: 2\r\nContent-Length: 0\r\n\r\n")

    async with listening(answer) as port, lab(resolver=never) as wire:
        url = f"http://westerpark.localhost:{port}/u/%7efatma/%2e%2e/x?q=%C3%A9&a=[1]"
        response = await wire.get(url, {"Accept": "application/activity+json", "Signature": 'keyId="x"'})
    head = seen[0].decode().split("\r\n")
    assert head[0] == "GET /u/%7efatma/%2e%2e/x?q=%C3%A9&a=[1] HTTP/1.1"
    fields = dict(line.split(": ", 1) for line in head[1:] if line)
    assert fields["Host"] == f"westerpark.localhost:{port}"
    assert fields["User-Agent"] == "Vraagbaak test"
    assert fields["Signature"] == 'keyId="x"'
    assert fields["Accept-Encoding"] == "gzip"
    assert "Cookie" not in fields
    assert (response.status, response.headers["x-a"], response.url) == (200, "1, 2", url)


@pytest.mark.parametrize("name", ["xn--ls8h.example", "xn--a.example", "xn--zckzap6140b352by.example"])
async def test_names_that_others_do_not_know(name: str) -> None:
    """A name of an emoji, or one in Punycode that stands for nothing, is looked up like any other; nothing breaks."""
    asked: list[str] = []

    async def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    async with listening(plain(b"200 OK", b"hallo")) as port, lab(resolver=resolver) as wire:
        assert (await wire.get(f"http://{name}:{port}/", {})).body == b"hallo"
    assert asked == [name]


async def test_post_and_reuse() -> None:
    """A POST carries its bytes as they are, and the next one uses the same connection."""
    opened = 0
    echo = plain(b"202 Accepted", b"ok")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await echo(reader, writer)

    async with listening(answer) as port, lab() as wire:
        for _ in range(3):
            response = await wire.post(f"http://a.localhost:{port}/inbox", {"Content-Type": "x/y"}, b"\0body")
            assert (response.status, response.body) == (202, b"ok")
    assert opened == 1


async def test_c08_i09_no_redirect_no_cookie() -> None:
    """Nothing is followed and no cookie kept (C08, I09)."""
    seen: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(
                b"HTTP/1.1 302 Found\r\nLocation: /x\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
            )

    async with listening(answer) as port, lab() as wire:
        for _ in range(2):
            response = await wire.get(f"http://a.localhost:{port}/", {})
            assert (response.status, response.headers["location"]) == (302, "/x")
            assert "set-cookie" not in response.headers
    assert len(seen) == 2
    assert b"ookie" not in seen[1]


@pytest.mark.parametrize(
    "to",
    [
        "http://10.0.0.1:{port}/n/1",
        "http://[::1]:{port}/n/1",
        "http://[::ffff:127.0.0.1]:{port}/n/1",
        "http://169.254.169.254/latest/meta-data/",
        "http://evil.example:{port}/n/1",
    ],
)
async def test_c08_redirect_to_a_private_place(to: str) -> None:
    """Every hop of a signed request is looked at anew, by its address and by what its name leads to."""
    connected = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        await plain(b"302 Found\r\nLocation: " + to.format(port=port).encode())(reader, writer)

    async def resolver(_host: str, _port: int) -> list[str]:
        return ["10.0.0.1"]

    async def sign(_url: str, _scheme: Scheme) -> dict[str, str]:
        return {"Signature": "x", "Accept": "application/activity+json"}

    async with listening(answer) as port, lab(resolver=resolver) as wire:
        fetcher = Fetcher(wire, sign, set(), lambda: datetime.now(UTC))
        with pytest.raises(Rejected) as fault:
            await fetcher.fetch_document(f"http://a.localhost:{port}/n/1", budget=Budget())
        assert fault.value.code == "address"
    assert connected == 1


async def test_i09_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment is not asked: it would look up names in our place (I09)."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with listening(plain(b"200 OK", b"hi")) as port, lab() as wire:
        assert (await wire.get(f"http://a.localhost:{port}/", {})).body == b"hi"


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\0b", "é"])
async def test_c17_header_values(value: str) -> None:
    """A header value that would begin another line is refused (C17)."""
    async with lab(resolver=never) as wire:
        with pytest.raises(Forbidden):
            await wire.get("http://a.localhost:1/", {"Accept": value})
    with pytest.raises(Forbidden):
        await InMemoryNetwork({}).get("https://a.example/", {"Accept": value})


async def test_d02_big_body() -> None:
    """An endless body is cut at the limit (D02)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    async with listening(answer) as port, lab() as wire:
        with pytest.raises(TooBig):
            await wire.get(f"http://a.localhost:{port}/", {}, limit=100_000)
        with pytest.raises(TooBig):
            await wire.post(f"http://a.localhost:{port}/", {}, b"")


@pytest.mark.parametrize(
    ("encoding", "body", "fault"),
    [
        ("gzip", gzip.compress(b"\0" * 50_000_000), TooBig),
        ("gzip", gzip.compress(os.urandom(3000)), TooBig),
        ("gzip", b"not gzip at all", Unreachable),
        ("gzip", gzip.compress(b"x" * 900)[:-9], Unreachable),
        ("deflate", zlib.compress(b"x"), Unreachable),
        ("br", b"x", Unreachable),
        ("gzip, gzip", gzip.compress(b"x"), Unreachable),
    ],
    ids=["a bomb", "noise", "not packed", "cut off", "deflate", "brotli", "packed twice"],
)
async def test_d03_packed_bodies(encoding: str, body: bytes, fault: type[TransportFault]) -> None:
    """The limit counts decoded bytes, and an encoding that was not asked for is no answer (D03)."""
    head = b"200 OK\r\nContent-Encoding: " + encoding.encode()
    async with listening(plain(head, body)) as port, lab() as wire:
        with pytest.raises(fault):
            await wire.get(f"http://a.localhost:{port}/", {}, limit=1000)


async def test_gzip() -> None:
    """An honest gzip body is decoded, up to exactly the limit."""
    async with (
        listening(plain(b"200 OK\r\nContent-Encoding: GZIP", gzip.compress(b"x" * 1000))) as port,
        lab() as wire,
    ):
        assert (await wire.get(f"http://a.localhost:{port}/", {}, limit=1000)).body == b"x" * 1000


async def a_moment() -> None:
    loop = asyncio.get_running_loop()
    passed = loop.create_future()
    loop.call_later(0.02, passed.cancel)
    await asyncio.wait([passed])


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\n\r\n"])
async def test_d10_slow_drip(start: bytes) -> None:
    """A server that sends a byte now and then, in headers or body, is left at the deadline (D10)."""

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        for byte in b"HTTP/1.1 200 OK and so on":
            writer.write(bytes([byte]))
            await writer.drain()
            await a_moment()

    async with listening(answer) as port, lab(total_seconds=0.15) as wire:
        with pytest.raises(TooSlow):
            await wire.get(f"http://a.localhost:{port}/", {})


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_c17_not_http(text: bytes) -> None:
    """Whatever answers and does not speak HTTP is unreachable, and no other exception comes out (C17)."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text)

    async with listening(answer) as port, lab(total_seconds=2) as wire:
        with pytest.raises(Unreachable):
            await wire.get(f"http://a.localhost:{port}/", {})


async def test_nobody_there() -> None:
    """A closed port, and plain http where TLS is spoken, are unreachable."""
    async with listening(plain(b"200 OK")) as port:
        pass
    async with lab() as wire:
        with pytest.raises(Unreachable) as fault:
            await wire.get(f"http://a.localhost:{port}/", {})
        assert fault.value.code == "connect"

        async def plain_text(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Speak plainly\r\n\r\n")

        async with listening(plain_text) as other:
            with pytest.raises(Unreachable) as fault:
                await wire.get(f"https://a.localhost:{other}/", {})
            assert fault.value.code == "tls"


def certificate(folder: Path, name: str) -> Path:
    """A certificate for one name that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "lab")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "lab.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


async def test_tls(tmp_path: Path) -> None:
    """TLS is checked against the name in the url, not the address that is dialled; the laboratory's CA is believed."""
    path = certificate(tmp_path, "a.localhost")
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(path)
    async with listening(plain(b"200 OK", b"hi"), tls=server_side) as port:
        async with lab(lab_ca=str(path)) as wire:
            assert (await wire.get(f"https://a.localhost:{port}/", {})).body == b"hi"
            for url in (f"https://b.localhost:{port}/", f"https://127.0.0.1:{port}/"):
                with pytest.raises(Unreachable) as fault:
                    await wire.get(url, {})
                assert fault.value.code == "certificate"
        async with lab() as stranger:
            with pytest.raises(Unreachable) as fault:
                await stranger.get(f"https://a.localhost:{port}/", {})
            assert fault.value.code == "certificate"


async def test_pools_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the cap the longest unused host loses its connections."""
    monkeypatch.setattr(transport, "HOSTS", 3)
    async with listening(plain(b"200 OK", b"hi")) as port, lab() as wire:
        for number in range(6):
            await wire.get(f"http://h{number}.localhost:{port}/", {})
        pools = wire._client._transport._pools
        assert [name.split(".")[0] for name in pools] == ["http://h3", "http://h4", "http://h5"]
        assert all(pool.busy == 0 for pool in pools.values())


async def test_hosts_that_hang_close_nobodys_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for an answer that never comes, who answers is reached over the connection that is open."""
    monkeypatch.setattr(transport, "HOSTS", 3)
    connected, all_hang = 0, asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        connected += 1
        while head := await reader.readuntil(b"\r\n\r\n"):
            if b"Host: hangs" in head:
                if connected == 10:
                    all_hang.set()
                await asyncio.Event().wait()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")

    async with listening(answer) as port, lab() as wire:
        hanging = [
            asyncio.ensure_future(wire.get(f"http://hangs{number}.localhost:{port}/", {}))
            for number in range(10)
        ]
        await all_hang.wait()
        for _ in range(5):
            for number in range(3):
                assert (await wire.get(f"http://well{number}.localhost:{port}/", {})).body == b"hi"
        assert connected == len(hanging) + 3
        for each in hanging:
            each.cancel()
        await asyncio.gather(*hanging, return_exceptions=True)
        assert len(wire._client._transport._pools) == 3


async def test_many_hosts_at_once_do_not_take_each_others_connections(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Making room for one host never closes what another is about to use, however many are asked at the same time."""
    monkeypatch.setattr(transport, "HOSTS", 3)
    async with listening(plain(b"200 OK", b"hi")) as port, lab() as wire:
        for turn in range(3):
            asked = [wire.get(f"http://h{turn}-{number % 20}.localhost:{port}/", {}) for number in range(60)]
            assert {answer.body for answer in await asyncio.gather(*asked)} == {b"hi"}
        assert all(pool.busy == 0 for pool in wire._client._transport._pools.values())


async def echo_app(scope, receive, send) -> None:
    message = await receive()
    head = f"{scope['method']} {scope['scheme']} {scope['path']} {scope['query_string'].decode()}".encode()
    if scope["path"] == "/raise":
        raise RuntimeError("the app is broken")
    await send({"type": "http.response.start", "status": 202, "headers": [(b"Content-Type", b"text/plain")]})
    await send({"type": "http.response.body", "body": head + b" ", "more_body": True})
    await send({"type": "http.response.body", "body": message["body"]})


async def test_in_memory() -> None:
    """The in-memory network calls apps by host as the real one would, and remembers what was sent."""
    network = InMemoryNetwork({"noord.example": echo_app, "west.localhost:8001": echo_app})
    response = await network.post("https://NOORD.example/a%20b?x=%20", {"Content-Type": "x/y"}, b"body")
    assert (response.status, response.headers) == (202, {"content-type": "text/plain"})
    assert response.body == b"POST https /a b x=%20 body"
    assert (await network.get("http://west.localhost:8001/", {})).body == b"GET http /  "
    first = network.sent[0]
    assert (first.method, first.host, first.target, first.body) == (
        "POST",
        "noord.example",
        "/a%20b?x=%20",
        b"body",
    )
    assert first.headers["Host"] == "noord.example"
    assert first.size > len(b"body")
    with pytest.raises(TooBig):
        await network.get("https://noord.example/", {}, limit=3)


async def test_in_memory_trouble() -> None:
    """Hosts can be down, slow, unknown or lying, and a broken app is a 500 with its fault kept."""
    network = InMemoryNetwork({"noord.example": echo_app})
    with pytest.raises(Unreachable):
        await network.get("https://west.example/", {})
    network.down.add("noord.example")
    with pytest.raises(Unreachable):
        await network.get("https://noord.example/", {})
    network.down.clear()
    network.slow.add("noord.example")
    with pytest.raises(TooSlow):
        await network.get("https://noord.example/", {})
    network.slow.clear()
    assert (await network.get("https://noord.example/raise", {})).status == 500
    assert [str(fault) for fault in network.faults] == ["the app is broken"]
    network.answers["noord.example"] = 429
    assert (await network.get("https://noord.example/", {})).status == 429
    network.answers["noord.example"] = Response(200, {"retry-after": "5"}, b"x", "")
    assert (await network.get("https://noord.example/", {})).headers["retry-after"] == "5"
