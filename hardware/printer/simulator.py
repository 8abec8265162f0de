"""Runs a simulated ZPL printer by itself: `python -m hardware.printer.simulator`.

Prints one line of JSON with the device to give to an agent and the address that takes commands;
ends on SIGTERM, SIGINT, or when its standard input closes and `--with-parent` was asked for.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from hardware.control import play, until_told
from hardware.printer.control import obey
from hardware.printer.simulated import SimulatedPrinter
from hardware.printer.troubles import TROUBLES

_DPMM = (6, 8, 12, 24)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until told to stop."""
    chosen = _parser().parse_args(arguments)
    stop = until_told(with_parent=chosen.with_parent)
    printer = SimulatedPrinter(
        seed=chosen.seed,
        trouble=chosen.fault,
        after=chosen.after,
        dpmm=chosen.dpmm,
        pace=chosen.pace,
        link=chosen.link,
    )
    play(printer, obey(printer), port=chosen.port, until=stop)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hardware.printer.simulator")
    parser.add_argument("--link", type=Path, help="a lasting name for the device, kept on replug")
    parser.add_argument("--port", type=int, default=0, help="control port (default: a free one)")
    parser.add_argument("--seed", type=int, default=0, help="makes its times repeatable")
    parser.add_argument("--fault", choices=sorted(TROUBLES), default="none")
    parser.add_argument("--after", type=int, default=0, help="labels before the fault (default: 0)")
    parser.add_argument("--dpmm", type=int, choices=_DPMM, default=8, help="dots per mm")
    parser.add_argument("--pace", type=float, default=1.0, help="0.1 is ten times as fast")
    parser.add_argument("--with-parent", action="store_true", help="end when standard input ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
