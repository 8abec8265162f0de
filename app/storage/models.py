"""What is kept about places and containers: their size, and which positions are promised."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model


class StorageUnit(Model):
    """A freezer, rack, box or bench: its site and its size; what is in it, the ledger says."""

    __tablename__ = "storage_unit"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    site: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(120))
    temperature: Mapped[str | None] = mapped_column(String(16))
    rows: Mapped[int | None]
    columns: Mapped[int | None]
    __table_args__ = (Index("storage_unit_site_kind_ix", "site", "kind"),)


class Reservation(Model):
    """A position promised to one person, until it is taken, given back or too old."""

    __tablename__ = "storage_reservation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    location: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[str] = mapped_column(String(32))
    site: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int | None] = mapped_column(BigInteger)
    person: Mapped[int | None] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    until: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        Index("storage_reservation_location_position_uq", "location", "position", unique=True),
        Index("storage_reservation_subject_id_ix", "subject_id"),
    )
