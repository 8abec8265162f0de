"""Alarms, their lines and history; the watcher's lease, turns and marks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.postgres_roles import append_only

revision = "0003_alarms"
down_revision = "0002_custody"


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("alarm_number")))
    op.create_table(
        "job_mark",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("name", name="job_mark_pk"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="lease_pk"),
    )
    op.create_table(
        "sweep_slot",
        sa.Column("job", sa.String(length=32), nullable=False),
        sa.Column("slot", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "slot", name="sweep_slot_pk"),
    )
    op.create_table(
        "alarm",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cause", sa.String(length=48), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("priority", sa.String(length=2), nullable=False),
        sa.Column("owners", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignee", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["person.id"], name="alarm_acknowledged_by_fk"
        ),
        sa.ForeignKeyConstraint(["assignee"], ["person.id"], name="alarm_assignee_fk"),
        sa.PrimaryKeyConstraint("id", name="alarm_pk"),
    )
    op.create_index("alarm_cause_site_uq", "alarm", ["cause", "site"], unique=True)
    op.create_index(
        "alarm_silent_until_ix",
        "alarm",
        ["silent_until"],
        unique=False,
        postgresql_where=sa.text("silent_until IS NOT NULL"),
    )
    op.create_index("alarm_site_state_ix", "alarm", ["site", "state"], unique=False)
    op.create_table(
        "alarm_event",
        sa.Column("alarm", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["person.id"], name="alarm_event_actor_fk"),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name="alarm_event_alarm_fk"),
        sa.PrimaryKeyConstraint("alarm", "number", name="alarm_event_pk"),
    )
    op.create_table(
        "alarm_line",
        sa.Column("subject", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=False),
        sa.Column("alarm", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("priority", sa.String(length=2), nullable=False),
        sa.Column("explained", sa.String(length=48), nullable=True),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cured_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alarm"], ["alarm.id"], name="alarm_line_alarm_fk"),
        sa.PrimaryKeyConstraint("subject", "rule", "entry", name="alarm_line_pk"),
    )
    op.create_index("alarm_line_alarm_ix", "alarm_line", ["alarm"], unique=False)
    op.execute(append_only("alarm_event"))
