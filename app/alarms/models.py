"""Tables of alarms, and of the watcher that opens them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Sequence, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Model

MOMENT = DateTime(timezone=True)
alarm_number = Sequence("alarm_number", metadata=Base.metadata)

NOWHERE = ""  # the site of a cause that belongs to none; NULLs would not be unique


class Alarm(Model):
    """One cause. What follows from its lines is kept beside them for the lists.

    `site` is where it was first objected to; its lines may be of others.
    """

    __tablename__ = "alarm"

    id: Mapped[int] = mapped_column(BigInteger, alarm_number, primary_key=True)
    cause: Mapped[str] = mapped_column(String(48))
    site: Mapped[str] = mapped_column(String(16))
    subject: Mapped[int] = mapped_column(BigInteger)
    rule: Mapped[str] = mapped_column(String(8))
    priority: Mapped[str] = mapped_column(String(2))
    # Roles, or what somebody was in the deed: whose it is while no person has it.
    owners: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(MOMENT)
    opened_at: Mapped[datetime] = mapped_column(MOMENT)
    assignee: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_at: Mapped[datetime | None] = mapped_column(MOMENT)
    silent_until: Mapped[datetime | None] = mapped_column(MOMENT)
    closed_at: Mapped[datetime | None] = mapped_column(MOMENT)
    how: Mapped[str | None] = mapped_column(String(32))
    __table_args__ = (
        Index("alarm_cause_uq", "cause", unique=True),
        Index("alarm_site_state_ix", "site", "state"),
        Index(
            "alarm_silent_until_ix",
            "silent_until",
            postgresql_where=text("silent_until IS NOT NULL"),
        ),
    )


class AlarmLine(Model):
    """A gap that goes back to the alarm's cause; a gap is a line of one alarm, once."""

    __tablename__ = "alarm_line"

    subject: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    rule: Mapped[str] = mapped_column(String(8), primary_key=True)
    entry: Mapped[str] = mapped_column(String(48), primary_key=True)
    alarm: Mapped[int] = mapped_column(ForeignKey("alarm.id"), index=True)
    site: Mapped[str] = mapped_column(String(16), index=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    priority: Mapped[str] = mapped_column(String(2))
    explained: Mapped[str | None] = mapped_column(String(48))
    silent_until: Mapped[datetime | None] = mapped_column(MOMENT)
    cured_at: Mapped[datetime | None] = mapped_column(MOMENT)


class AlarmEvent(Model):
    """One line of an alarm's history. INSERT and SELECT only for the runtime role."""

    __tablename__ = "alarm_event"

    alarm: Mapped[int] = mapped_column(ForeignKey("alarm.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(MOMENT)
    kind: Mapped[str] = mapped_column(String(16))
    actor: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Lease(Model):
    """Which watcher does a job now, and until when nobody else needs to."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[UUID]
    until: Mapped[datetime] = mapped_column(MOMENT)


class SweepSlot(Model):
    """One turn of a job: whoever writes it does the turn, and nobody else does."""

    __tablename__ = "sweep_slot"

    job: Mapped[str] = mapped_column(String(32), primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    holder: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(MOMENT)


class JobMark(Model):
    """When something that runs again and again was last done, and how it ended."""

    __tablename__ = "job_mark"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime] = mapped_column(MOMENT)
    ok: Mapped[bool]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
