"""What a reader can make this server do: nothing but read to them what is there, whatever the address says.

The letters and numbers are rows of the threat table.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote

import pytest
import pytest_asyncio
from starlette.routing import Route

from tests.journeys.strangers import ACTIVITY, PUBLIC, Elsewhere, Request, faults, unchanged
from tests.journeys.world import Instance, World
from vraagbaak import peers
from vraagbaak.model import Member, Question, Scope, Standing
from web.app import ROUTES
from web.pages.statics import FILES

pytestmark = pytest.mark.asyncio(loop_scope="module")

WEST = "https://westerpark.example"
NEVER = "01k2m7zzzzzzzzzzzzzzzzzzzz"
AIM = "https://doel.example/a.png?file_type=jpg&proxy=https://doel.example/b"
READ = sorted({route.path for route in ROUTES if isinstance(route, Route) and "GET" in route.methods})
INJECTED = (
    f"url={quote(AIM, safe='')}",
    f"uri={quote(AIM, safe='')}&src={quote(AIM, safe='')}&q={quote(AIM, safe='')}",
    f"file_type={quote('..&proxy=' + AIM, safe='')}&proxy={quote(AIM, safe='')}",
    f"resource={quote(AIM, safe='')}&acct={quote('acct:x@doel.example', safe='')}",
    f"href={quote('//doel.example/x', safe='')}&link=http%3A%2F%2F169.254.169.254%2F&callback=x",
)
OWN = (
    f"url={quote(WEST + '/proxy?url=' + WEST, safe='')}",
    f"url={quote('https://ander.example/proxy/' + WEST + '/actor', safe='')}",
    f"resource={quote(WEST + '/actor', safe='')}",
)


@dataclass
class Scene:
    world: World
    west: Instance
    fatma: Member
    question: Question

    async def get(self, target: str, **headers: str):
        lines = [(name.replace("_", "-"), value) for name, value in headers.items()]
        return await Request(method="GET", target=target, headers=lines).to(self.west)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("readers"))
    west = world.pilot("Westerpark", moderate_outside=False)
    fatma = west.member("fatma")
    Elsewhere(world, "doel.example")
    question = west.ask(fatma, "Wie loopt er mee?", Scope.PUBLIC)
    await world.settle()
    yield Scene(world, west, fatma, question)
    world.close()


@pytest.fixture(autouse=True)
def no_faults(scene, caplog):
    yield
    assert faults(scene.world, caplog.records) == []


def filled(scene: Scene, path: str) -> str:
    """A path with something in its places that is there, where that is possible."""
    known = {
        "id": scene.question.id,
        "name": "fatma",
        "slug": "westerpark",
        "pilot": "westerpark",
        "topic": "wonen",
    }
    return re.sub(r"\{(\w+)\}", lambda place: known.get(place[1], "x"), path)


@pytest.mark.parametrize("path", READ)
async def test_c13_c14_no_address_in_a_request_is_gone_to(scene, path):
    """There is no proxy: neither an address nor a parameter inside one makes this server ask anybody, or itself."""
    with unchanged(scene.west, "actor_keys"):  # those of our own are made when they are first shown
        for query in (*INJECTED, *OWN):
            for accept in (ACTIVITY, "text/html", "image/*"):
                answer = await scene.get(f"{filled(scene, path)}?{query}", accept=accept)
                assert answer.status_code < 500, (path, query)
                assert "doel.example" not in answer.headers.get("location", "")
    assert scene.world.network.sent == [] or all(
        sent.host != "doel.example" for sent in scene.world.network.sent
    )


@pytest.mark.parametrize(
    "target", ["/proxy", "/media/proxy", "/image", "/media/x.png", "/oembed", "/embed", f"/{AIM}"]
)
async def test_c13_c14_there_is_nothing_that_would_fetch_a_picture(scene, target):
    """The usual places of proxies and previews are empty."""
    with unchanged(scene.west):
        for query in INJECTED:
            assert (await scene.get(f"{target}?{query}")).status_code == 404


# what people write here is never a document of ours


def posing() -> str:
    """A text that would be somebody's post, if it were served as what it looks like."""
    return json.dumps(
        {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": f"{WEST}/q/{NEVER}",
            "type": "Note",
            "attributedTo": f"{WEST}/u/fatma",
            "to": PUBLIC,
            "content": "<p>Verzonnen.</p>",
        }
    )


@pytest.mark.parametrize(
    "accept", [ACTIVITY, 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"', "*/*"]
)
async def test_c21_a_text_that_looks_like_a_document_stays_a_text(scene, accept):
    """Whatever a member writes: it comes back inside a document of ours, or on a page, and never as a document itself."""
    question = scene.west.ask(scene.fatma, "Wat is dit?", Scope.PUBLIC, body=posing())
    answer = scene.west.answer(scene.fatma, question, posing())
    for path in (f"/q/{question.id}", f"/a/{answer.id}", f"/v/{question.id}", "/u/fatma/outbox"):
        found = await scene.get(path, accept=accept)
        assert found.headers["x-content-type-options"] == "nosniff"
        if found.headers.get("content-type", "").startswith(ACTIVITY):
            assert found.json()["id"] == WEST + path
            assert found.json().get("content") != "<p>Verzonnen.</p>"
        else:
            assert found.headers.get("content-type", "text/html").startswith("text/html")
            assert "default-src 'none'" in found.headers["content-security-policy"]


async def test_c21_nobody_puts_a_file_here(scene):
    """No page takes a file, and what `/static` serves are the files that came with the program, each of its own type."""
    files = {"title": ("x.json", posing().encode(), ACTIVITY)}
    async with scene.west.client(**{"Sec-Fetch-Site": "same-origin"}) as browser:
        for path in ("/vraag", "/meehelpen", "/aanmelden"):
            assert (await browser.post(path, files=files)).status_code in {401, 403, 422}
        for name, kind in FILES.items():
            for accept in (ACTIVITY, "application/json"):
                found = await browser.get(f"/static/{name}", headers={"Accept": accept})
                assert found.headers["content-type"] == kind
                assert found.headers["x-content-type-options"] == "nosniff"


async def test_c21_only_documents_of_ours_say_that_they_are_documents(scene):
    """Under a path of another kind nothing is sent as ActivityPub, so nobody can plant a document at it."""
    ours = re.compile(r"/(actor|u|b|q|a|offers|act|follows)(/|$)")
    for path in READ:
        found = await scene.get(filled(scene, path), accept=ACTIVITY)
        if found.headers.get("content-type", "").startswith(
            ("application/activity+json", "application/ld+json")
        ):
            assert ours.match(path), path
            assert found.json()["id"].startswith(WEST)


# files


@pytest.mark.parametrize(
    "ranges",
    [
        ",".join(f"{number}-{number}" for number in range(10_000)),
        ",".join(["0-"] * 10_000),
        ",".join(f"-{number}" for number in range(1, 5000)),
        "0-0," * 10_000,
        "-" * 50_000,
        "9" * 5000 + "-",
    ],
    ids=[
        "I06 one byte each",
        "I06 all",
        "I06 from the end",
        "I06 the same",
        "I06 dashes",
        "I06 a large number",
    ],
)
async def test_ten_thousand_parts_of_a_file_are_the_file(scene, ranges):
    """However many parts are asked for, the answer is no larger than the file and takes no longer."""
    whole = await scene.get("/static/style.css")
    found = await scene.get("/static/style.css", range=f"bytes={ranges}")
    assert found.status_code in {200, 400, 416}
    assert len(found.content) <= len(whole.content)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "../render.py",
            "..%2frender.py",
            "..%5crender.py",
            "%2e%2e/render.py",
            "....//render.py",
            "./style.css",
        ),
        *(
            "style.css%00",
            "style.css%00.png",
            "/etc/passwd",
            "%2fetc%2fpasswd",
            "C:%5cwindows",
            "~root",
        ),
        *("", ".", "..", "x.css", "STYLE.CSS", "style.css;x", "style.css%0a"),
    ],
)
async def test_i08_no_path_leads_to_another_file(scene, name):
    """Only the names in a list are files; no name is ever looked up on disk, so neither dots nor links lead away."""
    answer = await scene.get(f"/static/{name}")
    assert answer.status_code in {404, 405}
    assert "import" not in answer.text


async def test_i08_no_file_is_a_way_out():
    """What came with the program is no link to something else."""
    from web import render

    for name in FILES:
        path = render.STATIC / name
        assert path.is_file()
        assert not path.is_symlink()


# who may read the list of whom we refuse


async def test_f06_nobody_reads_whom_we_refuse(scene):
    """No page, list or document names a server that is refused or limited, nor the reason, to anybody from outside."""
    for name, standing in (("fout.example", Standing.REFUSED), ("beperkt.example", Standing.LIMITED)):
        scene.west.store.run_now(peers.decide, name, standing, f"Reden van {name}")
    stranger = Elsewhere(scene.world, "vreemd.example").person()
    for path in READ:
        target = filled(scene, path)
        for answer in (
            await scene.get(target, accept="text/html"),
            await scene.get(target, accept=ACTIVITY),
            await stranger.get(scene.west, target),
        ):
            for word in ("fout.example", "beperkt.example", "Reden van"):
                assert word not in answer.text, path
