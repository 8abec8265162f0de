"""What a station's story says of its devices, and that a station's program said that it ends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016_devices_of_stations"
down_revision = "0015_print_jobs"


def upgrade() -> None:
    op.add_column(
        "station_health",
        sa.Column("away", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.add_column(
        "station_health",
        sa.Column("noted", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
    )
