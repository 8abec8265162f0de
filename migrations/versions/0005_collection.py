"""Participants' pseudonyms, and orders."""

import sqlalchemy as sa
from alembic import op

revision = "0005_collection"
down_revision = "0004_scanning"


def upgrade() -> None:
    op.create_table(
        "collection_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=False),
        sa.Column("protocol", sa.String(length=32), nullable=False),
        sa.Column("protocol_version", sa.String(length=16), nullable=False),
        sa.Column("programme", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("kit", sa.BigInteger(), nullable=True),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.BigInteger(), nullable=True),
        sa.Column("labels_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="collection_order_pk"),
    )
    op.create_index("collection_order_kit_uq", "collection_order", ["kit"], unique=True)
    op.create_index(
        "collection_order_participant_ix", "collection_order", ["participant"], unique=False
    )
    op.create_index(
        "collection_order_site_placed_at_ix",
        "collection_order",
        ["site", "placed_at"],
        unique=False,
    )
    op.create_table(
        "participant_link",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("programme", sa.String(length=32), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("participant_id", sa.String(length=64), nullable=True),
        sa.Column("biobank_id", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name="participant_link_pk"),
    )
    op.create_index(
        "participant_link_biobank_id_uq",
        "participant_link",
        ["programme", "biobank_id"],
        unique=True,
    )
    op.create_index(
        "participant_link_participant_id_uq",
        "participant_link",
        ["programme", "participant_id"],
        unique=True,
    )
    op.create_table(
        "participant_link_read",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="participant_link_read_pk"),
    )
    # ### end Alembic commands ###
