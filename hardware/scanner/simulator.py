"""Runs a simulated scanner by itself: `python -m hardware.scanner.simulator`.

Prints one line of JSON with the device to give to an agent and the address that takes commands;
ends on SIGTERM, SIGINT, or when its standard input closes and `--with-parent` was asked for.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.control import play, until_told
from hardware.scanner.control import obey
from hardware.scanner.dialects import DIALECTS
from hardware.scanner.drivers import DEFAULT_DRIVER
from hardware.scanner.misbehaviours import MISBEHAVIOURS
from hardware.scanner.simulated import SimulatedScanner

_SUFFIXES = {"cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    chosen = _parser().parse_args(arguments)
    stop = until_told(with_parent=chosen.with_parent)
    dialect = DIALECTS[chosen.driver](_SUFFIXES[chosen.suffix])
    scanner = SimulatedScanner(seed=chosen.seed, aim=chosen.aim, dialect=dialect, link=chosen.link)
    scanner.misbehave(chosen.fault)
    play(scanner, obey(scanner), port=chosen.port, until=stop)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hardware.scanner.simulator")
    parser.add_argument("--link", type=Path, help="a lasting name for the device, kept on replug")
    parser.add_argument("--port", type=int, default=0, help="control port (default: a free one)")
    parser.add_argument("--seed", type=int, default=0, help="makes misbehaviour repeatable")
    parser.add_argument("--aim", default="C0", help="kind of code sent as prefix (default: C0)")
    parser.add_argument(
        "--driver",
        choices=sorted(DIALECTS),
        default=DEFAULT_DRIVER,
        help="which driver understands it",
    )
    parser.add_argument("--suffix", choices=sorted(_SUFFIXES), default="cr")
    parser.add_argument("--fault", choices=sorted(MISBEHAVIOURS), default="none")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
