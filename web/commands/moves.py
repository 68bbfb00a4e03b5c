"""Members who come from another server, or go on as an account elsewhere."""

from __future__ import annotations

from pathlib import Path

import click

from vraagbaak import moves
from vraagbaak.model import Actor
from vraagbaak.ports import Tx
from web.commands import common
from web.commands.people import member_called


@click.command("alias")
@common.data_option
@common.database_option
@click.argument("name")
@click.argument("uri", required=False)
@click.option("--remove", is_flag=True, help="Do not say so any more.")
def member_alias(folder: Path, database: str | None, name: str, uri: str | None, remove: bool) -> None:
    """Say that the account at URI is NAME too, so that it can move here; without URI, show what is said."""
    with common.opened(folder, database=database) as store, common.speaking():
        known = store.run_now(_alias, name, uri, remove)
    for each in known:
        click.echo(each)
    if not known:
        click.echo(f"{name} names no other account.", err=True)


def _alias(tx: Tx, name: str, uri: str | None, remove: bool) -> tuple[str, ...]:
    found = member_called(tx, name)
    if uri is None:
        return tx.get(Actor, found.actor_id).also_known_as
    return (moves.no_longer_own if remove else moves.name_as_own)(tx, found, uri).also_known_as


@click.command("move")
@common.data_option
@common.database_option
@click.argument("name")
@click.argument("uri")
@click.option("--yes", is_flag=True, help="Do not ask.")
def member_move(folder: Path, database: str | None, name: str, uri: str, yes: bool) -> None:
    """Let NAME go on as the account at URI, which has to name this one as its own. Followers go along."""
    with common.opened(folder, database=database) as store, common.speaking():
        if not yes:
            click.confirm(f"Let the followers of {name} follow {uri} instead?", abort=True, err=True)
        store.run_now(_move, name, uri)
    click.echo("The server looks it up as soon as it runs. If it cannot be: vraagbaak job list")


def _move(tx: Tx, name: str, uri: str) -> None:
    moves.ask(tx, member_called(tx, name), uri)
