"""What all commands share: where the data is, which settings count, and how a refusal reads.

A command that cannot do its work says so in one sentence and ends with 1; a wrong way of asking ends with 2.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from vraagbaak.config import BadSetting, Config, load
from vraagbaak.errors import Refused

F = TypeVar("F", bound=Callable[..., Any])

DEFAULT_FOLDER = "vraagbaak-data"


class Sentence(click.ClickException):
    """The command says no, in one sentence. Ends with 1."""


def data_option(command: F) -> F:
    """`--data DIR`: where everything is."""
    return click.option(
        "--data",
        "folder",
        type=click.Path(path_type=Path, file_okay=False),
        default=lambda: os.environ.get("VRAAGBAAK_DATA", DEFAULT_FOLDER),
        show_default=DEFAULT_FOLDER,
        help="The folder with everything this pilot keeps.",
    )(command)


def database_option(command: F) -> F:
    """`--database URL`, for who keeps it elsewhere."""
    return click.option(
        "--database", metavar="URL", help="postgresql://... instead of SQLite in the folder."
    )(command)


def json_option(command: F) -> F:
    """`--json`, for scripts."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def settings(folder: Path, **flags: object) -> tuple[Config, dict[str, str]]:
    """The settings and where each came from. Raises Sentence."""
    with speaking():
        return load(folder, flags, os.environ)


def worded(refused: Refused) -> str:
    """What the domain says, in the language of the command line."""
    return refused.text % refused.values if refused.values else refused.text


@contextlib.contextmanager
def speaking() -> Iterator[None]:
    """Every refusal, of whichever room, as one sentence."""
    from federation.keys import BadSecret
    from storage.errors import StorageFault

    try:
        yield
    except Refused as refused:
        raise Sentence(worded(refused)) from refused
    except (BadSetting, BadSecret, StorageFault) as fault:
        raise Sentence(str(fault)) from fault
    except OSError as fault:
        name = f": {fault.filename}" if fault.filename else ""
        raise Sentence(f"{fault.strerror or fault}{name}.") from fault
    except ModuleNotFoundError as fault:
        if fault.name != "psycopg":
            raise
        raise Sentence(
            "PostgreSQL needs its driver. Install it in the same environment: pip install 'psycopg[binary,pool]'"
        ) from fault


def existing(folder: Path, **flags: object) -> Config:
    """The settings of a pilot that exists. Raises Sentence."""
    from storage.store import sqlite_file

    config, _ = settings(folder, **flags)
    if not config.database.startswith("postgresql") and not sqlite_file(config.database, folder).exists():
        raise Sentence(f"There is no pilot in {folder}. Start one with: vraagbaak serve --data {folder}")
    return config


def media_folder(folder: Path) -> Path:
    """Where the pictures of the pilot in this folder are."""
    config, _ = settings(folder)
    return config.media_folder(folder)


@contextlib.contextmanager
def opened(folder: Path, **flags: object) -> Iterator[Any]:
    """The store of a pilot that exists, open. Raises Sentence."""
    config = existing(folder, **flags)
    with as_it_is(config, folder) as store:
        yield store


@contextlib.contextmanager
def as_it_is(config: Config, folder: Path) -> Iterator[Any]:
    """The same, whether there is a pilot in it already or not."""
    from web import wiring

    with speaking():
        _, store = wiring.open_as_it_is(config, folder)
    with store:
        yield store


@contextlib.contextmanager
def open_store(config: Config, folder: Path) -> Iterator[Any]:
    """The store of these settings, open for a start: the pilot gets their address and name. Raises Sentence."""
    from web import wiring

    with speaking():
        store = wiring.open_store(config, folder, say=_say_indexed)
    with store:
        yield store


def _say_indexed(done: int, total: int) -> None:
    """One line that fills up, for who waits at the screen."""
    if total:
        end = "\n" if done == total else ""
        click.echo(f"\rNew search words: {done} of {total}", nl=False, err=True)
        click.echo(end, nl=False, err=True)


def make_folder(folder: Path) -> None:
    """The data folder, for its owner only."""
    with speaking():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def private_file(path: Path) -> IO[bytes]:
    """A new file that only its owner can read, from its first byte on."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def password_from(stdin: bool) -> str:
    """A new password: from standard input, typed twice, or made up when nobody is there to type."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    return ""
