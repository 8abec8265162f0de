"""The watcher: looks every few seconds for what did not happen, and has the alarms follow.

Any number may run; a lease and a turn see to it that one of them looks. Each step is its own
transaction and may be repeated, so one that is killed between two of them leaves nothing undone.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import DBAPIError

from app.alarms.follow import follow
from app.alarms.marks import SWEEP, VERIFY, facts_of, mark
from app.alarms.turns import forget_old_turns, let_go, take_turn
from app.custody import sweep
from app.custody.ledger import Json
from app.custody.verify import verify
from app.kernel.clock import system_clock
from app.kernel.work import Work, run_tx
from app.limits.service import begin
from app.printing.stalled import note_stalled
from app.scanning.devices import note_silent
from app.scanning.service import unpark

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")
WorkFactory = Callable[[], Work]
"""A new unit of work on a session of its own; whoever asked for it closes the session."""

ROUNDS_MAX = 200  # of one sweep; the next goes on where it stopped
LEASE_MAX = timedelta(minutes=10)
LEASE_MARGIN = 1.2  # of the time between two turns: then another watcher may take over
TICK_MAX = timedelta(minutes=5)  # how often a job of the night asks whether its turn has come
PAUSE_FIRST, PAUSE_MAX = 1.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep found and did."""

    looked_at: int
    raised: int
    cured: int
    opened: int
    joined: int
    ended: int


class Outcome(NamedTuple):
    """How a turn of a job ended: its counts, and whether all was well."""

    facts: Mapping[str, Json]
    ok: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Something done again and again: once in every span of time, by one watcher."""

    name: str
    every: timedelta
    run: Callable[[WorkFactory], Outcome]

    @property
    def lease(self) -> timedelta:
        """How long a watcher that took a turn keeps the others from taking the next."""
        return min(self.every * LEASE_MARGIN, LEASE_MAX)


def sweep_once(work_factory: WorkFactory) -> Swept:
    """Look once: compute again what is due, raise, cure, and have the alarms follow."""
    in_transaction(work_factory, begin)
    looked_at = 0
    for _ in range(ROUNDS_MAX):
        found = in_transaction(work_factory, sweep.due)
        looked_at += found
        if found < sweep.BATCH:
            break
    done = [in_transaction(work_factory, _settle)]
    while max(done[-1].raised, done[-1].cured) >= sweep.BATCH and len(done) < ROUNDS_MAX:
        done.append(in_transaction(work_factory, _settle))
    return Swept(
        looked_at=looked_at,
        raised=sum(each.raised for each in done),
        cured=sum(each.cured for each in done),
        opened=sum(each.opened for each in done),
        joined=sum(each.joined for each in done),
        ended=sum(each.ended for each in done),
    )


def _settle(work: Work) -> Swept:
    """Raised and opened in one: there is no gap raised whose alarm could be lost."""
    cured = sweep.cure(work)
    raised = sweep.raise_settled(work)
    followed = follow(work, raised)
    return Swept(
        looked_at=0,
        raised=len(raised),
        cured=len(cured),
        opened=followed.opened,
        joined=followed.joined,
        ended=followed.ended,
    )


def _sweep(work_factory: WorkFactory) -> Outcome:
    swept = sweep_once(work_factory)
    return Outcome({name: getattr(swept, name) for name in Swept.__slots__})


def _unpark(work_factory: WorkFactory) -> Outcome:
    return Outcome({"understood": in_transaction(work_factory, unpark)})


def _stations(work_factory: WorkFactory) -> Outcome:
    silent = in_transaction(work_factory, note_silent)
    return Outcome({"silent": silent, "stalled": in_transaction(work_factory, note_stalled)})


def _verify(work_factory: WorkFactory) -> Outcome:
    report = in_transaction(
        work_factory, lambda work: verify(work.session, limits=work.limits, now=work.clock())
    )
    for finding in report.findings:
        log.error("watcher:verify:found %s", finding)
    return Outcome(facts_of(report), ok=report.ok)


def _tidy(work_factory: WorkFactory) -> Outcome:
    in_transaction(work_factory, forget_old_turns)
    return Outcome({})


JOBS: tuple[Job, ...] = (
    Job(name=SWEEP, every=timedelta(seconds=5), run=_sweep),
    Job(name="unpark", every=timedelta(seconds=5), run=_unpark),
    Job(name="stations", every=timedelta(seconds=10), run=_stations),
    Job(name=VERIFY, every=timedelta(days=1), run=_verify),
    Job(name="tidy", every=timedelta(days=1), run=_tidy),
)


@dataclass(slots=True)
class Watcher:
    """One of the watchers. `holder` is who it is to the others."""

    work_factory: WorkFactory
    holder: UUID
    jobs: Sequence[Job] = JOBS
    seconds: Callable[[], float] = time.monotonic
    _pause: float = 0.0
    _not_before: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self, job: Job) -> bool:
        """Do the present turn of a job, unless it is another's; say whether it was done here.

        A database that is away is asked again later, after a growing pause.
        """
        if self.seconds() < self._not_before:
            return False
        try:
            done = self._turn(job)
        except DBAPIError as error:
            self._wait_longer(error)
            return False
        self._pause = self._not_before = 0.0
        return done

    def _turn(self, job: Job) -> bool:
        def mine(work: Work) -> bool:
            return take_turn(work, job.name, holder=self.holder, every=job.every, lease=job.lease)

        if not in_transaction(self.work_factory, mine):
            return False
        started = time.perf_counter()
        facts, ok = job.run(self.work_factory)
        in_transaction(self.work_factory, lambda work: mark(work, job.name, ok=ok, facts=facts))
        told = ", ".join(f"{count} {name}" for name, count in facts.items())
        spent = (time.perf_counter() - started) * 1000
        # The sweep is a sign of life, a line for each; others speak when there was something.
        level = logging.INFO if job.name == SWEEP or any(facts.values()) else logging.DEBUG
        log.log(level, "watcher:%s %s, %.0f ms", job.name, told or "done", spent)
        return True

    def _wait_longer(self, error: DBAPIError) -> None:
        with self._lock:
            self._pause = min(max(PAUSE_FIRST, self._pause * 2), PAUSE_MAX)
            self._not_before = self.seconds() + self._pause
        log.warning(
            "watcher:database:away %s, again in %.0f s", type(error.orig).__name__, self._pause
        )

    def leave(self) -> None:
        """Let the next watcher look at once."""
        with suppress(DBAPIError):
            in_transaction(self.work_factory, lambda work: let_go(work, holder=self.holder))


def watch(watcher: Watcher, *, stopping: threading.Event) -> None:
    """Do every job at its time until `stopping` is set; the turn under way is finished."""
    with _scheduled(watcher):
        log.info("watcher:started %s", watcher.holder)
        stopping.wait()
    watcher.leave()
    log.info("watcher:stopped %s", watcher.holder)


@contextmanager
def _scheduled(watcher: Watcher) -> Iterator[None]:
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(len(watcher.jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in watcher.jobs:
        seconds = min(job.every, TICK_MAX).total_seconds()
        scheduler.add_job(
            watcher.turn,
            "interval",
            args=(job,),
            seconds=seconds,
            id=job.name,
            next_run_time=system_clock(),  # the first look is now, not after the first interval
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=True)


def in_transaction(work_factory: WorkFactory, unit: Callable[[Work], Answer]) -> Answer:
    """Do this on a session of its own, committed; again where another was in the way."""
    work = work_factory()
    try:
        return run_tx(work.session, lambda: unit(work))
    finally:
        work.session.close()
