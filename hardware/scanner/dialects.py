"""How simulated scanners speak: what a label becomes on the wire, and what their host told them."""

import re
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from hardware.clock import Clock
from hardware.scanner import ssi
from hardware.scanner.misbehaviours import Label
from hardware.scanner.protocol import ACK, ANSWERS, NAK, Answer
from hardware.scanner.ssi_packets import (
    CODE_TYPES,
    NAK_RESEND,
    WAKEUP,
    Found,
    Opcode,
    Packet,
    Packets,
    Source,
    Spoilt,
    encode,
    encode_read,
)
from hardware.symbology import AIM

TOLD_ACK, TOLD_NAK, TOLD_RESEND, TOLD_SPOILT = "ack", "nak", "resend", "spoilt"
SLEEP_SECONDS: Final = 1.0  # of silence, after which a scanner in low power sleeps
NOT_VERDICTS: Final = frozenset({Answer.SAFE, Answer.AGAIN})

# Takes what arrived from the host; gives the answers that it completed: ack, nak, resend,
# spoilt, a verdict (an Answer), or in hexadecimal what is none of them.
Ear = Callable[[bytes], list[str]]


class Dialect(Protocol):
    """How one kind of scanner speaks."""

    resends: int  # how often it sends again what was not answered
    refusal: bytes  # what it answers a host whose word came spoilt

    def label(self, code: bytes, *, before: bytes, aim: str) -> Label:
        """A label in front of the scanner. Raises ValueError for a kind of code it cannot name."""
        ...

    def ear(self) -> Ear:
        """A new ear, for one plugging in."""
        ...


class TextDialect:
    """AIM prefix, code, suffix; answered by single bytes and a Honeywell's tones."""

    resends = 0
    refusal = b""

    def __init__(self, suffix: bytes = b"\r") -> None:
        self._suffix = suffix

    def label(self, code: bytes, *, before: bytes, aim: str) -> Label:
        prefix = f"]{aim}".encode("ascii")
        return Label(
            code=code,
            before=before,
            head=len(prefix),
            tail=len(self._suffix),
            end=self._suffix,
            wrap=lambda content, _: prefix + content + self._suffix,
        )

    def ear(self) -> Ear:
        return _TextEar()


class SsiDialect:
    """SSI packets; a suffix, if the scanner is set to add one, is within the packet.

    With `naps` it sleeps after a second of silence, by that clock; the first so many commands that
    it hears it `mishears`.
    """

    resends = ssi.RESENDS
    refusal = encode(Opcode.CMD_NAK, NAK_RESEND, source=Source.DECODER)
    _HEAD: Final = 5  # length, opcode, source, status, type of code
    _CHECKSUM: Final = 2

    def __init__(
        self, suffix: bytes = b"", *, naps: Clock | None = None, mishears: int = 0
    ) -> None:
        self._suffix = suffix
        self._nap = _Nap(naps) if naps else None
        self._mishears = mishears

    def label(self, code: bytes, *, before: bytes, aim: str) -> Label:
        code_type = _code_type(aim)
        if self._nap is not None:
            self._nap.wake()  # the trigger does that
        return Label(
            code=code,
            before=before,
            head=self._HEAD,
            tail=len(self._suffix) + self._CHECKSUM,
            end=b"",
            wrap=lambda content, resent: encode_read(
                code_type, content + self._suffix, resent=resent
            ),
        )

    def ear(self) -> Ear:
        return _SsiEar(nap=self._nap, mishears=self._mishears)


class _TextEar:
    _ANSWER: Final = re.compile(rb"\x06|\x15(?:\x1b4,)?|(?:\x1b[456],)+")
    _LONGEST_REST: Final = 2  # a tone is torn apart after this many bytes at most
    _VERDICTS: Final = {
        pattern: answer for answer, pattern in ANSWERS.items() if answer not in NOT_VERDICTS
    }

    def __init__(self) -> None:
        self._pending = b""

    def __call__(self, content: bytes) -> list[str]:
        content = self._pending + content
        found = list(self._ANSWER.finditer(content))
        end = found[-1].end() if found else 0
        self._pending = content[end:][-self._LONGEST_REST :]
        return [self._told(answer.group()) for answer in found]

    def _told(self, pattern: bytes) -> str:
        if pattern == ACK:
            return TOLD_ACK
        if pattern.startswith(NAK):
            return TOLD_NAK
        return self._VERDICTS.get(pattern) or pattern.hex()


class _Nap:
    """A scanner in low power: what wakes it is not understood, but for a WAKEUP in front of it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._woken_at = clock.steady()

    def wake(self) -> None:
        """Be awake from now on, until a second of silence."""
        self._woken_at = self._clock.steady()

    def hear(self, content: bytes) -> bytes:
        """What is heard of bytes that arrived."""
        asleep = self._clock.steady() - self._woken_at >= SLEEP_SECONDS
        self.wake()
        if not asleep:
            return content
        return content[len(WAKEUP) :] if content.startswith(WAKEUP) else b""


class _SsiEar:
    """A verdict is a tone and then the light; a tone alone belongs to a NAK."""

    _VERDICTS: Final = {
        pattern: answer for answer, pattern in ssi.ANSWERS.items() if answer not in NOT_VERDICTS
    }

    def __init__(self, *, nap: _Nap | None, mishears: int) -> None:
        self._packets = Packets()
        self._tone = b""
        self._nap = nap
        self._mishears = mishears

    def __call__(self, content: bytes) -> list[str]:
        heard = content if self._nap is None else self._nap.hear(content)
        return [told for each in self._packets.feed(heard) for told in self._understood(each)]

    def _understood(self, found: Found) -> list[str]:
        if isinstance(found, Spoilt):
            return [TOLD_SPOILT]
        if not isinstance(found, Packet):
            return []
        if self._mishears and found.opcode in {Opcode.BEEP, Opcode.LED_ON, Opcode.LED_OFF}:
            self._mishears -= 1
            return [TOLD_SPOILT]
        return self._told(found)

    def _told(self, packet: Packet) -> list[str]:
        match packet.opcode:
            case Opcode.CMD_ACK:
                return [TOLD_ACK]
            case Opcode.CMD_NAK:
                return [TOLD_RESEND if packet.data == NAK_RESEND else TOLD_NAK]
            case Opcode.BEEP:
                self._tone = encode(packet.opcode, packet.data)
                return []
            case Opcode.LED_ON | Opcode.LED_OFF:
                pattern = self._tone + encode(packet.opcode, packet.data)
                self._tone = b""
                return [self._VERDICTS.get(pattern) or pattern.hex()]
        return []


def _code_type(aim: str) -> int:
    for code_type, symbology in CODE_TYPES.items():
        if symbology == AIM.get(aim):
            return code_type
    raise ValueError(f"{aim!a}: SSI has no code type for it here")


DIALECTS: Final[Mapping[str, Callable[[bytes], Dialect]]] = {
    "text": TextDialect,
    "ssi": SsiDialect,
}
