"""What is kept about receipts, to find them again; what was seen, the ledger says."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model


class ReceiptRow(Model):
    """One opening of a package, by the command that said so."""

    __tablename__ = "receiving_receipt"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    package: Mapped[int] = mapped_column(BigInteger)
    site: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    __table_args__ = (
        Index("receiving_receipt_site_ix", "site", "received_at"),
        Index("receiving_receipt_package_ix", "package"),
    )


class Arrival(Model):
    """Something that was said to have come in a package."""

    __tablename__ = "receiving_arrival"
    package: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
