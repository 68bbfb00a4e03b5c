"""What could not be delivered or done: see it, and let it be tried again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.commands import common
from web.commands.common import Sentence

if TYPE_CHECKING:
    from storage.tx import SqlTx


@click.group()
def job() -> None:
    """Work that was given up: list, retry."""


@job.command("list")
@common.data_option
@common.database_option
@common.json_option
def job_list(folder: Path, database: str | None, as_json: bool) -> None:
    """What was given up, oldest first, and why. Nothing of what people wrote is shown."""
    from storage import jobs

    with common.opened(folder, database=database) as store:
        found = store.read_now(jobs.buried)
    if as_json:
        rows = [
            {
                "id": each.id,
                "kind": each.kind,
                "host": each.host,
                "attempts": each.attempts,
                "made": each.made_at.isoformat(timespec="seconds"),
                "error": each.last_error,
            }
            for each in found
        ]
        click.echo(json.dumps(rows))
        return
    for each in found:
        made = each.made_at.isoformat(sep=" ", timespec="minutes")
        click.echo(
            f"{each.id:>8} {each.kind:<9} {each.host or '-':<32} {made}  {each.attempts}x  {each.last_error}"
        )
    if not found:
        click.echo("Nothing was given up.", err=True)


@job.command("retry")
@common.data_option
@common.database_option
@click.argument("numbers", nargs=-1, type=click.IntRange(1, 2**63 - 1))
@click.option("--all", "everything", is_flag=True, help="Everything that was given up.")
def job_retry(folder: Path, database: str | None, numbers: tuple[int, ...], everything: bool) -> None:
    """Try again what was given up: by its number in the list, or all of it."""
    if bool(numbers) == everything:
        raise click.UsageError("Give the numbers of `vraagbaak job list`, or --all.")
    from storage import jobs

    with common.opened(folder, database=database) as store:
        done = store.run_now(jobs.retry_all) if everything else store.run_now(_retry, numbers)
    if done < len(numbers):
        raise Sentence(f"{done} of {len(numbers)} will be tried again; the others are not in the list.")
    click.echo(f"{done} will be tried again.")


def _retry(tx: SqlTx, numbers: tuple[int, ...]) -> int:
    from storage import jobs

    return sum(jobs.retry(tx, number) for number in numbers)
