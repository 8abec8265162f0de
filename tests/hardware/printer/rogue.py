"""A printer that misbehaves on its wire: a simulated one whose every word is spoilt first."""

import os
import select
import threading
import tty
from collections.abc import Callable
from random import Random
from typing import Self

from hardware.clock import SystemClock
from hardware.printer.engine import Engine, Out
from hardware.printer.troubles import TROUBLES

Spoil = Callable[[bytes, bytes], bytes]  # what it heard, and what it would answer
_TURN = 0.005
_PACE = 0.1
NOISE = Random(3).randbytes(1_000_000)


class Rogue:
    """Use it in a `with` block; `device` is the path to open. Says what `spoil` makes of it."""

    def __init__(self, spoil: Spoil, *, trouble: str = "none", after: int = 0) -> None:
        self._spoil = spoil
        self._engine = Engine(trouble=TROUBLES[trouble], after=after)
        self._clock = SystemClock()
        self._begun = self._clock.steady()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> Self:
        self._host, self._own = os.openpty()
        tty.setraw(self._own)
        os.set_blocking(self._host, False)
        self.device = os.ttyname(self._own)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._gone.set()
        self._thread.join()
        os.close(self._host)
        os.close(self._own)

    def tray(self) -> list[Out]:
        """What has come out, once it is switched off."""
        return list(self._engine.tray)

    def _live(self) -> None:
        left = b""
        while not self._gone.is_set():
            heard = os.read(self._host, 4096) if self._ready(_TURN) else b""
            at = (self._clock.steady() - self._begun) / _PACE
            self._engine.feed(heard, at=at)
            left += self._spoil(heard, self._engine.said(at=at))
            if left and select.select([], [self._host], [], 0)[1]:
                left = left[os.write(self._host, left[:1024]) :]

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._host], [], [], seconds)[0])


def noise(heard: bytes, _: bytes) -> bytes:
    """A megabyte of noise for each thing it hears."""
    return NOISE if heard else b""


def garbage(heard: bytes, _: bytes) -> bytes:
    """Something like an answer, to anything."""
    return b'\x02a,b\x03\x02\xff\x03\x02,,\x03\r\n"many"\r\n' if heard else b""


class Late:
    """Half of each answer in time, the rest only when it is asked something else."""

    def __init__(self) -> None:
        self._rest = b""

    def __call__(self, heard: bytes, said: bytes) -> bytes:
        rest = self._rest if heard else b""
        if heard:
            self._rest = b""
        half = len(said) // 2
        self._rest += said[half:]
        return rest + said[:half]


class Unasked:
    """Says each thing twice, and once more when nobody has asked anything."""

    def __init__(self) -> None:
        self._old = b""

    def __call__(self, heard: bytes, said: bytes) -> bytes:
        again = b"" if heard or said else self._old
        self._old = said or (b"" if again else self._old)
        return said * 2 + again


class AfterLabel:
    """A printer like any other until a label reaches it; from then on it is spoilt."""

    def __init__(self, spoil: Spoil) -> None:
        self._spoil = spoil
        self._begun = False

    def __call__(self, heard: bytes, said: bytes) -> bytes:
        self._begun = self._begun or b"^XA" in heard
        return self._spoil(heard, said) if self._begun else said
