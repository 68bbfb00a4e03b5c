"""A real browser, with and without JavaScript: nothing from elsewhere, nothing kept, everything reachable."""

from __future__ import annotations

import shutil
import socket
import threading
from urllib.parse import urlsplit

import pytest
import uvicorn
from argon2 import PasswordHasher

from tests.web.visiting import Village
from vraagbaak.model import Perspective, Role, Scope

pytestmark = pytest.mark.browser
PASSWORD = "fiets regen brood"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def village(store_factory):
    """A pilot on a real port, with a question answered from here and elsewhere."""
    port = free_port()
    made = Village(
        store_factory, base_url=f"http://localhost:{port}", meeting_place="De Wegwijzer", lab_limits="off"
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
    """The distribution's own browser; every test opens a profile of its own in it."""
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


class Watch:
    """A page, the hosts that it asked and what it complained of."""

    def __init__(self, browser, base, **settings) -> None:
        self.base = base
        self.context = browser.new_context(locale="nl-NL", **settings)
        self.page = self.context.new_page()
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on("console", lambda message: self.complaints.append(message.text))

    def open(self, path: str):
        return self.page.goto(self.base + path)

    def sign_in(self, name: str) -> None:
        self.open("/aanmelden")
        self.page.fill("[name=handle]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("main form button")
        self.page.wait_for_url("**/mij")


def paths(village):
    fixed = ["/", "/vragen", "/vraag", "/meehelpen", "/proeftuinen", "/aanmelden", "/nul", "/hulp", "/beheer"]
    return [
        *fixed,
        "/zoeken",
        "/p/wester",
        "/toegankelijkheid",
        "/v/x",
        f"/v/{village.question.id}",
        "/u/noor",
    ]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_reader_leaves_no_trace_and_meets_no_third_party(village, chromium, scripts):
    """Only our host is asked, no cookie and no storage is left, and the policy has nothing to complain of."""
    watch = Watch(chromium, village.config.base_url, java_script_enabled=scripts)
    for path in paths(village):
        watch.open(path)
        if scripts:
            kept = watch.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
            assert kept == [0, 0, ""], path
    assert watch.hosts == {urlsplit(village.config.base_url).netloc}
    assert watch.context.cookies() == []
    # The header names switches that this browser lacks; it says so each time, and ignores them.
    expected = ("404", "Permissions-Policy")
    assert [each for each in watch.complaints if not any(known in each for known in expected)] == []


@pytest.mark.parametrize("width", [320, 360, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_out_of_a_narrow_screen(village, chromium, width, scheme):
    """Every page fits its width, also with a word longer than a line; buttons and links are large enough."""
    settings = {"viewport": {"width": width, "height": 700}, "color_scheme": scheme}
    watch = Watch(chromium, village.config.base_url, **settings)
    for path in paths(village):
        watch.open(path)
        assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, path
        small = watch.page.evaluate(
            """[...document.querySelectorAll('button, .button, nav a, .plain-link, summary, label.choice, .chip')]
            .map(each => [each.textContent.trim(), each.getBoundingClientRect().height])
            .filter(([words, height]) => height > 0 && height < 44)"""
        )
        assert small == [], path


def test_contrast_is_enough_in_light_and_dark(village, chromium):
    """Every text on every page differs at least 4.5 to 1 from what is behind it (WCAG 1.4.3)."""
    for scheme in ("light", "dark"):
        watch = Watch(chromium, village.config.base_url, color_scheme=scheme)
        watch.sign_in("lien")
        for path in [*paths(village), "/mij", "/mij/uitnodigen", "/nakijken"]:
            watch.open(path)
            assert watch.page.evaluate(TOO_FAINT) == [], (scheme, path)


TOO_FAINT = """(() => {
  const parts = given => given.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = node => {
    for (; node; node = node.parentElement) {
      const colour = parts(getComputedStyle(node).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const node of document.body.querySelectorAll('*')) {
    const own = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
    if (!own || !node.getClientRects().length || node.closest('.unseen, .skip')) continue;
    const [one, two] = [light(parts(getComputedStyle(node).color)), light(behind(node))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < 4.5) found.push([node.textContent.trim().slice(0, 40), ratio]);
  }
  return found;
})()"""


def test_everything_is_done_without_scripts(village, chromium):
    """Sign in, ask, answer, mark and close by plain forms, on a small phone."""
    phone = {"viewport": {"width": 360, "height": 700}, "java_script_enabled": False}
    asker = Watch(chromium, village.config.base_url, **phone)
    asker.sign_in("noor")
    asker.open("/")
    asker.page.fill("#vraag", "Wie leert mij fietsen?")
    asker.page.click("form.ask button")
    asker.page.check("input[value=public]")
    asker.page.click("main form[method=post] .send button")
    asker.page.wait_for_url("**/v/*")
    where = urlsplit(asker.page.url).path
    helper = Watch(chromium, village.config.base_url, **phone)
    helper.sign_in("sam")
    helper.open(where)
    helper.page.fill("#f-body", "Ik heb tijd op zaterdag.")
    helper.page.check("#f-perspective input[value=resident]")
    helper.page.click("#antwoord .send button")
    helper.page.wait_for_url("**#a-*")
    asker.open(where)
    asker.page.click(".marks button[value=helped]")
    asker.page.wait_for_url("**#a-*")
    asker.page.click("form[action$=klaar] button")
    reader = Watch(chromium, village.config.base_url, **phone)
    reader.open(where)
    words = reader.page.inner_text("main")
    assert "Dit hielp" in words
    assert "klaar, bedankt" in words
    assert reader.context.cookies() == []
    cookies = asker.context.cookies()
    assert [(each["name"], each["httpOnly"], each["sameSite"]) for each in cookies] == [
        ("session", True, "Lax")
    ]


def test_while_one_types_what_others_asked_appears(village, chromium):
    """With scripts, below the field and without leaving it; what was typed stands in no address."""
    watch = Watch(chromium, village.config.base_url, viewport={"width": 360, "height": 700})
    asked = []
    watch.page.on("request", lambda request: asked.append((request.method, request.url)))
    watch.open("/")
    watch.page.type("#vraag", "zondagen zijn lang")
    watch.page.wait_for_selector("#lijkt-op a")
    assert "Hoe kom ik de zondag door?" in watch.page.inner_text("#lijkt-op")
    assert watch.page.evaluate("document.activeElement.id") == "vraag"
    assert ("POST", f"{village.config.base_url}/vraag/lijkt-op") in asked
    assert not [url for _, url in asked if "zondag" in url]
    watch.page.fill("#vraag", "")
    watch.page.wait_for_selector("#lijkt-op a", state="detached")
    assert not [each for each in watch.complaints if "Content Security Policy" in each]
    assert watch.hosts == {urlsplit(village.config.base_url).netloc}


def test_without_scripts_what_others_asked_is_the_first_step(village, chromium):
    """The same on a page of its own, with the way on to one's own question."""
    phone = {"viewport": {"width": 360, "height": 700}, "java_script_enabled": False}
    watch = Watch(chromium, village.config.base_url, **phone)
    watch.sign_in("sam")
    watch.open("/")
    watch.page.fill("#vraag", "zondagen zijn lang")
    watch.page.click("form.ask button")
    assert "Dit vroegen anderen al" in watch.page.inner_text("h1")
    watch.page.click("text=Mijn vraag staat er niet bij")
    assert watch.page.input_value("#f-title") == "zondagen zijn lang"


def test_the_keyboard_reaches_everything_visibly(village, chromium):
    """The first tab is the skip link; every stop after it shows where it is."""
    watch = Watch(chromium, village.config.base_url)
    watch.open(f"/v/{village.question.id}")
    watch.page.keyboard.press("Tab")
    assert watch.page.evaluate("document.activeElement.className") == "skip"
    for _ in range(12):
        watch.page.keyboard.press("Tab")
        shown = watch.page.evaluate(
            "(({outlineStyle, outlineWidth}) => [outlineStyle, outlineWidth])(getComputedStyle(document.activeElement))"
        )
        assert shown == ["solid", "3px"]


SPILLS = """(() => {
  const found = [];
  for (const node of document.querySelectorAll('button, .button, a, label, summary, legend, h1, h2, h3, p, .badge')) {
    const box = node.getBoundingClientRect(), around = node.parentElement.getBoundingClientRect();
    if (box.width > 1 && !node.closest('.unseen, .skip') && (node.scrollWidth > node.clientWidth + 1
        && getComputedStyle(node).display !== 'inline' || box.right > document.documentElement.clientWidth + 1))
      found.push([node.tagName, node.textContent.trim().slice(0, 40), Math.round(box.right)]);
  }
  return found;
})()"""


@pytest.mark.parametrize(("width", "size"), [(360, "225%"), (320, "112.5%")], ids=["200%-text", "small"])
def test_text_twice_as_large_fits_a_phone(village, chromium, width, size):
    """Nothing runs out of the screen or its own box, on any page, with every fold open (WCAG 1.4.4, 1.4.10)."""
    viewport = {"width": width, "height": 700}
    visits = [
        ("", paths(village)),
        ("noor", [*paths(village), "/mij", "/mij/weg", *(f"/v/{village.question.id}/{act}" for act in ACTS)]),
        ("lien", [f"/v/{village.question.id}", "/nakijken", "/mij", "/mij/uitnodigen", "/meehelpen"]),
    ]
    for name, opened in visits:
        watch = Watch(chromium, village.config.base_url, viewport=viewport)
        if name:
            watch.sign_in(name)
        for path in opened:
            watch.open(path)
            watch.page.evaluate(
                f"document.documentElement.style.fontSize = '{size}';"
                "document.querySelectorAll('details').forEach(each => each.open = true)"
            )
            assert watch.page.evaluate("document.documentElement.scrollWidth") <= width, (name, path)
            assert watch.page.evaluate(SPILLS) == [], (name, path)


TINY = """[...document.querySelectorAll('a, button, summary, select, textarea, label.choice, label.chip')]
  .filter(node => node.getClientRects().length && !node.closest('.unseen, .skip, .said')
    && getComputedStyle(node, '::after').position !== 'absolute')  // the whole card is the link
  .map(node => {
    const around = node.closest('p, li, dd, h1, h2, h3');
    const alone = around && around.textContent.trim() === node.textContent.trim();
    return [node.textContent.trim().slice(0, 40), Math.round(node.getBoundingClientRect().height), alone ? 44 : 24];
  }).filter(([words, height, wanted]) => height < wanted)"""


def test_fingers_find_what_they_look_for(village, chromium):
    """A link or button on a line of its own is 44 pixels high, one in a sentence 24 (WCAG 2.5.8, and more)."""
    visits = [("", paths(village)), ("noor", [*paths(village), "/mij"]), ("lien", ["/nakijken", "/mij"])]
    for name, opened in visits:
        watch = Watch(chromium, village.config.base_url, viewport={"width": 360, "height": 700})
        if name:
            watch.sign_in(name)
        for path in opened:
            watch.open(path)
            watch.page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            assert watch.page.evaluate(TINY) == [], (name, path)


def test_answers_stand_side_by_side_where_there_is_room(village, chromium):
    """Each perspective has its column on a wide screen; on a phone they stand below each other."""
    for width, beside in ((1280, True), (360, False)):
        watch = Watch(chromium, village.config.base_url, viewport={"width": width, "height": 700})
        watch.open(f"/v/{village.question.id}")
        first, second = (each.bounding_box() for each in watch.page.query_selector_all(".group"))
        assert (abs(first["y"] - second["y"]) < 2) is beside
        assert (first["x"] + first["width"] <= second["x"]) is beside


ACTS = ("aanpassen", "minder", "verwijderen")
