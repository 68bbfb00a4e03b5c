"""Plays one question and its answer between the two pilots of the demonstration, and takes pictures on the way.

Without arguments the pictures of the README are written; with `--all FOLDER` also every page at 360 and 1280 pixels,
light and dark, to look at. Needs Chromium.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PORT = 8401
WEST, EAST = f"http://westerpark.localhost:{PORT}", f"http://nieuwland.localhost:{PORT + 1}"
PASSWORD = "samen-beter-2026"
TITLE = "Wie zoekt er ook een biljartmaatje?"
BODY = "Mijn broer wil weer biljarten, maar niet alleen. Hij heeft een moeilijke tijd achter de rug."
ANSWER = "Bij ons is dinsdagmiddag inloop met een biljart. Ik begon daar zelf zo. Kom gerust een keer kijken."
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
SECONDS = 20.0


@contextlib.contextmanager
def demonstration() -> Iterator[None]:
    """Both pilots, running on data that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="vraagbaak-pictures-") as folder:
        command = [sys.executable, "-m", "web.cli", "demo", "--data", folder, "--port", str(PORT)]
        running = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_for(lambda: "Nieuwland" in read(f"http://127.0.0.1:{PORT}/proeftuinen"))
            yield
        finally:
            running.terminate()
            running.wait(15)


def read(address: str) -> str:
    """A page as text; empty while nobody answers."""
    with contextlib.suppress(OSError):
        return str(urllib.request.urlopen(address, timeout=5).read().decode())
    return ""


def wait_for(happened: Callable[[], object]) -> None:
    """Until it happened, or for too long."""
    until = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > until:
            raise SystemExit("The demonstration did not get that far.")
        time.sleep(0.1)


def sign_in(browser: Browser, base: str, handle: str) -> Page:
    """A browser in which this person is signed in, on a page of 1280 pixels."""
    page = browser.new_context(locale="nl-NL", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{base}/aanmelden")
    page.fill("input[name=handle]", handle)
    page.fill("input[name=password]", PASSWORD)
    page.click("main form button")
    return page


def play(browser: Browser) -> tuple[Page, Page]:
    """Ask in Westerpark, answer in Nieuwland, say that it helped; both browsers at the question."""
    west, east = sign_in(browser, WEST, "toos"), sign_in(browser, EAST, "wouter")
    west.goto(f"{WEST}/vraag")
    west.fill("[name=title]", TITLE)
    west.fill("[name=body]", BODY)
    west.check("input[name=scope][value=pilots]")
    west.click("main form button[type=submit], main form button:not([type])")
    began = time.monotonic()
    wait_for(lambda: arrived(east, f"{EAST}/vragen", TITLE))
    print(f"The question was in Nieuwland after {time.monotonic() - began:.1f} s.")
    east.click(f"text={TITLE}")
    east.fill("form[action*=antwoord] textarea >> nth=-1", ANSWER)
    east.check("form[action*=antwoord] input[value=experience-expert] >> nth=-1")
    east.click("form[action*=antwoord] button >> nth=-1")
    began = time.monotonic()
    wait_for(lambda: arrived(west, west.url, ANSWER[:30]))
    print(f"The answer was in Westerpark after {time.monotonic() - began:.1f} s.")
    west.click("button[value=helped]")
    began = time.monotonic()
    wait_for(lambda: arrived(east, east.url, "Dit hielp"))
    print(f"'Dit hielp' was in Nieuwland after {time.monotonic() - began:.1f} s.")
    west.reload()
    return west, east


def arrived(page: Page, address: str, words: str) -> bool:
    """Whether these words stand on the page by now."""
    page.goto(address.partition("#")[0])  # with its mark it would not be loaded anew
    return words in page.inner_text("main")


def pictures(browser: Browser) -> None:
    """Those of the README."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    west, east = play(browser)
    for page, name in ((west, "westerpark"), (east, "nieuwland")):
        page.set_viewport_size({"width": 760, "height": 1000})
        page.goto(page.url.partition("#")[0])
        page.screenshot(path=IMAGES / f"{name}.png", full_page=False)


def every_page(browser: Browser, folder: Path) -> None:
    """All pages in both widths and both colour schemes, for looking at."""
    folder.mkdir(parents=True, exist_ok=True)
    west = sign_in(browser, WEST, "toos")
    steward = sign_in(browser, WEST, "lien")
    passer_by = browser.new_page(locale="nl-NL")
    passer_by.goto(f"{WEST}/vragen")
    question = passer_by.get_attribute(".card-title a >> nth=0", "href") or "/"
    visits = {
        "passer-by": (
            passer_by,
            [
                "/",
                "/vragen",
                question,
                "/vraag",
                "/k",
                "/zoeken",
                "/meehelpen",
                "/proeftuinen",
                "/p/westerpark",
            ],
        ),
        "telling": (passer_by, ["/volgen", "/week"]),
        "about": (passer_by, ["/nul", "/hulp", "/beheer", "/toegankelijkheid", "/aanmelden", "/nergens"]),
        "member": (
            west,
            ["/", question, "/vraag", "/mij", "/mij/apps", "/meehelpen", "/volgen", "/voor-jou"],
        ),
        "steward": (steward, ["/nakijken", "/mij/uitnodigen"]),
    }
    for who, (page, paths) in visits.items():
        for path in paths:
            page.goto(f"{WEST}{path}")
            both(page, folder / f"{who}-{path.strip('/').replace('/', '-')[:20] or 'front'}")
    without_account(browser, folder)


def without_account(browser: Browser, folder: Path) -> None:
    """The way of a question without an account: the form, what is pointed out, the four words, and coming back."""
    page = browser.new_page(locale="nl-NL")
    page.goto(f"{WEST}/vraag")
    page.fill("[name=title]", "Wie helpt mij weer slapen? Bel 06-12345678")
    page.click("main form[action='/vraag'] > .send button")
    both(page, folder / "asker-warning")
    page.fill("[name=title]", "Wie helpt mij weer slapen?")
    page.click("main form[action='/vraag'] > .send button")
    both(page, folder / "asker-words")
    page.click("text=Bekijk je vraag")
    both(page, folder / "asker-question")
    page.click("button[value=delete]")
    page.click("button.danger")
    both(page, folder / "asker-gone")


def both(page: Page, name: Path) -> None:
    """This page, as it is, in both widths and both colour schemes."""
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
            page.screenshot(path=name.with_name(f"{name.name}-{width}-{scheme}.png"), full_page=True)


def similar_pages(browser: Browser, folder: Path) -> None:
    """What others asked: as the first step, while somebody types, and found by searching."""
    words = "ik slaap zo slecht de laatste tijd"
    member = sign_in(browser, WEST, "toos")

    def first_step() -> None:
        member.goto(f"{WEST}/")
        member.fill("#vraag", words)
        member.click("form.ask button")

    def typing(path: str, field: str) -> None:
        member.goto(f"{WEST}{path}")
        member.type(field, words)
        member.wait_for_selector("#lijkt-op a")

    def searching() -> None:
        member.goto(f"{WEST}/zoeken")
        member.fill("#zoek", "niet kunnen slapen")
        member.click("form[role=search] .button >> nth=0")

    visits: dict[str, Callable[[], None]] = {
        "first-step": first_step,
        "typing-front": lambda: typing("/", "#vraag"),
        "typing-form": lambda: typing("/vraag", "#f-title"),
        "search": searching,
    }
    for name, visit in visits.items():
        for width in (360, 1280):
            for scheme in ("light", "dark"):
                member.set_viewport_size({"width": width, "height": 800})
                member.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of two words
                visit()
                member.screenshot(path=folder / f"similar-{name}-{width}-{scheme}.png", full_page=True)


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="also every page, into this folder")
    chosen = parser.parse_args()
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        raise SystemExit("Install Chromium first (Debian: apt-get install chromium).")
    with demonstration(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        pictures(browser)
        if chosen.all:
            every_page(browser, chosen.all)
            similar_pages(browser, chosen.all)
        browser.close()


if __name__ == "__main__":
    main()
