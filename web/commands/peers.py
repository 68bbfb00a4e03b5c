"""Other servers: whom we trust as a pilot, whom we refuse, and how it goes between us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from vraagbaak import peers
from vraagbaak.model import Peer, Pilot, Standing
from vraagbaak.ports import Reads
from web.commands import common
from web.commands.common import Sentence


@click.group()
def peer() -> None:
    """Other servers: add, list."""


@peer.command("add")
@common.data_option
@common.database_option
@click.argument("domain")
@click.option(
    "--as",
    "standing",
    type=click.Choice([standing.value for standing in Standing]),
    required=True,
    help="pilot: trusted with 'alle proeftuinen'. open: public only. limited, refused: not even that.",
)
@click.option("--reason", default="", help="Why, for who looks later.")
def peer_add(folder: Path, database: str | None, domain: str, standing: str, reason: str) -> None:
    """Decide how we stand to the server at DOMAIN (in a laboratory HOST:PORT)."""
    with common.opened(folder, database=database) as store, common.speaking():
        if ":" in peers.canonical(domain) and not _is_laboratory(folder):
            raise Sentence("A port in a domain works with the setting lab_http only.")
        made = store.run_now(peers.decide, domain, Standing(standing), reason)
    click.echo(f"{made.id} is {standing} from now on.")
    if made.standing is Standing.PILOT and not made.met_at:
        click.echo("The server meets it as soon as both are running; see: vraagbaak peer list", err=True)


def _is_laboratory(folder: Path) -> bool:
    return common.settings(folder)[0].lab_http


@peer.command("list")
@common.data_option
@common.database_option
@common.json_option
def peer_list(folder: Path, database: str | None, as_json: bool) -> None:
    """Whom we know, and how we stand to them."""
    with common.opened(folder, database=database) as store:
        rows: list[dict[str, Any]] = store.read_now(_rows)
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        met = row["met"] or "not met yet"
        click.echo(f"{row['domain']:<40} {row['standing']:<8} {row['name'] or '-':<24} {met}")
    if not rows:
        click.echo(
            "No decision about any server yet. Trust one with: vraagbaak peer add DOMAIN --as pilot", err=True
        )


def _rows(reading: Reads) -> list[dict[str, Any]]:
    names = {pilot.domain: pilot.name for pilot in reading.find(Pilot)}
    return [
        {
            "domain": each.id,
            "standing": each.standing.value,
            "name": names.get(each.id, ""),
            "met": each.met_at.isoformat(timespec="seconds") if each.met_at else "",
            "reason": each.reason,
        }
        for each in sorted(reading.find(Peer), key=lambda each: each.id)
    ]
