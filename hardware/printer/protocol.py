"""What every label printer driver can do, and what it may say of a label.

A driver knows bytes, never meaning. It raises children of DeviceTrouble and nothing else, never
prints a label a second time, and passes the tests of tests/hardware/printer.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from hardware.printer.one_label import Label, Tell

Told = Callable[[Tell], None]
ZPL, PDF = "zpl", "pdf"  # what a label may be written in
DPMM: Final[Mapping[int, int]] = {203: 8, 300: 12, 600: 24}  # of a head, by its dpi


class Condition(StrEnum):
    """How a printer is, in a word."""

    READY = "ready"
    BUSY = "printing"
    TROUBLED = "cannot print"  # it says why
    SILENT = "not answering"  # many say nothing when out of labels or with the lid open
    GARBLED = "answers what nobody understands"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterStatus:
    """How a printer was when it was last asked; `reasons` and `warnings` are names."""

    condition: Condition
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a printer is found, and what there is nobody to ask: its head, and what it takes."""

    address: str
    baud: int
    dpmm: int
    format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinterIdentity:
    """What a printer says it is; `confirms` says whether it can prove that a label came out."""

    model: str
    firmware: str
    dpmm: int
    confirms: bool


class Printer(Protocol):
    """An open printer."""

    def identify(self) -> PrinterIdentity:
        """What is really there; raises NoReply or Garbage rather than guess."""
        ...

    def status(self) -> PrinterStatus:
        """How it is now."""
        ...

    def print_labels(self, labels: Sequence[Label], *, tell: Told, stop: threading.Event) -> None:
        """Print these, telling what is known of each; `tell` has written it down when it returns.

        Waits for a printer that cannot print until `stop` is set. Raises a child of DeviceTrouble
        when the line is gone; whatever was in flight has been told to be unknown by then.
        """
        ...

    def close(self) -> None:
        """Let go of the device. Safe to repeat."""
        ...
