"""Labels of what is no subject (cards, stations), and the jobs that are for no kit, found fast."""

import sqlalchemy as sa
from alembic import op

revision = "0020_labels_of_anything"
down_revision = "0019_stalled_print_jobs"


def upgrade() -> None:
    op.alter_column("print_label", "subject", existing_type=sa.BigInteger(), nullable=True)
    op.create_index(
        "print_job_of_no_kit_ix",
        "print_job",
        ["site", "requested_at"],
        postgresql_where=sa.text("order_id IS NULL"),
    )
