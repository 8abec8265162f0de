"""A scanner without a scanner: a pty that scans on command, misbehaves by name, and listens.

Not for parity, data bits or speed: a pty has none of them.
"""

import os
import select
import threading
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final, Self

from hardware.clock import SystemClock
from hardware.scanner.dialects import (
    TOLD_ACK,
    TOLD_NAK,
    TOLD_RESEND,
    TOLD_SPOILT,
    Dialect,
    TextDialect,
)
from hardware.scanner.misbehaviours import MISBEHAVIOURS, Transmission
from hardware.scanner.protocol import Answer

ACK_SECONDS: Final = 2.0  # how long a real scanner waits for its host before it complains
VERDICT_SECONDS: Final = 3.0  # a tone that comes later belongs to another scan
_TURN: Final = 0.02


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


@dataclass(slots=True)
class _Unanswered:
    """What a scanner keeps until it is answered, to send it again."""

    trigger: Trigger
    again: bytes
    left: int  # how often yet
    due: float  # on the steady clock


class SimulatedScanner:
    """Use it in a `with` block. `device` is the path to give to an agent."""

    def __init__(
        self,
        *,
        seed: int = 0,
        aim: str = "C0",
        dialect: Dialect | None = None,
        link: Path | None = None,
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable is the point
        self._aim = aim
        self._dialect = dialect or TextDialect()
        self._patience = ACK_SECONDS * (1 + self._dialect.resends)
        self._unanswered: _Unanswered | None = None
        self._refusals = b""  # of what came spoilt, to be sent
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
        self._unanswered = None
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
            before = self._triggers[-1].code if self._triggers else code
            label = self._dialect.label(
                code.encode("latin-1"), before=before.encode("latin-1"), aim=aim or self._aim
            )
            trigger = self._record(code)
            sent = MISBEHAVIOURS[trigger.misbehaviour](label, self._random)
            self._unanswered = self._keep(trigger, sent)
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

    def answer_to(self, number: int, *, seconds: float | None = None) -> str:
        """ack, nak, or silence when nothing came in time: by default, in the scanner's own."""
        trigger = self._triggers[number - 1]
        patience = self._patience if seconds is None else seconds
        self.wait_until(lambda: trigger.answer is not None, seconds=patience)
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
        """What the host sent, in order: ack, nak, resend, spoilt, and verdicts by name."""
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

    def _keep(self, trigger: Trigger, sent: Transmission) -> _Unanswered | None:
        if not self._dialect.resends or not sent.again:
            return None
        sending = sum(pause for pause, _ in sent.pieces)
        due = self._clock.steady() + sending + ACK_SECONDS
        return _Unanswered(trigger, sent.again, self._dialect.resends, due)

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
        hear = self._dialect.ear()
        while not line.gone.is_set():
            if select.select([line.master], [], [], _TURN)[0]:
                content = os.read(line.master, 4096)
                self.wire += content
                with self._changed:
                    for told in hear(content):
                        self._note(told)
                    self._changed.notify_all()
            self._send_again()
            self._refuse()

    def _send_again(self) -> None:
        """Send once more what was not answered in time, or was asked for; then give up."""
        unanswered = self._unanswered
        if unanswered is None or self._clock.steady() < unanswered.due:
            return
        if not self._sending.acquire(blocking=False):
            return  # a trigger is being pulled: the next turn will see what it changed
        try:
            if unanswered is self._unanswered and unanswered.trigger.answer is None:
                self._try_again(unanswered)
        finally:
            self._sending.release()

    def _refuse(self) -> None:
        """Tell the host what came spoilt; while a trigger is being pulled, in the next turn."""
        if self._refusals and self._sending.acquire(blocking=False):
            try:
                refusals, self._refusals = self._refusals, b""
                self._send(refusals, after=0.0)
            finally:
                self._sending.release()

    def _try_again(self, unanswered: _Unanswered) -> None:
        if unanswered.left:
            unanswered.left -= 1
            unanswered.due = self._clock.steady() + ACK_SECONDS
            self._send(unanswered.again, after=0.0)
            return
        self._unanswered = None
        with self._changed:
            unanswered.trigger.answer = "silence"
            self._changed.notify_all()

    def _note(self, told: str) -> None:
        self._heard.append(told)
        if told in {TOLD_ACK, TOLD_NAK}:
            self._note_answer(told)
        elif told == TOLD_RESEND:
            if self._unanswered is not None:
                self._unanswered.due = self._clock.steady()
        elif told == TOLD_SPOILT:
            self._refusals += self._dialect.refusal
        else:
            self._note_verdict(told)

    def _note_answer(self, answer: str) -> None:
        waiting = [e for e in self._recent(self._patience) if e.answer is None]
        if waiting:
            waiting[0].answer = answer
            waiting[0].verdict = Answer.AGAIN if answer == TOLD_NAK else None
        elif answer == TOLD_ACK and self._triggers and self._triggers[-1].answer == TOLD_NAK:
            self._triggers[-1].answer, self._triggers[-1].verdict = TOLD_ACK, None

    def _note_verdict(self, told: str) -> None:
        recent = self._recent(self._patience + VERDICT_SECONDS)
        waiting = [e for e in recent if e.answer == TOLD_ACK and e.verdict is None]
        if waiting and isinstance(told, Answer):
            waiting[0].verdict = told

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
