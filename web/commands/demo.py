"""Two pilots on this machine that really federate with each other over HTTP, with Dutch content to look at.

They use laboratory settings: plain http, loopback addresses, names under *.localhost. Nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vraagbaak import loading, members, peers
from vraagbaak.config import FILE_NAME, Config, explained
from vraagbaak.errors import Invalid
from vraagbaak.members import Newcomer
from vraagbaak.model import Member, Role, Standing
from vraagbaak.ports import Tx
from web.commands import common, serving
from web.commands.common import Sentence

if TYPE_CHECKING:
    from storage.store import Store

CONTENT = Path(__file__).parent.parent / "demo"
FOLDER = "vraagbaak-demo"
MARK = ".made-by-demo"
OWN = ("base_url", "port", "steward_name", "contact", "log_level", "anonymous_delay")
PASSWORD = "samen-beter-2026"  # noqa: S105 - printed at every start, good for nothing else


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the visitor can be."""

    handle: str
    role: Role
    does: str


@dataclass(frozen=True, slots=True)
class Place:
    """One of the two pilots."""

    slug: str
    port: int
    people: tuple[Person, ...]

    @property
    def host(self) -> str:
        """Its name and port, as the other knows it."""
        return f"{self.slug}.localhost:{self.port}"

    @property
    def profile(self) -> dict[str, Any]:
        """Name, town and meeting place out of the demonstration's own data."""
        found: dict[str, Any] = json.loads(self.content)["profile"]
        return found

    @property
    def content(self) -> bytes:
        """What was said there."""
        return (CONTENT / f"{self.slug}.json").read_bytes()

    def config(self) -> Config:
        """The settings of this pilot in the laboratory."""
        return Config(
            **self.profile,
            base_url=f"http://{self.host}",
            port=self.port,
            steward_name="Lien (demo)",
            contact="Dit is een demo: er is niemand te bereiken.",
            anonymous_delay=0,
            lab_http=True,
            lab_networks=("127.0.0.0/8",),
            log_level="warning",
        )


def places(port: int) -> tuple[Place, Place]:
    """Westerpark on this port, Nieuwland on the next."""
    return (
        Place(
            "westerpark",
            port,
            (
                Person("toos", Role.RESIDENT, "asks"),
                Person("lien", Role.STEWARD, "is the steward: reviews, invites"),
            ),
        ),
        Place(
            "nieuwland",
            port + 1,
            (
                Person("wouter", Role.RESIDENT, "answers from his own experience"),
                Person("anouk", Role.PROFESSIONAL, "answers as a professional"),
            ),
        ),
    )


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=FOLDER,
    show_default=True,
    help="Where both pilots keep their data.",
)
@click.option(
    "--port", type=click.IntRange(1, 65534), default=8001, show_default=True, help="Of the first pilot."
)
@click.option(
    "--fresh", is_flag=True, help="Throw away the two pilots of an earlier demonstration, and nothing else."
)
def demo(folder: Path, port: int, fresh: bool) -> None:
    """Show two pilots that answer each other's questions. Ctrl-C stops both."""
    made = places(port)
    for place in made:
        clear(folder / place.slug, fresh)
    common.make_folder(folder)
    serving.start_logging(Config(log_level="warning"))
    listening = [serving.listen(place.config()) for place in made]
    asyncio.run(_run(folder, made, listening))


def clear(home: Path, fresh: bool) -> None:
    """Make sure that the demonstration may use this folder; throw away an earlier one when asked to.

    Raises Sentence for a folder that it did not make itself: what is in there is somebody's own.
    """
    if not home.exists() or not any(home.iterdir()):
        return
    if not (home / MARK).is_file():
        raise Sentence(
            f"{home} was not made by the demonstration, so it stays as it is. Choose another: --data ANOTHER"
        )
    if fresh:
        shutil.rmtree(home)


def write_settings(place: Place, home: Path) -> None:
    """The settings of this pilot as a file, so that every command works there; and the mark that it is a demonstration."""
    config = place.config()
    given = {name: str(getattr(config, name)) for name in (*place.profile, *OWN)}
    lab = f'lab_http = true\nlab_networks = ["{config.lab_networks[0]}"]\n'
    text = f"# Written anew by each `vraagbaak demo`.\n{explained(given)}\n# For experiments on one machine only.\n{lab}"
    for name, content in (
        (MARK, "This folder is thrown away by `vraagbaak demo --fresh`.\n"),
        (FILE_NAME, text),
    ):
        (home / name).touch(mode=0o600)
        (home / name).write_text(content, encoding="utf-8")


async def _run(folder: Path, made: tuple[Place, Place], listening: list[socket.socket]) -> None:
    from web.app import application
    from web.wiring import Parts

    whole: list[Parts] = []
    for place in made:
        home = folder / place.slug
        common.make_folder(home)
        with common.speaking():
            write_settings(place, home)
        click.echo(f"Preparing {place.profile['name']} ...", err=True)
        with common.speaking():
            store = await asyncio.to_thread(filled, place, home)
            whole.append(Parts.assemble(place.config(), home, store))
    servers = [
        _server(application(parts, folder / place.slug)) for parts, place in zip(whole, made, strict=True)
    ]
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, servers)
    running = [
        asyncio.create_task(server.serve(sockets=[sock]))
        for server, sock in zip(servers, listening, strict=True)
    ]
    await _introduce(whole, made, servers)
    await asyncio.gather(*running)
    click.echo("Both pilots have stopped. Their data stays; --fresh begins anew.", err=True)


def _stop(servers: list[Any]) -> None:
    for server in servers:
        server.should_exit = True


def _server(app: Any) -> Any:
    """One of two servers in one process: the signals are for both, so it does not catch them itself."""
    import uvicorn

    class Server(uvicorn.Server):
        ready = asyncio.Event()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            self.ready.set()

    return Server(uvicorn.Config(app, **serving.UVICORN))


def filled(place: Place, home: Path) -> Store:
    """The store of a pilot, with content and people in it when it is new."""
    from web import passwords
    from web.wiring import open_store

    store = open_store(place.config(), home)
    if not store.read_now(lambda reading: reading.find(Member)):
        given = loading.read(place.content, place.slug)
        store.run_now(_load, given)
    hashed = asyncio.run(passwords.hashed(PASSWORD))
    for person in place.people:
        if not store.run_now(_let_in, person, hashed):
            click.echo(
                f"{person.handle} was erased here and stays away; --fresh brings everybody back.", err=True
            )
    return store


def _load(tx: Tx, given: loading.Neighbourhood) -> None:
    for each in given.items():
        loading.load(tx, each)


def _let_in(tx: Tx, person: Person, password_hash: str) -> bool:
    """The person can sign in, whether they said something already or not; False when they were erased."""
    from dataclasses import replace

    known = members.by_handle(tx, person.handle)
    if known is None:
        newcomer = Newcomer(handle=person.handle, name=person.handle.title(), password_hash=password_hash)
        try:
            members.add(tx, newcomer, (person.role,))
        except Invalid:  # the name of who left is given to nobody
            return False
    else:
        tx.save(replace(known, password_hash=password_hash, roles=(person.role,)))
    return True


async def _introduce(whole: list[Any], made: tuple[Place, Place], servers: list[Any]) -> None:
    """Each trusts the other as a pilot from now on; their servers go and meet."""
    for server in servers:
        await server.ready.wait()
    for parts, place in zip(whole, reversed(made), strict=True):
        await parts.store.run(peers.decide, place.host, Standing.PILOT, "demo")
    _tell(made)


def _tell(made: tuple[Place, Place]) -> None:
    """Addresses, accounts, and what to try."""
    for place in made:
        click.echo(f"\n{place.profile['name']:<12} http://{place.host}")
        for person in place.people:
            click.echo(f"  {person.handle:<10} {person.does}")
    first, second = made
    click.echo(
        f"\nPassword for all: {PASSWORD}\n\n"
        "Try this:\n"
        f"  1. Sign in as toos at http://{first.host}/aanmelden and ask something for 'Alle proeftuinen'.\n"
        f"  2. Look at http://{second.host}/vragen signed in as wouter: it is there. Answer it.\n"
        f"  3. Back in {first.profile['name']} the answer stands under the question. Say 'Dit hielp mij'.\n"
        "  4. Ask something for 'Alleen deze buurt': it never reaches the other side.\n"
        "\nCtrl-C stops both."
    )
