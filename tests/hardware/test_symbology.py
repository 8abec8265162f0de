"""Prefixes: what kind of code was read, and the text without it."""

import pytest

from hardware.framing import IDLE_SECONDS, Framer
from hardware.symbology import is_modem_probe, read_code

TUBE = "TB0000000004L"

# Bytes as scanners send them, and what must come out.
WIRE = [
    ("5D4330 54423030303030303030 30344C 0D", [("code128", "C0", TUBE)]),
    (
        "5D4331 3030313036313431343131323334353637383937 0D",
        [("gs1_128", "C1", "00106141411234567897")],
    ),
    ("5D4332 54423030303030303030 30344C 0D", [("code128_fnc1_second", "C2", TUBE)]),
    ("5D4334 54423030303030303030 30344C 0D", [("isbt128", "C4", TUBE)]),
    ("5D4130 54423030303030303030 30344C 0D", [("code39", "A0", TUBE)]),
    ("5D4131 54423030303030303030 30344C 0D", [("code39_check", "A1", TUBE)]),
    ("5D6431 54423030303030303030 30344C 0D", [("datamatrix", "d1", TUBE)]),
    (
        "5D6432 30313039353031313031353330303033323131323334 0D",
        [("gs1_datamatrix", "d2", "0109501101530003211234")],
    ),
    ("5D5131 54423030303030303030 30344C 0D", [("qr", "Q1", TUBE)]),
    ("5D5133 54423030303030303030 30344C 0D", [("gs1_qr", "Q3", TUBE)]),
    ("5D4530 34303036333831333333393331 0D", [("ean13", "E0", "4006381333931")]),
    ("5D4930 31323334353637383930 0D", [("itf", "I0", "1234567890")]),
    ("5D4630 54423030303030303030 30344C 0D", [("codabar", "F0", TUBE)]),
    ("5D4C30 54423030303030303030 30344C 0D", [("pdf417", "L0", TUBE)]),
    ("54423030303030303030 30354A 0D", [("unknown", None, "TB0000000005J")]),
    (
        "5D6431 54423030303030303030 303648 0D 5D6431 54423030303030303030 303746 0D",
        [("datamatrix", "d1", "TB0000000006H"), ("datamatrix", "d1", "TB0000000007F")],
    ),
    (
        "5D6431 54423030303030303030 303648 54423030303030303030 303746 0D",
        [("datamatrix", "d1", "TB0000000006HTB0000000007F")],
    ),
    ("0D0A0D0D0A", []),
    (
        "41540D0A 415445300D0A 5D4330 54423030303030303030 303648 0D",
        [
            ("unknown", None, "AT"),
            ("unknown", None, "ATE0"),
            ("code128", "C0", "TB0000000006H"),
        ],
    ),
    ("5D6431 54423030303030303030 303630 0D", [("datamatrix", "d1", "TB00000000060")]),
    ("5D6431 5442 00 1B 5B 32 4A 0D", [("datamatrix", "d1", "TB\x00\x1b[2J")]),
    ("5D4330 74623030303030303030 303668 0D", [("code128", "C0", "tb0000000006h")]),
]


@pytest.mark.parametrize(("wire", "expected"), WIRE)
def test_what_a_scanner_sends_is_read_as_it_says(
    wire: str, expected: list[tuple[str, str | None, str]]
) -> None:
    scans = [read_code(frame.content) for frame in Framer().feed(bytes.fromhex(wire))]
    assert [(scan.symbology, scan.aim, scan.text) for scan in scans] == expected


def test_a_read_without_end_is_a_fragment() -> None:
    framer = Framer()
    assert framer.feed(bytes.fromhex("5D6431 54423030303030")) == []
    assert [frame.content for frame in framer.silence(IDLE_SECONDS)] == [b"]d1TB00000"]


def test_an_unlisted_prefix_is_named_as_it_came() -> None:
    scan = read_code(b"]z3TB0000000004L")
    assert (scan.symbology, scan.text) == ("aim_z3", TUBE)


@pytest.mark.parametrize("raw", [b"]d1TB\x00\x1b[2J", b"]C0", b"TB\xff0000", "]C0TBé".encode()])
def test_control_characters_foreign_bytes_and_nothing_are_unreadable(raw: bytes) -> None:
    assert not read_code(raw).readable


def test_the_separator_of_gs1_fields_is_readable() -> None:
    assert read_code(b"]d20109501101530003\x1d211234").readable


@pytest.mark.parametrize("raw", [b"AT", b"ATE0", b"ATI", b"AT+GCAP", b"AT&F", b"ATE0V1", b"ATZ"])
def test_modem_talk_is_known(raw: bytes) -> None:
    assert is_modem_probe(raw)


@pytest.mark.parametrize("raw", [b"AT0001234567", b"ATLAS-17", b"]C0AT", b"TB0000000004L", b"at"])
def test_codes_that_begin_alike_are_no_modem_talk(raw: bytes) -> None:
    assert not is_modem_probe(raw)
