"""What operators can use is written down: a command, option, setting, metric or route without its line fails here."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import click
import pytest
from starlette.routing import Route, WebSocketRoute

from storage import policy, upkeep
from vraagbaak import apps, members
from vraagbaak.config import Config, default_of
from web import operation
from web.app import ROUTES
from web.cli import main
from web.commands import serving

ROOT = Path(__file__).parents[2]
OPERATING = (ROOT / "docs" / "operating.md").read_text()
ROUTED = (ROOT / "docs" / "routes.md").read_text()


def cells(text: str) -> list[list[str]]:
    """The rows of all tables."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("|--")]
    return [re.split(r"\s*\|\s*", row.strip("| ")) for row in rows]


def rows_under(heading: str, text: str) -> list[list[str]]:
    """The rows of the tables between a heading and the next one that stands as high or higher."""
    level = len(heading.split(" ", maxsplit=1)[0])
    part = re.split(rf"(?m)^{re.escape(heading)}$", text)[1]
    return cells(re.split(rf"(?m)^#{{1,{level}}} ", part)[0])


def commands(group: click.Group, *before: str):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield " ".join((*before, name)), command


ALL = dict(commands(main))
OPTIONS = [
    (name, option)
    for name, command in ALL.items()
    for parameter in [*command.params, click.Option(["--help"])]
    if isinstance(parameter, click.Option)
    for option in parameter.opts
]


def described_commands() -> dict[str, str]:
    """Every command in the table, with what it does; the words in capitals are its arguments."""
    found = {}
    for row in rows_under("## Commands", OPERATING):
        if whole := re.fullmatch(r"`vraagbaak ([a-z ]+[a-z])((?: [A-Z]+)*)`", row[0]):
            found[whole[1]] = (whole[2].split(), row[1])
    return found


def described_options() -> set[tuple[str, str]]:
    """Every (command, option) in the table of options."""
    found = set()
    for row in rows_under("## Commands", OPERATING):
        if row[0].startswith("`--") and len(row) == 3 and row[2]:
            names = list(ALL) if row[1] == "every command" else re.findall(r"`([a-z ]+)`", row[1])
            found |= {(name, option) for name in names for option in re.findall(r"`(--[a-z-]+)`", row[0])}
    return found


@pytest.mark.parametrize("name", ALL)
def test_every_command_is_described(name):
    """Each command has its line, with its arguments as it takes them and what it does."""
    arguments, does = described_commands()[name]
    wanted = [each.name.upper() for each in ALL[name].params if isinstance(each, click.Argument)]
    assert arguments == wanted
    assert len(does) > 20


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_is_described(name, option):
    """Each option of each command has its line."""
    assert (name, option) in described_options()


def test_no_command_or_option_is_described_that_is_not_there():
    """What was taken out of the program is taken out of the document."""
    assert set(described_commands()) == set(ALL)
    assert described_options() == set(OPTIONS)


def described_settings() -> dict[str, list[str]]:
    rows = rows_under("## Settings", OPERATING)
    return {row[0].strip("`"): row[1:] for row in rows if row[0].startswith("`")}


@pytest.mark.parametrize("spec", fields(Config), ids=lambda spec: spec.name)
def test_every_setting_is_described(spec):
    """Each setting has its line, with its default as it is, and what it does."""
    default, does = described_settings()[spec.name]
    value = default_of(spec.name)
    shown = (
        ",".join(value)
        if isinstance(value, tuple)
        else str(value).lower()
        if isinstance(value, bool)
        else str(value)
    )
    assert default.strip("`") == shown
    assert len(does) > 5


def test_no_setting_is_described_that_is_not_there():
    """A setting that is gone is gone from the document; those for laboratories stand apart."""
    assert set(described_settings()) == {spec.name for spec in fields(Config)}
    laboratory = {row[0].strip("`") for row in rows_under("### Laboratory settings", OPERATING)}
    assert laboratory - {"setting"} == {spec.name for spec in fields(Config) if spec.metadata["lab"]}


def test_every_metric_is_described():
    """Each figure of `/metrics` has its line, and no other."""
    made = set(re.findall(r'"(vraagbaak_[a-z_]+)"', Path(operation.__file__).read_text()))
    described = {row[0].strip("`"): row[1] for row in rows_under("## Watching", OPERATING)}
    assert {name for name in described if name.startswith("vraagbaak_")} == made
    assert all(described.values())


def routes() -> dict[str, set[str]]:
    """Every path with its methods; several routes of one path are one."""
    found: dict[str, set[str]] = {}
    for route in ROUTES:
        assert isinstance(route, Route | WebSocketRoute)
        methods = route.methods - {"HEAD"} if isinstance(route, Route) else {"WebSocket"}
        found.setdefault(route.path, set()).update(methods)
    return found


def described_routes() -> dict[str, list[str]]:
    return {row[0].strip("`"): row[1:] for row in cells(ROUTED) if row[0].startswith("`/")}


@pytest.mark.parametrize("path", routes())
def test_every_route_is_described(path):
    """Each path has its line, with its methods, for whom it is and what it gives."""
    methods, who, gives = described_routes()[path]
    assert set(methods.split(", ")) == routes()[path]
    assert who
    assert gives


def test_no_route_is_described_that_is_not_there():
    """A path that is gone is gone from the document, and none stands there twice."""
    written = [row[0].strip("`") for row in cells(ROUTED) if row[0].startswith("`/")]
    assert sorted(written) == sorted(routes())


@pytest.mark.parametrize(
    ("what", "length", "words"),
    [
        ("signed-in browsers", members.SESSION_LENGTH, "30 days"),
        ("codes for apps", apps.CODE_LASTS, "10 minutes"),
        ("apps that nobody uses", upkeep.UNUSED_APP_KEPT, "365 days"),
        ("invitations", members.INVITE_LASTS, "30 days"),
        ("invitations", timedelta(seconds=serving.STEWARD_LINK), "1 hour"),
        ("ids of received activities", upkeep.SEEN_KEPT, "30 days"),
        ("servers that do not answer", upkeep.SILENT_HOST_KEPT, "30 days"),
        ("work that does not succeed", policy.KEPT_TRYING, "7 days"),
        ("work that does not succeed", upkeep.BURIED_KEPT, "30 days"),
    ],
)
def test_keeping_times_are_those_of_the_code(what, length, words):
    """How long something is kept is told as it is."""
    number, unit = words.split()
    assert timedelta(**{unit.removesuffix("s") + "s": int(number)}) == length
    (told,) = [row[1] for row in rows_under("## Keeping times", OPERATING) if row[0] == what]
    assert words in told


def test_the_documents_name_no_file_that_is_not_there():
    """Links between the documents lead somewhere."""
    for name in ("operating.md", "routes.md", "privacy.md", "mastodon-api.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "docs" / name).read_text()):
            assert (ROOT / "docs" / target).exists(), (name, target)
