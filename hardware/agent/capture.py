"""What happens to each read at a scanner: made durable, then acknowledged, then its verdict told.

Not for meaning: the verdict comes from the server, or, when none comes while the person waits,
the scanner says that the read is stored and not checked.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from queue import Empty, SimpleQueue
from typing import Final

from hardware.agent.board import READY, Board, Condition
from hardware.agent.debounce import Debounce
from hardware.agent.outbox import NotStored, Outbox
from hardware.agent.server_clock import ServerClock
from hardware.clock import Clock, Moment, moment
from hardware.errors import Garbage
from hardware.scanner.protocol import Answer, Flaw, Heard, Scanner

PATIENCE_SECONDS: Final = 1.5  # how long a person waits before doing the next thing
TONE_GAP_SECONDS: Final = 0.25  # closer together, two verdicts would sound like a third
NAK_GAP_SECONDS: Final = 1.0
_LOOK_BACK: Final = 10
_NOISY: Final = 3  # flawed reads among the last ten that make a line unreadable

CANNOT_STORE: Final = Condition(
    state="cannot store",
    message="the disk is full or failing: reads are refused at the scanner",
    remedy="Free space on the disk that holds the data folder; then scan again",
)
_UNREADABLE: Final = Condition(
    state=Garbage.state, message="much of what arrives is no text", remedy=Garbage.remedy
)
_NO_END: Final = Condition(
    state="reads without an end",
    message="reads are cut short: their end does not come, or the scanner pauses within a code",
)

log = logging.getLogger(__name__)


class Capture:
    """Serves one scanner. All but `answered` belongs to the thread of its port."""

    def __init__(
        self,
        *,
        device_id: str,
        outbox: Outbox,
        clock: Clock,
        server_clock: ServerClock,
        board: Board,
        notify: Callable[[], None],
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self.device_id = device_id
        self._outbox = outbox
        self._clock = clock
        self._server_clock = server_clock
        self._board = board
        self._notify = notify
        self._patience_seconds = patience_seconds
        self._debounce = Debounce()
        self._answers: SimpleQueue[tuple[str, Answer]] = SimpleQueue()
        self._waiting: dict[str, float] = {}  # read id -> since when the person waits
        self._last_told: tuple[str, Answer] | None = None
        self._tones: deque[tuple[Answer, float | None]] = deque()  # a verdict, and its read's time
        self._next_tone_at = 0.0
        self._next_nak_at = 0.0
        self._lately: deque[Flaw | None] = deque(maxlen=_LOOK_BACK)

    def answered(self, read_id: str, answer: Answer) -> None:
        """Take the server's verdict on a read. Safe from any thread."""
        self._answers.put((read_id, answer))

    def begin(self) -> None:
        """Start afresh on a port just opened: nobody waits there for older verdicts."""
        self._waiting.clear()
        self._tones.clear()
        self._lately.clear()
        self._board.set_device(self.device_id, Condition(state=READY))

    def serve(self, scanner: Scanner) -> None:
        """One turn: take what was read, tell what is known. Raises what the scanner raises."""
        listened = scanner.listen()
        heard_at = self._clock.steady()
        for heard in listened:
            if heard.flaw is None:
                self._take(scanner, heard, heard_at)
            else:
                self._take_flawed(scanner, heard, heard.flaw)
        self._collect_answers()
        self._give_up_waiting()
        self._sound_next(scanner)

    def _take(self, scanner: Scanner, heard: Heard, heard_at: float) -> None:
        now = moment(self._clock)
        try:
            read_id = self._debounce.repeats(heard.scan.raw, at=now.steady)
            if read_id is None:
                self._waiting[self._keep_new(heard, now)] = heard_at
            else:
                self._count_repeat(read_id)
        except NotStored as error:
            self._refuse_to_take(scanner, error)
            return
        self._note_quality(None, scanner)
        scanner.acknowledge(Answer.SAFE)
        self._board.latencies.stored(self.device_id, self._clock.steady() - heard_at)
        self._notify()

    def _keep_new(self, heard: Heard, now: Moment) -> str:
        read_id = self._keep(heard, now)
        self._debounce.note(heard.scan.raw, at=now.steady, read_id=read_id)
        self._board.count(self.device_id, "reads")
        return read_id

    def _count_repeat(self, read_id: str) -> None:
        self._outbox.count_again(read_id)
        self._board.count(self.device_id, "repeats")
        if self._last_told is not None and self._last_told[0] == read_id:
            self._tones.append((self._last_told[1], None))

    def _refuse_to_take(self, scanner: Scanner, error: NotStored) -> None:
        self._board.count(self.device_id, "not stored")
        if self._board.set_device(self.device_id, CANNOT_STORE):
            log.error("%s: a read could not be stored: %s", self.device_id, error)
        scanner.acknowledge(Answer.AGAIN)

    def _take_flawed(self, scanner: Scanner, heard: Heard, flaw: Flaw) -> None:
        self._board.count(self.device_id, flaw.value)
        noisy = self._noisy()
        # A single spoilt read is journalled at the server; a stream of noise is only counted.
        if flaw is Flaw.UNREADABLE and heard.scan.text and not noisy:
            self._journal(heard)
        self._note_quality(flaw, scanner)
        now = self._clock.steady()
        if not noisy or now >= self._next_nak_at:
            log.warning("%s: %s: %a", self.device_id, flaw.value, heard.scan.raw[:40])
            self._next_nak_at = now + NAK_GAP_SECONDS
            scanner.acknowledge(Answer.AGAIN)

    def _journal(self, heard: Heard) -> None:
        try:
            self._keep(heard, moment(self._clock))
        except NotStored as error:
            log.error("%s: a spoilt read could not be stored: %s", self.device_id, error)
        else:
            self._notify()

    def _keep(self, heard: Heard, now: Moment) -> str:
        measured = self._server_clock.measure(now)
        return self._outbox.keep(
            heard.scan,
            device_id=self.device_id,
            at=now,
            offset_ms=measured.offset_ms if measured else None,
            uncertainty_ms=measured.uncertainty_ms if measured else None,
        )

    def _note_quality(self, flaw: Flaw | None, scanner: Scanner) -> None:
        self._lately.append(flaw)
        condition = self._condition(scanner)
        if self._board.set_device(self.device_id, condition):
            log.info("%s: %s", self.device_id, condition.state)

    def _condition(self, scanner: Scanner) -> Condition:
        if not self._noisy():
            return Condition(state=READY)
        cut = self._lately.count(Flaw.FRAGMENT)
        return replace(_NO_END, remedy=scanner.whole) if cut >= _NOISY else _UNREADABLE

    def _noisy(self) -> bool:
        return len(self._lately) - self._lately.count(None) >= _NOISY

    def _collect_answers(self) -> None:
        while True:
            try:
                read_id, answer = self._answers.get_nowait()
            except Empty:
                return
            heard_at = self._waiting.pop(read_id, None)
            if heard_at is not None:
                self._tell(read_id, answer, heard_at)

    def _give_up_waiting(self) -> None:
        patient_since = self._clock.steady() - self._patience_seconds
        for read_id in [each for each, since in self._waiting.items() if since <= patient_since]:
            del self._waiting[read_id]
            self._tell(read_id, Answer.STORED, None)

    def _tell(self, read_id: str, answer: Answer, heard_at: float | None) -> None:
        self._last_told = (read_id, answer)
        self._tones.append((answer, heard_at))

    def _sound_next(self, scanner: Scanner) -> None:
        now = self._clock.steady()
        if self._tones and now >= self._next_tone_at:
            self._next_tone_at = now + TONE_GAP_SECONDS
            answer, heard_at = self._tones.popleft()
            scanner.acknowledge(answer)
            if heard_at is not None:
                self._board.latencies.judged(self.device_id, self._clock.steady() - heard_at)
