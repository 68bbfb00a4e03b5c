"""The ASGI application of one pilot: its routes, its order of layers, and its life from start to stop.

It refuses nothing itself; each layer says what it refuses.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from vraagbaak import config as settings
from vraagbaak.config import Config
from web import (
    activitypub,
    api,
    cors,
    csrf,
    discovery,
    errors,
    feeds,
    limits,
    mastodon,
    media,
    operation,
    pages,
    security,
)
from web.mastodon import streaming
from web.routing import Directory
from web.wiring import Parts, open_store

log = logging.getLogger("vraagbaak.app")

# Of two that take the same path, the first counts.
ROUTES = [
    *activitypub.ROUTES,
    *feeds.ROUTES,
    *activitypub.PAGES,
    *pages.ROUTES,
    *media.ROUTES,
    *discovery.ROUTES,
    *api.ROUTES,
    *mastodon.ROUTES,
    *operation.ROUTES,
]
DATA = "VRAAGBAAK_DATA"


def create_app(config: Config, folder: Path) -> Starlette:
    """One pilot on the data in `folder`, opened now; its worker runs from start to stop of the application.

    Raises BadSetting, `storage.errors.SchemaTooNew` or `federation.keys.BadSecret`, each with one sentence for
    whoever starts it.
    """
    store = open_store(config, folder)
    try:
        parts = Parts.assemble(config, folder, store)
    except BaseException:
        store.close()
        raise
    return application(parts, folder)


def from_environment() -> Starlette:
    """The same, with all settings from the environment and the data folder: for several processes."""
    folder = Path(os.environ[DATA])
    config, _ = settings.load(folder, {}, os.environ)
    app = create_app(config, folder)
    spare_the_collector()
    return app


def spare_the_collector() -> None:
    """Tell the collector of garbage that what is there now stays: it goes through all of it again and again otherwise.

    Of a large document that costs half: its members are many, and each thousand of them is a reason to look.
    """
    gc.collect()
    gc.freeze()


def application(parts: Parts, folder: Path | None = None) -> Starlette:
    """The application on parts that are put together already."""
    config = parts.config
    traffic = operation.Traffic()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(parts.worker.run(), name="worker") if config.worker else None
        app.state.worker_task = task
        try:
            yield
        finally:
            streaming.end_all(app)
            if task:
                parts.worker.stop()
                await _end(task)
            await parts.close()

    app = Starlette(
        routes=[Directory(ROUTES)],
        exception_handlers=errors.HANDLERS,
        middleware=[
            Middleware(security.SecurityHeaders, config=config),
            Middleware(cors.OpenToOtherSites),
            Middleware(operation.CountRequests, traffic=traffic),
            Middleware(errors.UnexpectedFaults),
            Middleware(csrf.SameOriginOnly, config=config),
        ],
        lifespan=lifespan,
    )
    app.state.site = parts.site
    app.state.limits = limits.Limits(config, parts.store.clock)
    app.state.traffic = traffic
    app.state.folder = folder
    app.state.worker_task = None
    return app


async def _end(task: asyncio.Task[None]) -> None:
    await asyncio.wait([task])  # a worker that broke must not keep the rest from stopping
    if not task.cancelled() and (fault := task.exception()):
        log.error("the worker stopped with a fault", exc_info=fault)
