"""Upkeep: filling, copying, checking and counting, and where each setting comes from."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import click

from vraagbaak import loading
from vraagbaak.config import FILE_NAME, Config
from vraagbaak.errors import Refused
from vraagbaak.ports import Tx
from web.commands import common
from web.commands.common import Sentence

if TYPE_CHECKING:
    from storage.store import Store

T = TypeVar("T")

AT_ONCE = 50
_LARGEST_FILE = 200 * 1024 * 1024
# What is shown as a setting must not give away what opens a door.
_SECRETS = {"metrics_token", "smtp_url"}


@click.command("load")
@common.data_option
@common.database_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--pilot", "slug", help="Which pilot of the file.  [default: the one with our slug]")
def load_file(folder: Path, database: str | None, file: Path, slug: str | None) -> None:
    """Take in questions, answers and offers from FILE (JSON), as if they had been written here."""
    if file.stat().st_size > _LARGEST_FILE:
        raise Sentence(f"{file} is larger than 200 MB. Cut it in pieces.")
    with common.opened(folder, database=database) as store, common.speaking():
        found = loading.read(file.read_bytes(), slug or store.home.slug)
        started = time.monotonic()
        _rehearse(store, found)
        bar: Any
        with click.progressbar(length=len(found), label="Loading", file=sys.stderr) as bar:
            for group in _groups(found.items(), AT_ONCE):
                store.run_now(_load, group)
                bar.update(len(group))
    seconds = time.monotonic() - started
    click.echo(f"{len(found.questions)} questions and {len(found.offers)} offers loaded in {seconds:.1f} s.")
    for kind, count in found.left_out.items():
        click.echo(f"{count} {kind} left out: this version does not keep them.", err=True)


def _rehearse(store: Store, found: loading.Neighbourhood) -> None:
    """All of it in a database that is thrown away, so that of a file with a mistake in it nothing is loaded.

    Raises Sentence with the place of the mistake.
    """
    from storage.store import Store
    from vraagbaak import pilots

    place = iter(range(1, len(found) + 1))

    def try_out(tx: Tx, group: list[loading.GivenQuestion | loading.GivenOffer]) -> None:
        for given in group:
            number = next(place)
            try:
                loading.load(tx, given)
            except Refused as refused:
                title = given.title if isinstance(given, loading.GivenQuestion) else given.text
                raise Sentence(
                    f"Nothing was loaded, because of number {number} ({title[:40]!r}): {common.worded(refused)}"
                ) from refused

    with TemporaryDirectory() as folder, Store.open("", home=store.home, folder=Path(folder)) as rehearsal:
        rehearsal.run_now(pilots.found, dict.fromkeys(("focus", "meeting_place", "hours"), ""))
        for group in _groups(found.items(), AT_ONCE):
            rehearsal.run_now(try_out, group)


def _groups(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while group := list(islice(items, size)):
        yield group


def _load(tx: Tx, group: list[loading.GivenQuestion | loading.GivenOffer]) -> None:
    for given in group:
        loading.load(tx, given)


@click.command()
@common.data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(folder: Path, file: Path) -> None:
    """Write everything this pilot keeps to FILE (a zip), also while it is running."""
    from storage import upkeep

    config = common.existing(folder)
    database = _sqlite_of(config, folder)
    with common.speaking():
        size = upkeep.backup_all(folder, database, config.media_folder(folder), file)
    click.echo(
        f"{file} holds everything ({size / 1_000_000:.1f} MB). Keep it as safe as the server: it opens everything."
    )


def _sqlite_of(config: Config, folder: Path) -> Path:
    from storage.store import sqlite_file

    if config.database.startswith("postgresql"):
        raise Sentence(f"This pilot is on PostgreSQL: copy it with pg_dump, and the folder {folder} with it.")
    return sqlite_file(config.database, folder)


@click.command()
@common.data_option
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore(folder: Path, file: Path) -> None:
    """Put back what `backup` wrote, in a data folder that is empty."""
    from storage import media, upkeep

    if folder.exists() and any(folder.iterdir()):
        raise Sentence(f"{folder} is not empty. Restore into a new folder: --data ANOTHER")
    is_new = not folder.exists()
    common.make_folder(folder)
    try:
        with common.speaking():
            upkeep.restore_all(file, folder)
            _look_here(folder)
    except Sentence:
        if is_new and not any(folder.iterdir()):
            folder.rmdir()
        raise
    with common.opened(folder) as store, common.speaking():
        media.tidy(store, media.MediaFolder(common.media_folder(folder)))
        name = store.home.name
    click.echo(f"{name} is back in {folder}. Start it with: vraagbaak serve --data {folder}")


def _look_here(folder: Path) -> None:
    """What was put back is in the folder, also when it stood elsewhere before: maybe it still does."""
    path = folder / FILE_NAME
    if path.exists():
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(r"(?m)^\s*(database|media)\s*=", r"# before it was restored: \1 =", text), encoding="utf-8"
        )


@click.command()
@common.data_option
@common.database_option
@common.json_option
@click.option("--mail", "mail_to", default="", help="Also send a letter to this address.", metavar="ADDRESS")
def check(folder: Path, database: str | None, as_json: bool, mail_to: str) -> None:
    """See what is well and what is still missing to go public."""
    from vraagbaak.mail_settings import is_address
    from web import checking

    if mail_to and not is_address(mail_to):
        raise Sentence(f"{mail_to!r} is no plain mail address.")

    config = common.existing(folder, database=database)
    with common.speaking():
        found = asyncio.run(checking.check(config, folder, mail_to))
    if as_json:
        click.echo(json.dumps([each.as_json for each in found]))
    else:
        for each in found:
            click.echo(f"{'ok  ' if each.well else 'NO  '} {each.what:<12} {each.text}")
    if not all(each.well for each in found):
        raise Sentence("Not everything is in order yet.")


@click.command()
@common.data_option
@common.database_option
@common.json_option
def stats(folder: Path, database: str | None, as_json: bool) -> None:
    """How much there is, and how busy the queue is: numbers of things, never of people."""
    from storage import counts

    with common.opened(folder, database=database) as store:
        found = store.read_now(counts.things)
        queue = store.read_now(counts.queue)
    jobs = {f"{kind} {state}": count for kind, state, count in queue.jobs}
    whole = {
        **found,
        "jobs": jobs,
        "behind_seconds": queue.behind_seconds,
        "parked_hosts": queue.parked_hosts,
    }
    if as_json:
        click.echo(json.dumps(whole))
        return
    for name, value in found.items():
        click.echo(f"{name:<20} {value}")
    for name, value in jobs.items():
        click.echo(f"{'job: ' + name:<20} {value}")
    click.echo(f"{'behind (s)':<20} {queue.behind_seconds:.0f}")
    click.echo(f"{'parked servers':<20} {queue.parked_hosts}")


@click.command()
@common.data_option
@click.option("--explain", is_flag=True, help="Also say what each is for, and where its value came from.")
@common.json_option
def config(folder: Path, explain: bool, as_json: bool) -> None:
    """Show every setting as it counts now."""
    from dataclasses import fields

    found, sources = common.settings(folder)
    rows: list[dict[str, Any]] = [
        {
            "name": spec.name,
            "value": _shown(spec.name, getattr(found, spec.name)),
            "source": sources[spec.name],
            "help": spec.metadata["help"],
            "example": spec.metadata["example"],
        }
        for spec in fields(Config)
    ]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        if explain:
            click.echo(f"# {row['help']} (from: {row['source']}; for example {row['example']})")
        click.echo(f"{row['name']} = {json.dumps(row['value'])}")
    if explain:
        click.echo(
            f"\nOrder: flags, VRAAGBAAK_* in the environment, {folder / FILE_NAME}, defaults.", err=True
        )


def _shown(name: str, value: Any) -> Any:
    if name in _SECRETS and value:
        return "(set)"
    if name == "database":
        return _without_password(value)
    return list(value) if isinstance(value, tuple) else value


def _without_password(url: str) -> str:
    """A database without who opens it and with what, wherever in the url that stands."""
    scheme, separator, rest = url.partition("://")
    where, _, query = rest.partition("?")
    if "@" in query:  # where the password ends cannot be told
        return f"{scheme}://(set)"
    _, at, host = where.rpartition("@")
    shown = [(name, "(set)" if "pass" in name.lower() else given) for name, given in parse_qsl(query)]
    more = f"?{urlencode(shown, safe='()/')}" if shown else ""
    return f"{scheme}{separator}{'(user)@' if at else ''}{host}{more}"
