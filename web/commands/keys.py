"""The keys with which our actors sign: replace them when they may have leaked, or now and then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands import common
from web.commands.common import Sentence

if TYPE_CHECKING:
    from storage.reading import Reading


@click.group()
def keys() -> None:
    """The keys of the neighbourhood and its members: rotate."""


@keys.command("rotate")
@common.data_option
@common.database_option
@click.argument("names", nargs=-1)
@click.option("--all", "everybody", is_flag=True, help="The server, the neighbourhood and every member.")
def rotate(folder: Path, database: str | None, names: tuple[str, ...], everybody: bool) -> None:
    """Give actors new keys: members by name, or all of them. Servers that know them are told."""
    if bool(names) == everybody:
        raise click.UsageError("Give the names of members, or --all.")
    from federation.keys import KeyRing, Sealer, read_or_make_secret
    from federation.own_keys import FRAGMENTS, OwnKeys, replace_keys
    from web.wiring import SECRETS

    with common.opened(folder, database=database) as store, common.speaking():
        sealer = Sealer(read_or_make_secret(folder / SECRETS / "instance.key"))
        own = OwnKeys(store=store, ring=KeyRing(sealer), sealer=sealer)
        known: dict[str, str] = store.read_now(_ours)
        missing = [name for name in names if name not in known]
        if missing:
            raise Sentence(f"There is no {missing[0]} here. See: vraagbaak member list")
        chosen = [known[name] for name in names or sorted(known)]
        with click.progressbar(chosen, label="Making keys") as uris:
            for uri in uris:
                store.run_now(replace_keys, uri, own.make(uri, FRAGMENTS))
    click.echo(f"{len(chosen)} actor(s) sign with new keys from now on.")


def _ours(reading: Reading) -> dict[str, str]:
    """Our actors by name: the neighbourhood under its slug, the server under its domain."""
    from storage.circulation import local_actors

    return {actor.handle: actor.uri for actor in local_actors(reading)}
