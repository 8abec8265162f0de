"""What a capability hands to custody: an entry as the world said it, before it is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from app.custody.ledger import EntryId, Evidence, Facts, Json, Kind, Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How it came to be known: the device, its clock, the person, the place it was said at.

    One for every entry of a command. `occurred_at` is the corrected time; `actor` None means
    unattributed. The same `command` said twice is said once.
    """

    command: UUID
    occurred_at: datetime
    site: str | None = None
    station: str | None = None
    actor: int | None = None
    on_behalf_of: int | None = None
    mode: Mode = Mode.MANUAL
    tz_minutes: int = 0
    uncertainty_ms: int = 0
    device_id: str = ""
    device_seq: int = 0
    device_time: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One entry to be written. `source` is what was seen, never what the ledger would expect."""

    subject: int
    kind: Kind
    reading: Reading
    ordinal: int = 0
    source: str | None = None
    target: str | None = None
    evidence: Evidence | None = None
    place: int | None = None
    inside: int | None = None
    position: str | None = None
    order: UUID | None = None
    package: int | None = None
    request: UUID | None = None
    corrects: EntryId | None = None
    facts: Facts = field(default_factory=dict)

    @property
    def entry_id(self) -> EntryId:
        return EntryId(self.reading.command, self.ordinal)

    def numbered(self, ordinal: int) -> "Draft":
        """The same draft as another of its command's entries."""
        return replace(self, ordinal=ordinal)


def with_facts(draft: Draft, more: Mapping[str, Json]) -> Draft:
    """The draft with further facts."""
    return replace(draft, facts={**draft.facts, **more})
