"""Whose turn it is: reads of a station's scanner are understood strictly one after the other.

A read that comes before an earlier one waits, up to a minute, for the hole to be filled; then
the others go on without it. A page says with each scan what it is for, and waits for nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.accounts.queries import standing_of
from app.accounts.rights import ANY, STATION
from app.kernel.work import Actor, Work
from app.scanning import agents, journal, tasks
from app.scanning.agents import Memory
from app.scanning.check_codes import CODES
from app.scanning.reading import FORMS, read
from app.scanning.scan import Intent, Read, Say, Scan, Sent

PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A read whose turn it is: what it is of and for, who made it, whose rights count.

    `doing` is the work of whoever made it; `say` what is answered where there is nothing to do.
    """

    sent: Sent
    scan: Scan
    doing: Work
    actor: int | None
    site: str | None
    station: str | None
    read: Read | None = None
    intent: Intent | None = None
    say: Say | None = None
    late: bool


Line = tuple[list[Turn], list[Sent], list[Sent]]


def in_turn(work: Work, fresh: Sequence[Sent], *, now: datetime) -> Line:
    """The reads whose turn it is, those that wait, and those nobody can understand."""
    turns: list[Turn] = []
    waiting: list[Sent] = []
    unfit: list[Sent] = []
    devices: dict[str, list[Sent]] = defaultdict(list)
    makers = _Makers(work)
    for sent in sorted(fresh, key=lambda one: (one.device_id, one.device_seq)):
        if work.actor.station is not None and (sent.scan is None or sent.scan.intent is None):
            devices[sent.device_id].append(sent)
        elif sent.scan is None:
            unfit.append(sent)
        else:
            turns.append(_of_page(work, makers, sent, sent.scan, now=now))
    for device, reads in devices.items():
        parts = _of_device(work, device, [_fresh(work, one, now) for one in reads], now=now)
        for whole, part in zip((turns, waiting, unfit), parts, strict=True):
            whole += part  # type: ignore[operator] # each list with its own kind
    return turns, waiting, unfit


def overdue(work: Work, device: str, *, now: datetime) -> Line:
    """What one device has that waits no longer."""
    return _of_device(work, device, [], now=now)


# Pages


def _of_page(work: Work, makers: "_Makers", sent: Sent, scan: Scan, *, now: datetime) -> Turn:
    doing = makers.work_of(sent)
    intent = scan.intent or agents.READ
    found = _read(doing, scan.raw, intent.step)
    person = None if sent.unknown else doing.actor.person
    station = doing.actor.station
    if station is not None:
        task = tasks.at(tasks.tasks_of(work, station, scan.occurred_at, now), scan.occurred_at)
        person = task.person if task else None
    return Turn(
        sent=sent,
        scan=scan,
        doing=doing,
        actor=person,
        site=doing.actor.site,
        station=station,
        read=found if isinstance(found, Read) else None,
        intent=intent,
        say=found if isinstance(found, Say) else None,
        late=scan.late(now),
    )


class _Makers:
    """The works of those who made scans which somebody else sends; each is looked up once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[int, Work] = {}

    def work_of(self, sent: Sent) -> Work:
        person = sent.made_by
        if person is None or person == self._work.actor.person:
            return self._work
        if person not in self._known:
            self._known[person] = self._as(person)
        return self._known[person]

    def _as(self, person: int) -> Work:
        standing = standing_of(self._work, person)
        language = self._work.actor.language
        if standing is None:
            # Shut out since; what they did before that happened all the same.
            actor = replace(self._work.actor, person=person)
        else:
            actor = Actor(
                person=person, site=standing.site, language=language, grants=standing.grants
            )
        return replace(self._work, actor=actor)


# Stations


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waiting:
    sent: Sent
    received_at: datetime
    station: str
    site: str | None
    parked: bool


def _fresh(work: Work, sent: Sent, now: datetime) -> _Waiting:
    return _Waiting(
        sent=sent,
        received_at=now,
        station=work.actor.station or "",
        site=work.actor.site,
        parked=False,
    )


def _of_device(work: Work, device: str, fresh: Sequence[_Waiting], *, now: datetime) -> Line:
    progress = journal.lock_device(work.session, device)
    reads = list(fresh)
    if progress.waiting:
        reads += [
            _Waiting(
                sent=one.sent,
                received_at=one.received_at,
                station=one.station or "",
                site=one.site,
                parked=True,
            )
            for one in journal.parked(work.session, device)
        ]
    reads.sort(key=lambda one: one.sent.device_seq)
    ready, waiting = _ready(reads, progress.done, now)
    turns: list[Turn] = []
    unfit: list[Sent] = []
    known = _tasks(work, ready, now)
    for one in ready:
        progress = replace(progress, done=max(progress.done, one.sent.device_seq))
        scan = one.sent.scan
        if scan is None:
            unfit.append(one.sent)
            continue
        turn, progress = _of_station(work, one, scan, known[one.station], progress, now=now)
        turns.append(turn)
    if ready:
        journal.keep_device(work.session, device, progress)
    return turns, [one.sent for one in waiting if not one.parked], unfit


def _ready(
    reads: Sequence[_Waiting], done: int, now: datetime
) -> tuple[list[_Waiting], list[_Waiting]]:
    """Those that follow on without a hole, or behind a hole that was waited for long enough."""
    timed_out = [one.sent.device_seq for one in reads if now - one.received_at >= PATIENCE]
    limit = max(timed_out, default=0)
    ready: list[_Waiting] = []
    waiting: list[_Waiting] = []
    for one in reads:
        if one.sent.device_seq <= max(done + 1, limit):
            ready.append(one)
            done = max(done, one.sent.device_seq)
        else:
            waiting.append(one)
    return ready, waiting


def _tasks(
    work: Work, ready: Iterable[_Waiting], now: datetime
) -> Mapping[str, Sequence[tasks.Task]]:
    moments: dict[str, list[datetime]] = defaultdict(list)
    for one in ready:
        if one.sent.scan is not None:
            moments[one.station].append(one.sent.scan.occurred_at)
    return {
        station: tasks.tasks_of(work, station, min(times), max(now, *times))
        for station, times in moments.items()
    }


def _of_station(
    work: Work,
    one: _Waiting,
    scan: Scan,
    known: Sequence[tasks.Task],
    progress: journal.Progress,
    *,
    now: datetime,
) -> tuple[Turn, journal.Progress]:
    task = tasks.at(known, scan.occurred_at) or _about(known, scan)
    opened = task.opened_at if task else None
    memory = progress.memory if progress.task_at == opened else Memory()
    found = _read(work, scan.raw, task.intent.step if task else "read")
    intent: Intent | None = None
    say: Say | None = None
    if isinstance(found, Say):
        say = Say.TEST_CODE if scan.raw in CODES else found
    else:
        meant, memory = agents.meant(found, task.intent if task else None, memory)
        intent = meant if isinstance(meant, Intent) else None
        say = meant if isinstance(meant, Say) else None
    actor = _station_actor(work, one)
    turn = Turn(
        sent=one.sent,
        scan=scan,
        doing=work if work.actor == actor else replace(work, actor=actor),
        actor=task.person if task else None,
        site=one.site,
        station=one.station,
        read=found if isinstance(found, Read) else None,
        intent=intent,
        say=say,
        late=one.parked or scan.late(now),
    )
    return turn, replace(progress, memory=memory, task_at=opened)


def _about(known: Sequence[tasks.Task], scan: Scan) -> tasks.Task | None:
    """A task opened just after the read, by a clock that may be as much as that off."""
    latest = scan.occurred_at + timedelta(milliseconds=scan.uncertainty)
    return next((task for task in known if scan.occurred_at <= task.opened_at <= latest), None)


def _station_actor(work: Work, one: _Waiting) -> Actor:
    if work.actor.station == one.station:
        return work.actor
    grants = frozenset(((STATION, one.site or "", ANY),))
    return Actor(station=one.station, site=one.site, grants=grants)


def _read(work: Work, raw: str, step: str) -> Read | Say:
    """What was read; the forms of others are tried only where it is not ours."""
    found = read(raw, {}, {})
    if isinstance(found, Read) or found is not Say.NOT_OURS:
        return found
    carriers = work.catalogue.carriers
    kinds = {form.id: form.kind for form in carriers.foreign}
    return read(raw, carriers.foreign_patterns(FORMS[step]), kinds)
