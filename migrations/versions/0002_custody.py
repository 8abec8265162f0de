"""The ledger, which only grows, and the projection that is recomputed from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.kernel.postgres_roles import append_only

revision = "0002_custody"
down_revision = "0001_people_and_places"


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("subject_number", cache=50)))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_tb_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_kt_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_bx_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_rk_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_sf_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_fz_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_pk_number")))
    op.execute(sa.schema.CreateSequence(sa.Sequence("code_pn_number")))
    op.create_table(
        "custody_event",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("command", sa.Uuid(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("target", sa.String(length=80), nullable=True),
        sa.Column("evidence", sa.String(length=16), nullable=True),
        sa.Column("actor", sa.BigInteger(), nullable=True),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("station", sa.String(length=16), nullable=True),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("inside", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.String(length=16), nullable=True),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("package", sa.BigInteger(), nullable=True),
        sa.Column("request", sa.Uuid(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tz_minutes", sa.Integer(), nullable=False),
        sa.Column("uncertainty_ms", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=8), nullable=False),
        sa.Column("corrects_command", sa.Uuid(), nullable=True),
        sa.Column("corrects_ordinal", sa.Integer(), nullable=True),
        sa.Column("sop_version", sa.String(length=32), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("facts_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "seq", name="custody_event_pk"),
    )
    op.create_index(
        "custody_event_command_ix", "custody_event", ["command", "ordinal"], unique=False
    )
    op.create_index(
        "custody_event_corrects_ix",
        "custody_event",
        ["corrects_command", "corrects_ordinal"],
        unique=False,
        postgresql_where=sa.text("corrects_command IS NOT NULL"),
    )
    op.create_index(
        "custody_event_inside_ix",
        "custody_event",
        ["inside", "occurred_at"],
        unique=False,
        postgresql_where=sa.text("inside IS NOT NULL"),
    )
    op.create_index(
        "custody_event_package_ix",
        "custody_event",
        ["package"],
        unique=False,
        postgresql_where=sa.text("package IS NOT NULL"),
    )
    op.create_index(
        "custody_event_recorded_at_ix",
        "custody_event",
        ["recorded_at"],
        unique=False,
        postgresql_using="brin",
    )
    op.create_table(
        "expectation",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "rule", name="expectation_pk"),
        postgresql_with={"fillfactor": "70"},
    )
    op.create_index("expectation_due_at_ix", "expectation", ["due_at"], unique=False)
    op.create_table(
        "gap",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("entry", sa.String(length=48), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=48), nullable=False),
        sa.Column("cause_subject", sa.BigInteger(), nullable=False),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("silent_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("explained", sa.String(length=48), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vanished", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("cured_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", "rule", "entry", name="gap_pk"),
    )
    op.create_index("gap_cause_ix", "gap", ["cause"], unique=False)
    op.create_index(
        "gap_settles_at_ix",
        "gap",
        ["settles_at"],
        unique=False,
        postgresql_where=sa.text("raised_at IS NULL"),
    )
    op.create_table(
        "limits_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("version", name="limits_version_pk"),
    )
    op.create_table(
        "manifest_line",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("package", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "package", name="manifest_line_pk"),
    )
    op.create_index("manifest_line_package_ix", "manifest_line", ["package"], unique=False)
    op.create_table(
        "recheck",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name="recheck_pk"),
    )
    op.create_table(
        "slot",
        sa.Column("location", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.String(length=16), nullable=False),
        sa.Column("occupant", sa.BigInteger(), nullable=True),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("location", "position", name="slot_pk"),
    )
    op.create_table(
        "subject",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sort", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("namespace", sa.String(length=32), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("participant", sa.BigInteger(), nullable=True),
        sa.Column("kit", sa.BigInteger(), nullable=True),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name="subject_pk"),
    )
    op.create_index("subject_code_ix", "subject", ["code"], unique=False)
    op.create_index("subject_kit_ix", "subject", ["kit"], unique=False)
    op.create_index("subject_namespace_code_uq", "subject", ["namespace", "code"], unique=True)
    op.create_index("subject_participant_ix", "subject", ["participant"], unique=False)
    op.create_table(
        "subject_state",
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("phase", sa.String(length=16), nullable=False),
        sa.Column("spin", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=True),
        sa.Column("site", sa.String(length=16), nullable=True),
        sa.Column("location", sa.BigInteger(), nullable=True),
        sa.Column("within", sa.Boolean(), nullable=False),
        sa.Column("position", sa.String(length=16), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("entered_by", sa.String(length=48), nullable=True),
        sa.Column("claim", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("alias_of", sa.BigInteger(), nullable=True),
        sa.Column("last_seen", sa.String(length=48), nullable=True),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_time", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("subject_id", name="subject_state_pk"),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "subject_state_alias_of_ix",
        "subject_state",
        ["alias_of"],
        unique=False,
        postgresql_where=sa.text("alias_of IS NOT NULL"),
    )
    op.create_index(
        "subject_state_location_position_ix",
        "subject_state",
        ["location", "position"],
        unique=False,
    )
    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="sweep_pk"),
    )
    # ### end Alembic commands ###
    op.execute(append_only("custody_event"))
