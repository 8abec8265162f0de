"""The commands of a simulated printer, for whoever stands in front of it.

`tray`, `end_roll`, `refill`, `open_head`, `close_head`, `pause`, `go_on`, `ribbon_out`,
`new_ribbon`, `unplug`, `plug`.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from hardware import control
from hardware.control import Commands, Reply
from hardware.printer.engine import Engine
from hardware.printer.simulated import SimulatedPrinter


def obey(printer: SimulatedPrinter) -> Callable[[str], Reply]:
    """Does what a line says with this printer."""
    return partial(control.obey, printer, _COMMANDS)


def _tray(printer: SimulatedPrinter, _: list[str]) -> Reply:
    return {
        "labels": [
            {"content": out.content.decode("ascii", "replace"), "whole": out.whole}
            for out in printer.tray()
        ]
    }


def _by_hand(deed: Callable[[Engine], None]) -> Callable[[SimulatedPrinter, list[str]], Reply]:
    def command(printer: SimulatedPrinter, _: list[str]) -> Reply:
        printer.do(deed)
        return {}

    return command


def _unplug(printer: SimulatedPrinter, _: list[str]) -> Reply:
    printer.unplug()
    return {"device": None}


def _plug(printer: SimulatedPrinter, _: list[str]) -> Reply:
    return {"device": printer.plug()}


_COMMANDS: Final[Commands[SimulatedPrinter]] = {
    "tray": _tray,
    "end_roll": _by_hand(Engine.end_roll),
    "refill": _by_hand(Engine.refill),
    "open_head": _by_hand(Engine.open_head),
    "close_head": _by_hand(Engine.close_head),
    "pause": _by_hand(lambda engine: engine.hold(True)),
    "go_on": _by_hand(lambda engine: engine.hold(False)),
    "ribbon_out": _by_hand(lambda engine: engine.end_ribbon(True)),
    "new_ribbon": _by_hand(lambda engine: engine.end_ribbon(False)),
    "unplug": _unplug,
    "plug": _plug,
}
