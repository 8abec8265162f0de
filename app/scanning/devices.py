"""What a station's story is told of its devices: that one is not well, and that it is again.

`station_health.noted` remembers what the story says of each that is not well, so that a report
every half minute writes nothing, and a scanner that was unplugged writes two entries in all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from psycopg.types.json import Jsonb

from app.custody.gaps.system import AGENT, POLL, READS, WELL
from app.custody.ledger import Facts, Kind
from app.custody.station_story import tell
from app.kernel.sql import ask, do
from app.kernel.work import Work
from app.scanning.scan import Answer, Say

# States of devices, in the agent's words, in which they cannot be used; others are a person's to
# see to at the device, as a roll of labels that has ended is.
DOWN = frozenset(
    {
        "unplugged",
        "busy",
        "not permitted",
        "not answering",
        "address not understood",
        "unreadable data, check baud",
        "reads without an end",
        "answers what nobody understands",
    }
)
PASSING = "connecting"
SILENT, FAILING = "silent", "failing"
# A report may be under way when the second poll is over.
SLACK = timedelta(seconds=10)
FAILURES = frozenset({Say.NOT_OURS, Say.CHECK_CHARACTER, Say.DOUBLED, Say.TOO_LONG})
_LOOKED_BACK = 2000  # reads of one scanner: more than anybody makes in the time that is asked about

Noted = Mapping[str, str]
News = Mapping[str, Facts]


def news_of_report(noted: Noted, states: Mapping[str, str]) -> News:
    """What the story does not say yet of a station that has just said how its devices are."""
    said = {short(name): state.partition(": ")[0] for name, state in states.items()}
    now = {device: WELL for device in noted if device != READS}  # and what is no longer named
    now |= {
        device: state if state in DOWN else WELL
        for device, state in said.items()
        if state != PASSING
    }
    now |= {device: noted[device] for device in noted if said.get(device) == PASSING}
    return {
        device: {"device": device, "state": state}
        for device, state in now.items()
        if noted.get(device, WELL) != state
    }


def short(device: str) -> str:
    """A device's name at its station, without the station and the mark of its outbox."""
    return device.split("/")[1] if "/" in device else device


def note(work: Work, *, station: str, site: str | None, noted: Noted, news: News) -> None:
    """Write news of devices into a station's story, once."""
    if not news:
        return
    kept = {**noted, **{device: str(facts["state"]) for device, facts in news.items()}}
    do(
        work.session,
        "UPDATE station_health SET noted = %(noted)s WHERE station = %(station)s",
        station=station,
        noted=Jsonb({device: state for device, state in kept.items() if state != WELL}),
    )
    told = [(Kind.DEVICE_STATE, facts) for facts in news.values()]
    tell(work, station=station, site=site, told=told)


def silence(work: Work) -> timedelta:
    """How long nothing is heard of a station before that is worth saying."""
    return work.limits.at(work.clock()).number("G64", "missed_polls_max") * POLL + SLACK


def note_silent(work: Work) -> int:
    """Note the stations whose program has not been heard of, and did not say that it ends.

    For the watcher; how many.
    """
    rows = ask(
        work.session,
        "SELECT h.station, s.site, h.heard_at, h.noted FROM station_health h"
        " JOIN station s ON s.code = h.station WHERE h.heard_at < %(before)s AND NOT h.away"
        " AND s.key_hash IS NOT NULL AND NOT h.noted ? %(agent)s"
        " ORDER BY h.station FOR UPDATE OF h SKIP LOCKED",
        before=work.clock() - silence(work),
        agent=AGENT,
    )
    for station, site, heard_at, noted in rows:
        facts: Facts = {"device": AGENT, "state": SILENT, "heard_at": heard_at.isoformat()}
        note(work, station=station, site=site, noted=noted, news={AGENT: facts})
    return len(rows)


def note_failures(work: Work, answers: Sequence[Answer]) -> None:
    """Note that a station's scanners fail to read, where these answers make them too many (G03)."""
    station = work.actor.station
    if station is None or not any(one.saying in FAILURES for one in answers):
        return
    rows = ask(
        work.session,
        "SELECT noted, device_states FROM station_health WHERE station = %(station)s FOR UPDATE",
        station=station,
    )
    if not rows or READS in rows[0][0]:
        return
    noted, states = rows[0]
    failed = failures(work, list(states))
    if failed >= _too_many(work):
        facts: Facts = {"device": READS, "state": FAILING, "failures": failed}
        note(work, station=station, site=work.actor.site, noted=noted, news={READS: facts})


def news_of_reads(work: Work, noted: Noted, states: Mapping[str, str]) -> News:
    """That a station's scanners read well again, where the story says otherwise."""
    if READS not in noted:
        return {}
    if failures(work, list(states)) >= _too_many(work):
        return {}
    return {READS: {"device": READS, "state": WELL}}


def _too_many(work: Work) -> float:
    return work.limits.at(work.clock()).number("G03", "failures_min")


def failures(work: Work, devices: Sequence[str]) -> int:
    """How many of the latest reads of these devices were no code, or not the whole of one.

    Those that came late are not counted, for it is about a scanner that fails now.
    """
    since: datetime = work.clock() - work.limits.at(work.clock()).span("G03", "window_minutes")
    rows = ask(
        work.session,
        "SELECT count(*) FROM unnest(%(devices)s::text[]) AS device(id) CROSS JOIN LATERAL"
        " (SELECT occurred_at, answer->>'saying' AS saying FROM scan"
        "  WHERE device_id = device.id ORDER BY device_seq DESC LIMIT %(most)s) AS latest"
        " WHERE occurred_at >= %(since)s AND saying = ANY(%(failures)s)",
        devices=devices,
        most=_LOOKED_BACK,
        since=since,
        failures=sorted(FAILURES),
    )
    return int(rows[0][0])
