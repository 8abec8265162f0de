"""The command `unbroken`: run the server and the watcher, look after people, data and proof."""

import click

from app.commands import database, health, limits, people, proof, running
from app.console import House, colours
from app.simulation.command import demo
from app.web.health import VERSION

COMMANDS: tuple[click.Command, ...] = (
    demo,
    running.serve,
    running.watch,
    database.migrate_database,
    database.db,
    health.examine,
    people.user,
    people.programme,
    people.site,
    people.station,
    limits.limits,
    proof.verify_ledger,
    proof.make_seal,
    proof.make_backup,
    proof.restore_backup,
)


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="unbroken")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Biobank specimen tracking: custody as a ledger, gaps that alarm in seconds.

    Settings are environment variables; `unbroken doctor` says what is wrong and what to do.
    Exit codes: 0 all is well, 1 something was found or could not be done, 2 asked in a wrong way.
    """
    colours(ctx)


for command in COMMANDS:
    main.add_command(command)
