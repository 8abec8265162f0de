"""The chain that makes tampering visible: how an entry becomes bytes, and bytes a hash.

Format 1, described for strangers in `docs/ledger-format.md`. Every field is in it, each with its
length or its fixed width, so no two entries share an encoding; facts are in it through their hash.
"""

import hashlib
import struct
from datetime import UTC, datetime, timedelta
from uuid import UUID

import rfc8785

from app.custody.ledger import Entry, EntryId, Facts

FORMAT = 1
GENESIS = bytes(32)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_HEAD = struct.Struct(">BqQ16sI")
_TIMES = struct.Struct(">qqhI")
_NUMBER = struct.Struct(">q")
_LENGTH = struct.Struct(">I")
_ABSENT = b"\xff\xff\xff\xff"


class NotCanonical(ValueError):
    """Facts that RFC 8785 cannot write down, so that no hash could be stable."""


def facts_hash(facts: Facts) -> bytes:
    """SHA-256 over the canonical JSON (RFC 8785) of the facts; raises NotCanonical."""
    if not facts:
        return _NO_FACTS
    try:
        return hashlib.sha256(rfc8785.dumps(dict(facts))).digest()
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError) as error:
        raise NotCanonical(str(error)) from error


_NO_FACTS = hashlib.sha256(b"{}").digest()


def encode(entry: Entry, *, facts_digest: bytes) -> bytes:
    """The entry as bytes: head, times, then every optional field in a fixed order."""
    return b"".join(
        (
            _HEAD.pack(
                FORMAT,
                entry.subject,
                entry.seq,
                entry.entry_id.command.bytes,
                entry.entry_id.ordinal,
            ),
            _TIMES.pack(
                _microseconds(entry.occurred_at),
                _microseconds(entry.recorded_at),
                entry.tz_minutes,
                entry.uncertainty_ms,
            ),
            _text(entry.kind),
            _text(entry.source),
            _text(entry.target),
            _text(entry.evidence),
            _number(entry.actor),
            _number(entry.on_behalf_of),
            _text(entry.station),
            _text(entry.site),
            _number(entry.place),
            _number(entry.inside),
            _text(entry.position),
            _uuid(entry.order),
            _number(entry.package),
            _uuid(entry.request),
            _text(entry.device_id),
            _number(None if entry.device_time is None else _microseconds(entry.device_time)),
            _number(entry.device_seq),
            _text(entry.mode),
            _entry_id(entry.corrects),
            _text(entry.sop_version),
            facts_digest,
        )
    )


def link(previous: bytes, encoded: bytes) -> bytes:
    """The hash of one row: SHA-256 over the hash before it and the encoded entry."""
    return hashlib.sha256(previous + encoded).digest()


def effective_hash(entry: Entry) -> bytes:
    """The hash of what an entry says now; an explanation is tied to it and sleeps if it changes.

    Its place in the chain is left out: that follows from the order of arrival, and says nothing.
    """
    said = entry._replace(seq=0)
    return hashlib.sha256(encode(said, facts_digest=facts_hash(entry.facts))).digest()


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _text(value: str | None) -> bytes:
    if value is None:
        return _ABSENT
    raw = value.encode()
    return _LENGTH.pack(len(raw)) + raw


def _number(value: int | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + _NUMBER.pack(value)


def _uuid(value: UUID | None) -> bytes:
    return b"\x00" if value is None else b"\x01" + value.bytes


def _entry_id(value: EntryId | None) -> bytes:
    if value is None:
        return b"\x00"
    return b"\x01" + value.command.bytes + _NUMBER.pack(value.ordinal)
