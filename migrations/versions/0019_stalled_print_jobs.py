"""Print jobs of which nothing was heard for too long; and those with labels left, found fast."""

import sqlalchemy as sa
from alembic import op

revision = "0019_stalled_print_jobs"
down_revision = "0018_latencies_of_stations"


def upgrade() -> None:
    op.add_column(
        "print_job",
        sa.Column("stalled", sa.Boolean(), nullable=False, server_default=sa.text("false")),
    )
    op.create_index(
        "print_job_stalled_ix", "print_job", ["station"], postgresql_where=sa.text("stalled")
    )
    op.create_index(
        "print_label_open_ix",
        "print_label",
        ["job"],
        postgresql_where=sa.text("state IN ('waiting', 'sent')"),
    )
