"""The commands of a simulated scanner, for whoever holds it from outside.

`scan CODE [AIM]`, `fault NAME [TIMES]`, `verdict [NUMBER]`, `tones`, `scans`, `unplug`, `plug`.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from hardware import control
from hardware.control import Commands, Remote, Reply
from hardware.scanner.protocol import Answer
from hardware.scanner.simulated import SimulatedScanner, Trigger


class RemoteScanner(Remote):
    """A simulated scanner in another process, by its control address."""

    def scan(self, code: str, *, aim: str = "") -> Reply:
        """Scan a label and wait for the answer: {"scan": number, "answer": ack|nak|silence}."""
        return self.ask(f"scan {code} {aim}")

    def verdict(self, number: int) -> str | None:
        """The verdict that sounded for a scan, waiting for it up to five seconds."""
        verdict = self.ask(f"verdict {number}")["verdict"]
        return None if verdict is None else str(verdict)


def obey(scanner: SimulatedScanner) -> Callable[[str], Reply]:
    """Does what a line says with this scanner."""
    return partial(control.obey, scanner, _COMMANDS)


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


_COMMANDS: Final[Commands[SimulatedScanner]] = {
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
