"""How far a station's clock was from the server's when it last said so."""

import sqlalchemy as sa
from alembic import op

revision = "0010_clock_of_stations"
down_revision = "0009_reasons_for_limits"


def upgrade() -> None:
    op.add_column("station_health", sa.Column("offset_ms", sa.BigInteger(), nullable=True))
