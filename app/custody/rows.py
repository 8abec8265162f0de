"""Rows of the ledger as entries and back; the columns in their one order."""

from datetime import datetime
from typing import cast
from uuid import UUID

from psycopg.types.json import Jsonb

from app.custody.chain import encode, facts_hash, link
from app.custody.history import Claim
from app.custody.ledger import (
    Entry,
    EntryId,
    Evidence,
    Facts,
    Json,
    Kind,
    Mode,
    Origin,
    Sort,
    Subject,
    parse_entry_id,
)
from app.kernel.sql import Row

EVENT_COLUMNS = (
    "subject_id, seq, command, ordinal, kind, source, target, evidence, actor, on_behalf_of,"
    " station, site, place, inside, position, order_id, package, request, occurred_at, recorded_at,"
    " tz_minutes, uncertainty_ms, device_id, device_time, device_seq, mode, corrects_command,"
    " corrects_ordinal, sop_version, facts"
)
SUBJECT_COLUMNS = "id, sort, code, namespace, origin, participant, kit, facts"
_KINDS = {str(kind): kind for kind in Kind}
_MODES = {str(mode): mode for mode in Mode}
_EVIDENCE = {str(evidence): evidence for evidence in Evidence}


def entry_of(row: Row) -> Entry:
    """The entry a row of EVENT_COLUMNS holds."""
    # One unpacking instead of thirty look-ups: this is the hot path of every scan.
    (subject, seq, command, ordinal, kind, source, target, evidence, actor, behalf, station, site,
     place, inside, position, order, package, request, occurred, recorded, tz, uncertainty,
     device, device_time, device_seq, mode, corrects, corrects_ordinal, sop, facts) = cast(
        tuple[  # the column types of custody_event
            int, int, UUID, int, str, str | None, str | None, str | None, int | None, int | None,
            str | None, str | None, int | None, int | None, str | None, UUID | None, int | None,
            UUID | None, datetime, datetime, int, int, str, datetime | None, int, str,
            UUID | None, int | None, str, dict[str, Json],
        ],
        row,
    )  # fmt: skip
    return Entry(
        subject=subject,
        entry_id=EntryId(command, ordinal),
        kind=_KINDS[kind],
        occurred_at=occurred,
        recorded_at=recorded,
        seq=seq,
        source=source,
        target=target,
        evidence=None if evidence is None else _EVIDENCE[evidence],
        actor=actor,
        on_behalf_of=behalf,
        station=station,
        site=site,
        place=place,
        inside=inside,
        position=position,
        order=order,
        package=package,
        request=request,
        tz_minutes=tz,
        uncertainty_ms=uncertainty,
        device_id=device,
        device_time=device_time,
        device_seq=device_seq,
        mode=_MODES[mode],
        corrects=None if corrects is None else EntryId(corrects, corrects_ordinal or 0),
        sop_version=sop,
        facts=facts,
    )


def row_of(entry: Entry, *, previous: bytes) -> tuple[tuple[object, ...], bytes]:
    """The row to insert, linked to the hash before it, and its own hash."""
    digest = facts_hash(entry.facts)
    own = link(previous, encode(entry, facts_digest=digest))
    corrects = entry.corrects
    row = (
        entry.subject,
        entry.seq,
        entry.entry_id.command,
        entry.entry_id.ordinal,
        entry.kind,
        entry.source,
        entry.target,
        entry.evidence,
        entry.actor,
        entry.on_behalf_of,
        entry.station,
        entry.site,
        entry.place,
        entry.inside,
        entry.position,
        entry.order,
        entry.package,
        entry.request,
        entry.occurred_at,
        entry.recorded_at,
        entry.tz_minutes,
        entry.uncertainty_ms,
        entry.device_id,
        entry.device_time,
        entry.device_seq,
        entry.mode,
        None if corrects is None else corrects.command,
        None if corrects is None else corrects.ordinal,
        entry.sop_version,
        Jsonb(dict(entry.facts)),
        digest,
        own,
    )
    return row, own


def subject_of_row(row: Row) -> Subject:
    """The subject a row of SUBJECT_COLUMNS holds."""
    id_, sort, code, namespace, origin, participant, kit, facts = row
    return Subject(
        id=cast(int, id_),
        sort=Sort(cast(str, sort)),
        code=cast(str, code),
        namespace=cast(str, namespace),
        origin=Origin(cast(str, origin)),
        participant=cast("int | None", participant),
        kit=cast("int | None", kit),
        facts=cast(Facts, facts),
    )


def claim_as_json(claim: Claim) -> dict[str, Json]:
    """A claim as it is kept in the state row."""
    (at, device, sequence, entry_id), turn = claim.order
    return {
        "order": [at.isoformat(), device, sequence, str(entry_id), turn],
        "entry": str(claim.entry_id),
        "confirmed": None if claim.confirmed is None else claim.confirmed.isoformat(),
    }


def claim_of(subject: int, location: int, position: str, kept: dict[str, Json]) -> Claim:
    """The claim a state row keeps."""
    at, device, sequence, entry_id, turn = cast(tuple[str, str, int, str, int], kept["order"])
    confirmed = kept["confirmed"]
    return Claim(
        location,
        position,
        ((datetime.fromisoformat(at), device, sequence, parse_entry_id(entry_id)), turn),
        subject,
        parse_entry_id(cast(str, kept["entry"])),
        datetime.fromisoformat(confirmed) if isinstance(confirmed, str) else None,
    )
