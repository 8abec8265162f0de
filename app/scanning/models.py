"""Tables of scanning: the journal of reads, how far each device has come, tasks and health."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, Index, Integer, LargeBinary, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model

MOMENT = DateTime(timezone=True)


class ScanRow(Model):
    """One read, as it was sent and as it was answered. Written first, answered once.

    What could not be understood is kept too; then the columns that need understanding are empty.
    """

    __tablename__ = "scan"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    device_seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    symbology: Mapped[str | None] = mapped_column(String(16))
    method: Mapped[str | None] = mapped_column(String(8))
    device_time: Mapped[datetime | None] = mapped_column(MOMENT)
    tz_minutes: Mapped[int] = mapped_column(Integer)
    offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    uncertainty_ms: Mapped[int] = mapped_column(BigInteger)
    queued: Mapped[bool] = mapped_column(Boolean)
    received_at: Mapped[datetime] = mapped_column(MOMENT)
    occurred_at: Mapped[datetime | None] = mapped_column(MOMENT)
    actor: Mapped[int | None] = mapped_column(BigInteger)
    uploaded_by: Mapped[int | None] = mapped_column(BigInteger)
    station: Mapped[str | None] = mapped_column(String(16))
    site: Mapped[str | None] = mapped_column(String(16))
    intent: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    verdict: Mapped[str | None] = mapped_column(String(8))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    entries: Mapped[int] = mapped_column(Integer)
    undone_by: Mapped[UUID | None]
    __table_args__ = (
        Index(
            "scan_parked_ix",
            "device_id",
            "device_seq",
            postgresql_where=text("verdict = 'parked'"),
        ),
        {"postgresql_with": {"fillfactor": "70"}},
    )


class ScanDeviceRow(Model):
    """A device whose reads are understood one after the other: how far, and what it remembers.

    `card` waits for its tube and `box` is the one in use, since the task opened at `task_at`.
    """

    __tablename__ = "scan_device"
    device_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    done_seq: Mapped[int] = mapped_column(BigInteger)
    task_at: Mapped[datetime | None] = mapped_column(MOMENT)
    card: Mapped[str | None] = mapped_column(String(16))
    box: Mapped[str | None] = mapped_column(String(64))


class StationTaskRow(Model):
    """What a station was at, from when until when, and who was at it."""

    __tablename__ = "station_task"
    station: Mapped[str] = mapped_column(String(16), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(MOMENT, primary_key=True)
    closed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    person: Mapped[int] = mapped_column(BigInteger)
    intent: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StationHealthRow(Model):
    """What a station last said of itself. `away`: that its program ends; `noted`: what its story
    says of each of its devices that is not well.
    """

    __tablename__ = "station_health"
    station: Mapped[str] = mapped_column(String(16), primary_key=True)
    heard_at: Mapped[datetime] = mapped_column(MOMENT)
    queue: Mapped[int] = mapped_column(BigInteger)
    oldest_at: Mapped[datetime | None] = mapped_column(MOMENT)
    conflicts: Mapped[int] = mapped_column(BigInteger)
    offset_ms: Mapped[int | None] = mapped_column(BigInteger)
    device_states: Mapped[dict[str, Any]] = mapped_column(JSONB)
    away: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    noted: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
    latencies: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"))
