"""Tables of print jobs: what was asked for, who has it, and what is known of each label."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, DateTime, ForeignKey, Index, Integer, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model

MOMENT = DateTime(timezone=True)


class LabelState(StrEnum):
    """What is known of a label; the words of the agent."""

    WAITING = "waiting"
    SENT = "sent"
    PRINTED = "printed"
    HANDED_OVER = "handed over"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    VOID = "void"


OPEN = (LabelState.WAITING, LabelState.SENT)  # something is still to come of it
NOT_KNOWN = (LabelState.UNKNOWN, LabelState.HANDED_OVER)  # a person is asked


class PrintJob(Model):
    """Labels asked for together, at one station. Whoever holds the lease prints them, nobody else.

    The template is named as it was that day, with the hash of its file. `stalled`: labels are left,
    and nothing has been heard of them for so long that the station's story says so.
    """

    __tablename__ = "print_job"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    station: Mapped[str] = mapped_column(String(16))
    site: Mapped[str] = mapped_column(String(16))
    order_id: Mapped[UUID | None] = mapped_column()
    template: Mapped[str] = mapped_column(String(32))
    template_version: Mapped[int] = mapped_column(Integer)
    template_digest: Mapped[str] = mapped_column(String(64))
    stock: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    requested_by: Mapped[int | None] = mapped_column(BigInteger)
    requested_at: Mapped[datetime] = mapped_column(MOMENT)
    lease: Mapped[UUID | None] = mapped_column()
    leased_until: Mapped[datetime | None] = mapped_column(MOMENT)
    printer: Mapped[str | None] = mapped_column(String(64))
    stalled: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    __table_args__ = (
        Index("print_job_stalled_ix", "station", postgresql_where=text("stalled")),
        Index("print_job_station_requested_at_ix", "station", "requested_at"),
        Index("print_job_order_id_ix", "order_id"),
        Index(
            "print_job_of_no_kit_ix",
            "site",
            "requested_at",
            postgresql_where=text("order_id IS NULL"),
        ),
    )


class PrintLabel(Model):
    """One label of a job. `state` is a LabelState; `counted` the counter that proves it.

    A card stands for no subject: it has no story, and no print of it voids another.
    """

    __tablename__ = "print_label"

    job: Mapped[UUID] = mapped_column(ForeignKey("print_job.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    subject: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str] = mapped_column(String(16))
    generation: Mapped[int] = mapped_column(Integer)
    lines: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[str]] = mapped_column(JSONB)
    counted: Mapped[list[Any] | None] = mapped_column(JSONB)
    told_at: Mapped[datetime | None] = mapped_column(MOMENT)
    __table_args__ = (
        Index("print_label_subject_ix", "subject"),
        Index("print_label_open_ix", "job", postgresql_where=text("state IN ('waiting', 'sent')")),
    )
