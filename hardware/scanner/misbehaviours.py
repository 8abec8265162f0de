"""How a simulated scanner misbehaves, each way by name and repeatable from a seed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

CUT_PAUSE: Final = 0.3  # clearly longer than the silence that ends a fragment
DOUBLE_PAUSE: Final = 0.12
SLOW_PAUSE: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the scanner is looking at, and how it is set up to send it."""

    prefix: bytes
    code: bytes
    suffix: bytes
    before: bytes  # the code scanned before this one; the same where there was none

    @property
    def frame(self) -> bytes:
        """What a well-behaved scanner sends."""
        return self.prefix + self.code + self.suffix


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """What goes over the wire: pieces with the pause before each, then perhaps the plug."""

    pieces: tuple[tuple[float, bytes], ...]
    unplug: bool = False


Misbehaviour = Callable[[Label, Random], Transmission]


def well_behaved(label: Label, _: Random) -> Transmission:
    """Prefix, code, suffix."""
    return _at_once(label.frame)


def _double_read(label: Label, _: Random) -> Transmission:
    return Transmission(pieces=((0.0, label.frame), (DOUBLE_PAUSE, label.frame)))


def _doubled(label: Label, _: Random) -> Transmission:
    return _at_once(label.prefix + label.code * 2 + label.suffix)


def _garbled(label: Label, random: Random) -> Transmission:
    content = bytearray(label.code)
    for place in random.sample(range(len(content)), k=min(3, len(content))):
        content[place] = random.randrange(0x80, 0x100)
    return _at_once(label.prefix + bytes(content) + label.suffix)


def _misread(label: Label, random: Random) -> Transmission:
    content = bytearray(label.code)
    place = random.randrange(len(content))
    others = [each for each in b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" if each != content[place]]
    content[place] = random.choice(others)
    return _at_once(label.prefix + bytes(content) + label.suffix)


def _wrong_baud(label: Label, random: Random) -> Transmission:
    smeared = bytes((byte << 1 | 0x80) & 0xFF for byte in label.frame)
    return _at_once(smeared + bytes((random.randrange(0x80, 0x100),)) + b"\r")


def _no_suffix(label: Label, _: Random) -> Transmission:
    return _at_once(label.prefix + label.code)


def _merged(label: Label, _: Random) -> Transmission:
    return _at_once(label.prefix + label.before + label.code + label.suffix)


def _split(label: Label, random: Random) -> Transmission:
    cut = random.randrange(len(label.prefix) + 1, len(label.prefix) + len(label.code))
    return Transmission(pieces=((0.0, label.frame[:cut]), (CUT_PAUSE, label.frame[cut:])))


def _mute(_: Label, __: Random) -> Transmission:
    return Transmission(pieces=())


def _slow(label: Label, _: Random) -> Transmission:
    return Transmission(pieces=tuple((SLOW_PAUSE, bytes((byte,))) for byte in label.frame))


def _noisy(label: Label, random: Random) -> Transmission:
    noise = random.randbytes(256).replace(b"\x00", b"\xff")
    return _at_once(noise + label.suffix + label.frame)


def _modem_probe(label: Label, _: Random) -> Transmission:
    return _at_once(b"AT\r\nATE0\r\n" + label.frame)


def _unplugged(label: Label, random: Random) -> Transmission:
    cut = random.randrange(1, len(label.frame) - 1)
    return Transmission(pieces=((0.0, label.frame[:cut]),), unplug=True)


MISBEHAVIOURS: Final[Mapping[str, Misbehaviour]] = {
    "none": well_behaved,
    "double_read": _double_read,  # the same label twice within a moment
    "doubled": _doubled,  # the code twice in one read
    "garbled": _garbled,  # some bytes are no characters
    "misread": _misread,  # one character is another one
    "wrong_baud": _wrong_baud,
    "no_suffix": _no_suffix,
    "merged": _merged,  # the code before and this one in one read
    "split": _split,  # a pause in the middle
    "mute": _mute,  # nothing is sent
    "slow": _slow,  # byte by byte
    "noisy": _noisy,  # rubbish in front
    "modem_probe": _modem_probe,  # ModemManager's talk in front
    "unplugged": _unplugged,  # the plug is drawn in the middle of a read
}


def _at_once(content: bytes) -> Transmission:
    return Transmission(pieces=((0.0, content),))
