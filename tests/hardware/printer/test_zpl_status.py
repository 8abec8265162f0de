"""Every answer a ZPL printer may give, whole, cut and wrong; the vectors are facts of the wire."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hardware.printer.zpl_status import (
    HostStatus,
    Identity,
    Query,
    Troubles,
    Unread,
    read_counter,
    read_host_status,
    read_identity,
    read_troubles,
    whole,
)

_FACTS = json.loads(
    (Path(__file__).parents[1] / "data" / "zpl_status.json").read_text(encoding="utf-8")
)
_QUERIES = {
    "hs": Query.HOST_STATUS,
    "hqes": Query.ERRORS,
    "hi": Query.IDENTITY,
    "sgd": Query.COUNTER,
}
_READERS: Mapping[str, Callable[[bytes], object]] = {
    "hs": read_host_status,
    "hqes": read_troubles,
    "hi": read_identity,
    "sgd": read_counter,
}
READY = bytes.fromhex(
    next(each["hex"] for each in _FACTS["vectors"] if each["id"] == "hs_ready").replace(" ", "")
)


@pytest.mark.parametrize("name", _QUERIES)
def test_questions_go_over_the_wire_as_the_guide_writes_them(name: str) -> None:
    assert _QUERIES[name].encode() == bytes.fromhex(_FACTS["queries"][name])


@pytest.mark.parametrize("vector", _FACTS["vectors"], ids=lambda vector: vector["id"])
def test_each_answer_is_read_as_it_is_meant(vector: dict[str, object]) -> None:
    expected = dict(vector["expect"])  # type: ignore[call-overload]
    kind = str(vector["id"]).partition("_")[0]
    read = _READERS[kind](bytes.fromhex(str(vector["hex"])))
    verdict = expected.pop("verdict")
    if isinstance(read, Unread):
        assert read.value == verdict
        assert expected.get("ready") in (None, False)
    elif isinstance(read, HostStatus):
        assert {**dataclasses.asdict(read), "ready": read.ready} == expected
    elif isinstance(read, Troubles):
        assert (list(read.errors), list(read.warnings)) == (
            expected["errors"],
            expected["warnings"],
        )
        assert expected["ready"] is not bool(read.errors)
    elif isinstance(read, Identity):
        assert {**dataclasses.asdict(read), "dpi": read.dpi} == expected
    else:
        assert read == expected["value"]


@pytest.mark.parametrize("length", range(len(READY)))
def test_a_status_cut_anywhere_is_unread_or_whole(length: int) -> None:
    read = read_host_status(READY[:length])
    if isinstance(read, HostStatus):  # only the line's end is missing
        assert length > READY.rindex(b"\x03")
    else:
        assert read is (Unread.INCOMPLETE if length else Unread.SILENT)


def test_an_answer_is_waited_for_as_far_as_it_is_read() -> None:
    ends = [length for length in range(len(READY) + 1) if whole(Query.HOST_STATUS, READY[:length])]
    assert ends[0] == READY.rindex(b"\x03") + 1
    assert whole(Query.COUNTER, b'"12"')
    assert not whole(Query.COUNTER, b'"12')
    assert not whole(Query.IDENTITY, b"\x02ZD")


@pytest.mark.parametrize(
    "noise", [bytes(range(256)) * 64, b"\x02" * 5000, b'"' + b"9" * 9000 + b'"']
)
def test_noise_is_never_an_answer(noise: bytes) -> None:
    assert isinstance(read_host_status(noise), Unread)
    assert isinstance(read_troubles(noise), Unread)
    assert isinstance(read_identity(noise), Unread)
    assert isinstance(read_counter(noise), Unread)


def test_a_number_without_end_is_no_number() -> None:
    endless = READY.replace(b"0152", b"1" * 9000)
    assert read_host_status(endless) is Unread.MALFORMED
    assert read_identity(b"\x02X,V1," + b"8" * 9000 + b",1KB\x03") is Unread.MALFORMED
