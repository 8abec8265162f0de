"""What is under way to or from some sites: handed over, at a dock, or being checked in."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from app.custody import gap_queries
from app.custody import queries as custody
from app.custody.queries import Standing
from app.custody.steps import ON_THE_WAY, Phase
from app.shipping.models import PackageRow

UNDER_WAY = ON_THE_WAY | {Phase.RECEIVED}
LATE = ("G31", "G32")
LOOKED_AT_MOST = 500  # of the latest; whatever is late is looked at besides, however old


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A package under way, and by when somebody must see to it."""

    code: str
    site: str
    destination: str
    phase: str
    since: datetime | None
    due: datetime | None


def under_way(session: Session, *, sites: Collection[str] | None) -> list[UnderWay]:
    """Packages under way from or to these sites (None: all): the most overdue first."""
    rows = {row.subject_id: row for row in _rows(session, sites)}
    stand = custody.standings(session, rows)
    away = [id_ for id_ in rows if stand[id_].phase in UNDER_WAY]
    due = gap_queries.due(session, away)
    seen = [_seen(rows[id_], stand[id_], due.get(id_)) for id_ in away]
    return sorted(seen, key=lambda one: (one.due is None, one.due or one.since, one.code))


def _rows(session: Session, sites: Collection[str] | None) -> Sequence[PackageRow]:
    here: ColumnElement[bool] = true()
    if sites is not None:
        here = or_(PackageRow.site.in_(sites), PackageRow.destination.in_(sites))
    latest = select(PackageRow).where(here).order_by(PackageRow.made_at.desc())
    late = select(PackageRow).where(
        here, PackageRow.subject_id.in_(gap_queries.objected(session, rules=LATE))
    )
    return [*session.scalars(latest.limit(LOOKED_AT_MOST)), *session.scalars(late)]


def _seen(row: PackageRow, stands: Standing, due: datetime | None) -> UnderWay:
    return UnderWay(
        code=stands.subject.code,
        site=row.site,
        destination=row.destination,
        phase=str(stands.phase),
        since=stands.since,
        due=due,
    )
