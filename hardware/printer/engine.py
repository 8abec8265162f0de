"""What happens inside a simulated ZPL printer, moment by moment: formats in, labels out.

Without a port and without a clock of its own: it is told what time it is, so that a test can play
an hour of printing at once, and a pty can play it at its own pace.
"""

import heapq
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from hardware.printer.troubles import NONE, Trouble
from hardware.printer.zpl_status import Query

_TAKES: Final = (0.25, 0.6)  # seconds a label takes
_ANSWERS_IN: Final = (0.002, 0.02)
_LAG: Final = 0.03  # the counter is ahead of the queue, or behind it, by up to this
_LONGEST: Final = 1 << 20
_FORMAT = re.compile(rb"\^XA.*?\^XZ", re.DOTALL)
_COMMAND = re.compile(rb"~(HS|HQES|HI|JX|JA)|! U1 getvar \"([^\"]*)\"\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Out:
    """What came out of the printer: a label, or the part of one that its roll still had."""

    content: bytes
    whole: bool


class Engine:
    """One printer. Times are seconds that never go back; each call says what time it is."""

    def __init__(
        self, *, seed: int = 0, trouble: Trouble = NONE, after: int = 0, dpmm: int = 8
    ) -> None:
        self.tray: list[Out] = []
        self._random = Random(seed)  # noqa: S311 - repeatable is the point
        self._trouble = trouble
        self._after = after
        self._dpmm = dpmm
        self._now = 0.0
        self._counter = self._random.randrange(1000)
        self._begun = 0
        self._queue: list[bytes] = []
        self._printing = self._out = False
        self._paper_out = self._head_open = self._ribbon_out = self._paused = False
        self._booting = self._dead = self._deaf = False
        self._pending = b""
        self._said: list[tuple[float, bytes]] = []
        self._ahead: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()

    def feed(self, content: bytes, *, at: float) -> None:
        """Bytes from the host."""
        self.advance(at=at)
        if self._booting or self._dead:
            return
        self._pending = (self._pending + content)[-_LONGEST:]
        self._obey()

    def said(self, *, at: float) -> bytes:
        """What it has answered by now, and was not taken yet."""
        self.advance(at=at)
        due = [said for said in self._said if said[0] <= at]
        self._said = self._said[len(due) :]
        return b"".join(content for _, content in due)

    def advance(self, *, at: float) -> None:
        """Let everything happen that happens until then."""
        while self._ahead and self._ahead[0][0] <= at:
            self._now, _, happens = heapq.heappop(self._ahead)
            happens()
        self._now = max(self._now, at)

    def open_head(self) -> None:
        """Lift the head; what is being printed is cut off."""
        self._head_open = True
        self._cut()

    def close_head(self) -> None:
        """Shut it again."""
        self._head_open = False
        self._begin()

    def end_roll(self) -> None:
        """No more labels."""
        self._paper_out = True
        self._cut()

    def refill(self) -> None:
        """A new roll."""
        self._paper_out = False
        self._begin()

    def end_ribbon(self, ended: bool) -> None:
        """The ribbon is used up, or a new one is in."""
        self._ribbon_out = ended
        self._stop_or_go_on(ended)

    def hold(self, paused: bool) -> None:
        """Somebody pressed pause: what is being printed is cut off, and is printed again later."""
        self._paused = paused
        self._stop_or_go_on(paused)

    @property
    def faulty(self) -> bool:
        """Whether something keeps it from printing."""
        return self._paper_out or self._head_open or self._ribbon_out or self._paused

    # What the host wants

    def _obey(self) -> None:
        while (found := _COMMAND.search(self._pending)) is not None:
            # A tilde command is obeyed at once, also in the middle of a format.
            self._pending = self._pending[: found.start()] + self._pending[found.end() :]
            self._answer(found.group().decode("ascii", "replace"), found.group(1) or b"SGD")
        while (found := _FORMAT.search(self._pending)) is not None:
            self._pending = self._pending[found.end() :]
            self._queue.append(found.group())
            self._begin()

    def _answer(self, asked: str, command: bytes) -> None:
        if command == b"JX":
            self._pending = b""
        elif command == b"JA":
            self._queue.clear()
        elif self._deaf or (self._trouble.silent_in_error and self.faulty):
            return
        elif command == b"HS":
            self._say(self._host_status())
        elif command == b"HI":
            self._say(f"\x02SIM-{self._dpmm},V1.0,{self._dpmm},8192KB\x03\r\n".encode())
        elif command == b"HQES":
            bits = self._paper_out + 2 * self._ribbon_out + 4 * self._head_open
            error = f"{int(bits > 0)} 00000000 {bits:08X}"
            self._say(
                f"\x02\r\nPRINTER STATUS\r\n ERRORS:         {error}\r\n"
                " WARNINGS:       0 00000000 00000000\r\n\x03".encode()
            )
        else:
            self._say(f'"{self._counter}"'.encode() if asked == Query.COUNTER else b'"?"')

    def _host_status(self) -> bytes:
        partial = int(b"^XA" in self._pending)
        waiting = min(len(self._queue), 999)
        return (
            f"\x02030,{self._paper_out:d},{self._paused:d},0203,{waiting:03d},0,0,{partial},000,0,0,0"
            f"\x03\r\n\x02000,0,{self._head_open:d},{self._ribbon_out:d},1,2,6,0,00000000,1,000"
            "\x03\r\n\x021234,0\x03\r\n"
        ).encode()

    def _say(self, content: bytes) -> None:
        due = self._now + self._random.uniform(*_ANSWERS_IN)
        if self._said:
            due = max(due, self._said[-1][0])
        self._said.append((due, content))

    # What happens to a label

    def _begin(self) -> None:
        if self._printing or not self._queue or self.faulty or self._booting or self._dead:
            return
        self._printing, self._out = True, False
        self._begun += 1
        takes = self._random.uniform(*_TAKES)
        if self._trouble.happens is not None and self._begun == self._after + 1:
            self._at(takes * self._random.uniform(0.1, 0.9), self._goes_wrong)
        self._at(takes, self._ender(self._begun))

    def _ender(self, number: int) -> Callable[[], None]:
        def end() -> None:
            if self._printing and not self._out and self._begun == number:
                self._end()

        return end

    def _end(self) -> None:
        self._out = True
        self.tray.append(Out(content=self._queue[0], whole=True))
        lag = self._random.uniform(-_LAG, _LAG)
        first, then = (self._count, self._leave) if lag < 0 else (self._leave, self._count)
        first()
        self._at(abs(lag), then)

    def _count(self) -> None:
        self._counter += 1

    def _leave(self) -> None:
        if self._out and not self._booting:
            self._printing = self._out = False
            del self._queue[0]
            self._begin()

    def _goes_wrong(self) -> None:
        happens = self._trouble.happens
        if happens == "roll_end":
            self._roll_ends()
        elif happens == "head_open":
            self.open_head()
            self._at(self._trouble.seconds, self.close_head)
        elif happens == "reboot":
            self._reboot()
        elif happens == "replies_lost":
            self._deaf = True
        else:
            self._dead = True
            self._cut()

    def _roll_ends(self) -> None:
        if self._trouble.counts_halves:
            self._cut()
            self._count()
            del self._queue[0]
            self._at(self._random.uniform(0, 0.04), self._notice)
        else:
            self._paper_out = True
            self._cut()
            if not self._trouble.reprints:
                del self._queue[0]
        if self._trouble.seconds:
            self._at(self._trouble.seconds, self.refill)

    def _notice(self) -> None:
        self._paper_out = True

    def _reboot(self) -> None:
        self._cut()
        self._printing = self._out = False
        self._queue.clear()
        self._pending = b""
        self._said.clear()
        self._booting = True
        self._at(self._trouble.seconds, self._boot)

    def _boot(self) -> None:
        self._booting = False

    def _stop_or_go_on(self, stopped: bool) -> None:
        if stopped:
            self._cut()
        else:
            self._begin()

    def _cut(self) -> None:
        if self._printing and not self._out:
            self._printing = False
            self.tray.append(Out(content=self._queue[0], whole=False))

    def _at(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._ahead, (self._now + seconds, next(self._order), happens))
