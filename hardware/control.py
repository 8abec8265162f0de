"""The control side of a simulated device: lines of text over loopback, so others can use it.

Each line is a command with its words, and is answered by one line of JSON.
"""

import json
import os
import signal
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Final, Protocol, Self, TypeVar

_LONGEST_LINE: Final = 1024
_PATIENCE: Final = 30.0

Reply = dict[str, object]
Device = TypeVar("Device")
Commands = Mapping[str, Callable[[Device, list[str]], Reply]]


class Playable(Protocol):
    """A simulated device: there inside a `with` block, under the path `device`."""

    @property
    def device(self) -> str: ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


class ControlServer:
    """Answers commands for one simulated device on a free loopback port."""

    def __init__(self, obey: Callable[[str], Reply], *, port: int = 0) -> None:
        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while line := self.rfile.readline(_LONGEST_LINE):
                    reply = obey(line.decode("utf-8", "replace"))
                    self.wfile.write(json.dumps(reply).encode() + b"\n")
                    if not reply["ok"]:
                        return  # whoever speaks another language is not listened to further

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", port), Conversation)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def address(self) -> str:
        """host:port"""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class Remote:
    """A simulated device in another process, by its control address."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))

    def ask(self, command: str) -> Reply:
        """Send one command; returns its answer, or raises ValueError with what was wrong."""
        with (
            socket.create_connection(self._address, timeout=_PATIENCE) as line,
            line.makefile("rb") as answers,
        ):
            line.sendall(command.strip().encode() + b"\n")
            reply = json.loads(answers.readline())
        if not isinstance(reply, dict) or not reply.get("ok"):
            raise ValueError(f"{command!a}: {reply}")
        return reply


def obey(device: Device, commands: Commands[Device], line: str) -> Reply:
    """Do what one line says; what is wrong with it is an answer too."""
    verb, *words = line.split() or [""]
    command = commands.get(verb)
    if command is None:
        return {"ok": False, "error": f"{verb!a}; there are {', '.join(commands)}"}
    try:
        return {"ok": True, **command(device, words)}
    except (ValueError, IndexError, RuntimeError) as error:
        return {"ok": False, "error": f"{verb}: {error}"}


def play(
    device: Playable, obey: Callable[[str], Reply], *, port: int, until: threading.Event
) -> None:
    """Have a simulated device there until told; one line of JSON says where it can be reached."""
    with device, ControlServer(obey, port=port) as control:
        where = {"device": device.device, "control": control.address}
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        until.wait()


def until_told(*, with_parent: bool) -> threading.Event:
    """Set on SIGTERM or SIGINT, and with `with_parent` when standard input ends."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    if with_parent:
        threading.Thread(target=_follow_parent, args=(stop,), daemon=True).start()
    return stop


def _follow_parent(stop: threading.Event) -> None:
    # Not by way of `sys.stdin`: its lock would be held, and Python end with an error, at the end.
    while os.read(0, 4096):
        continue
    stop.set()
