"""The database: its tables, and the embedded one that comes along."""

import click

from app.commands.home import Home
from app.console import answer, with_json
from app.kernel.migrate import migrate


@click.command("migrate")
@with_json
def migrate_database() -> None:
    """Bring the tables up to this version; what is there is backed up before."""
    home = Home.here()
    home.database.ensure_running()
    taken = migrate(home.database.owner_url, backups=home.settings.data_dir / "backups")
    words = f"{len(taken)} steps taken: {', '.join(taken)}" if taken else "Nothing to do"
    answer({"taken": list(taken)}, words)


@click.group()
def db() -> None:
    """The embedded database: start, stop, status."""


@db.command()
@with_json
def start() -> None:
    """Start it, where it does not run."""
    home = Home.here()
    home.database.ensure_running()
    answer({"answers": True}, "The database answers")


@db.command()
@with_json
def stop() -> None:
    """Stop it; whatever is under way in it is rolled back."""
    stopped = Home.here().database.stop()
    answer({"stopped": stopped}, "Stopped" if stopped else "It did not run")


@db.command()
@with_json
def status() -> None:
    """Say whether it answers, and where it is."""
    found = Home.here().database.status()
    facts = {
        "answers": found.answers,
        "embedded": found.embedded,
        "pid": found.pid,
        "home": found.home,
    }
    where = f", process {found.pid}, {found.home}" if found.embedded and found.pid else ""
    words = f"It answers{where}" if found.answers else "It does not answer: unbroken db start"
    answer(facts, words, ok=found.answers)
