"""One label in flight, and what is known of it: the loop that never claims what it does not know.

A generator of steps: whoever runs it does the asking, sending and waiting, and hands each result
back. So the loop itself has no port and no clock, and a test plays an hour of printing at once.

The order is queue, counter, queue. Read the other way round, a label that ends between the two is
taken for lost and printed twice; without the second look at the queue, a label cut off by the end
of the roll is taken for whole, for some printers count those.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hardware.printer.zpl_status import (
    HostStatus,
    Identity,
    Query,
    Unread,
    read_counter,
    read_host_status,
    read_identity,
)

LOOK_SECONDS: Final = 0.1  # between two looks at a label that is being printed
POLL_SECONDS: Final = 0.5  # between two looks at a printer that cannot print
# A printer that counts a cut label may notice a moment later that its roll has ended.
SETTLE_SECONDS: Final = 0.1
LAG_SECONDS: Final = 1.0  # the counter may be behind the queue by so much
PATIENCE_SECONDS: Final = 15.0  # no label takes longer than that

CANCEL_PARTIAL: Final = b"\r\n~JX\r\n"

SILENT, GARBLED = "silent", "garbled"
_UNREAD: Final = {
    Unread.SILENT: SILENT,
    Unread.INCOMPLETE: SILENT,
    Unread.MALFORMED: GARBLED,
    Unread.UNSUPPORTED: GARBLED,
}


class State(StrEnum):
    """What is known of a label. Only a counter, or a person who scans it, makes it printed."""

    WAITING = "waiting"  # nothing of it was sent
    SENT = "sent"  # about to be sent, or in flight: after a crash, unknown
    PRINTED = "printed"
    HANDED_OVER = "handed over"  # taken by a printer that cannot say more
    UNKNOWN = "unknown"  # it may lie in the tray: somebody must look
    REFUSED = "refused"  # nothing was sent, and it will not be


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label as the printer wants it: a whole format, and for which head it was laid out."""

    number: int
    content: bytes
    dpmm: int


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask, and hand back what was answered in time."""

    query: Query


@dataclass(frozen=True, slots=True)
class Send:
    """Send all of it; `failed` in the result says that the printer did not take it."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Let so many seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tell:
    """What is known now. To be written down before the next step is taken.

    `number` is the label's, None for the printer itself (`state` is then WAITING: it cannot print
    for these reasons, or can again where there are none). `proof` are the counter before and after.
    """

    number: int | None
    state: State
    reasons: tuple[str, ...] = ()
    proof: tuple[int, int] | None = None


Step = Ask | Send | Wait | Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a step came to, and when, in seconds of a clock that never jumps."""

    at: float
    content: bytes = b""
    failed: bool = False


Steps = Generator[Step, Result, None]
_Look = Generator[Step, Result, tuple[str, ...]]


def print_labels(labels: Sequence[Label]) -> Steps:
    """Print these labels, one after the other. Goes on waiting for a printer that cannot print."""
    known: Identity | None = None
    for label in labels:
        if known is None:
            known = yield from _identified()
        if label.dpmm != known.dpmm:
            yield Tell(
                number=label.number,
                state=State.REFUSED,
                reasons=("resolution", str(label.dpmm), str(known.dpmm)),
            )
            continue
        before = yield from _when_idle()
        told = yield from _one(label, before)
        yield told
        if told.state is State.UNKNOWN:
            known = None  # it may have been switched off, and another be there in its place


def _identified() -> Generator[Step, Result, Identity]:
    """Which printer is there: nothing is sent to one that does not say."""
    waiting = _Waiting()
    while True:
        result = yield Ask(Query.IDENTITY)
        found = read_identity(result.content)
        if isinstance(found, Identity):
            return found
        yield from waiting.because((_UNREAD[found],))


def _when_idle() -> Generator[Step, Result, int | None]:
    """The counter of a printer that has nothing to do and nothing in its way; None without one."""
    waiting = _Waiting()
    while True:
        reasons = yield from _look()
        if reasons == ("partial_format",):
            yield Send(CANCEL_PARTIAL)
        if not reasons:
            counted = read_counter((yield Ask(Query.COUNTER)).content)
            reasons = yield from _look()
            if not reasons and (counted is Unread.UNSUPPORTED or isinstance(counted, int)):
                yield from waiting.over()
                return None if isinstance(counted, Unread) else counted
            if not reasons and isinstance(counted, Unread):
                reasons = (_UNREAD[counted],)
        yield from waiting.because(reasons)


def _one(label: Label, before: int | None) -> Generator[Step, Result, Tell]:
    yield Tell(number=label.number, state=State.SENT)
    sent = yield Send(label.content)
    if sent.failed:
        return _unknown(label, "not_taken")
    since: float | None = None
    while True:
        now = yield Wait(LOOK_SECONDS)
        reasons = yield from _look()
        if reasons == (_BUSY,):
            if now.at - sent.at > PATIENCE_SECONDS:
                return _unknown(label, "endless")
            since = None
            continue
        if reasons:
            return _unknown(label, *reasons)
        since = now.at if since is None else since
        told = yield from _counted(label, before)
        if told is not None:
            return told
        if now.at - since > LAG_SECONDS:
            return _unknown(label, "not_counted")


def _counted(label: Label, before: int | None) -> Generator[Step, Result, Tell | None]:
    """What the counter says of a label that has left the queue; None while it says nothing."""
    counted = read_counter((yield Ask(Query.COUNTER)).content)
    yield Wait(SETTLE_SECONDS)
    reasons = yield from _look()
    if reasons:
        return _unknown(label, *reasons)
    if before is None:
        return Tell(number=label.number, state=State.HANDED_OVER)
    if isinstance(counted, Unread):
        return _unknown(label, _UNREAD[counted])
    if counted == before:
        return None
    if counted != before + 1:
        return _unknown(label, "miscounted")
    return Tell(number=label.number, state=State.PRINTED, proof=(before, counted))


_BUSY: Final = "busy"


def _look() -> _Look:
    """What keeps the printer from being idle, by name; nothing where it is."""
    status = read_host_status((yield Ask(Query.HOST_STATUS)).content)
    if not isinstance(status, HostStatus):
        return (_UNREAD[status],)
    return status.faults or (() if status.idle else (_BUSY,))


def _unknown(label: Label, *reasons: str) -> Tell:
    return Tell(number=label.number, state=State.UNKNOWN, reasons=reasons)


class _Waiting:
    """Says once why nothing can be printed, and once that it can be again."""

    def __init__(self) -> None:
        self._said: tuple[str, ...] = ()

    def because(self, reasons: tuple[str, ...]) -> Steps:
        """Tell what is in the way where that is new, and let a moment pass."""
        if reasons != self._said:
            self._said = reasons
            yield Tell(number=None, state=State.WAITING, reasons=reasons)
        yield Wait(POLL_SECONDS)

    def over(self) -> Steps:
        """Nothing is in the way any more."""
        if self._said:
            self._said = ()
            yield Tell(number=None, state=State.WAITING)
