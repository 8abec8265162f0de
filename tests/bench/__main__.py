"""Measure, print, and write `var/bench.json`: by hand, through the service, over HTTP."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from app.kernel.clock import system_clock
from tests.bench.agent import agent_starts
from tests.bench.cluster import Cluster, cluster
from tests.bench.deeds import RACK_OF
from tests.bench.figures import Figure, as_json, machine, table
from tests.bench.measure import Measured, Size, measure, verified
from tests.bench.printing import label_speed, truth_table
from tests.bench.station import station_waits

OUT = Path("var") / "bench.json"
QUICK = Size(tubes=20_000, rounds=3, alone=80, together=30, racks=20, open_seconds=5)
FULL = Size(tubes=100_000, rounds=4, alone=150, together=60, racks=30, open_seconds=15)
LARGE = 1_000_000
VERIFY_TUBES = 5_000  # a ledger of its own: what verify does to an entry does not depend on others


def main(arguments: list[str]) -> int:
    """Exit code 0 where every target is met."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 tubes, under three minutes")
    parser.add_argument("--large", action="store_true", help="a million tubes too, and the growth")
    parser.add_argument("--out", type=Path, default=OUT, help=f"where to write (default: {OUT})")
    asked = parser.parse_args(arguments)
    size = QUICK if asked.quick else FULL
    begun = time.monotonic()
    found = machine()

    def say(what: str) -> None:
        sys.stderr.write(f"[{time.monotonic() - begun:4.0f} s] {what}\n")

    with cluster() as server:
        found["postgresql"] = server.version()
        sizes = [size]
        if asked.large:
            sizes.append(Size(**{**_parts(size), "tubes": LARGE}))
        measured = {one.tubes: _on(server, one, say) for one in sizes}
        figures = {str(tubes): _figures(one) for tubes, one in measured.items()}
        say("verifying")
        figures[str(size.tubes)] += _verified(server, size, say)
        say("stations")
        figures["stations"] = _stations(server, quick=asked.quick)
    say("agents")
    figures["agents"] = agent_starts()
    say("printing")
    figures["printing"] = truth_table() + label_speed()
    if asked.large:
        figures["growth"] = _growth(measured[size.tubes], measured[LARGE])
    for name, lines in figures.items():
        title = f"{int(name):,} tubes" if name.isdigit() else name
        sys.stdout.write(table(title, lines) + "\n\n")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "measured_at": system_clock().isoformat(timespec="seconds"),
        "machine": found | {"load_after": machine()["load_before"]},
        "seconds": round(time.monotonic() - begun),
        "figures": {name: as_json(lines) for name, lines in figures.items()},
    }
    asked.out.write_text(json.dumps(document, indent=2) + "\n")
    missed = [f.name for lines in figures.values() for f in lines if f.met is False]
    sys.stdout.write(
        f"{found['cores']} cores, Python {found['python']}, PostgreSQL {found['postgresql']},"
        f" {document['seconds']} s; written to {asked.out}\n"
        + (f"Not met: {'; '.join(missed)}\n" if missed else "Every target is met.\n")
    )
    return 1 if missed else 0


def _parts(size: Size) -> dict[str, int]:
    return {name: getattr(size, name) for name in Size.__slots__}


def _on(server: Cluster, size: Size, say: Callable[[str], None]) -> Measured:
    base = f"base_{size.tubes}"
    say(f"making a ledger of {size.tubes:,} tubes")
    stock = server.base(base, tubes=size.tubes, fresh=size.fresh, now=system_clock())
    measured = measure(server, base, stock, size, say)
    if size.tubes != VERIFY_TUBES:
        server.drop(base)
    return measured


def _verified(server: Cluster, size: Size, say: Callable[[str], None]) -> list[Figure]:
    base = f"base_{VERIFY_TUBES}"
    if size.tubes != VERIFY_TUBES:
        server.base(base, tubes=VERIFY_TUBES, fresh=0, now=system_clock())
    rate, findings = verified(server, base)
    return [
        Figure(name="verify", value=rate, unit="entries/s"),
        Figure(name="verify: findings", value=findings, unit="", most=0),
    ]


def _stations(server: Cluster, *, quick: bool) -> list[Figure]:
    """On the small ledger: what waits at a station is one scan at a time."""
    scans, seconds = (120, 12) if quick else (240, 30)
    return station_waits(server, f"base_{VERIFY_TUBES}", scans=scans, seconds=seconds)


def _figures(measured: Measured) -> list[Figure]:
    lines = []
    for hands in (1, 8):
        raw = measured.scans["raw", hands]
        clients = f"{hands} client{'s' if hands > 1 else ''}"
        for way, share in (("raw", None), ("service", 0.5), ("http", 0.25)):
            pace = measured.scans[way, hands]
            lines.append(
                Figure(
                    name=f"{way}, {clients}",
                    value=pace.rate,
                    unit="scans/s",
                    least=200 if (way, hands) == ("http", 8) else None,
                    note=f"p50 {pace.p50:.1f}  p95 {pace.p95:.1f}  p99 {pace.p99:.1f} ms",
                )
            )
            if share is not None:
                name = f"{way} / raw, {clients}"
                lines.append(Figure(name=name, value=pace.rate / raw.rate, unit="", least=share))
    steady = measured.open_loop
    lines.append(
        Figure(
            name="http at a steady 150/s: p99",
            value=steady.p99,
            unit="ms",
            most=60,
            note=f"p50 {steady.p50:.1f}  p95 {steady.p95:.1f} ms, {steady.count} scans",
        )
    )
    for way, pace in measured.racks.items():
        lines.append(
            Figure(
                name=f"rack of {RACK_OF}, {way}",
                value=pace.rate * RACK_OF,
                unit="tubes/s",
                least=None if way == "raw" else 3_000,
                note=f"p50 {pace.p50:.1f} ms",
            )
        )
    lines += [
        Figure(name=f"{look}, p50", value=took, unit="ms") for look, took in measured.looks.items()
    ]
    lines.append(Figure(name="statements a scan", value=measured.statements, unit=""))
    lines.append(Figure(name="entries in the ledger", value=measured.entries, unit=""))
    return lines


def _growth(small: Measured, large: Measured) -> list[Figure]:
    """How much longer the same takes on the large ledger."""
    lines = []
    for (way, hands), pace in large.scans.items():
        before = small.scans[way, hands]
        name = f"{way}, {hands} client{'s' if hands > 1 else ''}: times slower"
        lines.append(
            Figure(
                name=name,
                value=before.rate / pace.rate,
                unit="",
                most=None if way == "raw" else 1.25,
                note=f"p50 {before.p50:.1f} -> {pace.p50:.1f} ms",
            )
        )
    for look, took in large.looks.items():
        value = took / small.looks[look]
        lines.append(Figure(name=f"{look}: times slower", value=value, unit="", most=1.25))
    return lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
