"""What whoever keeps the server running can ask."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import namedtuple

import pytest

from storage import counts
from storage.work import Work
from tests.web.serving import Serving

WATCH = {"Authorization": "Bearer watch"}


@pytest.fixture
def pilot(store_factory):
    return Serving(store_factory)


async def get(pilot, path, **headers):
    async with pilot.client(**headers) as client:
        return await client.get(path)


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        "Bearer watchx",
        "Bearer watc",
        "Basic watch",
        "watch",
        "Bearer é",
    ],
)
async def test_figures_are_as_if_absent_without_the_token(pilot, given):
    missing = await get(pilot, "/nergens", Accept="application/json")
    headers = {"Authorization": given.encode().decode("latin-1")} if given else {}
    async with pilot.client(Accept="application/json") as client:
        answer = await client.get(
            "/metrics", headers=[(name, value.encode("latin-1")) for name, value in headers.items()]
        )
    assert (answer.status_code, answer.content) == (404, missing.content)


async def test_without_a_setting_no_token_fits(store_factory):
    pilot = Serving(store_factory, metrics_token="")
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer watch"}):
        assert (await get(pilot, "/metrics", **headers)).status_code == 404


async def test_figures_come_in_the_format_of_prometheus(pilot):
    pilot.store.run_now(lambda tx: [tx.enqueue(Work("deliver", host="a.example")) for _ in range(3)])
    for path in ("/healthz", "/nergens", "/stuk/x"):
        await get(pilot, path)
    answer = await get(pilot, "/metrics", **WATCH)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    lines = answer.text.splitlines()
    line = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+')
    assert all(line.fullmatch(each) for each in lines)
    assert 'vraagbaak_requests_total{status="2xx"} 1' in lines
    assert 'vraagbaak_requests_total{status="4xx"} 1' in lines
    assert 'vraagbaak_requests_total{status="5xx"} 1' in lines
    assert 'vraagbaak_jobs{kind="deliver",state="waiting"} 3' in lines
    for figure in ("uptime_seconds", "cpu_seconds_total", "queue_behind_seconds", "hosts_parked"):
        assert any(each.startswith(f"vraagbaak_{figure} ") for each in lines)


async def test_figures_name_nobody(pilot):
    noor = pilot.member("noortje")
    pilot.ask(noor, "Een heel eigen vraag")
    text = (await get(pilot, "/metrics", **WATCH)).text
    assert "noortje" not in text
    assert "eigen" not in text


async def test_the_queue_says_how_far_it_is_behind(pilot):
    pilot.store.run_now(lambda tx: tx.enqueue(Work("publish")))
    pilot.clock.tick(minutes=2)
    assert pilot.store.read_now(counts.queue).behind_seconds == 120


async def test_alive_needs_nothing(pilot):
    pilot.store.close()
    answer = await get(pilot, "/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    answer = await get(pilot, "/health")
    assert (answer.status_code, answer.text) == (200, "OK")


async def test_ready_when_all_is_there(pilot):
    answer = await get(pilot, "/readyz")
    wanted = {"status": "ready", "database": "ok", "worker": "none in this process", "disk": "ok"}
    assert (answer.status_code, answer.json()) == (200, wanted)


async def test_not_ready_says_what_is_missing_in_words(pilot, monkeypatch, caplog):
    async def over():
        return None

    stopped = asyncio.create_task(over())
    await stopped
    pilot.app.state.worker_task = stopped
    full = namedtuple("Usage", "total used free")(100, 99, 1)  # noqa: PYI024
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    pilot.store.close()
    answer = await get(pilot, "/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "database": "does not answer",
        "worker": "has stopped",
        "disk": "less than 50 MB is left",
    }


async def test_a_worker_that_runs_is_fine(pilot):
    pilot.app.state.worker_task = running = asyncio.create_task(asyncio.Event().wait())
    assert (await get(pilot, "/readyz")).json()["worker"] == "ok"
    running.cancel()
