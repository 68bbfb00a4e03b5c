"""A real browser in front of a pilot: what it asks, what it complains of, and what a page looks like in it."""

from __future__ import annotations

import shutil
import socket
from urllib.parse import urlsplit

PASSWORD = "fiets regen brood"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


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

TINY = """[...document.querySelectorAll('a, button, summary, select, textarea, label.choice, label.chip')]
  .filter(node => node.getClientRects().length && !node.closest('.unseen, .skip, .said')
    && getComputedStyle(node, '::after').position !== 'absolute')  // the whole card is the link
  .map(node => {
    const around = node.closest('p, li, dd, h1, h2, h3');
    const alone = around && around.textContent.trim() === node.textContent.trim();
    return [node.textContent.trim().slice(0, 40), Math.round(node.getBoundingClientRect().height), alone ? 44 : 24];
  }).filter(([words, height, wanted]) => height < wanted)"""
