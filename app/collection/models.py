"""Orders: what is to be drawn from whom, by which protocol, frozen when it is placed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model

MOMENT = DateTime(timezone=True)


class Order(Model):
    """One visit's order. Programme and protocol version stay as they were that day."""

    __tablename__ = "collection_order"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    participant: Mapped[int] = mapped_column(BigInteger)
    protocol: Mapped[str] = mapped_column(String(32))
    protocol_version: Mapped[str] = mapped_column(String(16))
    programme: Mapped[str] = mapped_column(String(32))
    site: Mapped[str] = mapped_column(String(16))
    kit: Mapped[int | None] = mapped_column(BigInteger)
    placed_at: Mapped[datetime] = mapped_column(MOMENT)
    placed_by: Mapped[int | None] = mapped_column(BigInteger)
    labels_at: Mapped[datetime | None] = mapped_column(MOMENT)
    done_at: Mapped[datetime | None] = mapped_column(MOMENT)
    __table_args__ = (
        Index("collection_order_site_placed_at_ix", "site", "placed_at"),
        Index("collection_order_kit_uq", "kit", unique=True),
        Index("collection_order_participant_ix", "participant"),
    )
