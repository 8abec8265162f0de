"""The command `unbroken demo`."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from app.simulation import demo as demonstration
from app.simulation.check import Report
from app.simulation.check import check as check_all
from config.settings import Settings

FOLDER = "var/demo"
FOUND = 1


@click.command("demo")
@click.option("--reset", is_flag=True, help="Start over with new data.")
@click.option("--check", is_flag=True, help="Try the whole journey on data that is thrown away.")
@click.option("--json", "as_json", is_flag=True, help="With --check: answer in JSON.")
def demo(reset: bool, check: bool, as_json: bool) -> None:
    """Run a programme to try: database, server, watcher, two stations with simulated scanners."""
    if as_json and not check:
        raise click.UsageError("--json goes with --check")
    if check:
        _check(as_json=as_json)
        return
    settings = Settings.from_env(os.environ)
    folder = Path(os.environ.get("UNBROKEN_DATA", FOLDER)).absolute()
    demonstration.run(
        folder, port=settings.port, reset=reset, tell=click.echo, progress=_progress()
    )


def _check(*, as_json: bool) -> None:
    report = check_all(say=lambda words: click.echo(words, err=True))
    if as_json:
        click.echo(json.dumps({"ok": report.ok, **asdict(report)}, default=str))
    else:
        click.echo("\n".join(_lines(report)))
    if not report.ok:
        click.get_current_context().exit(FOUND)


def _lines(report: Report) -> Iterator[str]:
    yield "Limits of this check:"
    yield from (f"  {line}" for line in report.limits)
    yield "What was done and found:"
    for name, value in report.found.items():
        words = (
            ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        )
        yield f"  {name.replace('_', ' ')}: {words}"
    facts = report.verify
    yield f"  verify: {facts.get('subjects')} subjects, {facts.get('entries')} entries"
    for complaint in report.complaints:
        yield f"NOT AS IT MUST BE: {complaint}"
    if report.ok:
        yield f"All is as it must be ({report.seconds:g} s)"


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
