"""What is taken from other servers, and which ways are not gone."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest

from federation import fetching
from federation.documents import AS
from federation.fetching import Budget, Fetcher, FetchFault, Rejected, Spent, Temporary, Vanished
from federation.signatures import Scheme
from federation.transport import InMemoryNetwork, Response

AP = "application/activity+json"


class Clock:
    """A clock that goes when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Elsewhere:
    """Pages of other servers: url to (status, headers, body); counts what is asked."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, dict[str, str], bytes]] = {}
        hosts = ("west.example", "evil.example", "cdn.example", "noord.example", "west.localhost:8001")
        self.network = InMemoryNetwork(dict.fromkeys(hosts, self.app))
        self.clock = Clock()
        self.signed: list[str] = []
        self.fetcher = Fetcher(self.network, self.sign, {"noord.example", "noord.localhost:8001"}, self.clock)

    async def app(self, scope, receive, send) -> None:
        host = dict(scope["headers"])[b"host"].decode()
        query = "?" + scope["query_string"].decode() if scope["query_string"] else ""
        url = f"{scope['scheme']}://{host}{scope['raw_path'].decode()}{query}"
        status, headers, body = self.pages.get(url, (404, {}, b""))
        lines = [(name.encode(), value.encode()) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": lines})
        await send({"type": "http.response.body", "body": body})

    async def sign(self, url: str, _scheme: Scheme) -> dict[str, str]:
        self.signed.append(url)
        return {"Accept": AP, "Signature": f"for {url}".replace(":", "")}

    def doc(self, url: str, own_id: object = None, content_type: str = AP) -> None:
        body = json.dumps({"id": url if own_id is None else own_id, "type": "Note"}).encode()
        self.pages[url] = (200, {"Content-Type": content_type}, body)

    def redirect(self, url: str, to: str, status: int = 302) -> None:
        self.pages[url] = (status, {"Location": to}, b"")

    async def fetch(self, url: str, count: int = 50) -> dict:
        return await self.fetcher.fetch_document(url, budget=Budget(count))

    async def fault(self, url: str, count: int = 50) -> FetchFault:
        with pytest.raises(FetchFault) as fault:
            await self.fetch(url, count)
        return fault.value

    @property
    def asked(self) -> list[str]:
        return [f"{sent.host}{sent.target}" for sent in self.network.sent]


@pytest.fixture
def elsewhere() -> Elsewhere:
    return Elsewhere()


NOTE = "https://west.example/a/1"


async def test_b04_other_id(elsewhere: Elsewhere) -> None:
    """A document at an evil address that says it is somebody else's is fetched there, and that one is taken (B04, A22)."""
    elsewhere.doc("https://evil.example/x", NOTE)
    elsewhere.doc(NOTE)
    assert (await elsewhere.fetch("https://evil.example/x"))["id"] == NOTE
    assert elsewhere.asked == ["evil.example/x", "west.example/a/1"]


async def test_b04_only_once(elsewhere: Elsewhere) -> None:
    """If the second address again gives another id, nothing is taken: no chain (B04)."""
    elsewhere.doc("https://evil.example/x", "https://evil.example/y")
    elsewhere.doc("https://evil.example/y", "https://evil.example/z")
    elsewhere.doc("https://evil.example/z")
    assert (await elsewhere.fault("https://evil.example/x")).code == "id"
    assert len(elsewhere.asked) == 2


async def test_b04_victim_denies(elsewhere: Elsewhere) -> None:
    """A forged id that its own host does not know is not taken; nor one that redirects to somebody else."""
    elsewhere.doc("https://evil.example/x", NOTE)
    assert isinstance(await elsewhere.fault("https://evil.example/x"), Vanished)
    elsewhere.doc("https://evil.example/y", "https://west.example/r")
    elsewhere.redirect("https://west.example/r", "https://evil.example/z")
    elsewhere.doc("https://evil.example/z")
    assert (await elsewhere.fault("https://evil.example/y")).code == "id"


@pytest.mark.parametrize("own_id", ["", 5, [], {}, "x", "https://west.example@evil.example/a/1", NOTE + "#f"])
async def test_b05_unusable_ids(elsewhere: Elsewhere, own_id: object) -> None:
    """A document without an id that can be compared is not taken (B05, D07)."""
    elsewhere.doc(NOTE, own_id)
    assert isinstance(await elsewhere.fault(NOTE), Rejected)


async def test_b05_same_id_otherwise_spelled(elsewhere: Elsewhere) -> None:
    """Case and default port of the host make no other id; a fragment in the request leads to its document."""
    elsewhere.doc(NOTE, "https://WEST.example:443/a/1")
    assert await elsewhere.fetch("https://west.example./a/1#main-key")
    assert len(elsewhere.asked) == 1


@pytest.mark.parametrize(
    "url",
    ["https://noord.example/u/fatma", "https://NOORD.example.:443/x", "http://noord.localhost:8001/u/x"],
)
async def test_c22_own_host(elsewhere: Elsewhere, url: str) -> None:
    """Our own host is never asked over the network: not directly, by a redirect, or by an id (C22, A29)."""
    assert (await elsewhere.fault(url)).code == "own-host"
    elsewhere.redirect("https://west.example/r", url)
    assert (await elsewhere.fault("https://west.example/r")).code == "own-host"
    elsewhere.doc("https://west.example/i", url)
    assert (await elsewhere.fault("https://west.example/i")).code == "own-host"
    assert not any(name.startswith("noord") for name in elsewhere.asked)


async def test_c09_redirects(elsewhere: Elsewhere) -> None:
    """Three redirects are followed, each signed anew; a fourth is not (C08, C09)."""
    for number in range(5):
        elsewhere.redirect(f"https://west.example/{number}", f"/{number + 1}", 301 + number % 3)
    elsewhere.doc("https://west.example/5")
    assert (await elsewhere.fault("https://west.example/1")).code == "redirects"
    assert await elsewhere.fetch("https://west.example/2")
    assert elsewhere.signed[-4:] == [f"https://west.example/{n}" for n in (2, 3, 4, 5)]
    assert elsewhere.network.sent[-1].headers["Signature"] == "for https//west.example/5"


async def test_c09_loops(elsewhere: Elsewhere) -> None:
    """A redirect to where we have been is the end, at once (C09)."""
    elsewhere.redirect("https://west.example/a", "https://west.example/a#b")
    assert (await elsewhere.fault("https://west.example/a")).code == "redirect-loop"
    elsewhere.redirect("https://west.example/b", "/c")
    elsewhere.redirect("https://west.example/c", "/b")
    assert (await elsewhere.fault("https://west.example/b")).code == "redirect-loop"
    assert len(elsewhere.asked) == 3


@pytest.mark.parametrize(
    ("to", "code"),
    [
        ("http://west.example/a/1", "downgrade"),
        ("javascript:alert(1)", "bad-url"),
        ("file:///etc/passwd", "bad-url"),
        ("data:application/activity+json,{}", "bad-url"),
        ("gopher://west.example/", "bad-url"),
        ("https://a@west.example/", "bad-url"),
        ("https://127.1/", "bad-url"),
        ("", "bad-url"),
        ("//[", "bad-url"),
    ],
)
async def test_c10_redirect_targets(elsewhere: Elsewhere, to: str, code: str) -> None:
    """No way from https to http, to another scheme, or to an address in disguise (C10)."""
    elsewhere.redirect("https://west.example/r", to)
    fault = await elsewhere.fault("https://west.example/r")
    assert isinstance(fault, Rejected)
    assert fault.code == code


async def test_c18_open_redirect(elsewhere: Elsewhere) -> None:
    """A redirect of a trusted host to an evil document gives that document its own id, not the trusted one (C18)."""
    elsewhere.redirect(NOTE, "https://evil.example/x")
    elsewhere.doc("https://evil.example/x", NOTE)
    assert (await elsewhere.fault(NOTE)).code == "id"


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/json",
        "text/plain",
        "text/html",
        "image/png",
        "application/octet-stream",
        "application/ld+json",
    ],
)
async def test_c19_content_types(elsewhere: Elsewhere, content_type: str) -> None:
    """AS2 uploaded as something else is not AS2 (C19, C20)."""
    elsewhere.doc(NOTE, content_type=content_type)
    assert (await elsewhere.fault(NOTE)).code == "content-type"


async def test_c20_profile(elsewhere: Elsewhere) -> None:
    """ld+json with the AS profile is."""
    elsewhere.doc(NOTE, content_type=f'application/ld+json; profile="{AS}"')
    assert await elsewhere.fetch(NOTE)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"id":1,"id":2}', b"[" * 5000, b"<html>", b"\xff"])
async def test_d04_d08_malformed(elsewhere: Elsewhere, body: bytes) -> None:
    """A malformed document is rejected, never an exception of a parser (D04, D08)."""
    elsewhere.pages[NOTE] = (200, {"Content-Type": AP}, body)
    assert isinstance(await elsewhere.fault(NOTE), Rejected)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, Vanished),
        (410, Vanished),
        (401, Rejected),
        (403, Rejected),
        (406, Rejected),
        (204, Rejected),
        (429, Temporary),
        (408, Temporary),
        (500, Temporary),
        (503, Temporary),
    ],
)
async def test_statuses(elsewhere: Elsewhere, status: int, kind: type[FetchFault]) -> None:
    """Gone, refused and not-now are three different things."""
    elsewhere.pages[NOTE] = (status, {"Content-Type": AP}, json.dumps({"id": NOTE}).encode())
    fault = await elsewhere.fault(NOTE)
    assert type(fault) is kind
    assert fault.code == str(status)


async def test_unreachable_is_temporary(elsewhere: Elsewhere) -> None:
    """A host that is down or slow is temporary, a place we do not go is not."""
    elsewhere.network.down.add("west.example")
    assert isinstance(await elsewhere.fault(NOTE), Temporary)
    elsewhere.network.slow.add("evil.example")
    assert isinstance(await elsewhere.fault("https://evil.example/"), Temporary)
    assert isinstance(await elsewhere.fault("https://a@b/"), Rejected)


async def test_d02_big_document(elsewhere: Elsewhere) -> None:
    """A document over 1 MiB is not read (D02)."""
    elsewhere.network.answers["west.example"] = Response(200, {"content-type": AP}, b"x" * 1_100_000, NOTE)
    assert (await elsewhere.fault(NOTE)).code == "too-big"


async def test_a28_negative_cache(elsewhere: Elsewhere) -> None:
    """A url that fails is asked once a minute, however often it is wanted, with the same fault (A28)."""
    elsewhere.network.down.add("west.example")
    for _ in range(1000):
        assert isinstance(await elsewhere.fault(NOTE), Temporary)
    assert len(elsewhere.asked) == 1
    elsewhere.clock.now += timedelta(seconds=61)
    elsewhere.network.down.clear()
    elsewhere.doc(NOTE)
    assert await elsewhere.fetch(NOTE)


async def test_a28_all_at_once(elsewhere: Elsewhere) -> None:
    """A thousand wishes for one url at the same moment are one request."""
    elsewhere.doc(NOTE)
    found = await asyncio.gather(*(elsewhere.fetch(NOTE) for _ in range(1000)))
    assert {doc["id"] for doc in found} == {NOTE}
    assert len(elsewhere.asked) == 1
    assert elsewhere.fetcher._flying == {}


async def test_a28_bounded(elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory of failures has a size (D23)."""
    monkeypatch.setattr(fetching, "REMEMBERED", 5)
    for number in range(20):
        await elsewhere.fault(f"https://west.example/{number}")
    assert len(elsewhere.fetcher._failed) == 5


async def test_d12_budget(elsewhere: Elsewhere) -> None:
    """Every request counts, redirects too; beyond the budget nothing is asked and nothing held against the url (D12)."""
    elsewhere.redirect("https://west.example/r", NOTE)
    elsewhere.doc(NOTE)
    budget = Budget(3)
    await elsewhere.fetcher.fetch_document("https://west.example/r", budget=budget)
    assert budget.left == 1
    with pytest.raises(Spent):
        await elsewhere.fetcher.fetch_document("https://west.example/r", budget=budget)
    asked = len(elsewhere.asked)
    with pytest.raises(Spent):
        await elsewhere.fetcher.fetch_document(NOTE, budget=budget)
    assert len(elsewhere.asked) == asked
    assert await elsewhere.fetch("https://west.example/r")


async def test_d12_the_budget_of_another(elsewhere: Elsewhere) -> None:
    """Who joins a request of somebody whose budget ends underway gets the document by its own budget (D12)."""
    elsewhere.redirect("https://west.example/r", NOTE)
    elsewhere.doc(NOTE)
    wanted = [elsewhere.fetch("https://west.example/r", count) for count in (1, 1, 50, 50)]
    *poor, third, fourth = await asyncio.gather(*wanted, return_exceptions=True)
    assert [type(fault) for fault in poor] == [Spent, Spent]
    assert third["id"] == fourth["id"] == NOTE
    assert len(elsewhere.asked) == 4


async def test_d10_what_may_not_be_asked_now_is_no_fault_of_the_url(elsewhere: Elsewhere) -> None:
    """Work that may not ask for anything just now is told so; nothing is asked, and the url stays good (D10, A28)."""
    elsewhere.doc(NOTE)

    def crowded() -> None:
        raise Temporary("crowded")

    full = Budget(begin=crowded)
    for budget in (full, full.part(5)):
        with pytest.raises(Temporary, match="crowded"):
            await elsewhere.fetcher.fetch_document(NOTE, budget=budget)
    assert elsewhere.asked == []
    first, joined = await asyncio.gather(
        elsewhere.fetch(NOTE),
        elsewhere.fetcher.fetch_document(NOTE, budget=full),  # waiting for others holds a hand too
        return_exceptions=True,
    )
    assert first["id"] == NOTE
    assert isinstance(joined, Temporary)
    assert joined.args == ("crowded",)


async def test_abandoned_fetch_is_quiet(elsewhere: Elsewhere) -> None:
    """Whoever stops waiting does not disturb the others, nor leave a warning."""
    elsewhere.doc(NOTE)
    first = asyncio.create_task(elsewhere.fetch(NOTE))
    second = asyncio.create_task(elsewhere.fetch(NOTE))
    await asyncio.wait([first], timeout=0)
    first.cancel()
    assert (await second)["id"] == NOTE
    assert first.cancelled()


async def test_c11_plain_documents(elsewhere: Elsewhere) -> None:
    """WebFinger and NodeInfo are asked unsigned, need no id, and go through the same checks (C11)."""
    url = "https://west.example/.well-known/webfinger?resource=acct:a@west.example"
    elsewhere.pages[url] = (200, {"Content-Type": "application/jrd+json"}, b'{"subject":"x"}')
    assert await elsewhere.fetcher.fetch_plain(url, budget=Budget()) == {"subject": "x"}
    assert elsewhere.signed == []
    assert "Signature" not in elsewhere.network.sent[0].headers
    elsewhere.pages[url + "2"] = (200, {"Content-Type": "text/html"}, b'{"subject":"x"}')
    for bad in (url + "2", "https://noord.example/.well-known/nodeinfo"):
        with pytest.raises(Rejected):
            await elsewhere.fetcher.fetch_plain(bad, budget=Budget())


def test_d12_a_part_of_a_budget() -> None:
    """A part never gives more than the whole has left, and what it spends is gone from the whole (D12)."""
    whole = Budget(3)
    part = whole.part(2)
    for _ in range(2):
        part.spend()
    with pytest.raises(Spent):
        part.spend()
    assert whole.left == 1
    other = whole.part(5)
    other.spend()
    with pytest.raises(Spent):
        other.spend()
    with pytest.raises(Spent):
        whole.spend()


def test_d12_no_more_for_another_attempt() -> None:
    """Work that is tried again gets what it left of its budget (D12)."""
    assert [Budget.after(spent).left for spent in (0, 1, 49, 50, 60)] == [50, 49, 1, 0, 0]
