"""The limits behind the rules, and their later versions."""

from datetime import datetime
from pathlib import Path

import click

from app.commands.home import OLD_FILE, Home
from app.console import answer, with_json
from app.kernel.work import Work
from app.limits import queries, typed
from app.limits.queries import VersionSeen
from app.limits.service import NewVersion
from app.limits.service import add as add_version
from config.limits import load
from config.rules import Value


@click.group()
def limits() -> None:
    """The limits behind the rules, and their later versions."""


@limits.command("show")
@click.argument("version", type=click.IntRange(min=1), required=False)
@with_json
def show_limits(version: int | None) -> None:
    """Tell every version and what it changed; with its number, one with all its values."""
    home = Home.here()
    home.ready()
    if version is None:
        seen = home.do(queries.versions)
        words = "\n".join(line for each in seen for line in typed.told(each))
        answer({"versions": [typed.facts(each) for each in seen]}, words)
        return
    one = home.do(lambda work: queries.version(work, version))
    words = "\n".join([*typed.told(one), "", *typed.values_told(one)])
    answer({**typed.facts(one), "values": one.content}, words)


@limits.command("add")
@click.option("--set", "settings", type=typed.Setting(), multiple=True, help="One value; again.")
@click.option("--file", "file", type=OLD_FILE, help="A whole changed limits.toml.")
@click.option("--from", "valid_from", type=typed.Moment(), help="Since when; else in a minute.")
@click.option("--reason", required=True, help="Why; shown with the version for ever.")
@click.option("--name", help="What the procedure is called; written into every entry.")
@with_json
def add_limits(
    settings: tuple[tuple[str, str, Value], ...],
    file: Path | None,
    valid_from: datetime | None,
    reason: str,
    name: str | None,
) -> None:
    """Add a version of the limits. What happened before it begins keeps the limits of its time."""
    home = Home.here()
    home.ready()
    whole = load(file) if file else None

    def deed(work: Work) -> VersionSeen:
        last = queries.last(work)
        own = whole.sop_version if whole else last.sop_version
        new = NewVersion(
            after=last.version,
            reason=reason,
            valid_from=valid_from,
            sop_version=name or (own if own != last.sop_version else None),
            values=typed.by_rule(settings),
            whole=whole,
        )
        return add_version(work, new)

    seen = home.do(deed)
    answer(typed.facts(seen), "\n".join(typed.told(seen)))
