"""Drives a ZPL printer over any line that carries bytes both ways.

Not for a printer that only takes: what a spooler or a file was given is handed over, never printed.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hardware.clock import Clock
from hardware.errors import DeviceTrouble, Garbage, NoReply
from hardware.ports import Port
from hardware.printer.one_label import (
    Ask,
    Label,
    Result,
    Send,
    State,
    Step,
    Tell,
    Wait,
    print_labels,
)
from hardware.printer.protocol import Condition, PrinterIdentity, PrinterStatus, Told
from hardware.printer.zpl_status import (
    HostStatus,
    Identity,
    Query,
    Troubles,
    Unread,
    read_counter,
    read_host_status,
    read_identity,
    read_troubles,
    whole,
)

ANSWER_SECONDS: Final = 1.0  # at 9600 baud a host status alone takes 85 ms
QUIET_SECONDS: Final = 0.3  # after an answer that did not come, this much silence
_PIECE: Final = 256  # what 9600 baud carry well within the time a write may take
_LONGEST_ANSWER: Final = 4096
_GONE: Final = "line_lost"


class ZplPrinter:
    """One printer on one open line."""

    def __init__(self, wire: Port, *, clock: Clock) -> None:
        self._wire = wire
        self._clock = clock
        self._late = False

    def identify(self) -> PrinterIdentity:
        """What ~HI says, and whether there is a counter. Raises NoReply or Garbage, guesses not."""
        found = read_identity(self._ask(Query.IDENTITY))
        if found is Unread.SILENT:
            raise NoReply(self._wire.address, "it does not say what printer it is")
        if not isinstance(found, Identity):
            raise Garbage(self._wire.address, "what it answers is no ZPL printer's word")
        counted = read_counter(self._ask(Query.COUNTER))
        return PrinterIdentity(
            model=found.model,
            firmware=found.firmware,
            dpmm=found.dpmm,
            confirms=not isinstance(counted, Unread),
        )

    def status(self) -> PrinterStatus:
        """What ~HS and ~HQES say; where ~HS is silent, ~HQES may still say why."""
        status = read_host_status(self._ask(Query.HOST_STATUS))
        troubles = read_troubles(self._ask(Query.ERRORS))
        errors = troubles.errors if isinstance(troubles, Troubles) else ()
        warnings = troubles.warnings if isinstance(troubles, Troubles) else ()
        if isinstance(status, HostStatus):
            reasons = tuple(dict.fromkeys((*status.faults, *errors)))
            busy = Condition.READY if status.idle else Condition.BUSY
            condition = Condition.TROUBLED if reasons else busy
        else:
            malformed = status is Unread.MALFORMED
            unread = Condition.GARBLED if malformed else Condition.SILENT
            reasons, condition = errors, Condition.TROUBLED if errors else unread
        return PrinterStatus(condition=condition, reasons=reasons, warnings=warnings)

    def print_labels(self, labels: Sequence[Label], *, tell: Told, stop: threading.Event) -> None:
        """Print these one at a time; see `one_label` for what is claimed of each, and why."""
        steps = print_labels(labels)
        in_flight: int | None = None
        result: Result | None = None
        try:
            while not stop.is_set():
                step = next(steps) if result is None else steps.send(result)
                if isinstance(step, Tell) and step.number is not None:
                    in_flight = step.number if step.state is State.SENT else None
                result = self._do(step, tell=tell, stop=stop)
        except StopIteration:
            return
        except DeviceTrouble:
            if in_flight is not None:
                tell(Tell(number=in_flight, state=State.UNKNOWN, reasons=(_GONE,)))
            raise
        if in_flight is not None:
            tell(Tell(number=in_flight, state=State.UNKNOWN, reasons=("stopped",)))

    def close(self) -> None:
        """Close the line."""
        self._wire.close()

    def _do(self, step: Step, *, tell: Told, stop: threading.Event) -> Result:
        content, failed = b"", False
        match step:
            case Ask(query):
                content = self._ask(query)
            case Send(sent):
                failed = not self._send(sent)
            case Wait(seconds):
                stop.wait(seconds)
            case Tell():
                tell(step)
        return Result(at=self._clock.steady(), content=content, failed=failed)

    def _send(self, content: bytes) -> bool:
        """Whether it was taken; a line that is gone is an error, a printer that is full is not."""
        try:
            for start in range(0, len(content), _PIECE):
                self._wire.write(content[start : start + _PIECE])
        except NoReply:
            return False
        return True

    def _ask(self, query: Query) -> bytes:
        """What was answered in time, perhaps nothing.

        What was said before it was asked is no answer, and a late answer is never taken for the
        next: an old "idle" would hide that the roll has ended since.
        """
        self._read_off()
        self._wire.drop()
        try:
            self._wire.write(query.encode())
        except NoReply:
            self._late = True
            return b""
        found = b""
        until = self._clock.steady() + ANSWER_SECONDS
        while not whole(query, found) and self._clock.steady() < until:
            found = (found + self._wire.read())[-_LONGEST_ANSWER:]
        # What is not understood may be half of another answer, whose rest is still to come.
        self._late = _READERS[query](found) in _NOT_READ
        return found

    def _read_off(self) -> None:
        """After an answer that was not understood, wait until the line is quiet."""
        if not self._late:
            return
        give_up = self._clock.steady() + ANSWER_SECONDS
        quiet = self._clock.steady() + QUIET_SECONDS
        while self._clock.steady() < min(quiet, give_up):
            if self._wire.read():
                quiet = self._clock.steady() + QUIET_SECONDS
        self._late = False


_READERS: Final[Mapping[Query, Callable[[bytes], object]]] = {
    Query.HOST_STATUS: read_host_status,
    Query.ERRORS: read_troubles,
    Query.IDENTITY: read_identity,
    Query.COUNTER: read_counter,
}
_NOT_READ: Final = (Unread.SILENT, Unread.INCOMPLETE, Unread.MALFORMED)
