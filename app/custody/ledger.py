"""What is written down: subjects, entries, and who is who in them. Plain values, nothing else.

The law is in `docs/architecture.md` and the design ledger: an entry is one line about one subject,
appended and never changed; where it sits inside something else is resolved when it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]
Facts = Mapping[str, Json]

NOBODY = "nobody"
UNKNOWN = "unknown"


class Sort(StrEnum):
    """What sort of thing a subject is."""

    TUBE = "tube"
    BOX = "box"
    RACK = "rack"
    PACKAGE = "package"
    KIT = "kit"
    PARTICIPANT = "participant"
    PLACE = "place"
    STATION = "station"


CONTAINERS = frozenset({Sort.BOX, Sort.RACK, Sort.PACKAGE})
SPECIMEN_PATH = frozenset({Sort.TUBE, Sort.BOX, Sort.RACK, Sort.PACKAGE})


class Origin(StrEnum):
    """Where a subject's code comes from."""

    MINTED = "minted"
    FOREIGN = "foreign"
    FOUND = "found"


class Kind(StrEnum):
    """What an entry says happened. Past participles; vocabulary of custody.md 1.3."""

    REGISTERED = "REGISTERED"
    BOUND = "BOUND"
    TUBE_COMMISSIONED = "TUBE_COMMISSIONED"
    IDENTITY_CONFIRMED = "IDENTITY_CONFIRMED"
    CONSENT_RECORDED = "CONSENT_RECORDED"
    WITHDRAWAL_SET = "WITHDRAWAL_SET"
    ORDER_PLACED = "ORDER_PLACED"
    ORDER_DONE = "ORDER_DONE"
    COLLECTED = "COLLECTED"
    COLLECTION_FAILED = "COLLECTION_FAILED"
    SPIN_STARTED = "SPIN_STARTED"
    SPIN_ENDED = "SPIN_ENDED"
    PACKED = "PACKED"
    UNPACKED = "UNPACKED"
    SEALED = "SEALED"
    STAGED = "STAGED"
    RELEASED = "RELEASED"
    CARRIER_SCAN = "CARRIER_SCAN"
    DELIVERED = "DELIVERED"
    RECEIVED = "RECEIVED"
    PACKAGE_CLOSED_OUT = "PACKAGE_CLOSED_OUT"
    CHECKED_IN = "CHECKED_IN"
    CONDITION_NOTED = "CONDITION_NOTED"
    QUARANTINED = "QUARANTINED"
    RELEASED_FROM_QUARANTINE = "RELEASED_FROM_QUARANTINE"
    STORED = "STORED"
    MOVED = "MOVED"
    CHECKED_OUT = "CHECKED_OUT"
    RETURNED = "RETURNED"
    INVENTORIED = "INVENTORIED"
    TEMPERATURE = "TEMPERATURE"
    DISTRIBUTED = "DISTRIBUTED"
    CONSUMED = "CONSUMED"
    DESTRUCTION_AUTHORISED = "DESTRUCTION_AUTHORISED"
    DESTROYED = "DESTROYED"
    LOST_DECLARED = "LOST_DECLARED"
    FOUND = "FOUND"
    READ = "READ"
    LABEL_PRINTED = "LABEL_PRINTED"
    LABEL_VOIDED = "LABEL_VOIDED"
    EXPLAINED = "EXPLAINED"
    RAISED = "RAISED"
    CURED = "CURED"
    CORRECTION = "CORRECTION"
    UNDO = "UNDO"
    ERASED = "ERASED"
    IDENTIFIED = "IDENTIFIED"
    DEVICE_STATE = "DEVICE_STATE"
    QUEUE_STATE = "QUEUE_STATE"


# Invisible to every rule and to the step tables, except to a rule that names them.
BOOKKEEPING = frozenset(
    {
        Kind.REGISTERED,
        Kind.BOUND,
        Kind.TUBE_COMMISSIONED,
        Kind.READ,
        Kind.LABEL_PRINTED,
        Kind.LABEL_VOIDED,
        Kind.EXPLAINED,
        Kind.RAISED,
        Kind.CURED,
        Kind.CORRECTION,
        Kind.UNDO,
        Kind.ERASED,
        Kind.IDENTIFIED,
        Kind.DEVICE_STATE,
        Kind.QUEUE_STATE,
    }
)
# Written by people or devices looking at the thing itself.
LOOKS = frozenset(Kind) - BOOKKEEPING | {Kind.READ}
CORRECTIONS = frozenset({Kind.CORRECTION, Kind.UNDO})
LEGS = frozenset({Kind.RELEASED, Kind.DELIVERED, Kind.RECEIVED})  # of a package's way
TERMINAL = frozenset({Kind.DISTRIBUTED, Kind.CONSUMED, Kind.DESTROYED})


class Mode(StrEnum):
    """How an entry came about."""

    SCAN = "scan"
    MANUAL = "manual"
    OFFLINE = "offline"
    IMPORT = "import"
    SYSTEM = "system"


class Evidence(StrEnum):
    """What shows that the source named was the source."""

    BADGE = "badge"
    SIGNATURE = "signature"
    CARRIER_LABEL = "carrier_label"
    STATED = "stated"
    NONE = "none"


class EntryId(NamedTuple):
    """Identity of an entry: the command that made it, and its place among that command's entries.

    Minted by whoever starts the action, so saying it twice is saying it once.
    """

    command: UUID
    ordinal: int

    def __str__(self) -> str:
        return f"{self.command}/{self.ordinal}"


def parse_entry_id(text: str) -> EntryId:
    """`command/ordinal` as an id; raises ValueError when it is not one."""
    command, _, ordinal = text.partition("/")
    return EntryId(UUID(command), int(ordinal))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whatever has a chain of entries. `facts` is what its genesis binds for ever."""

    id: int
    sort: Sort
    code: str
    namespace: str
    origin: Origin = Origin.MINTED
    participant: int | None = None
    kit: int | None = None
    facts: Facts = field(default_factory=dict)


_NO_FACTS: Facts = {}


class Entry(NamedTuple):
    """One line of one subject's chain.

    Times are aware and in UTC; `tz_minutes` is the local offset at the site. `occurred_at` is the
    corrected time it happened, `uncertainty_ms` how far that may be off, `device_time` the raw
    clock of the device, `recorded_at` when the server wrote it. Parties are text (`parties.py`).
    `inside`, `place`, `package`, `kit` are subject ids. `actor` is a person's id, never a name.
    """

    subject: int
    entry_id: EntryId
    kind: Kind
    occurred_at: datetime
    recorded_at: datetime
    seq: int = 0
    source: str | None = None
    target: str | None = None
    evidence: Evidence | None = None
    actor: int | None = None
    on_behalf_of: int | None = None
    station: str | None = None
    site: str | None = None
    place: int | None = None
    inside: int | None = None
    position: str | None = None
    order: UUID | None = None
    package: int | None = None
    request: UUID | None = None
    tz_minutes: int = 0
    uncertainty_ms: int = 0
    device_id: str = ""
    device_time: datetime | None = None
    device_seq: int = 0
    mode: Mode = Mode.SCAN
    corrects: EntryId | None = None
    sop_version: str = ""
    facts: Facts = _NO_FACTS

    @property
    def online(self) -> bool:
        """Made while the server was listening."""
        return self.mode is not Mode.OFFLINE

    @property
    def uncertainty(self) -> timedelta:
        return timedelta(milliseconds=self.uncertainty_ms)


EventKey = tuple[datetime, str, int, EntryId]


def event_key(entry: Entry) -> EventKey:
    """The order in which things happened, as far as the clocks can tell."""
    return (entry.occurred_at, entry.device_id, entry.device_seq, entry.entry_id)
