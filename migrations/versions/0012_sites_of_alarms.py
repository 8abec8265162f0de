"""One alarm to a cause, whichever sites it concerns: each line knows its own."""

import sqlalchemy as sa
from alembic import op

revision = "0012_sites_of_alarms"
down_revision = "0011_corrected_containers"


def upgrade() -> None:
    op.add_column(
        "alarm_line", sa.Column("site", sa.String(length=16), server_default="", nullable=False)
    )
    op.alter_column("alarm_line", "site", server_default=None)
    op.execute(
        "UPDATE alarm_line l SET site = coalesce(a.site, '') FROM alarm a WHERE a.id = l.alarm"
    )
    _join_those_of_one_cause()
    op.drop_index("alarm_cause_site_uq", "alarm")
    op.create_index("alarm_cause_uq", "alarm", ["cause"], unique=True)
    op.create_index("alarm_line_site_ix", "alarm_line", ["site"], unique=False)


def _join_those_of_one_cause() -> None:
    """Lines and history go to the first alarm of each cause; the watcher brings it up again."""
    op.execute(
        "CREATE TEMPORARY TABLE joined ON COMMIT DROP AS SELECT id,"
        " min(id) OVER (PARTITION BY cause) AS first FROM alarm"
    )
    op.execute("DELETE FROM joined WHERE id = first")
    op.execute(
        "CREATE TEMPORARY TABLE told ON COMMIT DROP AS"
        " SELECT e.*, coalesce(j.first, e.alarm) AS home"
        " FROM alarm_event e LEFT JOIN joined j ON j.id = e.alarm"
        " WHERE coalesce(j.first, e.alarm) IN (SELECT first FROM joined)"
    )
    op.execute("DELETE FROM alarm_event WHERE alarm IN (SELECT alarm FROM told)")
    op.execute(
        "INSERT INTO alarm_event (alarm, number, at, kind, actor, facts) SELECT home,"
        " row_number() OVER (PARTITION BY home ORDER BY at, alarm, number), at, kind, actor, facts"
        " FROM told"
    )
    op.execute("UPDATE alarm_line l SET alarm = j.first FROM joined j WHERE j.id = l.alarm")
    op.execute("DELETE FROM alarm WHERE id IN (SELECT id FROM joined)")
