"""Proof and its keeping: verify, seal, backup, restore."""

from pathlib import Path

import click

from app.alarms.marks import BACKUP, VERIFY, facts_of, mark
from app.commands.home import FILE, OLD_FILE, Home
from app.console import answer, note, progress, with_json
from app.custody import seals
from app.custody.verify import Report, verify
from app.kernel.migrate import pending
from app.kernel.postgres_backup import dump, restore

SEAL_KEY = "seal.key"


@click.command("verify")
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


@click.command("seal")
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


@click.command("backup")
@click.argument("file", type=FILE)
@with_json
def make_backup(file: Path) -> None:
    """Write the whole database into one file, whole or not at all."""
    home = Home.here()
    home.ready()
    rows = sum(dump(home.database.owner_url, file).values())
    home.do(lambda work: mark(work, BACKUP, ok=True, facts={"rows": rows}))
    answer({"file": file, "rows": rows}, f"{rows:,} rows in {file}")


@click.command("restore")
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
