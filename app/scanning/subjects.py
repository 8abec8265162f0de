"""Questions about one thing: where it is, how it came there, and who may know."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.rights import ANY, AnotherSite, demand_somewhere, may, sites_where
from app.custody import gap_queries, parties, queries
from app.custody.effective import destination
from app.custody.gap_queries import GapView
from app.custody.ledger import Sort, Subject, parse_entry_id
from app.custody.queries import Inside, Standing, Timeline
from app.custody.rows import row_of
from app.kernel.errors import Invalid, Missing
from app.kernel.work import Work
from labels.code import normalise

GENESIS = bytes(32)
CODE_MOST = 64
SHOWN_MOST = 1_000  # of what stands at one place
STATES = ("open", "explained", "closed")
# What was written longer after it happened than this is called late on the page.
LATE = timedelta(minutes=15)


class SubjectMissing(Missing):
    """No tube, box or other thing with this code."""

    message = "Nothing here has this code"
    advice = "Scan the label again"


class CursorUnfit(Invalid):
    """A cursor whose parts are none of a gap's."""

    message = "The cursor is none that this list gave"
    advice = "Ask for the list from its beginning"


@dataclass(frozen=True, slots=True, kw_only=True)
class GapSeen:
    """A gap with the subject it is of."""

    gap: GapView
    subject: Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything about one thing, with the other things that its story names.

    `contents`: what is in it; of a place, what stands there, with or without a position.
    """

    standing: Standing
    timeline: Timeline
    named: Mapping[int, Subject]
    contents: tuple[Inside, ...]
    entries: int
    head: bytes
    registered_at: datetime


def readable(work: Work, code: str, action: str = "subject.read") -> Standing:
    """Where a thing stands, for somebody who may know.

    That is whoever may at the site that has it; on its way, at the site that sent it and the one
    it goes to; before anybody has it, where it was registered. Raises SubjectMissing, NotYourTask,
    AnotherSite.
    """
    demand_somewhere(work, action)
    plain = normalise(code)[:CODE_MOST]
    subject = queries.subject_of(work.session, plain) if plain.isprintable() else None
    if subject is None:
        raise SubjectMissing
    standing = queries.standing(work.session, subject.id)
    if ANY in sites_where(work.actor, action):
        return standing
    if not any(may(work.actor, action, site=site) for site in _sites(work, standing)):
        raise AnotherSite
    return standing


def known_by_code(work: Work, codes: Collection[str]) -> Mapping[str, Subject]:
    """The things with these codes, whoever has them. Raises SubjectMissing where one is unknown."""
    known = queries.subjects_of(work.session, codes)
    if any(code not in known for code in codes):
        raise SubjectMissing
    return known


def _sites(work: Work, standing: Standing) -> Collection[str]:
    if standing.site is not None:
        return (standing.site,)
    if parties.is_courier(standing.holder) and standing.outermost.sort is Sort.PACKAGE:
        released = queries.manifest(work.session, standing.outermost.id)
        if released is not None:
            return [site for site in (released.site, destination(released)) if site]
    chain = queries.entries_of(work.session, standing.subject.id)
    last = [entry.site for entry in (chain[0], chain[-1]) if entry.site]
    return last if standing.holder == "unknown" else last[:1]


def timeline(work: Work, code: str) -> Story:
    """The whole story of a thing. Raises as `readable`."""
    standing = readable(work, code, "timeline.read")
    return story(work, standing)


def story(work: Work, standing: Standing) -> Story:
    """The whole story of a thing whose standing is known."""
    session, now, id_ = work.session, work.clock(), standing.subject.id
    told = queries.timeline(session, id_, limits=work.limits, now=now)
    chain = queries.entries_of(session, id_)
    head = GENESIS
    for entry in chain:
        _, head = row_of(entry, previous=head)
    return Story(
        standing=standing,
        timeline=told,
        named=queries.subjects(session, _named(told)),
        contents=_contents(work, standing.subject),
        entries=len(chain),
        head=head,
        registered_at=chain[0].recorded_at,
    )


def _contents(work: Work, subject: Subject) -> tuple[Inside, ...]:
    """What is in a container, or stands at a place."""
    if subject.sort is Sort.PLACE:
        return queries.standing_at(work.session, subject.id, limit=SHOWN_MOST)
    return queries.contents(work.session, subject.id)


def _named(told: Timeline) -> set[int]:
    about = told.subject
    named = {about.participant, about.kit, told.stand.place, told.stand.within}
    for line in told.lines:
        entry = line.entry
        named |= {entry.subject, entry.inside, entry.place, entry.package}
    return {id_ for id_ in named if id_ is not None}


def gaps_of(work: Work, code: str) -> list[GapSeen]:
    """Every gap of a thing, open, explained and closed. Raises as `readable`."""
    standing = readable(work, code)
    found = gap_queries.gaps_of(work.session, [standing.subject.id])
    return [GapSeen(gap=gap, subject=standing.subject) for gap in found]


def gaps(
    work: Work,
    *,
    state: str | None,
    site: str | None,
    rule: str | None,
    after: Sequence[str | int] | None,
    limit: int,
) -> list[GapSeen]:
    """Gaps of the sites that the actor may look at, the oldest first. Raises NotYourTask."""
    demand_somewhere(work, "subject.read")
    mine = sites_where(work.actor, "subject.read")
    if site is not None and not may(work.actor, "subject.read", site=site):
        raise AnotherSite
    sites = [site] if site else None if ANY in mine else mine
    found = gap_queries.gaps(
        work.session,
        sites=sites,
        rule=rule,
        state=state,
        after=_cursor(after),
        limit=limit,
    )
    known = queries.subjects(work.session, {gap.subject for gap in found})
    return [GapSeen(gap=gap, subject=known[gap.subject]) for gap in found]


def cursor_of(seen: GapSeen) -> tuple[str | int, ...]:
    """After which gap a list goes on."""
    gap = seen.gap
    return (gap.at.isoformat(), gap.subject, gap.rule, str(gap.entry_id))


def _cursor(after: Sequence[str | int] | None) -> tuple[datetime, int, str, str] | None:
    if after is None:
        return None
    at, subject, rule, entry = after
    try:
        moment = datetime.fromisoformat(str(at))
        parse_entry_id(str(entry))
    except ValueError as error:
        raise CursorUnfit from error
    if moment.tzinfo is None:
        raise CursorUnfit
    return moment, int(subject), str(rule), str(entry)


def state_of(gap: GapView) -> str:
    """Whether a gap is open, explained or closed."""
    if gap.cured_at is not None:
        return "closed"
    return "explained" if gap.explained is not None else "open"
