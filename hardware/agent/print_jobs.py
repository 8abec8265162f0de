"""Prints what the server asks for: takes a job, prints label by label, tells what became of each.

Two threads: one prints, one tells. The server knows of a label before it is sent: were this agent
to end and another given the rest of the job, it would be printed twice. A job that the server has
not heard of for too long may be given to another: then no more of it is printed here.
"""

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import Final

from hardware.agent import print_wire
from hardware.agent.backoff import Backoff
from hardware.agent.board import READY, Board, Condition
from hardware.agent.print_book import Noted, PrintBook
from hardware.agent.print_wire import Leased
from hardware.agent.server import NoAnswer, Reply, Server
from hardware.clock import Clock
from hardware.errors import DeviceTrouble
from hardware.printer.one_label import State, Tell
from hardware.printer.protocol import ZPL, Printer, PrinterIdentity

POLL_SECONDS: Final = 1.0
TELL_SECONDS: Final = 5.0  # a job is said to go on so often, also with nothing to tell
HELD_SECONDS: Final = 45.0  # the server's lease is longer: this side gives up first
FIRST_WAIT, MOST_WAIT = 0.5, 10.0
_CLIENT_ERROR, _SERVER_ERROR = 400, 500
_COME_BACK: Final = frozenset({401, 403, 408, 425, 429})

log = logging.getLogger(__name__)


class PrintKeeper:
    """One printer's two threads. `open_printer` raises children of DeviceTrouble."""

    def __init__(
        self,
        *,
        name: str,
        station: str,
        open_printer: Callable[[], Printer],
        format: str = ZPL,
        book: PrintBook,
        server: Server,
        board: Board,
        clock: Clock,
    ) -> None:
        self._name = name
        self._station = station
        self._open_printer = open_printer
        self._format = format
        self._book = book
        self._server = server
        self._board = board
        self._clock = clock
        self._stopping = threading.Event()
        self._news = threading.Event()
        self._job_over = threading.Event()  # stop printing this job
        self._job: tuple[str, str] | None = None  # id and lease
        self._left: Leased | None = None
        self._heard_at = 0.0
        board.set_device(name, Condition(state="connecting"))

    def stop(self) -> None:
        """End both threads soon; a label in flight is told to be unknown."""
        self._stopping.set()
        self._job_over.set()
        self._news.set()

    def run(self) -> None:
        """Serve the printer until stopped, whatever happens to it."""
        backoff = Backoff(first=FIRST_WAIT, most=MOST_WAIT)
        while not self._stopping.is_set():
            try:
                self._serve(backoff)
            except DeviceTrouble as trouble:
                remedy = trouble.remedy
                self._say(Condition(state=trouble.state, message=str(trouble), remedy=remedy))
            except Exception as error:
                # A mistake of ours at one printer must not take the scanners away.
                log.exception("%s: failed", self._name)
                self._say(Condition(state="failed", message=repr(error)[:300]))
            self._stopping.wait(backoff.next())

    def tell(self) -> None:
        """Tell the server what is known of labels, until stopped."""
        while not self._stopping.is_set():
            try:
                self._tell_all()
            except Exception:
                # Nobody would notice that the lease is gone: so no more of the job is printed.
                log.exception("%s: what became of its labels cannot be told", self._name)
                self._job_over.set()
            self._news.wait(TELL_SECONDS)
            self._news.clear()

    def _serve(self, backoff: Backoff) -> None:
        printer = self._open_printer()
        try:
            identity = printer.identify()
            while not self._stopping.is_set():
                self._show(printer)
                leased = self._next(identity)
                backoff.reset()
                if leased is None:
                    self._rest(printer)
                else:
                    self._print(printer, leased)
        finally:
            printer.close()

    def _rest(self, printer: Printer) -> None:
        """Wait before asking for a job again; somebody may open the lid meanwhile."""
        if not self._stopping.wait(POLL_SECONDS / 2):
            self._show(printer)
            self._stopping.wait(POLL_SECONDS / 2)

    def _show(self, printer: Printer) -> None:
        status = printer.status()
        condition = READY if status.condition == "ready" else str(status.condition)
        self._say(Condition(state=_with(condition, (*status.reasons, *status.warnings))))

    def _next(self, identity: PrinterIdentity) -> Leased | None:
        """What was left of a job when its printer went away, or another one.

        Nothing while the server was not told all: it would give that out once more.
        """
        if not self._tell_all():
            return None
        left, self._left = self._left, None
        if left is not None and left.dpmm == identity.dpmm and self._still_ours(left):
            return left
        return self._lease(identity)

    def _still_ours(self, left: Leased) -> bool:
        return print_wire.held(self._post_outcomes(left.job, left.lease, []))

    def _lease(self, identity: PrinterIdentity) -> Leased | None:
        """A job to print, or nothing, also where the server does not answer now.

        By the lease that this printer had last the server gives what is left of that job at once.
        """
        here = print_wire.lease_body(
            printer=self._name,
            dpmm=identity.dpmm,
            format=self._format,
            held=self._book.held(self._name),
        )
        reply = self._post(print_wire.lease_path(self._station), here)
        if reply is None or reply.status != print_wire.OK or reply.content is None:
            if reply is not None and reply.status not in (print_wire.OK, print_wire.NO_CONTENT):
                log.warning("%s: no print job: %s", self._name, reply.words())
            return None
        leased = print_wire.leased(reply.content)
        self._book.hold(self._name, leased.lease)
        return leased

    def _print(self, printer: Printer, leased: Leased) -> None:
        self._job_over.clear()
        self._job, self._heard_at = (leased.job, leased.lease), self._clock.steady()
        try:
            note = partial(self._note, leased)
            printer.print_labels(tuple(leased.labels.values()), tell=note, stop=self._job_over)
        except DeviceTrouble:
            self._left = leased  # it may be back in a moment
            raise
        finally:
            self._job = None
            self._tell_all()

    def _note(self, leased: Leased, tell: Tell) -> None:
        if tell.number is None:
            condition = "cannot print" if tell.reasons else "printing"
            self._say(Condition(state=_with(condition, tell.reasons)))
            return
        leased.labels.pop(tell.number, None)
        self._book.note(tell, job=leased.job, lease=leased.lease)
        if tell.state is State.SENT:
            self._tell_before_it_is_sent()
        else:
            self._news.set()

    def _tell_before_it_is_sent(self) -> None:
        """Wait until the server knows; where the job ends first, the driver sends nothing."""
        while not self._job_over.is_set():
            if self._tell_all():
                return
            if self._not_heard():
                self._job_over.set()
            self._job_over.wait(FIRST_WAIT)

    def _not_heard(self) -> bool:
        """Whether the server has not heard of the job for so long that another may have it."""
        return self._clock.steady() - self._heard_at > HELD_SECONDS

    # What the server is told

    def _tell_all(self) -> bool:
        """Tell what is known; whether the server has all of it now."""
        told = self._book.to_tell()
        taken = [
            self._tell_job(job, lease, [e for e in told if (e.job, e.lease) == (job, lease)])
            for job, lease in dict.fromkeys((each.job, each.lease) for each in told)
        ]
        held = self._job
        if held is not None:
            if held not in {(each.job, each.lease) for each in told}:
                self._tell_job(*held, [])
            if self._not_heard():
                log.warning("%s: the server has not heard of this job for too long", self._name)
                self._job_over.set()
        return all(taken)

    def _tell_job(self, job: str, lease: str, noted: list[Noted]) -> bool:
        """Tell of one job, and that it goes on; whether the server has had it."""
        reply = self._post_outcomes(job, lease, noted)
        if reply is None or reply.status in _COME_BACK or reply.status >= _SERVER_ERROR:
            return False
        self._book.taken(noted)
        if reply.status >= _CLIENT_ERROR:
            log.error("%s: the server does not take job %s: %s", self._name, job, reply.words())
        if self._job == (job, lease):
            if print_wire.held(reply):
                self._heard_at = self._clock.steady()
            else:
                self._job_over.set()
        return True

    def _post_outcomes(self, job: str, lease: str, noted: list[Noted]) -> Reply | None:
        path = print_wire.outcomes_path(self._station, job)
        return self._post(path, print_wire.outcomes_body(lease, noted))

    def _post(self, path: str, body: bytes) -> Reply | None:
        try:
            return self._server.post(path, body)
        except NoAnswer as error:
            log.info("%s: %s", self._name, error)
            return None

    def _say(self, condition: Condition) -> None:
        news = self._board.set_device(self._name, condition)
        if news and condition.message:
            log.warning("%s: %s: %s. %s", self._name, condition.state, condition.message,
                        condition.remedy)  # fmt: skip


def _with(state: str, reasons: tuple[str, ...]) -> str:
    """A state with its reasons, as the server is told it."""
    return f"{state}: {', '.join(reasons)}" if reasons else state
