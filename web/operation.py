"""For whoever keeps the server running: does it live, can it work, how busy is it.

Counts requests, jobs and deliveries, never people; the figures are only for who holds the token.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import shutil
import time
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage import counts
from vraagbaak.errors import Unknown
from web.sessions import token_in
from web.site import Site, site_of

LEAST_DISK = 50 * 1024 * 1024
DATABASE_SECONDS = 5.0
_NO_STORE = {"Cache-Control": "no-store"}


class Traffic:
    """How many requests this process answered, by the class of their status."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.by_class = [0] * 10

    @property
    def uptime(self) -> float:
        """Seconds since this process began to answer."""
        return time.monotonic() - self.started


class CountRequests:
    """Counts each answer by the first digit of its status."""

    def __init__(self, app: ASGIApp, traffic: Traffic) -> None:
        self.app = app
        self.by_class = traffic.by_class

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        by_class = self.by_class

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                by_class[message["status"] // 100 % 10] += 1
            await send(message)

        await self.app(scope, receive, send_and_count)


async def healthz(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    """The process lives."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def health(request: Request) -> Response:  # noqa: ARG001 - the shape of an endpoint
    """The same in Mastodon's word and at its address: client libraries ask there (Mastodon.py 2.3)."""
    return PlainTextResponse("OK", headers=_NO_STORE)


async def readyz(request: Request) -> Response:
    """Whether the process can do its work: 200, or 503 with what is missing, in words."""
    found = {
        "database": await _database(site_of(request)),
        "worker": _worker(getattr(request.app.state, "worker_task", None)),
        "disk": _disk(folder_of(request)),
    }
    ready = all(word in {"ok", "none in this process"} for word in found.values())
    status = {"status": "ready" if ready else "not ready", **found}
    return JSONResponse(status, status_code=200 if ready else 503, headers=_NO_STORE)


async def _database(site: Site) -> str:
    try:
        async with asyncio.timeout(DATABASE_SECONDS):
            return "ok" if await site.store.read(counts.alive) else "gives a strange answer"
    except Exception:  # noqa: BLE001 - whatever is wrong with it, it does not answer
        return "does not answer"


def _worker(task: asyncio.Task[Any] | None) -> str:
    if task is None:
        return "none in this process"
    return "has stopped" if task.done() else "ok"


def _disk(folder: Path) -> str:
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return "the data folder cannot be read"
    return "ok" if free > LEAST_DISK else "less than 50 MB is left"


def folder_of(request: Request) -> Path:
    """Where the data is: `app.state.folder` if app.py says so, else beside the database, else here."""
    folder: Path | None = getattr(request.app.state, "folder", None)
    file = site_of(request).store.file
    return folder or (file.parent if file else Path())


async def metrics(request: Request) -> Response:
    """Figures in the text format of Prometheus. Raises Unknown without the token, as if there were nothing."""
    site = site_of(request)
    wanted, given = site.config.metrics_token, token_in(request)
    if not wanted or not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise Unknown
    traffic: Traffic = request.app.state.traffic
    queue = await site.store.read(counts.queue)
    lines = [
        *_metric("vraagbaak_uptime_seconds", "gauge", "Since this process began.", {"": traffic.uptime}),
        *_metric("vraagbaak_cpu_seconds_total", "counter", "Processor time of this process.", {"": _cpu()}),
        *_metric(
            "vraagbaak_requests_total",
            "counter",
            "Answers of this process, by class of status.",
            {f'status="{digit}xx"': traffic.by_class[digit] for digit in range(1, 6)},
        ),
        *_metric(
            "vraagbaak_jobs",
            "gauge",
            "Jobs in the queue; deliveries are of kind deliver.",
            {f'kind="{kind}",state="{state}"': count for kind, state, count in queue.jobs},
        ),
        *_metric(
            "vraagbaak_queue_behind_seconds",
            "gauge",
            "Age of the oldest due job.",
            {"": queue.behind_seconds},
        ),
        *_metric("vraagbaak_hosts_parked", "gauge", "Servers that do not answer.", {"": queue.parked_hosts}),
    ]
    return PlainTextResponse(
        "\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8", headers=_NO_STORE
    )


def _metric(name: str, kind: str, text: str, values: dict[str, float]) -> list[str]:
    """One metric; the keys of `values` are labels as they stand between braces."""
    lines = [f"# HELP {name} {text}", f"# TYPE {name} {kind}"]
    return lines + [
        f"{name}{{{labels}}} {value}" if labels else f"{name} {value}" for labels, value in values.items()
    ]


def _cpu() -> float:
    used = os.times()
    return round(used.user + used.system, 3)


ROUTES = [
    Route("/healthz", healthz),
    Route("/health", health),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
]
