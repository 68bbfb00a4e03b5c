"""A real browser on the way from an app to the consent page and back: the policy lets it go there, and only there."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.browser.watching import PASSWORD, SPILLS, TOO_FAINT, Watch, free_port
from tests.web.visiting import Village

pytestmark = pytest.mark.browser


async def back(request):
    return HTMLResponse("<!doctype html><title>App</title><p>Terug in de app.")


@pytest.fixture
def serve():
    """`serve(app)`: the app on a real port, until the test is over."""
    running = []

    def start(app, port):
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run)
        thread.start()
        running.append((server, thread))
        while not server.started:
            thread.join(0.02)

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(10)


@pytest.fixture
def village(store_factory, serve):
    port = free_port()
    made = Village(store_factory, base_url=f"http://localhost:{port}", lab_limits="off")
    made.member("noor", password_hash=PasswordHasher().hash(PASSWORD))
    serve(made.app, port)
    return made


@pytest.fixture
def client(serve):
    """Where the app lives: an origin that is not ours."""
    port = free_port()
    serve(Starlette(routes=[Route("/cb", back)]), port)
    return f"http://127.0.0.1:{port}/cb"


def asked(village, *addresses, scope="read", **fields) -> str:
    """The path of the consent page of an app that registered these addresses and names the first."""
    given = {"client_name": "Tuin", "redirect_uris": "\n".join(addresses), "scopes": "read write follow push"}
    app = httpx.post(f"{village.config.base_url}/api/v1/apps", json=given).json()
    query = {
        "response_type": "code",
        "client_id": app["client_id"],
        "redirect_uri": addresses[0],
        "scope": scope,
    }
    return f"/oauth/authorize?{urlencode(query | fields)}"


def signs_in(watch) -> None:
    watch.page.fill("[name=handle]", "noor")
    watch.page.fill("[name=password]", PASSWORD)
    watch.page.click("main form button")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_app_on_another_site_gets_its_answer(village, client, chromium, scripts):
    """Signing in, agreeing, and back at the app with a code and the state; the policy complains of nothing."""
    watch = Watch(chromium, village.config.base_url, java_script_enabled=scripts)
    watch.open(asked(village, client, state="s"))
    signs_in(watch)
    watch.page.click("button[value=allow]")
    watch.page.wait_for_url(f"{client}?**")
    said = dict(parse_qsl(urlsplit(watch.page.url).query))
    assert (len(said["code"]), said["state"]) == (48, "s")
    assert [each for each in watch.complaints if "Content Security Policy" in each] == []


def test_the_policy_of_the_page_lets_the_browser_go_nowhere_else(village, client, chromium):
    """Somebody who changes the page cannot send the browser to another address of the app."""
    elsewhere = client.replace("127.0.0.1", "localhost")
    watch = Watch(chromium, village.config.base_url)
    watch.open(asked(village, client, elsewhere))
    signs_in(watch)
    watch.page.evaluate(f"document.querySelector('[name=redirect_uri]').value = '{elsewhere}'")
    watch.page.click("button[value=allow]")
    watch.page.wait_for_timeout(500)
    assert not watch.page.url.startswith(elsewhere)
    assert any("form-action" in each for each in watch.complaints)


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_for_apps_fit_and_can_be_read(village, client, chromium, width, scheme):
    """The consent page, the code to copy and the list of apps: nothing runs out, contrast and targets are enough."""
    settings = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    watch = Watch(chromium, village.config.base_url, **settings)
    everything = "read write follow push"
    watch.open(asked(village, client, scope=everything))
    signs_in(watch)
    watch.page.wait_for_url("**/oauth/authorize?**")
    look(watch, "consent", width, scheme)
    watch.open(asked(village, "urn:ietf:wg:oauth:2.0:oob", scope="read:statuses push"))
    watch.page.click("button[value=allow]")
    look(watch, "code", width, scheme)
    code = watch.page.inner_text("code.address")
    exchange(village, code)
    watch.open("/mij/apps")
    look(watch, "apps", width, scheme)
    assert "Tuin" in watch.page.inner_text("main")


def exchange(village, code) -> None:
    """The app behind a code, made again: its secret was not kept."""
    from vraagbaak import apps
    from vraagbaak.model import App, AuthorizationCode
    from web.sessions import hash_of

    def unit(tx):
        found = tx.get(AuthorizationCode, hash_of(code))
        apps.exchange(tx, apps.shown(tx, tx.get(App, found.app_id), found.id), "token")

    village.store.run_now(unit)


def look(watch, name, width, scheme) -> None:
    page = watch.page
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
    assert page.evaluate(SPILLS) == [], name
    assert page.evaluate(TOO_FAINT) == [], name
    small = page.evaluate(
        """[...document.querySelectorAll('main button, main .button, main a')]
        .map(each => [each.textContent.trim(), each.getBoundingClientRect().height])
        .filter(([words, height]) => height > 0 && height < 44)"""
    )
    assert small == [], name
