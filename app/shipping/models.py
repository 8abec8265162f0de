"""What is kept about packages: where each goes, and every time one was handed to a courier."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model

MOMENT = DateTime(timezone=True)


class PackageRow(Model):
    """A package: from which site to which. How far it has come, the ledger says."""

    __tablename__ = "shipping_package"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    site: Mapped[str] = mapped_column(String(16))
    destination: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime] = mapped_column(MOMENT)
    __table_args__ = (
        Index("shipping_package_site_ix", "site", "made_at"),
        Index("shipping_package_destination_ix", "destination", "made_at"),
    )


class Shipment(Model):
    """One release of a package, by the command that said so, and the number its carrier gave it."""

    __tablename__ = "shipping_shipment"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    package: Mapped[int] = mapped_column(BigInteger)
    courier: Mapped[str] = mapped_column(String(64))
    carrier: Mapped[str | None] = mapped_column(String(64))
    carrier_number: Mapped[str | None] = mapped_column(String(64))
    released_at: Mapped[datetime] = mapped_column(MOMENT)
    __table_args__ = (
        Index("shipping_shipment_carrier_number_ix", "carrier_number"),
        Index("shipping_shipment_package_ix", "package"),
    )
