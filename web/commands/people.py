"""People: accounts, tokens for programs, taking everything along, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from vraagbaak import app_scopes, members
from vraagbaak.errors import Invalid, Unknown
from vraagbaak.members import Newcomer
from vraagbaak.model import Member, Role
from vraagbaak.ports import Reads, Tx
from web.commands import common
from web.commands.common import Sentence

ROLES = click.Choice([role.value for role in Role])


def chosen_password(handle: str, *, stdin: bool) -> tuple[str, str]:
    """The hash of a new password, and the password itself when it was made up here. Raises Invalid."""
    from web import passwords

    given = common.password_from(stdin)
    made_up = "" if given or stdin else secrets.token_urlsafe(12)
    passwords.check_new(handle, given or made_up)
    return asyncio.run(passwords.hashed(given or made_up)), made_up


def member_called(reading: Reads, handle: str) -> Member:
    """The member with this handle. Raises Unknown."""
    found = members.by_handle(reading, handle)
    if found is None:
        raise Unknown("member", "There is no member called '%(name)s'.", name=handle)
    return found


@click.group()
def member() -> None:
    """Accounts: add, list, remove."""


@member.command("add")
@common.data_option
@common.database_option
@click.argument("name")
@click.option(
    "--role", "roles", type=ROLES, multiple=True, help="May be given more than once.  [default: resident]"
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def member_add(
    folder: Path,
    database: str | None,
    name: str,
    roles: tuple[str, ...],
    password_stdin: bool,
) -> None:
    """Add a member called NAME."""
    with common.opened(folder, database=database) as store, common.speaking():
        hashed, shown = chosen_password(name, stdin=password_stdin)
        chosen = tuple(Role(role) for role in roles) or (Role.RESIDENT,)
        made = store.run_now(members.add, Newcomer(handle=name, name=name, password_hash=hashed), chosen)
    click.echo(f"{made.handle} is a member now ({', '.join(made.roles)}).")
    if shown:
        click.echo(f"Password: {shown}")


@member.command("list")
@common.data_option
@common.database_option
@common.json_option
def member_list(folder: Path, database: str | None, as_json: bool) -> None:
    """Who has an account here, and in which role."""
    with common.opened(folder, database=database) as store:
        found: list[Member] = store.read_now(lambda reading: reading.find(Member))
    rows = [{"name": each.handle, "roles": list(each.roles), "language": each.language} for each in found]
    rows.sort(key=lambda row: str(row["name"]))
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        click.echo(f"{row['name']:<30} {', '.join(row['roles'])}")
    if not rows:
        click.echo("Nobody has an account yet. Add one with: vraagbaak member add NAME", err=True)


@member.command("role")
@common.data_option
@common.database_option
@click.argument("name")
@click.argument("roles", type=ROLES, nargs=-1, required=True)
def member_role(folder: Path, database: str | None, name: str, roles: tuple[str, ...]) -> None:
    """Give NAME these ROLES, instead of those they had."""
    with common.opened(folder, database=database) as store, common.speaking():
        made = store.run_now(_grant, name, tuple(Role(role) for role in dict.fromkeys(roles)))
    click.echo(f"{made.handle} is {', '.join(made.roles)} from now on.")


def _grant(tx: Tx, name: str, roles: tuple[Role, ...]) -> Member:
    return members.grant(tx, member_called(tx, name), roles)


@member.command("remove")
@common.data_option
@common.database_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def member_remove(folder: Path, database: str | None, name: str, yes: bool) -> None:
    """Remove the account NAME with everything written with it, here and wherever it went."""
    _erase(folder, database, name, yes=yes)


@click.command()
@common.data_option
@common.database_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(folder: Path, database: str | None, name: str, yes: bool) -> None:
    """Erase NAME: the account and everything written with it, here and wherever it went."""
    _erase(folder, database, name, yes=yes)


def _erase(folder: Path, database: str | None, name: str, *, yes: bool) -> None:
    from storage.media import Clearing, MediaFolder

    with common.opened(folder, database=database) as store, common.speaking():
        found = store.read_now(member_called, name)
        if not yes:
            question = f"Remove {found.handle} and all they wrote, on every server? This cannot be undone"
            click.confirm(question, abort=True, err=True)
        told = store.run_now(_leave, found.id)
        Clearing(store, MediaFolder(common.media_folder(folder))).clear_now()
    click.echo(f"{found.handle} is gone, with everything they wrote.")
    if told:
        click.echo(f"{told} server(s) received something of it and will be told to delete it.")


def _leave(tx: Any, member_id: str) -> int:
    """How many servers are told."""
    from storage.circulation import inboxes_that_knew
    from vraagbaak.model import Actor

    leaving = tx.get(Member, member_id)
    uri = tx.get(Actor, leaving.actor_id).uri
    members.leave(tx, leaving)
    return len({urlsplit(inbox).netloc for inbox in inboxes_that_knew(tx, uri)})


@click.command()
@common.data_option
@common.database_option
@click.argument("name")
@click.option(
    "--scopes", default="read write follow push", show_default=True, help="What the program may do."
)
def token(folder: Path, database: str | None, name: str, scopes: str) -> None:
    """Print a token with which a program acts for NAME, and nothing else."""
    from web import sessions

    try:
        wanted = app_scopes.known(scopes)
    except Invalid:
        raise click.UsageError(f"Scopes are words of: {' '.join(app_scopes.ALL)}.") from None
    secret, secret_hash = sessions.new_secret()
    with common.opened(folder, database=database) as store, common.speaking():
        store.run_now(_give_token, name, secret_hash, wanted)
    click.echo(secret)


def _give_token(tx: Tx, name: str, secret_hash: str, scopes: tuple[str, ...]) -> None:
    members.give_token(tx, member_called(tx, name), secret_hash, scopes)


@click.command()
@common.data_option
@common.database_option
@click.option("--role", type=ROLES, default=Role.RESIDENT.value, show_default=True, help="Who comes in.")
@click.option(
    "--uses", type=click.IntRange(1, 500), default=1, show_default=True, help="For how many people."
)
@click.option("--days", type=click.IntRange(1, 365), default=30, show_default=True, help="How long it works.")
def invite(folder: Path, database: str | None, role: str, uses: int, days: int) -> None:
    """Print a link that lets people in."""
    from datetime import timedelta

    from web import sessions

    code, code_hash = sessions.new_secret()
    with common.opened(folder, database=database) as store, common.speaking():
        store.run_now(members.invite, code_hash, (Role(role),), uses, timedelta(days=days))
        click.echo(f"{store.home.base_url}/welkom/{code}")


@click.command()
@common.data_option
@common.database_option
@click.argument("name")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def export(folder: Path, database: str | None, name: str, file: Path) -> None:
    """Write everything about NAME to FILE (a zip), and nothing about others."""
    from storage.media import MediaFolder
    from web.exporting import export_member
    from web.wiring import seals_of

    if file.exists():
        raise Sentence(f"{file} exists already. Choose another name.")
    with common.opened(folder, database=database) as store, common.speaking():
        found = store.read_now(member_called, name)
        pictures = MediaFolder(common.media_folder(folder))
        content = store.read_now(export_member, found.id, pictures, seals_of(folder))
        with common.private_file(file) as writing:
            writing.write(content)
    click.echo(f"{file} holds everything about {found.handle}.")
