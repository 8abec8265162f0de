"""Wires to try a driver on: a bare pty, a TCP line, and the simulated scanner."""

import os
import select
import socket
import tty
from collections.abc import Callable
from typing import Protocol

from hardware.scanner.dialects import Dialect
from hardware.scanner.simulated import SimulatedScanner

PATIENCE = 5.0


class Line(Protocol):
    """The scanner's end of a wire."""

    address: str

    def send(self, content: bytes) -> None: ...

    def received(self, length: int) -> bytes: ...

    def unplug(self) -> None: ...


class PtyLine:
    """A pty with nothing behind it but the test."""

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.address = os.ttyname(self._slave)

    def send(self, content: bytes) -> None:
        while content:
            assert select.select([], [self._master], [], PATIENCE)[1], "nobody reads"
            content = content[os.write(self._master, content[:1024]) :]

    def received(self, length: int) -> bytes:
        return _collect(self._master, lambda: os.read(self._master, length), length)

    def unplug(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            os.close(self._slave)
            self._master = -1


class SocketLine:
    """A serial server on the network, as `socket://` reaches it."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._door.settimeout(PATIENCE)
        self.address = f"socket://127.0.0.1:{self._door.getsockname()[1]}"
        self._peer: socket.socket | None = None

    def send(self, content: bytes) -> None:
        self._caller().sendall(content)

    def received(self, length: int) -> bytes:
        caller = self._caller()
        return _collect(caller.fileno(), lambda: caller.recv(length), length)

    def unplug(self) -> None:
        if self._door.fileno() >= 0:
            self._caller().close()
            self._door.close()

    def _caller(self) -> socket.socket:
        if self._peer is None:
            self._peer, _ = self._door.accept()
        return self._peer


class SimulatorLine:
    """The simulated scanner, seen as a wire; what it heard is given back as it was sent."""

    def __init__(self, dialect: Dialect) -> None:
        self.scanner = SimulatedScanner(dialect=dialect)
        self.address = self.scanner.plug()

    def send(self, content: bytes) -> None:
        self.scanner.send(content)

    def received(self, length: int) -> bytes:
        self.scanner.wait_until(lambda: len(self.scanner.wire) >= length, seconds=PATIENCE)
        return bytes(self.scanner.wire)

    def unplug(self) -> None:
        self.scanner.unplug()


def _collect(source: int, read: Callable[[], bytes], length: int) -> bytes:
    found = b""
    while len(found) < length and select.select([source], [], [], PATIENCE)[0]:
        found += read()
    return found
