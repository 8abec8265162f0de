"""The way between an agent and its server, on loopback, so that a test can cut it.

Its address stays while the server behind it is started anew. Cut, it refuses whoever knocks, as
where no cable is; muted, it takes what is said and nothing comes back, as where a radio is dead.
"""

import contextlib
import select
import socket
import threading
from enum import Enum
from typing import Final

_TURN: Final = 0.05
_PIECE: Final = 65536
_PATIENCE: Final = 2.0
_NOBODY: Final = ("127.0.0.1", 1)


class Way(Enum):
    """How it is to go this way."""

    OPEN = "open"
    CUT = "cut"
    MUTE = "mute"


class Relay:
    """Open from the start; whoever made it closes it."""

    def __init__(self) -> None:
        # Bound and never listening: it keeps the port while nobody listens there.
        self._held = _bound(0)
        self.port: int = self._held.getsockname()[1]
        self._target = _NOBODY
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self._ends: set[socket.socket] = set()
        self.go(Way.OPEN)

    def close(self) -> None:
        """End it, and all that goes this way."""
        self.go(Way.CUT)
        self._held.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def lead_to(self, host: str, port: int) -> None:
        """Where the server is now."""
        self._target = (host, port)

    def go(self, way: Way) -> None:
        """Cut it, mute it, or open it; whatever was under way is lost."""
        with self._lock:
            self._way = way
            if self._listener is not None:
                self._listener.close()
                self._listener = None
            for end in self._ends:
                _end(end)
            self._ends.clear()
            if way is not Way.CUT:
                self._listen()

    def _listen(self) -> None:
        self._listener = _bound(self.port)
        self._listener.listen()
        threading.Thread(target=self._welcome, args=(self._listener,), daemon=True).start()

    def _welcome(self, listener: socket.socket) -> None:
        while listener.fileno() >= 0:
            with contextlib.suppress(OSError, ValueError):  # it was closed meanwhile
                if select.select([listener], [], [], _TURN)[0]:
                    self._receive(listener, listener.accept()[0])

    def _receive(self, listener: socket.socket, guest: socket.socket) -> None:
        if self._way is Way.MUTE:
            self._keep(listener, guest)
            return
        host = self._reach_server()
        if host is None:
            guest.close()
            return
        self._keep(listener, guest, host)
        for source, target in ((guest, host), (host, guest)):
            threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _reach_server(self) -> socket.socket | None:
        """A line to the server, where one is there."""
        try:
            host = socket.create_connection(self._target, timeout=_PATIENCE)
        except OSError:
            return None
        host.settimeout(None)
        return host

    def _keep(self, listener: socket.socket, *ends: socket.socket) -> None:
        with self._lock:
            if listener is self._listener:
                self._ends.update(ends)
                return
        for end in ends:  # the way was cut while they came
            _end(end)

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while content := source.recv(_PIECE):
                target.sendall(content)
        with self._lock:
            self._ends -= {source, target}
        for end in (source, target):
            _end(end)


def _bound(port: int) -> socket.socket:
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):  # its other side may have gone first
        end.shutdown(socket.SHUT_RDWR)
    end.close()
