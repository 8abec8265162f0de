"""A scanner without a scanner: a pty that scans on command, misbehaves by name, and listens.

Not for parity, data bits or speed: a pty has none of them.
"""

import os
import re
import select
import threading
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Self

from hardware.clock import SystemClock
from hardware.scanner.misbehaviours import MISBEHAVIOURS, Label
from hardware.scanner.protocol import ACK, ANSWERS, NAK, Answer

ACK_SECONDS: Final = 2.0  # how long a real scanner waits for its host before it complains
VERDICT_SECONDS: Final = 3.0  # a tone that comes later belongs to another scan
_TURN: Final = 0.02
_ANSWER: Final = re.compile(rb"\x06|\x15(?:\x1b4,)?|(?:\x1b[456],)+")
_VERDICTS: Final = {
    pattern: answer
    for answer, pattern in ANSWERS.items()
    if answer not in {Answer.SAFE, Answer.AGAIN}
}


class UnknownMisbehaviour(ValueError):
    """There is no misbehaviour of that name."""


@dataclass(slots=True, kw_only=True)
class Trigger:
    """One pull of the trigger, and what the scanner was told about it."""

    number: int
    code: str
    misbehaviour: str
    at: float
    answer: str | None = None  # ack, nak or silence
    verdict: Answer | None = None


@dataclass(slots=True)
class _Line:
    """The two ends of one pty, from plugging in to unplugging."""

    master: int
    slave: int
    gone: threading.Event = field(default_factory=threading.Event)


class SimulatedScanner:
    """Use it in a `with` block. `device` is the path to give to an agent."""

    def __init__(
        self,
        *,
        seed: int = 0,
        aim: str = "C0",
        suffix: bytes = b"\r",
        link: Path | None = None,
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable is the point
        self._aim = aim
        self._suffix = suffix
        self._link = link
        self._misbehaviour = "none"
        self._times_left: int | None = None
        self._triggers: list[Trigger] = []
        self._heard: list[str] = []
        self.wire = bytearray()  # every byte the host sent
        self._clock = SystemClock()
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._line: _Line | None = None
        self._listener: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def device(self) -> str:
        """Where an agent finds the scanner: the lasting link if one was asked for."""
        if self._link is not None:
            return str(self._link)
        if self._line is None:
            raise RuntimeError("the scanner is not plugged in")
        return os.ttyname(self._line.slave)

    def plug(self) -> str:
        """Plug it in, under a new name of the system's choice; returns `device`."""
        if self._line is None:
            master, slave = os.openpty()
            tty.setraw(slave)
            self._line = _Line(master, slave)
            if self._link is not None:
                _point(self._link, at=os.ttyname(slave))
            self._listener = threading.Thread(
                target=self._listen, args=(self._line,), name="simulated-scanner", daemon=True
            )
            self._listener.start()
        return self.device

    def unplug(self) -> None:
        """Draw the plug. Safe to repeat."""
        line, self._line = self._line, None
        if line is None:
            return
        line.gone.set()
        if self._listener is not None:
            self._listener.join()
        os.close(line.master)
        os.close(line.slave)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def close(self) -> None:
        """Unplug for good."""
        self.unplug()

    def misbehave(self, name: str, *, times: int | None = None) -> None:
        """Misbehave from now on, or for the next `times` scans; `none` ends it."""
        if name not in MISBEHAVIOURS:
            raise UnknownMisbehaviour(f"{name!a}; there are {', '.join(MISBEHAVIOURS)}")
        self._misbehaviour = name
        self._times_left = times

    def scan(self, code: str, *, aim: str | None = None) -> int:
        """Pull the trigger on a label. Returns the number by which to ask for its answer."""
        with self._sending:
            trigger = self._record(code)
            label = Label(
                prefix=f"]{aim or self._aim}".encode("ascii"),
                code=code.encode("latin-1"),
                suffix=self._suffix,
                before=self._code_before(trigger),
            )
            sent = MISBEHAVIOURS[trigger.misbehaviour](label, self._random)
            for pause, piece in sent.pieces:
                self._send(piece, after=pause)
            if sent.unplug or not sent.pieces or self._line is None:
                trigger.answer = trigger.answer or "silence"
            if sent.unplug:
                self.unplug()
        return trigger.number

    def send(self, content: bytes) -> None:
        """Put raw bytes on the wire."""
        with self._sending:
            self._send(content, after=0.0)

    def answer_to(self, number: int, *, seconds: float = ACK_SECONDS) -> str:
        """ack, nak, or silence when nothing came in time."""
        trigger = self._triggers[number - 1]
        self.wait_until(lambda: trigger.answer is not None, seconds=seconds)
        with self._changed:  # it has given up waiting: a later answer is not for this one
            trigger.answer = trigger.answer or "silence"
            return trigger.answer

    def verdict_on(self, number: int, *, seconds: float = 5.0) -> Answer | None:
        """The verdict that sounded for a scan, or None when none did in time."""
        trigger = self._triggers[number - 1]
        self.wait_until(lambda: trigger.verdict is not None, seconds=seconds)
        return trigger.verdict

    def triggers(self) -> list[Trigger]:
        """Every pull of the trigger so far, in order."""
        with self._changed:
            return list(self._triggers)

    def heard(self) -> list[str]:
        """What the host sent, in order: ack, again, and verdicts by name."""
        with self._changed:
            return list(self._heard)

    def wait_until(self, true: Callable[[], bool], *, seconds: float) -> bool:
        """Wait for a condition on what was heard; says whether it came true in time."""
        with self._changed:
            return self._changed.wait_for(true, timeout=seconds)

    def _record(self, code: str) -> Trigger:
        with self._changed:
            name = self._misbehaviour
            if self._times_left is not None:
                self._times_left -= 1
                if self._times_left <= 0:
                    self._misbehaviour, self._times_left = "none", None
            trigger = Trigger(
                number=len(self._triggers) + 1,
                code=code,
                misbehaviour=name,
                at=self._clock.steady(),
            )
            self._triggers.append(trigger)
            return trigger

    def _code_before(self, trigger: Trigger) -> bytes:
        index = max(trigger.number - 2, 0)
        return self._triggers[index].code.encode("latin-1")

    def _send(self, content: bytes, *, after: float) -> None:
        line = self._line
        if line is None or line.gone.wait(after):
            return
        rest = memoryview(content)
        while rest and not line.gone.is_set():
            # Nobody may be reading: then the bytes are lost, as on a real wire.
            if not select.select([], [line.master], [], ACK_SECONDS)[1]:
                return
            rest = rest[os.write(line.master, rest[:1024]) :]

    def _listen(self, line: _Line) -> None:
        pending = b""
        while not line.gone.is_set():
            if select.select([line.master], [], [], _TURN)[0]:
                content = os.read(line.master, 4096)
                self.wire += content
                pending = self._hear(pending + content)

    def _hear(self, content: bytes) -> bytes:
        """Take down every answer in what arrived; returns what may yet be completed."""
        end = 0
        with self._changed:
            for answer in _ANSWER.finditer(content):
                end = answer.end()
                self._note(answer.group())
            self._changed.notify_all()
        return content[end:][-2:]

    def _note(self, pattern: bytes) -> None:
        if pattern == ACK:
            self._note_answer("ack")
        elif pattern.startswith(NAK):
            self._note_answer("nak")
        else:
            self._note_verdict(pattern)

    def _note_answer(self, answer: str) -> None:
        self._heard.append(answer)
        waiting = [e for e in self._recent(ACK_SECONDS) if e.answer is None]
        if waiting:
            waiting[0].answer = answer
            waiting[0].verdict = Answer.AGAIN if answer == "nak" else None
        elif answer == "ack" and self._triggers and self._triggers[-1].answer == "nak":
            self._triggers[-1].answer, self._triggers[-1].verdict = "ack", None

    def _note_verdict(self, pattern: bytes) -> None:
        verdict = _VERDICTS.get(pattern)
        self._heard.append(verdict or pattern.hex())
        recent = self._recent(ACK_SECONDS + VERDICT_SECONDS)
        waiting = [e for e in recent if e.answer == "ack" and e.verdict is None]
        if waiting and verdict is not None:
            waiting[0].verdict = verdict

    def _recent(self, seconds: float) -> list[Trigger]:
        """Scans whose answer may still be on its way: older ones are never going to get theirs."""
        since = self._clock.steady() - seconds
        return [each for each in self._triggers if each.at >= since]


def _point(link: Path, *, at: str) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    new = link.with_name(link.name + ".new")
    new.unlink(missing_ok=True)
    new.symlink_to(at)
    new.replace(link)
