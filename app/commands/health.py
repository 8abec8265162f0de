"""What is wrong here, and what to do about it."""

from collections.abc import Iterator
from pathlib import Path

import click

from app import doctor
from app.commands.home import Home
from app.console import answer, with_json
from app.kernel.migrate import pending
from app.simulation.command import FOLDER
from app.simulation.home import MEMORY

DEMO = Path(FOLDER)


@click.command("doctor")
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
    settings = home.settings
    demo = DEMO if (DEMO / MEMORY).exists() and DEMO.absolute() != settings.data_dir else None
    yield doctor.of_installation(settings.data_dir, embedded=settings.embedded, demo=demo)
    yield doctor.of_disk(settings.data_dir)
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
