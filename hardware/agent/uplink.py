"""Takes the outbox to the server: in order, each read once, however often it has to be sent.

Not for meaning: what a read stands for is the server's to say. A read is sent under the id it was
given when it was taken, so that sending it again changes nothing.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from hardware.agent import conditions, wire
from hardware.agent.backoff import Backoff
from hardware.agent.board import Board, Condition
from hardware.agent.capture import PATIENCE_SECONDS
from hardware.agent.outbox import NotStored, Outbox, Read, ReadState, Settled
from hardware.agent.server import NoAnswer, NotReached, Reply, Server
from hardware.agent.server_clock import Measured, ServerClock
from hardware.clock import Clock, Moment
from hardware.scanner.protocol import Answer

BATCH: Final = 50
FIRST_WAIT: Final = 0.5
MOST_WAIT: Final = 10.0
IDLE_SECONDS: Final = 30.0
_ABOUT_THE_READS: Final = frozenset({400, 409, 413, 422})
_NOT_LET_IN: Final = frozenset({401, 403})
_FAILURE: Final = 500
_TIRED_AFTER: Final = 3  # failures in a row before the reads of a batch are tried one by one

log = logging.getLogger(__name__)


class UplinkTrouble(Exception):
    """The reads stay where they are; `condition` says why, in plain words."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(f"{condition.state}: {condition.message}")
        self.condition = condition


@dataclass(slots=True, kw_only=True)
class _Delivery:
    """One batch on its way, perhaps in parts."""

    bodies: dict[str, str]
    fresh: list[str]  # reads that were never sent before
    divide_failures: bool
    heard_from: bool = False
    settled: int = 0
    suspects: list[tuple[Read, Reply]] = field(default_factory=list)


class Uplink:
    """Sends what waits. `on_answer(device_id, read_id, answer)` is told each verdict."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        server: Server,
        clock: Clock,
        server_clock: ServerClock,
        board: Board,
        on_answer: Callable[[str, str, Answer], None],
    ) -> None:
        self._outbox = outbox
        self._server = server
        self._clock = clock
        self._server_clock = server_clock
        self._board = board
        self._on_answer = on_answer
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._failures = 0

    def notify(self) -> None:
        """Something new waits. Safe from any thread."""
        self._wake.set()

    def stop(self) -> None:
        """End `run` soon; what waits stays in the outbox."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        """Deliver until stopped. Trouble is told on the board and tried again."""
        backoff = Backoff(first=FIRST_WAIT, most=MOST_WAIT)
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                delivered = self.deliver()
            except UplinkTrouble as trouble:
                self._tell(trouble.condition)
                self._rest(backoff.next())
            else:
                backoff.reset()
                if not delivered:
                    self._wake.wait(IDLE_SECONDS)

    def deliver(self) -> int:
        """Send the oldest batch; returns how many reads it settled. Raises UplinkTrouble."""
        batch = self._outbox.waiting(limit=BATCH)
        if not batch:
            return 0
        try:
            settled = self._send(batch)
        except NotStored as error:
            raise UplinkTrouble(conditions.outbox_failing(error)) from error
        self._failures = 0
        self._tell(conditions.CONNECTED)
        return settled

    def _send(self, batch: Sequence[Read]) -> int:
        delivery = self._prepare(batch)
        self._send_part(batch, delivery)
        if delivery.suspects and not delivery.settled:
            raise UplinkTrouble(conditions.unwelcome(delivery.suspects[0][1]))
        # The server is well and fails on these alone: they must not hold up the others.
        for read, reply in delivery.suspects:
            self._set_aside(read, reply)
        return delivery.settled + len(delivery.suspects)

    def _prepare(self, batch: Sequence[Read]) -> _Delivery:
        fresh = {read.id: self._compose(read) for read in batch if read.body is None}
        # Fixed before the first byte leaves: whatever the server may have seen of a read is
        # what it will see again, also after a crash between here and its answer.
        self._outbox.stamp(fresh)
        return _Delivery(
            bodies={read.id: read.body or fresh[read.id] for read in batch},
            fresh=list(fresh),
            divide_failures=self._failures >= _TIRED_AFTER,
        )

    def _send_part(self, batch: Sequence[Read], delivery: _Delivery) -> None:
        reply = self._post(batch, delivery)
        results = wire.results(reply, batch)
        if results is not None:
            self._settle(batch, results)
            delivery.settled += len(results)
            if len(results) < len(batch):
                raise UplinkTrouble(conditions.incomplete(len(batch) - len(results)))
        elif len(batch) > 1 and self._divides(reply, delivery):
            middle = len(batch) // 2
            self._send_part(batch[:middle], delivery)
            self._send_part(batch[middle:], delivery)
        elif reply.status in _ABOUT_THE_READS:
            self._set_aside(batch[0], reply)
            delivery.settled += 1
        elif self._divides(reply, delivery):
            delivery.suspects.append((batch[0], reply))
        else:
            self._failures += reply.status == _FAILURE
            raise UplinkTrouble(conditions.unwelcome(reply))

    def _divides(self, reply: Reply, delivery: _Delivery) -> bool:
        """Whether one bad read may be what the server objects to."""
        if reply.status in _ABOUT_THE_READS:
            return True
        return reply.status == _FAILURE and delivery.divide_failures

    def _post(self, batch: Sequence[Read], delivery: _Delivery) -> Reply:
        content = wire.batch_body((delivery.bodies[each.id], self._waited(each)) for each in batch)
        try:
            reply = self._server.post(wire.SCANS_PATH, content)
        except NoAnswer as error:
            if isinstance(error, NotReached) and not delivery.heard_from:
                self._outbox.unstamp(delivery.fresh)
            raise UplinkTrouble(conditions.silent(error)) from error
        if reply.status in _NOT_LET_IN and not delivery.heard_from:
            self._outbox.unstamp(delivery.fresh)
        delivery.heard_from = True
        return reply

    def _compose(self, read: Read) -> str:
        return wire.scan_body(read, measured=self._measured(read))

    def _waited(self, read: Read) -> bool:
        """Whether the person who made a read has stopped waiting for its verdict."""
        same_boot = read.boot == self._clock.boot()
        return not same_boot or self._clock.steady() - read.steady > PATIENCE_SECONDS

    def _measured(self, read: Read) -> Measured | None:
        if read.offset_ms is not None and read.uncertainty_ms is not None:
            return Measured(offset_ms=read.offset_ms, uncertainty_ms=read.uncertainty_ms)
        # Not known when it was taken; within the same boot it can be told afterwards.
        taken = datetime.fromisoformat(read.device_time)
        return self._server_clock.measure(Moment(wall=taken, steady=read.steady, boot=read.boot))

    def _settle(self, batch: Sequence[Read], results: wire.Results) -> None:
        answered = [read for read in batch if read.id in results]
        settled = [wire.settled(read.id, results[read.id]) for read in answered]
        self._outbox.settle(settled)
        for read, each in zip(answered, settled, strict=True):
            if each.state is ReadState.CONFLICT:
                log.error("%s: the server knows another read by this id", read.id)
                self._board.changed.set()
            self._on_answer(read.device_id, read.id, wire.answer(results[read.id]))

    def _set_aside(self, read: Read, reply: Reply) -> None:
        state = ReadState.CONFLICT if reply.status == 409 else ReadState.SET_ASIDE
        words = reply.words()
        self._outbox.settle([Settled(id=read.id, state=state, verdict="refused", words=words)])
        log.error("%s: set aside, the server cannot take it: %a", read.id, words)
        self._on_answer(read.device_id, read.id, Answer.REFUSED)
        self._board.changed.set()

    def _tell(self, condition: Condition) -> None:
        if not self._board.set_uplink(condition):
            return
        if condition.message:
            log.warning("%s: %s. %s", condition.state, condition.message, condition.remedy)
        else:
            log.info("server: %s", condition.state)

    def _rest(self, seconds: float) -> None:
        """Wait before the next try; somebody who scans meanwhile shortens it."""
        self._stopping.wait(FIRST_WAIT)
        self._wake.wait(max(0.0, seconds - FIRST_WAIT))
