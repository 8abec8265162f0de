"""Sizes of places and containers, and positions promised."""

import sqlalchemy as sa
from alembic import op

revision = "0006_storage"
down_revision = "0005_collection"


def upgrade() -> None:
    op.create_table(
        "storage_reservation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("location", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="storage_reservation_pk"),
    )
    op.create_index(
        "storage_reservation_location_position_uq",
        "storage_reservation",
        ["location", "position"],
        unique=True,
    )
    op.create_index(
        "storage_reservation_subject_id_ix", "storage_reservation", ["subject_id"], unique=False
    )
    op.create_table(
        "storage_unit",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("temperature", sa.String(length=16), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("columns", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name="storage_unit_pk"),
    )
    op.create_index("storage_unit_site_kind_ix", "storage_unit", ["site", "kind"], unique=False)
