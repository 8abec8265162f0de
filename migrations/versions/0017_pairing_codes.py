"""A code by which the computer of a station fetches its token, once."""

import sqlalchemy as sa
from alembic import op

revision = "0017_pairing_codes"
down_revision = "0016_devices_of_stations"


def upgrade() -> None:
    op.add_column("station", sa.Column("pairing_hash", sa.LargeBinary(), nullable=True))
    op.add_column("station", sa.Column("pairing_until", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint("station_pairing_hash_uq", "station", ["pairing_hash"])
