"""Who added a version of the limits, when and why; none is ever changed or taken away."""

import sqlalchemy as sa
from alembic import op

from app.kernel.postgres_roles import append_only

revision = "0009_reasons_for_limits"
down_revision = "0008_receiving"


def upgrade() -> None:
    # Nothing could write a version before this step, so there is none without a reason.
    op.add_column(
        "limits_version", sa.Column("added_at", sa.DateTime(timezone=True), nullable=False)
    )
    op.add_column("limits_version", sa.Column("added_by", sa.BigInteger(), nullable=True))
    op.add_column("limits_version", sa.Column("reason", sa.String(length=500), nullable=False))
    op.execute(append_only("limits_version"))
