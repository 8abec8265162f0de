"""What the overview shows beside the alarms: today's collections, and what is on the road."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_time, gettext
from sqlalchemy import Date, cast, func, or_, select

from app.accounts.models import Site
from app.accounts.queries import sites
from app.accounts.rights import ANY, sites_where
from app.alarms.models import Alarm
from app.alarms.queries import READ
from app.alarms.states import OVER
from app.collection.models import Order
from app.custody.queries import standings
from app.custody.steps import ON_THE_WAY, Phase
from app.kernel.work import Work
from app.shipping.models import PackageRow

A_DAY_ANYWHERE = timedelta(hours=36)  # no site's today began earlier
ROAD_DAYS = timedelta(days=30)  # what is away for longer is in the list of alarms
LOOKED_AT_MOST, PACKAGES_MOST = 300, 10
LATE = ("G31", "G32", "G35")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteToday:
    """One site's collections since its own midnight."""

    name: str
    orders: int
    orders_done: int
    tubes: int
    tone: str
    sent_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageToday:
    """A package that somebody waits for."""

    code: str
    href: str
    words: str
    state_words: str
    tone: str
    sign: str


def collections_today(unit: Work) -> list[SiteToday]:
    """The sites of the actor that have orders today, by name."""
    by_site: dict[str, list[tuple[str, int, int, datetime | None]]] = defaultdict(list)
    for title, protocol, orders, done, last in _counted(unit):
        by_site[title].append((protocol, orders, done, last))
    return [_site(unit, title, by_site[title]) for title in sorted(by_site)]


def packages_on_the_road(unit: Work) -> list[PackageToday]:
    """Packages of the actor's sites, with a courier or unopened: the late ones first."""
    rows = {row.subject_id: row for row in _made_lately(unit)}
    stand = standings(unit.session, rows.keys())
    away = [id_ for id_ in rows if stand[id_].phase in ON_THE_WAY]
    late = _late(unit, away)
    titles = {site.code: site.title for site in sites(unit)}
    shown = [
        PackageToday(
            code=stand[id_].subject.code,
            href=f"/s/{stand[id_].subject.code}",
            words=str(
                gettext(
                    "%(source)s to %(target)s",
                    source=titles.get(rows[id_].site, rows[id_].site),
                    target=titles.get(rows[id_].destination, rows[id_].destination),
                )
            ),
            state_words=_state_words(stand[id_].phase, late=id_ in late),
            tone="warn" if id_ in late else "act",
            sign="high" if id_ in late else "courier",
        )
        for id_ in sorted(away, key=lambda id_: (id_ not in late, rows[id_].made_at))
    ]
    return shown[:PACKAGES_MOST]


def _made_lately(unit: Work) -> Sequence[PackageRow]:
    wanted = select(PackageRow).where(PackageRow.made_at > unit.clock() - ROAD_DAYS)
    seen = sites_where(unit.actor, READ)
    if ANY not in seen:
        wanted = wanted.where(or_(PackageRow.site.in_(seen), PackageRow.destination.in_(seen)))
    return unit.session.scalars(
        wanted.order_by(PackageRow.made_at.desc()).limit(LOOKED_AT_MOST)
    ).all()


def _late(unit: Work, packages: Collection[int]) -> set[int]:
    """Those with an alarm that has not ended."""
    wanted = select(Alarm.subject).where(
        Alarm.subject.in_(packages), Alarm.rule.in_(LATE), Alarm.state.not_in(OVER)
    )
    return set(unit.session.scalars(wanted))


def _state_words(phase: str, *, late: bool) -> str:
    if phase == Phase.DELIVERED:
        return str(gettext("late, unopened") if late else gettext("at the dock"))
    return str(gettext("late") if late else gettext("on the road"))


def _counted(unit: Work) -> Iterable[tuple[str, str, int, int, datetime | None]]:
    """Site, protocol, orders, orders done, and when the last was done."""
    now = unit.clock()
    today = cast(func.timezone(Site.time_zone, now), Date)
    wanted = (
        select(
            Site.title,
            Order.protocol,
            func.count(Order.id),
            func.count(Order.done_at),
            func.max(Order.done_at),
        )
        .join(Site, Site.code == Order.site)
        .where(
            Order.placed_at > now - A_DAY_ANYWHERE,
            cast(func.timezone(Site.time_zone, Order.placed_at), Date) == today,
        )
        .group_by(Site.title, Order.protocol)
    )
    seen = sites_where(unit.actor, READ)
    if ANY not in seen:
        wanted = wanted.where(Order.site.in_(seen))
    return [(row[0], row[1], row[2], row[3], row[4]) for row in unit.session.execute(wanted)]


def _site(unit: Work, title: str, counts: list[tuple[str, int, int, datetime | None]]) -> SiteToday:
    ends = [last for _, _, _, last in counts if last is not None]
    return SiteToday(
        name=title,
        orders=sum(orders for _, orders, _, _ in counts),
        orders_done=sum(done for _, _, done, _ in counts),
        tubes=sum(done * _size(unit, protocol) for protocol, _, done, _ in counts),
        tone="",
        sent_words=str(gettext("at %(time)s", time=format_time(max(ends), "HH:mm")))
        if ends
        else str(gettext("nothing yet")),
    )


def _size(unit: Work, protocol: str) -> int:
    """How many tubes an order by this protocol stands for; one retired since stands for none."""
    found = unit.catalogue.protocols.get(protocol)
    return len(found.tubes) if found else 0
