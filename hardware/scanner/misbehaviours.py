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

    code: bytes
    before: bytes  # the code scanned before this one; the same where there was none
    head: int  # bytes of a frame in front of the code
    tail: int  # bytes of a frame behind it
    end: bytes  # what makes an end of any rubbish before a frame
    wrap: Callable[[bytes, bool], bytes]  # content to frame; True when it is sent again

    @property
    def frame(self) -> bytes:
        """What a well-behaved scanner sends."""
        return self.wrap(self.code, False)

    @property
    def frame_again(self) -> bytes:
        """What it sends when that was not answered."""
        return self.wrap(self.code, True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """What goes over the wire: pieces with the pause before each, then perhaps the plug."""

    pieces: tuple[tuple[float, bytes], ...]
    again: bytes  # what is sent when that was not answered
    unplug: bool = False


Misbehaviour = Callable[[Label, Random], Transmission]


def well_behaved(label: Label, _: Random) -> Transmission:
    """The code as it is."""
    return _reads(label, label.code)


def _double_read(label: Label, _: Random) -> Transmission:
    return _in_pieces(label, (0.0, label.frame), (DOUBLE_PAUSE, label.frame))


def _doubled(label: Label, _: Random) -> Transmission:
    return _reads(label, label.code * 2)


def _garbled(label: Label, random: Random) -> Transmission:
    content = bytearray(label.code)
    for place in random.sample(range(len(content)), k=min(3, len(content))):
        content[place] = random.randrange(0x80, 0x100)
    return _reads(label, bytes(content))


def _misread(label: Label, random: Random) -> Transmission:
    content = bytearray(label.code)
    place = random.randrange(len(content))
    others = [each for each in b"0123456789ABCDEFGHJKMNPQRSTVWXYZ" if each != content[place]]
    content[place] = random.choice(others)
    return _reads(label, bytes(content))


def _bad_checksum(label: Label, random: Random) -> Transmission:
    frame = bytearray(label.frame)
    frame[label.head + random.randrange(len(label.code))] ^= 1
    return _in_pieces(label, (0.0, bytes(frame)))


def _wrong_baud(label: Label, random: Random) -> Transmission:
    end = bytes((random.randrange(0x80, 0x100),)) + b"\r"
    pieces = ((0.0, _smeared(label.frame) + end),)
    return Transmission(pieces=pieces, again=_smeared(label.frame_again) + end)


def _no_suffix(label: Label, _: Random) -> Transmission:
    return _in_pieces(label, (0.0, label.frame[: -label.tail]))


def _merged(label: Label, _: Random) -> Transmission:
    return _reads(label, label.before + label.code)


def _split(label: Label, random: Random) -> Transmission:
    cut = random.randrange(label.head + 1, label.head + len(label.code))
    return _in_pieces(label, (0.0, label.frame[:cut]), (CUT_PAUSE, label.frame[cut:]))


def _mute(_: Label, __: Random) -> Transmission:
    return Transmission(pieces=(), again=b"")


def _slow(label: Label, _: Random) -> Transmission:
    return _in_pieces(label, *((SLOW_PAUSE, bytes((byte,))) for byte in label.frame))


def _noisy(label: Label, random: Random) -> Transmission:
    noise = random.randbytes(256).replace(b"\x00", b"\xff")
    return _in_pieces(label, (0.0, noise + label.end + label.frame))


def _modem_probe(label: Label, _: Random) -> Transmission:
    return _in_pieces(label, (0.0, b"AT\r\nATE0\r\n" + label.frame))


def _unplugged(label: Label, random: Random) -> Transmission:
    cut = random.randrange(1, len(label.frame) - 1)
    return Transmission(pieces=((0.0, label.frame[:cut]),), again=b"", unplug=True)


MISBEHAVIOURS: Final[Mapping[str, Misbehaviour]] = {
    "none": well_behaved,
    "double_read": _double_read,  # the same label twice within a moment
    "doubled": _doubled,  # the code twice in one read
    "garbled": _garbled,  # some bytes are no characters
    "misread": _misread,  # one character is another one
    "bad_checksum": _bad_checksum,  # one bit turned on the way: text without checksum is misread
    "wrong_baud": _wrong_baud,
    "no_suffix": _no_suffix,  # or, where there is none, the end of the packet is missing
    "merged": _merged,  # the code before and this one in one read
    "split": _split,  # a pause in the middle
    "mute": _mute,  # nothing is sent
    "slow": _slow,  # byte by byte
    "noisy": _noisy,  # rubbish in front
    "modem_probe": _modem_probe,  # ModemManager's talk in front
    "unplugged": _unplugged,  # the plug is drawn in the middle of a read
}


def _reads(label: Label, content: bytes) -> Transmission:
    return Transmission(
        pieces=((0.0, label.wrap(content, False)),), again=label.wrap(content, True)
    )


def _in_pieces(label: Label, *pieces: tuple[float, bytes]) -> Transmission:
    return Transmission(pieces=pieces, again=label.frame_again)


def _smeared(frame: bytes) -> bytes:
    return bytes((byte << 1 | 0x80) & 0xFF for byte in frame)
