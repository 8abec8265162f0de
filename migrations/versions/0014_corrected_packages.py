"""What came in a package by a correction is found like what was scanned out of it."""

import sqlalchemy as sa
from alembic import op

revision = "0014_corrected_packages"
down_revision = "0013_bound_tubes"


def upgrade() -> None:
    op.create_index(
        "custody_event_came_in_ix",
        "custody_event",
        [sa.text("(facts #>> '{replacement,package}')")],
        unique=False,
        postgresql_where=sa.text("corrects_command IS NOT NULL"),
    )
