"""Receipts, and what came in packages."""

import sqlalchemy as sa
from alembic import op

revision = "0008_receiving"
down_revision = "0007_shipping"


def upgrade() -> None:
    op.create_table(
        "receiving_arrival",
        sa.Column("package", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("package", "subject_id", name="receiving_arrival_pk"),
    )
    op.create_table(
        "receiving_receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("package", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="receiving_receipt_pk"),
    )
    op.create_index("receiving_receipt_package_ix", "receiving_receipt", ["package"], unique=False)
    op.create_index(
        "receiving_receipt_site_ix", "receiving_receipt", ["site", "received_at"], unique=False
    )
