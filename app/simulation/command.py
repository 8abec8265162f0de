"""The command `unbroken demo`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from app.simulation import demo as demonstration
from config.settings import Settings

FOLDER = "var/demo"


@click.command("demo")
@click.option("--reset", is_flag=True, help="Start over with new data.")
def demo(reset: bool) -> None:
    """Run a programme to try: database, server, watcher, two stations with simulated scanners."""
    settings = Settings.from_env(os.environ)
    folder = Path(os.environ.get("UNBROKEN_DATA", FOLDER)).absolute()
    demonstration.run(
        folder,
        port=settings.port,
        reset=reset,
        tell=lambda words: click.echo(words),
        progress=_progress(),
    )


def _progress() -> Callable[[int, int], None]:
    """A line that counts on a terminal; elsewhere a line for every tenth part."""
    if sys.stderr.isatty():
        return lambda done, of: click.echo(
            f"\r  {done * 100 // of} %" + ("\n" if done == of else ""), nl=False, err=True
        )

    def tenths(done: int, of: int) -> None:
        if done * 10 // of != (done - 1) * 10 // of:
            click.echo(f"  {done * 100 // of} %", err=True)

    return tenths
