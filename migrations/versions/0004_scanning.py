"""The journal of reads, how far each device has come, and what stations are at."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004_scanning"
down_revision = "0003_alarms"


def upgrade() -> None:
    op.create_table(
        "scan",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("symbology", sa.String(length=16), nullable=True),
        sa.Column("method", sa.String(length=8), nullable=True),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tz_minutes", sa.Integer(), nullable=False),
        sa.Column("offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("uncertainty_ms", sa.BigInteger(), nullable=False),
        sa.Column("queued", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("uploaded_by", sa.BigInteger(), nullable=True),
        sa.Column("station", sa.String(length=16), nullable=True),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("intent", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("device_id", "device_seq", name="scan_pk"),
        sa.UniqueConstraint("id", name="scan_id_uq"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index(
        "scan_parked_ix",
        "scan",
        ["device_id", "device_seq"],
        unique=False,
        postgresql_where=sa.text("verdict = 'parked'"),
    )
    op.create_table(
        "scan_device",
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("done_seq", sa.BigInteger(), nullable=False),
        sa.Column("task_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("card", sa.String(length=16), nullable=True),
        sa.Column("box", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("device_id", name="scan_device_pk"),
    )
    op.create_table(
        "station_health",
        sa.Column("station", sa.String(length=16), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queue", sa.BigInteger(), nullable=False),
        sa.Column("oldest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("conflicts", sa.BigInteger(), nullable=False),
        sa.Column("device_states", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("station", name="station_health_pk"),
    )
    op.create_table(
        "station_task",
        sa.Column("station", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("intent", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("station", "opened_at", name="station_task_pk"),
    )
