"""Reads what a ZPL printer answers: host status, errors, identity and label counter.

After Zebra's ZPL II programming guide (~HS, ~HQES, ~HI) and its SGD commands. Whatever is not
exactly understood is unread, and unread is never ready.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

STX, ETX = b"\x02", b"\x03"
_LINES = re.compile(rb"\x02([^\x02\x03]*)\x03", re.DOTALL)
_FIELDS: Final = (12, 11)  # how many the first two lines of a host status have at least
_LINES_OF_STATUS: Final = 3
_DIGITS: Final = 12  # no field of the guide has more
_GROUPS = re.compile(
    rb"ERRORS:\s+([01]) ([0-9A-F]{8}) ([0-9A-F]{8})\s+"
    rb"WARNINGS:\s+([01]) ([0-9A-F]{8}) ([0-9A-F]{8})"
)
_VALUE = re.compile(rb'"([^"]*)"')
_DPI: Final = {6: 150, 8: 203, 12: 300, 24: 600}  # dots per mm, and the name they are sold under

_ERRORS: Final = {
    0x001: "media_out",
    0x002: "ribbon_out",
    0x004: "head_open",
    0x008: "cutter",
    0x010: "head_hot",
    0x020: "motor_hot",
    0x040: "bad_element",
    0x080: "head_detection",
    0x100: "firmware_config",
    0x200: "thermistor",
}
_WARNINGS: Final = {0x1: "calibrate", 0x2: "clean_head", 0x4: "replace_head"}
UNKNOWN: Final = "unknown"


class Query(StrEnum):
    """What a ZPL printer is asked; the values are what goes over the wire."""

    HOST_STATUS = "~HS"
    ERRORS = "~HQES"
    IDENTITY = "~HI"
    COUNTER = '! U1 getvar "odometer.user_label_count"\r\n'


class Unread(StrEnum):
    """An answer that says nothing."""

    SILENT = "silent"
    INCOMPLETE = "incomplete"
    MALFORMED = "malformed"
    UNSUPPORTED = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostStatus:
    """A whole answer to ~HS."""

    paper_out: bool
    pause: bool
    label_dots: int
    formats_in_buffer: int
    buffer_full: bool
    diagnostics: bool
    partial_format: bool
    ram_lost: bool
    under_temperature: bool
    over_temperature: bool
    head_open: bool
    ribbon_out: bool
    thermal_transfer: bool
    print_mode: int
    label_waiting: bool
    labels_remaining: int

    @property
    def faults(self) -> tuple[str, ...]:
        """What keeps it from printing, by name."""
        return tuple(name for name in _FAULTS if getattr(self, name))

    @property
    def ready(self) -> bool:
        """Nothing is in its way."""
        return not self.faults

    @property
    def idle(self) -> bool:
        """Ready, and nothing waits to be printed."""
        return self.ready and self.formats_in_buffer == 0 and self.labels_remaining == 0


_FAULTS: Final = (
    "paper_out",
    "ribbon_out",
    "head_open",
    "pause",
    "buffer_full",
    "diagnostics",
    "partial_format",
    "ram_lost",
    "under_temperature",
    "over_temperature",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """A whole answer to ~HQES. A bit nobody knows is an error called `unknown`."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A whole answer to ~HI; `dpmm` are the dots per mm of the head that is really there."""

    model: str
    firmware: str
    dpmm: int
    memory: str

    @property
    def dpi(self) -> int:
        """The resolution by the name it is sold under."""
        return _DPI[self.dpmm]


class _NotAsWritten(ValueError):
    """A field holds what the guide does not allow there."""


def read_host_status(raw: bytes) -> HostStatus | Unread:
    """An answer to ~HS: three lines between STX and ETX, whatever lies between them."""
    if not raw:
        return Unread.SILENT
    lines = _LINES.findall(raw)
    if len(lines) < _LINES_OF_STATUS:
        return Unread.INCOMPLETE
    first, second = lines[0].split(b","), lines[1].split(b",")
    if len(first) < _FIELDS[0] or len(second) < _FIELDS[1]:
        return Unread.MALFORMED
    try:
        return HostStatus(
            paper_out=_flag(first[1]),
            pause=_flag(first[2]),
            label_dots=_number(first[3]),
            formats_in_buffer=_number(first[4]),
            buffer_full=_flag(first[5]),
            diagnostics=_flag(first[6]),
            partial_format=_flag(first[7]),
            ram_lost=_flag(first[9]),
            under_temperature=_flag(first[10]),
            over_temperature=_flag(first[11]),
            head_open=_flag(second[2]),
            ribbon_out=_flag(second[3]),
            thermal_transfer=_flag(second[4]),
            print_mode=_number(second[5]),
            label_waiting=_flag(second[7]),
            labels_remaining=_number(second[8]),
        )
    except _NotAsWritten:
        return Unread.MALFORMED


def read_troubles(raw: bytes) -> Troubles | Unread:
    """An answer to ~HQES."""
    if not raw:
        return Unread.SILENT
    if ETX not in raw:
        return Unread.INCOMPLETE
    found = _GROUPS.search(raw)
    if found is None:
        return Unread.MALFORMED
    said, high, low, warned, warned_high, warned_low = found.groups()
    return Troubles(
        errors=_names(said == b"1", high + low, _ERRORS),
        warnings=_names(warned == b"1", warned_high + warned_low, _WARNINGS),
    )


def read_identity(raw: bytes) -> Identity | Unread:
    """An answer to ~HI."""
    if not raw:
        return Unread.SILENT
    lines = _LINES.findall(raw)
    if not lines:
        return Unread.INCOMPLETE
    parts = lines[0].decode("ascii", "replace").split(",")
    dpmm = {str(dots): dots for dots in _DPI}.get(parts[2]) if len(parts) >= 4 else None
    if dpmm is None:
        return Unread.MALFORMED
    return Identity(model=parts[0], firmware=parts[1], dpmm=dpmm, memory=parts[3])


def read_counter(raw: bytes) -> int | Unread:
    """An answer to the question for the label counter: labels printed since it was last set."""
    if not raw:
        return Unread.SILENT
    found = _VALUE.search(raw)
    if found is None:
        return Unread.INCOMPLETE
    if found.group(1) == b"?":
        return Unread.UNSUPPORTED
    try:
        return _number(found.group(1))
    except _NotAsWritten:
        return Unread.MALFORMED


def whole(query: Query, raw: bytes) -> bool:
    """Whether an answer has arrived as far as it will be read."""
    if query is Query.COUNTER:
        return _VALUE.search(raw) is not None
    return raw.count(ETX) >= (_LINES_OF_STATUS if query is Query.HOST_STATUS else 1)


def _flag(field: bytes) -> bool:
    if field not in (b"0", b"1"):
        raise _NotAsWritten
    return field == b"1"


def _number(field: bytes) -> int:
    if not field.isdigit() or len(field) > _DIGITS:
        raise _NotAsWritten
    return int(field)


def _names(said: bool, digits: bytes, known: dict[int, str]) -> tuple[str, ...]:
    bits = int(digits, 16)
    names = [name for bit, name in known.items() if bits & bit]
    if bits & ~sum(known) or (said and not bits):
        names.append(UNKNOWN)
    return tuple(names)
