"""What stands in the log is what happened, whatever others put into it."""

from __future__ import annotations

import logging
import logging.config
import sys

import pytest

from tests.journeys.strangers import Elsewhere
from tests.journeys.world import World
from vraagbaak.config import Config
from web.commands.serving import LogLines, logging_of

FORGED = "2026-11-02 09:00:00 ERROR vraagbaak: Alles is weg"


@pytest.fixture
def lines(monkeypatch) -> LogLines:
    """The formatter that `serve` uses."""
    made = logging_of(Config())["formatters"]["lines"]
    assert made.pop("()") == "web.commands.serving.LogLines"
    return LogLines(made["format"])


def entries(text: str) -> list[str]:
    """The lines that pass for an entry: set in are those of a fault."""
    return [line for line in text.splitlines() if not line.startswith("    ")]


STEERED = {
    "I11 CR LF": f"x\r\n{FORGED}",
    "I11 LF": f"x\n{FORGED}",
    "I11 CR": f"x\r{FORGED}",
    "I11 other line ends": f"x\u2028{FORGED}\u2029{FORGED}\x85{FORGED}\x0b\x0c",
    "I11 terminal codes": "x\x1b[2J\x1b]0;weg\x07\x9b31m",
    "I11 direction": "x\u202egeleov\u202c\u2066",
    "I11 NUL and backspace": "x\x00\x08\x08\x7f",
}


@pytest.mark.parametrize("what", STEERED)
def test_nobody_writes_an_entry_of_their_own(lines, what):
    """Line ends and what steers a terminal are spelled out, in the text of an entry and in that of a fault."""
    try:
        int(STEERED[what])
    except ValueError:
        fault = sys.exc_info()
    for record in (
        logging.LogRecord("vraagbaak", logging.INFO, "f", 1, "kind %s", (STEERED[what],), None),
        logging.LogRecord("vraagbaak", logging.INFO, "f", 1, STEERED[what], (), None),
        logging.LogRecord("vraagbaak", logging.ERROR, "f", 1, "fault", (), fault),
    ):
        text = lines.format(record)
        assert len(entries(text)) == 1
        assert record.exc_info or "\n" not in text
        assert not any(ord(letter) < 32 or 126 < ord(letter) < 160 for letter in text.replace("\n", ""))
        assert not set(text) & set("\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_an_entry_says_what_it_says(lines):
    """What does no harm stays as it is."""
    record = logging.LogRecord("vraagbaak", logging.INFO, "f", 1, "José zei: 'één & \\n'", (), None)
    assert lines.format(record).endswith("INFO vraagbaak: José zei: 'één & \\n'")


async def test_i11_what_strangers_call_things_is_cut_and_spelled_out(tmp_path, caplog, lines):
    """The kind of an activity, a browser's name and a path are the stranger's own words."""
    caplog.set_level(logging.DEBUG, "vraagbaak")
    world = World(tmp_path)
    west = world.pilot("Westerpark")
    mallory = Elsewhere(world, "evil.example").person()
    for kind in (f"Listen\r\n{FORGED}", "x" * 100_000):
        assert (await mallory.send(west, mallory.activity(kind, "x"))).status_code == 202
    async with west.client(**{"User-Agent": f"x {FORGED}", "Referer": FORGED}) as browser:
        await browser.get(f"/nergens%0d%0a{FORGED}")
    await world.settle()
    written = [lines.format(record) for record in caplog.records]
    assert len(written) >= 2
    assert [text for text in written if len(entries(text)) != 1 or len(text) > 500] == []
    world.close()
