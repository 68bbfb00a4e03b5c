"""One pilot on a real port, and one Chromium."""

from __future__ import annotations

import threading

import pytest
import uvicorn
from argon2 import PasswordHasher

from tests.browser.watching import CHROMIUM, PASSWORD, QUIET, free_port
from tests.web.visiting import Village
from vraagbaak.model import Perspective, Role, Scope


@pytest.fixture
def village(store_factory):
    """A pilot on a real port, with a question answered from here and elsewhere."""
    port = free_port()
    made = Village(
        store_factory,
        base_url=f"http://localhost:{port}",
        meeting_place="De Wegwijzer",
        moderate_anonymous=False,
        lab_limits="off",
    )
    hashed = PasswordHasher().hash(PASSWORD)
    noor, sam = made.member("noor", password_hash=hashed), made.member("sam", password_hash=hashed)
    made.member("lien", Role.STEWARD, password_hash=hashed)
    made.question = made.ask(
        noor, "Hoe kom ik de zondag door?", body="Met een [link](https://elders.example/)"
    )
    made.neighbour()
    made.answer(sam, made.question, "Kom bij ons eten.", perspective=Perspective.RESIDENT)
    family = {"perspective": Perspective.FAMILY}
    made.arrived_answer(made.stranger("Henk"), made.question, "Bij ons is er soep." * 20, **family)
    made.ask(noor, "Lang" + "woord" * 30 + "?", Scope.PUBLIC)
    server = uvicorn.Server(uvicorn.Config(made.app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield made
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def chromium():
    """The distribution's own browser; every test opens a profile of its own in it.

    For one module at a time: while Playwright runs, its event loop stands in the way of tests that have their own.
    """
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
