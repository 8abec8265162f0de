"""A ZPL printer without a printer: a pty that prints on command and has its troubles by name.

Not for speed, parity or flow control: a pty has none of them.
"""

import os
import select
import threading
import tty
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from hardware.clock import SystemClock
from hardware.printer.engine import Engine, Out
from hardware.printer.troubles import TROUBLES

_TURN: Final = 0.005
_READ: Final = 4096


class UnknownTrouble(ValueError):
    """There is no trouble of that name."""


class SimulatedPrinter:
    """Use it in a `with` block. `device` is the path to give to an agent.

    `pace` is how long everything takes, against a real printer: 0.1 is ten times as fast.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        trouble: str = "none",
        after: int = 0,
        dpmm: int = 8,
        pace: float = 1.0,
        link: Path | None = None,
    ) -> None:
        if trouble not in TROUBLES:
            raise UnknownTrouble(f"{trouble!a}; there are {', '.join(TROUBLES)}")
        self._engine = Engine(seed=seed, trouble=TROUBLES[trouble], after=after, dpmm=dpmm)
        self._pace = pace
        self._link = link
        self._clock = SystemClock()
        self._begun = self._clock.steady()
        self._changed = threading.Condition()
        self._ends: tuple[int, int] | None = None
        self._gone = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.plug()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    @property
    def device(self) -> str:
        """Where an agent finds the printer: the lasting link if one was asked for."""
        if self._link is not None:
            return str(self._link)
        if self._ends is None:
            raise RuntimeError("the printer is not plugged in")
        return os.ttyname(self._ends[1])

    def plug(self) -> str:
        """Plug it in, under a new name of the system's choice; returns `device`."""
        if self._ends is None:
            host, own = os.openpty()
            tty.setraw(own)
            self._ends = (host, own)
            self._gone.clear()
            if self._link is not None:
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(os.ttyname(own))
            self._thread = threading.Thread(
                target=self._live, args=(host,), name="simulated-printer", daemon=True
            )
            self._thread.start()
        return self.device

    def unplug(self) -> None:
        """Draw the plug; what is being printed comes out all the same. Safe to repeat."""
        ends, self._ends = self._ends, None
        if ends is None:
            return
        self._gone.set()
        if self._thread is not None:
            self._thread.join()
        for end in ends:
            os.close(end)
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def do(self, deed: Callable[[Engine], None]) -> None:
        """Do something to it by hand: open its head, end its roll, put in a new one."""
        with self._changed:
            self._engine.advance(at=self._now())
            deed(self._engine)
            self._changed.notify_all()

    def tray(self) -> list[Out]:
        """What has come out so far, in order."""
        with self._changed:
            self._engine.advance(at=self._now())
            return list(self._engine.tray)

    def wait_until(self, true: Callable[[list[Out]], bool], *, seconds: float) -> bool:
        """Wait for a condition on what came out; says whether it came true in time."""
        with self._changed:
            return self._changed.wait_for(lambda: true(self._engine.tray), timeout=seconds)

    def _now(self) -> float:
        return (self._clock.steady() - self._begun) / self._pace

    def _live(self, line: int) -> None:
        while not self._gone.is_set():
            heard = os.read(line, _READ) if select.select([line], [], [], _TURN)[0] else b""
            with self._changed:
                if heard:
                    self._engine.feed(heard, at=self._now())
                said = self._engine.said(at=self._now())
                self._changed.notify_all()
            if said:
                os.write(line, said)
