"""Framing: whatever way the bytes arrive, each read comes out once, whole, and in order."""

import random

import pytest

from hardware.framing import IDLE_SECONDS, LONGEST, Frame, Framer, Kind
from tests.counts import SOAK

CHUNKINGS = 10_000 if SOAK else 50
CODE = b"]C0TB0000000006H"


def _contents(frames: list[Frame]) -> list[bytes]:
    return [frame.content for frame in frames]


@pytest.mark.parametrize("ending", [b"\r", b"\n", b"\r\n", b"\t", b"\r\n\r\n", b"\n\r\t"])
@pytest.mark.parametrize("at_once", [True, False])
def test_any_ending_gives_one_read(ending: bytes, at_once: bool) -> None:
    framer, content = Framer(), CODE + ending
    pieces = [content] if at_once else [bytes((byte,)) for byte in content]
    frames = [frame for piece in pieces for frame in framer.feed(piece)]
    assert frames == [Frame(content=CODE)]
    assert framer.silence(IDLE_SECONDS) == []


def test_empty_frames_are_ignored() -> None:
    assert Framer().feed(b"\r\n\r\r\n\t") == []


def test_five_hundred_scans_survive_any_chunking() -> None:
    roll = random.Random(11)
    scans = [b"]d1TB%010d%c" % (roll.randrange(10**10), roll.choice(b"0AK")) for _ in range(500)]
    wire = b"".join(scan + roll.choice([b"\r", b"\n", b"\r\n", b"\t"]) for scan in scans)
    for _ in range(CHUNKINGS):
        framer, rest, frames = Framer(), wire, list[Frame]()
        longest = roll.choice([1, 2, 7, 40, 400])
        while rest:
            size = roll.randint(1, longest)
            frames += framer.feed(rest[:size])
            rest = rest[size:]
            frames += framer.silence(roll.choice([0.0, IDLE_SECONDS / 3]))
        assert _contents(frames) == scans


def test_a_fragment_is_never_put_in_front_of_the_next_read() -> None:
    framer = Framer()
    assert framer.feed(b"]d1TB00000") == []
    assert framer.silence(0.05) == []
    assert framer.silence(0.15) == [Frame(content=b"]d1TB00000", kind=Kind.FRAGMENT)]
    assert framer.feed(CODE + b"\r") == [Frame(content=CODE)]
    assert framer.fragments == 1


def test_short_pauses_do_not_cut_a_read() -> None:
    framer = Framer()
    for byte in CODE:
        assert framer.feed(bytes((byte,))) == []
        assert framer.silence(IDLE_SECONDS - 0.01) == []
    assert framer.feed(b"\r") == [Frame(content=CODE)]


@pytest.mark.parametrize("length", [LONGEST + 1, 10_000])
def test_the_longest_read_passes_and_one_byte_more_is_dropped_and_counted(length: int) -> None:
    framer = Framer()
    assert framer.feed(b"9" * LONGEST + b"\r") == [Frame(content=b"9" * LONGEST)]
    frames = framer.feed(b"9" * length + b"\r" + CODE + b"\r")
    assert [frame.kind for frame in frames] == [Kind.OVERFLOW, Kind.WHOLE]
    assert framer.overflows == 1


def test_the_rest_of_a_read_that_was_too_long_is_dropped_until_it_ends() -> None:
    framer = Framer()
    framer.feed(b"9" * 500)
    assert framer.feed(b"TB0000000006H") == []
    assert framer.feed(b"\r" + CODE + b"\r") == [Frame(content=CODE)]
    assert framer.overflows == 1


def test_silence_ends_a_read_that_was_too_long() -> None:
    framer = Framer()
    framer.feed(b"9" * 500)
    assert framer.silence(IDLE_SECONDS) == []
    assert framer.feed(CODE + b"\r") == [Frame(content=CODE)]


def test_what_was_pending_at_an_unplugging_is_forgotten() -> None:
    framer = Framer()
    framer.feed(b"]d1TB00000")
    framer.forget()
    assert framer.feed(CODE + b"\r") == [Frame(content=CODE)]


def test_a_megabyte_of_noise_stays_within_bounds() -> None:
    noise, framer = random.Random(3).randbytes(1_000_000), Framer()
    frames = [
        frame
        for start in range(0, len(noise), 4096)
        for frame in framer.feed(noise[start : start + 4096])
    ]
    assert max(len(frame.content) for frame in frames) <= LONGEST
    assert framer.overflows > 0
