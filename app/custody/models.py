"""The tables of custody: the ledger that only grows, and what is recomputed from it.

`custody_event` is the ledger; `subject_state`, `expectation`, `gap`, `slot` and `manifest_line`
are a projection that `unbroken verify` recomputes. No triggers, no identity columns; unique keys
begin with the subject (data.md 11). Only `custody.store` touches these tables.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Model

MOMENT = DateTime(timezone=True)
SUBJECT_NUMBER = Sequence("subject_number", metadata=Base.metadata, cache=50)
CODE_NUMBERS = {
    namespace: Sequence(f"code_{namespace.lower()}_number", metadata=Base.metadata)
    for namespace in ("TB", "KT", "BX", "RK", "SF", "FZ", "PK", "PN")
}


class SubjectRow(Model):
    """Whatever has a chain. `participant` and `kit` are what genesis binds, for look-ups."""

    __tablename__ = "subject"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sort: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(64))
    namespace: Mapped[str] = mapped_column(String(32))
    origin: Mapped[str] = mapped_column(String(8))
    participant: Mapped[int | None] = mapped_column(BigInteger)
    kit: Mapped[int | None] = mapped_column(BigInteger)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    __table_args__ = (
        Index("subject_namespace_code_uq", "namespace", "code", unique=True),
        Index("subject_code_ix", "code"),
        Index("subject_participant_ix", "participant"),
        Index("subject_kit_ix", "kit"),
    )


class EventRow(Model):
    """One entry of the ledger. INSERT and SELECT only for the runtime role."""

    __tablename__ = "custody_event"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    command: Mapped[UUID]
    ordinal: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(32))
    source: Mapped[str | None] = mapped_column(String(80))
    target: Mapped[str | None] = mapped_column(String(80))
    evidence: Mapped[str | None] = mapped_column(String(16))
    actor: Mapped[int | None] = mapped_column(BigInteger)
    on_behalf_of: Mapped[int | None] = mapped_column(BigInteger)
    station: Mapped[str | None] = mapped_column(String(16))
    site: Mapped[str | None] = mapped_column(String(16))
    place: Mapped[int | None] = mapped_column(BigInteger)
    inside: Mapped[int | None] = mapped_column(BigInteger)
    position: Mapped[str | None] = mapped_column(String(16))
    order_id: Mapped[UUID | None]
    package: Mapped[int | None] = mapped_column(BigInteger)
    request: Mapped[UUID | None]
    occurred_at: Mapped[datetime] = mapped_column(MOMENT)
    recorded_at: Mapped[datetime] = mapped_column(MOMENT)
    tz_minutes: Mapped[int] = mapped_column(Integer)
    uncertainty_ms: Mapped[int] = mapped_column(BigInteger)
    device_id: Mapped[str] = mapped_column(String(64))
    device_time: Mapped[datetime | None] = mapped_column(MOMENT)
    device_seq: Mapped[int] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(8))
    corrects_command: Mapped[UUID | None]
    corrects_ordinal: Mapped[int | None] = mapped_column(Integer)
    sop_version: Mapped[str] = mapped_column(String(32))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    facts_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    __table_args__ = (
        Index("custody_event_command_ix", "command", "ordinal"),
        Index(
            "custody_event_inside_ix",
            "inside",
            "occurred_at",
            postgresql_where=text("inside IS NOT NULL"),
        ),
        Index(
            "custody_event_bound_ix",
            text("((facts->>'participant_subject')::bigint)"),
            postgresql_where=text("kind = 'BOUND'"),
        ),
        Index("custody_event_package_ix", "package", postgresql_where=text("package IS NOT NULL")),
        Index(
            "custody_event_corrects_ix",
            "corrects_command",
            "corrects_ordinal",
            postgresql_where=text("corrects_command IS NOT NULL"),
        ),
        Index(
            "custody_event_instead_ix",
            text("(facts #>> '{replacement,inside}')"),
            postgresql_where=text("corrects_command IS NOT NULL"),
        ),
        Index(
            "custody_event_came_in_ix",
            text("(facts #>> '{replacement,package}')"),
            postgresql_where=text("corrects_command IS NOT NULL"),
        ),
        Index("custody_event_recorded_at_ix", "recorded_at", postgresql_using="brin"),
    )


class StateRow(Model):
    """Where a subject stands now: one row, rewritten in the transaction of every entry.

    Holder and place are filled on the outermost only and resolved down. `location` is the
    container (`within`) or the place; `claim_*` order reports on one position as they happened.
    """

    __tablename__ = "subject_state"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rank: Mapped[int] = mapped_column(Integer)
    seq: Mapped[int] = mapped_column(Integer)
    head: Mapped[bytes] = mapped_column(LargeBinary)
    phase: Mapped[str] = mapped_column(String(16))
    spin: Mapped[str] = mapped_column(String(16))
    holder: Mapped[str | None] = mapped_column(String(80))
    site: Mapped[str | None] = mapped_column(String(16))
    location: Mapped[int | None] = mapped_column(BigInteger)
    within: Mapped[bool] = mapped_column(Boolean)
    position: Mapped[str | None] = mapped_column(String(16))
    entered_at: Mapped[datetime | None] = mapped_column(MOMENT)
    entered_by: Mapped[str | None] = mapped_column(String(48))
    claim: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    alias_of: Mapped[int | None] = mapped_column(BigInteger)
    last_seen: Mapped[str | None] = mapped_column(String(48))
    last_seen_at: Mapped[datetime | None] = mapped_column(MOMENT)
    event_time: Mapped[datetime | None] = mapped_column(MOMENT)
    __table_args__ = (
        Index("subject_state_location_position_ix", "location", "position"),
        Index(
            "subject_state_alias_of_ix", "alias_of", postgresql_where=text("alias_of IS NOT NULL")
        ),
        {"postgresql_with": {"fillfactor": "85"}},
    )


class ExpectationRow(Model):
    """A wake-up: at `due_at` a rule may begin to speak about this subject."""

    __tablename__ = "expectation"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(8), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(MOMENT)
    __table_args__ = (
        Index("expectation_due_at_ix", "due_at"),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class GapRow(Model):
    """What a rule objects to. Open while it objects; kept, closed, once it had been raised."""

    __tablename__ = "gap"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(8), primary_key=True)
    entry: Mapped[str] = mapped_column(String(48), primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    settles_at: Mapped[datetime] = mapped_column(MOMENT)
    cause: Mapped[str] = mapped_column(String(48))
    cause_subject: Mapped[int] = mapped_column(BigInteger)
    site: Mapped[str | None] = mapped_column(String(16))
    priority: Mapped[str] = mapped_column(String(8))
    silent_until: Mapped[datetime | None] = mapped_column(MOMENT)
    explained: Mapped[str | None] = mapped_column(String(48))
    raised_at: Mapped[datetime | None] = mapped_column(MOMENT)
    vanished: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    cured_at: Mapped[datetime | None] = mapped_column(MOMENT)
    __table_args__ = (
        Index("gap_settles_at_ix", "settles_at", postgresql_where=text("raised_at IS NULL")),
        Index("gap_cause_ix", "cause"),
    )


class SlotRow(Model):
    """Who occupies one position: the first live claim. `disputed` when there are others."""

    __tablename__ = "slot"
    location: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    position: Mapped[str] = mapped_column(String(16), primary_key=True)
    occupant: Mapped[int | None] = mapped_column(BigInteger)
    disputed: Mapped[bool] = mapped_column(Boolean)


class ManifestLineRow(Model):
    """A tube on a frozen manifest: from the tube to the packages that listed it."""

    __tablename__ = "manifest_line"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    package: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    __table_args__ = (Index("manifest_line_package_ix", "package"),)


class RecheckRow(Model):
    """A subject whose projection must be computed again after this commit."""

    __tablename__ = "recheck"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wanted_at: Mapped[datetime] = mapped_column(MOMENT)


class SweepRow(Model):
    """When the last sweep looked: `now` for every recomputation (one row)."""

    __tablename__ = "sweep"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    swept_at: Mapped[datetime] = mapped_column(MOMENT)
