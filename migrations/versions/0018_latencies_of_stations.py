"""How long people wait at each scanner of a station, as its program measures it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018_latencies_of_stations"
down_revision = "0017_pairing_codes"


def upgrade() -> None:
    op.add_column(
        "station_health",
        sa.Column("latencies", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )
