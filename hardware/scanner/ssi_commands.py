"""Tones and lights for an SSI scanner: it is woken for them, and told again what came spoilt.

Not for the acknowledgement of a read: the scanner is awake then, waits for it, and answers nothing.
"""

from collections import deque
from typing import Final

from hardware.errors import NoReply
from hardware.ports import Port
from hardware.scanner.ssi_packets import (
    NAK_RESEND,
    WAKEUP,
    Opcode,
    Packet,
    Packets,
    Source,
    again,
)
from hardware.serial_line import READ_SECONDS

# A scanner in low power sleeps after a second; less here, for only time spent waiting counts.
AWAKE_SECONDS: Final = 0.8
_ANSWERS: Final = frozenset({Opcode.CMD_ACK, Opcode.CMD_NAK})


class Commands:
    """What one scanner is told, and how it took it. Raises what the port raises, and NoReply."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._quiet = 0.0
        self._waking = b""  # what is sent when the scanner has had time to wake
        self._unanswered = deque[Packet]()  # of what was sent last
        self._refused = False

    def send(self, content: bytes) -> None:
        """Send packets in one write: at once, or after a long silence when it has woken."""
        if self._waking or self._quiet >= AWAKE_SECONDS:
            if not self._waking:
                self._port.write(WAKEUP)
            self._waking += content
            return
        self._write(content)

    def check(self) -> None:
        """Raise NoReply if a command was refused as spoilt when it was sent again, too."""
        if self._refused:
            self._refused = False
            raise NoReply(self._port.address, "tones and lights reach the scanner spoilt")

    def listened(self, content: bytes) -> None:
        """Note what one reading of the port brought; by now the scanner is awake."""
        self._quiet = 0.0 if content else self._quiet + READ_SECONDS
        if self._waking:
            waking, self._waking = self._waking, b""
            self._write(waking)

    def hear(self, packet: Packet) -> None:
        """Take the scanner's answer to a command; one that came spoilt is sent again, once."""
        if packet.source != Source.DECODER or packet.opcode not in _ANSWERS:
            return
        if not self._unanswered:
            return
        command = self._unanswered.popleft()
        if packet.opcode == Opcode.CMD_ACK or packet.data != NAK_RESEND:
            return
        if command.resent:
            self._refused = True
            return
        self._unanswered += _commands(again(command))
        self._port.write(again(command))

    def _write(self, content: bytes) -> None:
        self._quiet = 0.0
        self._unanswered = deque(_commands(content))
        self._port.write(content)


def _commands(content: bytes) -> list[Packet]:
    """The packets among these that the scanner answers."""
    found = Packets().feed(content)
    return [each for each in found if isinstance(each, Packet) and each.opcode not in _ANSWERS]
