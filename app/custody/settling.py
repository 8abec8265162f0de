"""Settle time cut short: what could still cure a gap would have been heard by now.

A gap that settles waits for an entry that may be under way. Every station at every site that the
story names, of the thing and of whatever it was in, may have that entry in its queue. Once each
of them has said, after the gap began to settle, that it has nothing left to send, nothing is
under way. A site without any station is never heard, and a silent station is waited for.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from app.accounts.queries import stations_with_keys
from app.custody import parties
from app.custody.ledger import BOOKKEEPING, EntryId, parse_entry_id
from app.custody.store import entries_of_commands
from app.kernel.sql import ask
from app.kernel.work import Work

EMPTY = "empty"
SETTLING_MOST = 500

Key = tuple[int, str, str]
"""A gap: subject, rule, entry."""


class Settling(NamedTuple):
    """A gap whose settle time runs: since when, and the sites whose stations may end it."""

    key: Key
    began: datetime
    sites: frozenset[str]


def settled_early(work: Work) -> list[Key]:
    """The gaps whose settle time has been ended by the stations concerned."""
    gaps = _settling(work)
    if not gaps:
        return []
    stations = stations_with_keys(work, frozenset().union(*(gap.sites for gap in gaps)))
    empties = _last_empty(work, stations)
    at_site: dict[str, list[str]] = defaultdict(list)
    for station, site in stations.items():
        at_site[site].append(station)

    def heard(site: str, began: datetime) -> bool:
        said = [empties.get(station) for station in at_site[site]]
        return bool(said) and all(at is not None and at > began for at in said)

    return [gap.key for gap in gaps if all(heard(site, gap.began) for site in gap.sites)]


def waited_for(work: Work, *, station: str, site: str) -> bool:
    """Whether a gap settles that this station, by saying that its queue is empty, may help end."""
    began = [gap.began for gap in _settling(work) if site in gap.sites]
    if not began:
        return False
    last = _last_empty(work, [station]).get(station)
    return last is None or last <= max(began)


def _settling(work: Work) -> list[Settling]:
    rows = ask(
        work.session,
        "SELECT subject_id, rule, entry, cause_subject, at FROM gap"
        " WHERE raised_at IS NULL AND settles_at > %(now)s"
        " ORDER BY settles_at, subject_id, rule, entry LIMIT %(n)s",
        now=work.clock(),
        n=SETTLING_MOST,
    )
    if not rows:
        return []
    recorded = _recorded(work, {parse_entry_id(row[2]) for row in rows})
    named = _sites(work, {id_ for row in rows for id_ in (row[0], row[3])})
    return [
        Settling(
            key=(subject, rule, entry),
            began=max(at, recorded.get(parse_entry_id(entry), at)),
            sites=frozenset(named[subject] | named[cause]),
        )
        for subject, rule, entry, cause, at in rows
    ]


def _recorded(work: Work, ids: Collection[EntryId]) -> dict[EntryId, datetime]:
    entries = entries_of_commands(work.session, {id_.command for id_ in ids})
    return {entry.entry_id: entry.recorded_at for entry in entries}


def _sites(work: Work, ids: Collection[int]) -> Mapping[int, set[str]]:
    """The sites that the stories of these subjects, and of all they were ever in, speak of."""
    rows = ask(
        work.session,
        "WITH RECURSIVE around (origin, id) AS ("
        " SELECT id, id FROM unnest(%(ids)s::bigint[]) AS asked (id)"
        " UNION SELECT around.origin, event.inside FROM around"
        " JOIN custody_event AS event ON event.subject_id = around.id"
        " WHERE event.inside IS NOT NULL)"
        " SELECT DISTINCT origin, site, source, target, facts->>'destination' FROM around"
        " JOIN custody_event AS event ON event.subject_id = around.id"
        " WHERE kind <> ALL(%(kinds)s)",
        ids=list(ids),
        kinds=sorted(BOOKKEEPING),
    )
    found: dict[int, set[str]] = defaultdict(set)
    for origin, site, source, target, destination in rows:
        told = (site, parties.site_of(source), parties.site_of(target), destination)
        found[origin] |= {each for each in told if each is not None}
    return found


def _last_empty(work: Work, stations: Iterable[str]) -> dict[str, datetime]:
    """When each station last said that its queue was empty."""
    rows = ask(
        work.session,
        "SELECT subject.code, max(event.recorded_at) FROM subject"
        " JOIN custody_event AS event ON event.subject_id = subject.id"
        " WHERE subject.namespace = 'ST' AND subject.code = ANY(%(codes)s)"
        " AND event.kind = 'QUEUE_STATE' AND event.facts->>'state' = %(empty)s"
        " GROUP BY subject.code",
        codes=list(stations),
        empty=EMPTY,
    )
    return {row[0]: row[1] for row in rows}
