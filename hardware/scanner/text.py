"""Drives a handheld scanner that sends text over a serial line, whatever its make.

Not for SSI packets, and not for scanners that act as a keyboard.
"""

from hardware.framing import Frame, Framer, Kind
from hardware.ports import Port
from hardware.scanner.protocol import ANSWERS, Answer, Flaw, Heard
from hardware.serial_line import READ_SECONDS
from hardware.symbology import is_modem_probe, read_code

_FLAWS = {Kind.FRAGMENT: Flaw.FRAGMENT, Kind.OVERFLOW: Flaw.OVERFLOW}


class TextScanner:
    """One scanner on one open port."""

    whole = "Set the scanner to send CR after each code"

    def __init__(self, port: Port) -> None:
        self.probes_ignored = 0
        self._port = port
        self._framer = Framer()

    def listen(self) -> list[Heard]:
        """The reads that were completed, flawed ones included; modem talk is left out."""
        content = self._port.read()
        frames = self._framer.feed(content) if content else self._framer.silence(READ_SECONDS)
        codes = [frame for frame in frames if not is_modem_probe(frame.content)]
        self.probes_ignored += len(frames) - len(codes)
        return [_heard(frame) for frame in codes]

    def acknowledge(self, answer: Answer) -> None:
        """One write, so that a pattern of tones is not torn apart."""
        self._port.write(ANSWERS[answer])

    def close(self) -> None:
        """Close the port and drop what was incomplete."""
        self._framer.forget()
        self._port.close()


def _heard(frame: Frame) -> Heard:
    scan = read_code(frame.content)
    if frame.kind is Kind.WHOLE:
        return Heard(scan=scan, flaw=None if scan.readable else Flaw.UNREADABLE)
    return Heard(scan=scan, flaw=_FLAWS[frame.kind])
