"""A printer that only takes: what a spooler or a folder was given is handed over, never printed.

A label counts as given only where the taker says so. One that it surely did not take is offered
again until it does; one of which nobody knows is for a person to look for.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from hardware.printer.one_label import Label, State, Tell
from hardware.printer.protocol import Condition, PrinterIdentity, PrinterStatus, Told

AGAIN_SECONDS: Final = 2.0  # between two offers of a label that was not taken


class NotTaken(Exception):
    """Nothing of the label was taken; `reason` says by name why not."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NobodyKnows(Exception):
    """It may have been taken; `reason` says by name why nobody knows."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Taker(Protocol):
    """What labels are given to."""

    model: str

    def check(self) -> None:
        """Raise NotTaken where it is plain already that it would take none."""
        ...

    def take(self, label: Label) -> None:
        """Take one label whole. Raises NotTaken, or NobodyKnows."""
        ...


class HandingPrinter:
    """Gives labels to a taker. `again_seconds` is the wait between two offers."""

    def __init__(self, taker: Taker, *, dpmm: int, again_seconds: float = AGAIN_SECONDS) -> None:
        self._taker = taker
        self._dpmm = dpmm
        self._again_seconds = again_seconds

    def identify(self) -> PrinterIdentity:
        """What settings say, for there is nobody to ask."""
        return PrinterIdentity(
            model=self._taker.model, firmware="", dpmm=self._dpmm, confirms=False
        )

    def status(self) -> PrinterStatus:
        """Whether it would take a label, as far as that can be seen without giving it one."""
        reasons = _refused(self._taker.check)
        condition = Condition.TROUBLED if reasons else Condition.READY
        return PrinterStatus(condition=condition, reasons=reasons)

    def print_labels(self, labels: Sequence[Label], *, tell: Told, stop: threading.Event) -> None:
        """Hand these over one at a time, and wait where they are not taken."""
        for label in labels:
            if label.dpmm != self._dpmm:
                reasons = ("resolution", str(label.dpmm), str(self._dpmm))
                tell(Tell(number=label.number, state=State.REFUSED, reasons=reasons))
                continue
            if not self._until(self._taker.check, tell, stop):
                return
            tell(Tell(number=label.number, state=State.SENT))
            tell(self._handed(label, tell, stop))

    def close(self) -> None:
        """There is nothing to let go of."""

    def _handed(self, label: Label, tell: Told, stop: threading.Event) -> Tell:
        """What became of one label; one that was to be sent when it stopped is for a person."""
        try:
            if self._until(partial(self._taker.take, label), tell, stop):
                return Tell(number=label.number, state=State.HANDED_OVER)
        except NobodyKnows as doubt:
            return Tell(number=label.number, state=State.UNKNOWN, reasons=(doubt.reason,))
        return Tell(number=label.number, state=State.UNKNOWN, reasons=("stopped",))

    def _until(self, deed: Callable[[], None], tell: Told, stop: threading.Event) -> bool:
        """Try until it is not refused, telling why it is; whether that was before `stop`."""
        said: tuple[str, ...] = ()
        while not stop.is_set():
            reasons = _refused(deed)
            if reasons != said:
                tell(Tell(number=None, state=State.WAITING, reasons=reasons))
            if not reasons:
                return True
            said = reasons
            stop.wait(self._again_seconds)
        return False


def _refused(deed: Callable[[], None]) -> tuple[str, ...]:
    """Why it was refused, by name; nothing where it was not."""
    try:
        deed()
    except NotTaken as refusal:
        return (refusal.reason,)
    return ()
