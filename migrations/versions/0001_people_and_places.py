"""Programmes, organisations, sites, stations, persons, their roles, and sign-ins that failed."""

import sqlalchemy as sa
from alembic import op

revision = "0001_people_and_places"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for sequence in ("person_number", "station_number", "sign_in_attempt_number"):
        op.execute(sa.schema.CreateSequence(sa.Sequence(sequence)))
    op.create_table(
        "programme",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("code", name="programme_pk"),
    )
    op.create_table(
        "organisation",
        sa.Column("code", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("code", name="organisation_pk"),
    )
    op.create_table(
        "site",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("organisation", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.Column("inactive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name="site_pk"),
        sa.ForeignKeyConstraint(["organisation"], ["organisation.code"], "site_organisation_fk"),
    )
    op.create_table(
        "station",
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("site", sa.String(16), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("key_hash", sa.LargeBinary()),
        sa.Column("key_made_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.PrimaryKeyConstraint("code", name="station_pk"),
        sa.ForeignKeyConstraint(["site"], ["site.code"], "station_site_fk"),
        sa.UniqueConstraint("key_hash", name="station_key_hash_uq"),
    )
    op.create_index("station_site_ix", "station", ["site"])
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("site", sa.String(16)),
        sa.Column("inactive", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="person_pk"),
        sa.UniqueConstraint("login", name="person_login_uq"),
        sa.ForeignKeyConstraint(["site"], ["site.code"], "person_site_fk"),
    )
    op.create_table(
        "role_grant",
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("site", sa.String(16), nullable=False),
        sa.Column("programme", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("person", "role", "site", "programme", name="role_grant_pk"),
        sa.ForeignKeyConstraint(["person"], ["person.id"], "role_grant_person_fk"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("login_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="sign_in_attempt_pk"),
    )
    op.create_index("sign_in_attempt_at_ix", "sign_in_attempt", ["at"])
