"""Print jobs, leased to the agent of a station, and what is known of each label."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015_print_jobs"
down_revision = "0014_corrected_packages"


def upgrade() -> None:
    op.create_table(
        "print_job",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("template", sa.String(length=32), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("template_digest", sa.String(length=64), nullable=False),
        sa.Column("stock", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("requested_by", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease", sa.Uuid(), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("printer", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="print_job_pk"),
    )
    op.create_index(
        "print_job_station_requested_at_ix", "print_job", ["station", "requested_at"], unique=False
    )
    op.create_index("print_job_order_id_ix", "print_job", ["order_id"], unique=False)
    op.create_table(
        "print_label",
        sa.Column("job", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counted", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["job"], ["print_job.id"], name="print_label_job_fk"),
        sa.PrimaryKeyConstraint("job", "number", name="print_label_pk"),
    )
    op.create_index("print_label_subject_ix", "print_label", ["subject"], unique=False)
