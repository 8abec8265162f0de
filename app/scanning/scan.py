"""A scan as it came in, what it was read as, and what is answered. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.custody.drafts import Reading
from app.custody.ledger import EntryId, Facts, Json, Mode, Subject

# Older than this by the corrected device clock, nobody can be stopped any more.
LATE = timedelta(seconds=60)
# A clock that was never compared: nobody promises that it is right to the minute.
UNMEASURED_MS = 60_000
AHEAD = timedelta(minutes=5)
TYPED, AGENT = "typed", "agent"
METHODS = ("scan", TYPED, AGENT, "import")
RAW_MOST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What a read is: its text as it is stored, the namespace, and the word of a command card."""

    text: str
    namespace: str
    kind: str
    command: str | None = None
    foreign: bool = False


class Verdict(StrEnum):
    """What the one who scanned is told."""

    ACCEPTED = "accepted"
    LOOK = "look"
    STOP = "stop"
    REFUSED = "refused"
    PARKED = "parked"


class Say(StrEnum):
    """What is said about a scan; the words are in `words.py`."""

    RECORDED = "recorded"
    ALREADY = "already"
    FOUND_GAP = "found_gap"
    NOT_OURS = "not_ours"
    CHECK_CHARACTER = "check_character"
    DOUBLED = "doubled"
    TOO_LONG = "too_long"
    DOES_NOT_FIT = "does_not_fit"
    NEVER_ISSUED = "never_issued"
    UNKNOWN = "unknown"
    ANOTHER_SITE = "another_site"
    UNATTRIBUTED = "unattributed"
    NO_SITE = "no_site"
    NO_USE = "no_use"
    CARD = "card"
    CARD_NO_USE = "card_no_use"
    CARD_WAITS = "card_waits"
    TEST_CODE = "test_code"
    CONTEXT_MISSING = "context_missing"
    WRONG_PARTICIPANT = "wrong_participant"
    WRONG_KIT = "wrong_kit"
    WITHDRAWN = "withdrawn"
    NO_CONSENT = "no_consent"
    HOLD = "hold"
    NEW_CODE = "new_code"
    BOX_CLOSED = "box_closed"
    RECEIPT_CLOSED = "receipt_closed"
    RESERVED = "reserved"
    UNDONE = "undone"
    NOTHING_TO_UNDO = "nothing_to_undo"
    PRINTING = "printing"
    BEING_PRINTED = "being_printed"
    CONFLICT = "conflict"
    PARKED = "parked"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What the one who scanned meant to do, and with what. Codes and parties are text."""

    step: str
    order: UUID | None = None
    kit: str | None = None
    box: str | None = None
    package: str | None = None
    rack: str | None = None
    position: str | None = None
    place: str | None = None
    source: str | None = None
    evidence: str | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """One read as a device tells it: what was read, by which clock, and what for."""

    id: UUID
    raw: str
    method: str
    device_id: str
    device_seq: int
    device_time: datetime
    symbology: str | None = None
    offset_ms: int | None = None
    uncertainty_ms: int = 0
    queued: bool = False
    capture: str | None = None
    intent: Intent | None = None

    @property
    def occurred_at(self) -> datetime:
        """The device's own time, corrected by what its clock was last found to be off."""
        return self.device_time.astimezone(UTC) + timedelta(milliseconds=self.offset_ms or 0)

    @property
    def uncertainty(self) -> int:
        """How far `occurred_at` may be off, in milliseconds."""
        if self.offset_ms is None:
            return max(self.uncertainty_ms, UNMEASURED_MS)
        return self.uncertainty_ms

    def late(self, now: datetime) -> bool:
        """Whether it is too late to stop anybody, whatever the device says of itself."""
        return self.queued or now - self.occurred_at > LATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One part of a scan that cannot be used, and why (a source of the catalogue)."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One item of a request: which scan it says it is, and the scan, where it could be read.

    `made_by` is the person the scan belongs to; `unknown` says that a token named nobody.
    """

    id: UUID
    device_id: str
    device_seq: int
    body_hash: bytes
    raw: bytes
    scan: Scan | None
    faults: tuple[Fault, ...] = ()
    made_by: int | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is told about one scan; `saying` and `values` become words in the caller's language.

    `findings` are the rules that object, the first to speak first; `meant` is what was done
    with a read of a station's own scanner; with its own reads a page says so itself.
    """

    id: UUID
    verdict: Verdict
    saying: str
    values: Mapping[str, Json] = field(default_factory=dict)
    rule: str | None = None
    subject: str | None = None
    kind: str | None = None
    entries: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    seen_at: datetime | None = None
    facts: Facts = field(default_factory=dict)
    meant: Mapping[str, Json] = field(default_factory=dict)
    replayed: bool = False
    conflict: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """One scan, understood: what it was of, what for, and how it came to be known."""

    scan: Scan
    intent: Intent
    reading: Reading
    site: str
    late: bool
    read: Read
    subject: Subject | None = None
    context: Mapping[str, Subject] = field(default_factory=dict)
    found: bool = False
    note: Say | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a deed: what was written, which rules object to that, what is told beside.

    Without a verdict of its own it is accepted, or a look where a rule objects.
    """

    entries: tuple[EntryId, ...] = ()
    findings: tuple[str, ...] = ()
    verdict: Verdict | None = None
    say: Say | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    subject: Subject | None = None
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Why somebody must not do what they are about to do."""

    say: Say
    values: Mapping[str, Json] = field(default_factory=dict)


def reading_of(
    scan: Scan, *, site: str | None, station: str | None, actor: int | None, now: datetime
) -> Reading:
    """How what this scan says came to be known; its entries are the scan's own."""
    offset = scan.device_time.utcoffset() or timedelta()
    return Reading(
        command=scan.id,
        occurred_at=scan.occurred_at,
        site=site,
        station=station,
        actor=actor,
        mode=mode_of(scan, now),
        tz_minutes=offset // timedelta(minutes=1),
        uncertainty_ms=scan.uncertainty,
        device_id=scan.device_id,
        device_seq=scan.device_seq,
        device_time=scan.device_time.astimezone(UTC),
    )


def mode_of(scan: Scan, now: datetime) -> Mode:
    """Offline when it waited for a server; else as it was made."""
    if scan.queued:
        return Mode.OFFLINE
    # A code that was typed carries the time of a device, which is never refused; only a time that
    # was typed is, and the ledger takes a manual entry from ahead of its clock for one.
    typed = scan.method == TYPED and scan.occurred_at <= now + AHEAD
    return Mode.MANUAL if typed else Mode.SCAN
