"""The command `unbroken`: run the server and the watcher, look after people, data and proof."""

import gc
import logging
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn, TypeVar

import click
from waitress.server import create_server

from app import doctor, factory, jobs
from app.accounts import places, queries, service
from app.accounts.people import ORGANISATIONS, SITES, Grant, NewPerson
from app.accounts.rights import ANY, ROLES
from app.alarms.marks import BACKUP, SWEEP, VERIFY, facts_of, looks, mark
from app.alarms.queries import mark_of
from app.console import FINE, House, answer, colours, note, progress, with_json
from app.custody import seals
from app.custody.verify import Report, verify
from app.kernel.clock import system_clock
from app.kernel.errors import Refused
from app.kernel.ids import uuid7_source
from app.kernel.migrate import migrate, pending
from app.kernel.postgres import Database
from app.kernel.postgres_backup import dump, restore
from app.kernel.work import Work
from app.limits import queries as limit_queries
from app.limits import typed
from app.limits.queries import VersionSeen
from app.limits.service import NewVersion
from app.limits.service import add as add_version
from app.simulation.command import demo
from app.web.health import VERSION
from app.web.logs import log_to
from config.limits import load
from config.rules import Value
from config.settings import Settings

Answer = TypeVar("Answer")
IDS = uuid7_source(system_clock)
SEAL_KEY = "seal.key"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
FILE = click.Path(path_type=Path, dir_okay=False)
OLD_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


class NotMigrated(Refused):
    """The tables are not those of this version."""

    message = "The database lacks %(count)s steps of this version: %(steps)s"
    advice = "unbroken migrate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """This installation: its settings, and the database they speak of, which need not run."""

    settings: Settings
    database: Database

    @classmethod
    def here(cls) -> "Home":
        """As the environment says. Raises SettingsWrong."""
        settings = Settings.from_env(os.environ)
        return cls(settings=settings, database=factory.database_of(settings))

    def ready(self) -> None:
        """Have the database run, and see that it is this version's. Raises NotMigrated."""
        self.database.ensure_running()
        missing = pending(self.database.owner_url)
        if missing:
            raise NotMigrated(count=len(missing), steps=", ".join(missing))

    @contextmanager
    def works(self) -> Iterator[Callable[[], Work]]:
        """Units of work of the system itself."""
        with factory.works(
            self.settings, clock=system_clock, ids=IDS, database=self.database.runtime_url
        ) as work_factory:
            yield work_factory

    def do(self, deed: Callable[[Work], Answer]) -> Answer:
        """One deed of the system itself, committed."""
        with self.works() as work_factory:
            return jobs.in_transaction(work_factory, deed)


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="unbroken")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Biobank specimen tracking: custody as a ledger, gaps that alarm in seconds.

    Settings are environment variables; `unbroken doctor` says what is wrong and what to do.
    Exit codes: 0 all is well, 1 something was found or could not be done, 2 asked in a wrong way.
    """
    colours(ctx)


# Running it

main.add_command(demo)


@main.command()
@click.option("--host", help="Address to listen on, in place of UNBROKEN_HOST.")
@click.option("--port", type=click.IntRange(0, 65535), help="In place of UNBROKEN_PORT; 0: any.")
@with_json
def serve(host: str | None, port: int | None) -> None:
    """Run the web server until Ctrl+C; starts the embedded database when it does not run."""
    home = Home.here()
    home.ready()
    settings = home.settings
    log_to()
    app = factory.create_app(
        settings, clock=system_clock, ids=IDS, database=home.database.runtime_url
    )
    chosen = host or settings.host
    server = create_server(
        app,
        host=chosen,
        port=settings.port if port is None else port,
        threads=settings.threads,
        ident=None,
    )
    _end_on_signals()
    url = f"{'https' if settings.https else 'http'}://{_address(server, chosen)}"
    notes = home.do(lambda work: _missing(work, settings, chosen))
    answer(
        {"url": url, "pid": os.getpid(), "notes": notes},
        "\n".join([f"Unbroken answers at {url} (Ctrl+C stops it)", *notes]),
    )
    # What is there before the first request stays: nobody need look through it again for waste.
    gc.collect()
    gc.freeze()
    server.run()


def _address(server: object, host: str) -> str:
    listened = getattr(server, "effective_listen", None) or [
        (host, getattr(server, "effective_port", 0))
    ]
    name, port = listened[0][:2]
    return f"[{name}]:{port}" if ":" in str(name) else f"{name}:{port}"


def _missing(work: Work, settings: Settings, host: str) -> list[str]:
    """What this server would need to be of use, or safe."""
    notes = []
    if not settings.https and host not in LOOPBACK:
        notes.append(
            "Pages travel unencrypted: put a proxy with https before it and set UNBROKEN_HTTPS=yes"
        )
    if not queries.logins(work):
        notes.append("Nobody can sign in yet: unbroken user add LOGIN --role administrator")
    seen = mark_of(work, SWEEP)
    if seen is None or not looks(seen.at, work.clock()):
        notes.append("No watcher is looking, so no gap becomes an alarm: unbroken watch")
    return notes


@main.command()
@with_json
def watch() -> None:
    """Run the watcher until Ctrl+C. Any number may run; one at a time looks."""
    home = Home.here()
    home.ready()
    log_to()
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with home.works() as work_factory:
        watcher = jobs.Watcher(work_factory=work_factory, holder=IDS())
        answer(
            {"watching": True, "pid": os.getpid()},
            "The watcher looks every 5 s (Ctrl+C stops it)",
        )
        jobs.watch(watcher, stopping=stopping)


def _end_on_signals() -> None:
    def end(*_: object) -> NoReturn:
        raise SystemExit(FINE)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)


@main.command("migrate")
@with_json
def migrate_database() -> None:
    """Bring the tables up to this version; what is there is backed up before."""
    home = Home.here()
    home.database.ensure_running()
    taken = migrate(home.database.owner_url, backups=home.settings.data_dir / "backups")
    words = f"{len(taken)} steps taken: {', '.join(taken)}" if taken else "Nothing to do"
    answer({"taken": list(taken)}, words)


@main.command("doctor")
@with_json
def examine() -> None:
    """Say what is wrong here, and what to do about it. Changes and starts nothing."""
    home = Home.here()
    findings = list(_findings(home))
    ok = all(finding.health is not doctor.Health.PROBLEM for finding in findings)
    answer(
        {
            "findings": [
                {"name": f.name, "health": f.health, "says": f.says, "advice": f.advice}
                for f in findings
            ]
        },
        "\n".join(line for finding in findings for line in _lines(finding)),
        ok=ok,
    )


def _findings(home: Home) -> Iterator[doctor.Finding]:
    yield doctor.of_disk(home.settings.data_dir)
    status = home.database.status()
    yield doctor.of_database(answers=status.answers, embedded=status.embedded)
    if status.answers:
        missing = pending(home.database.owner_url)
        yield doctor.of_migrations(missing)
        if not missing:
            yield from home.do(doctor.examine)


def _lines(finding: doctor.Finding) -> Iterator[str]:
    colour = {"ok": "green", "note": "yellow", "problem": "red"}[finding.health]
    yield f"{click.style(f'{finding.health:8}', fg=colour)} {finding.name}: {finding.says}"
    if finding.advice:
        yield f"         do: {finding.advice}"


# The database


@main.group()
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


# People, sites and stations


@main.group()
def user() -> None:
    """People who sign in."""


@user.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(ROLES), multiple=True, required=True)
@click.option("--site", default=ANY, show_default=True, help="Where; * is every site.")
@click.option("--programme", default=ANY, show_default=True)
@click.option("--label", help="What they are called on pages; never their name.")
@click.option("--language", type=click.Choice(["en", "es"]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@with_json
def add_user(
    login: str,
    role: tuple[str, ...],
    site: str,
    programme: str,
    label: str | None,
    language: str | None,
    password_stdin: bool,
) -> None:
    """Let somebody sign in. Without --password-stdin a password is made and shown this once."""
    home = Home.here()
    home.ready()
    made = None if password_stdin else secrets.token_urlsafe(15)
    new = NewPerson(
        login=login,
        label=label or login,
        password=made or sys.stdin.readline().rstrip("\r\n"),
        site=None if site == ANY else site,
        language=language,
        grants=tuple(Grant(role=each, site=site, programme=programme) for each in role),
    )
    seen = home.do(lambda work: service.add_person(work, new))
    told = f", password {made} (shown this once)" if made else ""
    answer(
        {"person": seen.id, "login": seen.login, "password": made},
        f"{seen.login} may sign in{told}",
    )


@main.group()
def programme() -> None:
    """Programmes that participants belong to."""


@programme.command("add")
@click.argument("code")
@click.option("--title", required=True)
@with_json
def add_programme(code: str, title: str) -> None:
    """A new programme."""
    home = Home.here()
    home.ready()
    home.do(lambda work: places.add_programme(work, code=code, title=title))
    answer({"programme": code}, f"Programme {code} is there")


@main.group()
def site() -> None:
    """Places of work."""


@site.command("add")
@click.argument("code")
@click.option("--title", required=True)
@click.option("--kind", type=click.Choice(SITES), required=True)
@click.option("--zone", required=True, help="Time zone, such as America/Chicago.")
@click.option("--organisation", required=True, help="Whose it is; made where it is not there yet.")
@click.option("--organisation-kind", type=click.Choice(ORGANISATIONS), default=ORGANISATIONS[0])
@with_json
def add_site(
    code: str, title: str, kind: str, zone: str, organisation: str, organisation_kind: str
) -> None:
    """A new site."""
    home = Home.here()
    home.ready()

    def add(work: Work) -> None:
        if organisation not in {known.organisation for known in queries.sites(work)}:
            places.add_organisation(
                work, code=organisation, kind=organisation_kind, title=organisation
            )
        places.add_site(
            work, code=code, organisation=organisation, kind=kind, title=title, time_zone=zone
        )

    home.do(add)
    answer({"site": code}, f"Site {code} is there")


@main.group()
def station() -> None:
    """Work places with devices."""


@station.command("add")
@click.option("--site", required=True)
@click.option("--unit", required=True, help="Whose hands its scans are: collection, dock, store.")
@click.option("--title", required=True)
@with_json
def add_station(site: str, unit: str, title: str) -> None:
    """A new station, with the token its agent needs: shown this once."""
    home = Home.here()
    home.ready()

    def add(work: Work) -> tuple[str, str]:
        code = places.add_station(work, site=site, unit=unit, title=title)
        return code, places.give_token(work, station=code)

    code, token = home.do(add)
    answer({"station": code, "token": token}, f"Station {code}, token {token} (shown this once)")


# Limits


@main.group()
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
        seen = home.do(limit_queries.versions)
        words = "\n".join(line for each in seen for line in typed.told(each))
        answer({"versions": [typed.facts(each) for each in seen]}, words)
        return
    one = home.do(lambda work: limit_queries.version(work, version))
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
        last = limit_queries.last(work)
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


# Proof and backup


@main.command("verify")
@click.option("--seal", "seal_file", type=OLD_FILE, help="Compare with this seal, too.")
@with_json
def verify_ledger(seal_file: Path | None) -> None:
    """Walk every chain and derive everything again; name whatever was changed."""
    home = Home.here()
    home.ready()
    report = _verified(home, seal_file)
    found = "\n".join(report.findings)
    words = f"{report.subjects:,} subjects, {report.entries:,} entries: "
    answer(
        {
            "subjects": report.subjects,
            "entries": report.entries,
            "as_of": report.as_of.isoformat(),
            "findings": list(report.findings),
        },
        words + (f"BROKEN\n{found}" if found else "unbroken"),
        ok=report.ok,
    )


def _verified(home: Home, seal_file: Path | None) -> Report:
    seal = seals.read(seal_file, public_key=_public_key(home)) if seal_file else None
    told = progress("{count} entries")
    report = home.do(
        lambda work: verify(
            work.session, limits=work.limits, now=work.clock(), seal=seal, progress=told
        )
    )
    home.do(lambda work: mark(work, VERIFY, ok=report.ok, facts=facts_of(report)))
    return report


def _public_key(home: Home) -> bytes | None:
    """This installation's own key; a seal of another one is trusted as far as it names itself."""
    file = home.settings.data_dir / SEAL_KEY
    return seals.signing_key(file).public_key().public_bytes_raw() if file.exists() else None


@main.command("seal")
@click.option("--out", type=FILE, required=True, help="Where to; keep the file elsewhere.")
@with_json
def make_seal(out: Path) -> None:
    """Sign what the ledger's last entries are now, so that none can vanish unseen."""
    home = Home.here()
    home.ready()
    key = seals.signing_key(home.settings.data_dir / SEAL_KEY)
    seal = home.do(lambda work: seals.take(work.session, now=work.clock()))
    seals.write(seal, out, key=key)
    facts = {"file": out, "subjects": len(seal.heads), "entries": seal.entries}
    words = f"{len(seal.heads):,} subjects, {seal.entries:,} entries sealed in {out}"
    answer({**facts, "root": seal.root.hex()}, f"{words}\nKeep it where this database is not")


@main.command("backup")
@click.argument("file", type=FILE)
@with_json
def make_backup(file: Path) -> None:
    """Write the whole database into one file, whole or not at all."""
    home = Home.here()
    home.ready()
    rows = sum(dump(home.database.owner_url, file).values())
    home.do(lambda work: mark(work, BACKUP, ok=True, facts={"rows": rows}))
    answer({"file": file, "rows": rows}, f"{rows:,} rows in {file}")


@main.command("restore")
@click.argument("file", type=OLD_FILE)
@click.option("--replace", is_flag=True, help="Drop what is in the database now.")
@click.option("--seal", "seal_file", type=OLD_FILE, help="Compare with this seal at the end.")
@with_json
def restore_backup(file: Path, replace: bool, seal_file: Path | None) -> None:
    """Fill the database from a backup, then verify all of it."""
    home = Home.here()
    home.database.ensure_running()
    rows = sum(restore(home.database.owner_url, file, replace=replace).values())
    if pending(home.database.owner_url):
        note("The backup is of an earlier version: unbroken migrate, then unbroken verify")
        answer({"rows": rows, "verified": False}, f"{rows:,} rows restored, not verified", ok=False)
        return
    report = _verified(home, seal_file)
    words = "unbroken" if report.ok else "BROKEN\n" + "\n".join(report.findings)
    answer(
        {"rows": rows, "verified": True, "findings": list(report.findings)},
        f"{rows:,} rows restored; the ledger is {words}",
        ok=report.ok,
    )
