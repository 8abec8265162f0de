"""The tubes bound to a participant under foreign codes, found by the participant."""

import sqlalchemy as sa
from alembic import op

revision = "0013_bound_tubes"
down_revision = "0012_sites_of_alarms"


def upgrade() -> None:
    op.create_index(
        "custody_event_bound_ix",
        "custody_event",
        [sa.literal_column("((facts->>'participant_subject')::bigint)")],
        unique=False,
        postgresql_where=sa.text("kind = 'BOUND'"),
    )
