"""Packages, and what was handed to couriers."""

import sqlalchemy as sa
from alembic import op

revision = "0007_shipping"
down_revision = "0006_storage"


def upgrade() -> None:
    op.create_table(
        "shipping_package",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("destination", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="shipping_package_pk"),
    )
    op.create_index(
        "shipping_package_destination_ix",
        "shipping_package",
        ["destination", "made_at"],
        unique=False,
    )
    op.create_index(
        "shipping_package_site_ix", "shipping_package", ["site", "made_at"], unique=False
    )
    op.create_table(
        "shipping_shipment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package", sa.BigInteger(), nullable=False),
        sa.Column("courier", sa.String(length=64), nullable=False),
        sa.Column("carrier", sa.String(length=64), nullable=True),
        sa.Column("carrier_number", sa.String(length=64), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="shipping_shipment_pk"),
    )
    op.create_index(
        "shipping_shipment_carrier_number_ix", "shipping_shipment", ["carrier_number"], unique=False
    )
    op.create_index("shipping_shipment_package_ix", "shipping_shipment", ["package"], unique=False)
