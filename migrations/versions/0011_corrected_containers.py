"""What was put into a container by a correction is found like what was put in by a scan."""

import sqlalchemy as sa
from alembic import op

revision = "0011_corrected_containers"
down_revision = "0010_clock_of_stations"


def upgrade() -> None:
    op.create_index(
        "custody_event_instead_ix",
        "custody_event",
        [sa.text("(facts #>> '{replacement,inside}')")],
        unique=False,
        postgresql_where=sa.text("corrects_command IS NOT NULL"),
    )
