"""Other servers: whom we trust as a pilot, whom we refuse, and how it goes between us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO

import click

from vraagbaak import peers
from vraagbaak.model import Peer, Pilot, Standing
from vraagbaak.ports import Reads
from web.commands import common
from web.commands.common import Sentence


@click.group()
def peer() -> None:
    """Other servers: add, list, import."""


@peer.command("add")
@common.data_option
@common.database_option
@click.argument("domain")
@click.option(
    "--as",
    "standing",
    type=click.Choice([standing.value for standing in Standing]),
    required=True,
    help="pilot: trusted with 'alle proeftuinen'. open: what is public. limited: that, and everything from there"
    " waits for review. refused: nothing comes in and nothing goes out.",
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
        if row["standing"] == "pilot" and row["met"] and not row["trusts_us"]:
            met += ", does not trust us yet"
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
            "trusts_us": peers.trusts_us(reading, each),
            "reason": each.reason,
        }
        for each in sorted(reading.find(Peer), key=lambda each: each.id)
    ]


@peer.command("import")
@common.data_option
@common.database_option
@common.json_option
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.argument("file", type=click.File("r", encoding="utf-8-sig", errors="replace"))
def peer_import(folder: Path, database: str | None, as_json: bool, dry_run: bool, file: TextIO) -> None:
    """Refuse or limit the servers in FILE, a list of blocked domains as Mastodon exports it (CSV).

    Nothing gets milder than it is, and pilots of ours stay pilots.
    """
    from web import blocklists

    try:
        found = blocklists.read(file)
    except blocklists.TooLong:
        raise Sentence(f"This list is longer than {blocklists.LONGEST} lines. Split it.") from None
    with common.opened(folder, database=database) as store, common.speaking():
        run = store.read_now if dry_run else store.run_now
        changes = run(blocklists.would_change if dry_run else blocklists.change, found.blocks)
    if as_json:
        rows = [{"domain": each.domain, "standing": each.standing.value} for each in changes]
        click.echo(json.dumps({"changed": rows, "skipped": found.skipped, "dry_run": dry_run}))
        return
    for each in changes if dry_run else ():
        click.echo(f"{each.domain:<40} {each.standing.value}")
    click.echo(
        f"{len(changes)} of {len(found.blocks)} {'would change' if dry_run else 'changed'}, "
        f"{len(found.skipped)} line(s) left out.",
        err=dry_run,
    )
    for line in found.skipped[:10]:
        click.echo(f"  left out: {line}", err=True)
