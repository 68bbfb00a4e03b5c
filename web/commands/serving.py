"""Starting: the web server, more workers, and a new pilot without a browser.

A first start makes everything that is missing, opens one port and calls nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging.config
import os
import re
import signal
import socket
import ssl
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from vraagbaak import members
from vraagbaak.config import FILE_NAME, Config, explained
from vraagbaak.members import Newcomer
from vraagbaak.model import Member, Role
from vraagbaak.ports import Reads, Tx
from web.commands import common
from web.commands.common import Sentence

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from storage.store import Store

STEWARD_LINK = 3600
_STEERS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
LOCK = "serving.lock"
GOING_PUBLIC = "set base_url to your https address; see docs/operating.md"


@click.command()
@common.data_option
@click.option("--host", help="The address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="The port to listen on.  [default: 8000]")
@common.database_option
@click.option("--base-url", metavar="URL", help="The address that people and other servers use.")
@click.option("--name", help="The name of the neighbourhood.")
@click.option("--slug", help="The neighbourhood in links.")
@click.option(
    "--tls-cert", type=click.Path(exists=True, dir_okay=False), help="Certificate, for TLS without a proxy."
)
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), help="Its private key.")
@click.option("--no-worker", is_flag=True, help="Serve pages only; `vraagbaak work` does the rest.")
@click.option("--processes", type=click.IntRange(1, 64), default=1, help="Web processes (PostgreSQL only).")
def serve(
    folder: Path,
    host: str | None,
    port: int | None,
    database: str | None,
    base_url: str | None,
    name: str | None,
    slug: str | None,
    tls_cert: str | None,
    tls_key: str | None,
    no_worker: bool,
    processes: int,
) -> None:
    """Start this pilot. Ctrl-C stops it; no work is lost."""
    if bool(tls_cert) != bool(tls_key):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    common.make_folder(folder)
    config, sources = common.settings(
        folder,
        host=host,
        port=port,
        database=database,
        base_url=base_url,
        name=name,
        slug=slug,
        worker=False if no_worker else None,
    )
    if sources["base_url"] == "default" and config.port != 8000:  # where else would a trial be reached?
        config = replace(config, base_url=f"http://localhost:{config.port}")
    if processes > 1 and not config.database.startswith("postgresql"):
        raise Sentence("Several processes need PostgreSQL: --database postgresql://...")
    check_certificate(tls_cert, tls_key)
    if config.lab_ca and not Path(config.lab_ca).is_file():
        raise Sentence(f"The setting lab_ca names no file: {config.lab_ca}")
    write_settings(folder)
    start_logging(config)
    listening = listen(config)
    held = hold(config, folder)
    link = _prepare(config, folder, alone=held is not None)
    announce(config, folder, link)
    if processes > 1:
        listening.close()
        _serve_many(config, folder, processes, tls_cert, tls_key)
    else:
        _serve_one(config, folder, listening, tls_cert, tls_key)
    if held:
        held.close()


def write_settings(folder: Path) -> None:
    """`vraagbaak.toml` with every setting in it, commented out, when there is none yet."""
    path = folder / FILE_NAME
    if not path.exists():
        with common.speaking():
            path.write_text(explained(), encoding="utf-8")
            path.chmod(0o600)


def keep_settings(folder: Path, given: dict[str, str]) -> None:
    """What was given, in `vraagbaak.toml`; all else that stands in it stays as it is."""
    path = folder / FILE_NAME
    text = explained(given)
    if path.exists():
        new = [line for line in text.splitlines() if line and not line.startswith("#")]
        ours = re.compile(rf"\s*({'|'.join(given)})\s*=")
        kept = [line for line in path.read_text(encoding="utf-8").splitlines() if not ours.match(line)]
        text = "\n".join([*new, *kept, ""])
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


class LogLines(logging.Formatter):
    """One line for each entry, whatever others put into it; the lines of a fault are set in, so none passes for one."""

    def format(self, record: logging.LogRecord) -> str:
        """The entry, with what would steer a terminal or begin another line spelled out (threat I11)."""
        text = super().format(record).replace("\n", "\n    ")
        return _STEERS.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name for it
        """The line itself."""
        record.message = record.message.replace("\n", "\\n")
        return super().formatMessage(record)


def logging_of(config: Config) -> dict[str, Any]:
    """How it is logged, in each process."""
    noisy = ("uvicorn", "httpx", "httpcore", "asyncio", "aiohttp")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {
                "()": "web.commands.serving.LogLines",
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "loggers": {name: {"level": "WARNING"} for name in noisy},
        "root": {"level": config.log_level.upper(), "handlers": ["stderr"]},
    }


def start_logging(config: Config) -> None:
    """Lines on standard error: moment, how bad, where, what. Never an address, a browser or a query."""
    logging.config.dictConfig(logging_of(config))
    for setting in config.lab_settings:
        logging.getLogger("vraagbaak").warning(
            "laboratory setting %s=%s is on: not for a server that others use",
            setting,
            getattr(config, setting),
        )


def check_certificate(tls_cert: str | None, tls_key: str | None) -> None:
    """Raises Sentence when these are not a certificate and its key."""
    if not tls_cert:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls_cert, tls_key)
    except OSError as fault:
        reason = getattr(fault, "reason", None) or fault.strerror
        raise Sentence(f"{tls_cert} and {tls_key} are not a certificate and its key ({reason}).") from fault


def hold(config: Config, folder: Path) -> IO[str] | None:
    """Keep the folder for this server, while the file stays open: SQLite takes one server at a time.

    Raises Sentence when another one runs on it. Nothing is held on PostgreSQL, which takes several, or on Windows.
    """
    if config.database.startswith("postgresql") or fcntl is None:
        return None
    file = os.fdopen(os.open(folder / LOCK, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise Sentence(
            f"A server runs on {folder} already. Stop that one first, or give this one a folder of its own: --data DIR"
        ) from None
    return file


def listen(config: Config) -> socket.socket:
    """The open port. Raises Sentence when it cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
        listening.listen()  # from now on nobody else gets it, and who comes early waits
    except (OSError, UnicodeError) as fault:
        listening.close()
        reason = getattr(fault, "strerror", None) or str(fault)
        raise Sentence(
            f"Port {config.port} on {config.host} cannot be used ({reason}). "
            f"Choose another: --port {config.port + 1}"
        ) from fault
    listening.set_inheritable(True)
    return listening


def _prepare(config: Config, folder: Path, *, alone: bool) -> str:
    """The database made or migrated; the way in for the steward when there is none yet.

    What a server that was killed had in hand is done at once when no other can have it: `alone`.
    """
    from storage import jobs

    with common.open_store(config, folder) as store:
        if alone:
            store.run_now(jobs.release_all)
        return invite_steward(store, config)


def invite_steward(store: Store, config: Config) -> str:
    """The one-time link for the steward, good for an hour; empty when there is a steward."""
    from web import sessions

    if store.read_now(_has_steward):
        return ""
    code, code_hash = sessions.new_secret()
    store.run_now(_invite_steward, code_hash)
    return f"{config.base_url}/welkom/{code}"


def _has_steward(reading: Reads) -> bool:
    return any(Role.STEWARD in member.roles for member in reading.find(Member))


def _invite_steward(tx: Tx, code_hash: str) -> None:
    from datetime import timedelta

    members.invite(tx, code_hash, (Role.STEWARD,), 1, timedelta(seconds=STEWARD_LINK))


def announce(config: Config, folder: Path, link: str) -> None:
    """A line each: address, way in, data, how to go public."""
    click.echo(f"{config.title} is at  {config.base_url}")
    if link:
        click.echo(f"Become its steward (1 hour):  {link}")
    click.echo(f"Everything it keeps is in  {folder.absolute()}")
    if not config.federates:
        click.echo(f"Nobody else can reach it yet. To go public: {GOING_PUBLIC}")


UVICORN: dict[str, Any] = {
    "http": "web.patience:PatientProtocol",
    "ws": "web.patience:PatientWebSocket",
    "ws_max_size": 4096,  # a client only says which streams it wants
    "ws_ping_interval": 30.0,
    "ws_ping_timeout": 30.0,
    "ws_per_message_deflate": False,  # it keeps a dictionary for each line, and mixes secrets with what others wrote
    "log_config": None,
    "access_log": False,
    "server_header": False,
    "proxy_headers": False,
    "timeout_graceful_shutdown": 4,  # together with the worker's: done before a container is killed, after 10 s
}


def _serve_one(
    config: Config, folder: Path, listening: socket.socket, tls_cert: str | None, tls_key: str | None
) -> None:
    import uvicorn

    from web.app import create_app, spare_the_collector

    with common.speaking():
        app = create_app(config, folder)
    spare_the_collector()
    made = uvicorn.Config(app, ssl_certfile=tls_cert, ssl_keyfile=tls_key, **UVICORN)
    _end_well()
    uvicorn.Server(made).run(sockets=[listening])


def _end_well() -> None:
    """A signal that asks to stop is no fault: after its own stop uvicorn sends it once more, and that ends with 0."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(0))


def _serve_many(
    config: Config, folder: Path, processes: int, tls_cert: str | None, tls_key: str | None
) -> None:
    """Each process reads its settings anew, so the flags of this one go on as environment."""
    import uvicorn

    pass_on(config, folder)
    uvicorn.run(
        "web.app:from_environment",
        factory=True,
        workers=processes,
        host=config.host,
        port=config.port,
        ssl_certfile=tls_cert,
        ssl_keyfile=tls_key,
        **{**UVICORN, "log_config": logging_of(config)},
    )


def pass_on(config: Config, folder: Path) -> None:
    """All settings as environment, for processes that are started from here."""
    from dataclasses import fields

    os.environ["VRAAGBAAK_DATA"] = str(folder.absolute())
    for spec in fields(config):
        value = getattr(config, spec.name)
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        os.environ[f"VRAAGBAAK_{spec.name.upper()}"] = text


@click.command()
@common.data_option
@common.database_option
@click.option("--processes", type=click.IntRange(1, 64), default=1, help="How many workers.")
def work(folder: Path, database: str | None, processes: int) -> None:
    """Do background work beside the web server (PostgreSQL only)."""
    config, _ = common.settings(folder, database=database)
    if not config.database.startswith("postgresql"):
        raise Sentence("On SQLite the web server does the work itself; more workers need PostgreSQL.")
    start_logging(config)
    if processes == 1:
        with common.speaking():
            asyncio.run(_work(config, folder))
        return
    with common.opened(folder, database=database):
        pass  # what is wrong with it is said once, here
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    made = [context.Process(target=_work_alone, args=(config, folder)) for _ in range(processes)]
    for process in made:
        process.start()
    with _passing_signals(made):
        for process in made:
            process.join()
    if any(process.exitcode for process in made):
        raise Sentence("A worker stopped with a fault; see the log.")


def _work_alone(config: Config, folder: Path) -> None:
    start_logging(config)
    asyncio.run(_work(config, folder))


async def _work(config: Config, folder: Path) -> None:
    from web import wiring

    config, store = wiring.open_as_it_is(config, folder)
    parts = wiring.Parts.assemble(config, folder, store)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, parts.worker.stop)
    try:
        await parts.worker.run()
    finally:
        await parts.close()


@contextlib.contextmanager
def _passing_signals(processes: list[Any]) -> Iterator[None]:
    def stop(*_: object) -> None:
        for process in processes:
            process.terminate()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@common.data_option
@common.database_option
@click.option("--base-url", required=True, metavar="URL", help="The https address of this pilot.")
@click.option("--name", required=True, help="The name of the neighbourhood.")
@click.option("--slug", required=True, help="The neighbourhood in links: /b/SLUG.")
@click.option("--steward", required=True, metavar="NAME", help="The handle of the first steward.")
@click.option("--password-stdin", is_flag=True, help="Read the steward's password from standard input.")
def init(
    folder: Path,
    database: str | None,
    base_url: str,
    name: str,
    slug: str,
    steward: str,
    password_stdin: bool,
) -> None:
    """Set a pilot up without a browser."""
    from web.commands.people import chosen_password

    common.make_folder(folder)
    given = {"base_url": base_url, "name": name, "slug": slug}
    if database:
        given["database"] = database
    config, _ = common.settings(folder, **given)
    with common.as_it_is(config, folder) as store:
        if store.read_now(_has_steward):
            raise Sentence(f"There is a pilot with a steward in {folder} already.")
    with common.open_store(config, folder) as store, common.speaking():
        hashed, shown = chosen_password(steward, stdin=password_stdin)
        newcomer = Newcomer(handle=steward, name=steward, password_hash=hashed)
        store.run_now(members.add, newcomer, (Role.STEWARD,))
        keep_settings(folder, given)
    click.echo(f"{config.name} is set up for {config.base_url}; its steward is {steward.lower()}.")
    if shown:
        click.echo(f"Password: {shown}")
    click.echo(f"Start it with: vraagbaak serve --data {folder}")
