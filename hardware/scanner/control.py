"""The control side of a simulated scanner: lines of text over loopback, so others can use it.

`scan CODE [AIM]`, `fault NAME [TIMES]`, `verdict [NUMBER]`, `tones`, `scans`, `unplug`, `plug`.
Each is answered by one line of JSON.
"""

import json
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from typing import Final, Self

from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner, Trigger, UnknownMisbehaviour

_LONGEST_LINE: Final = 1024
_PATIENCE: Final = 30.0

Reply = dict[str, object]


class ControlServer:
    """Answers commands for one simulated scanner on a free loopback port."""

    def __init__(self, scanner: SimulatedScanner, *, port: int = 0) -> None:
        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while line := self.rfile.readline(_LONGEST_LINE):
                    reply = obey(scanner, line.decode("utf-8", "replace"))
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


class RemoteScanner:
    """A simulated scanner in another process, by its control address."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))

    def scan(self, code: str, *, aim: str = "") -> Reply:
        """Scan a label and wait for the answer: {"scan": number, "answer": ack|nak|silence}."""
        return self.ask(f"scan {code} {aim}")

    def verdict(self, number: int) -> str | None:
        """The verdict that sounded for a scan, waiting for it up to five seconds."""
        verdict = self.ask(f"verdict {number}")["verdict"]
        return None if verdict is None else str(verdict)

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


def obey(scanner: SimulatedScanner, line: str) -> Reply:
    """Do what one line says."""
    verb, *words = line.split() or [""]
    command = _COMMANDS.get(verb)
    if command is None:
        return {"ok": False, "error": f"{verb!a}; there are {', '.join(_COMMANDS)}"}
    try:
        return {"ok": True, **command(scanner, words)}
    except (UnknownMisbehaviour, ValueError, IndexError) as error:
        return {"ok": False, "error": f"{verb}: {error}"}


def _scan(scanner: SimulatedScanner, words: list[str]) -> Reply:
    number = scanner.scan(words[0], aim=words[1] if words[1:] else None)
    return {"scan": number, "answer": scanner.answer_to(number)}


def _fault(scanner: SimulatedScanner, words: list[str]) -> Reply:
    scanner.misbehave(words[0], times=int(words[1]) if words[1:] else None)
    return {"fault": words[0]}


def _verdict(scanner: SimulatedScanner, words: list[str]) -> Reply:
    number = int(words[0]) if words else len(scanner.triggers())
    verdict = scanner.verdict_on(number)
    return {"scan": number, "verdict": _name(verdict)}


def _tones(scanner: SimulatedScanner, _: list[str]) -> Reply:
    return {"tones": scanner.heard()}


def _scans(scanner: SimulatedScanner, _: list[str]) -> Reply:
    return {"scans": [_written(trigger) for trigger in scanner.triggers()]}


def _unplug(scanner: SimulatedScanner, _: list[str]) -> Reply:
    scanner.unplug()
    return {"device": None}


def _plug(scanner: SimulatedScanner, _: list[str]) -> Reply:
    return {"device": scanner.plug()}


_COMMANDS: Mapping[str, Callable[[SimulatedScanner, list[str]], Reply]] = {
    "scan": _scan,
    "fault": _fault,
    "verdict": _verdict,
    "tones": _tones,
    "scans": _scans,
    "unplug": _unplug,
    "plug": _plug,
}


def _written(trigger: Trigger) -> Reply:
    return {
        "scan": trigger.number,
        "code": trigger.code,
        "fault": trigger.misbehaviour,
        "answer": trigger.answer,
        "verdict": _name(trigger.verdict),
    }


def _name(verdict: Answer | None) -> str | None:
    return None if verdict is None else verdict.value
