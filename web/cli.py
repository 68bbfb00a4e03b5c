"""The command line: `vraagbaak COMMAND --help` explains each one.

Starting to listen must not cost more than it has to: everything heavy is imported inside the command that needs it.
"""

from __future__ import annotations

import click

from vraagbaak import __vraagbaak__
from web.commands import demo, jobs, keys, peers, people, serving, upkeep


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__vraagbaak__, prog_name="vraagbaak")
def main() -> None:
    """A Vraagbaak: questions, answers and offers between residents, across pilots that federate."""
    from web import identity

    identity.check()


for command in (
    serving.serve,
    serving.work,
    serving.init,
    people.member,
    people.token,
    people.invite,
    people.export,
    people.erase,
    peers.peer,
    jobs.job,
    keys.keys,
    upkeep.load_file,
    upkeep.backup,
    upkeep.restore,
    upkeep.check,
    upkeep.stats,
    upkeep.config,
    demo.demo,
):
    main.add_command(command)


if __name__ == "__main__":
    main()
