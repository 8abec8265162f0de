"""Print jobs that do not go on: noted in the story of their station, once, and when it is over."""

from itertools import groupby

from app.custody.gaps.system import PRINT_JOBS, WELL
from app.custody.ledger import Facts, Kind
from app.custody.station_story import tell
from app.kernel.sql import ask, do
from app.kernel.work import Work

WAITING = "waiting"
_OPEN = "('waiting', 'sent')"
_LOOK = f"""
SELECT job.station, job.site, job.id, job.stalled,
  bool_or(label.state IN {_OPEN})
  AND greatest(job.requested_at, max(label.told_at)) < %(before)s AS stalls
FROM print_job job JOIN print_label label ON label.job = job.id
WHERE job.stalled OR job.id IN (SELECT job FROM print_label WHERE state IN {_OPEN})
GROUP BY job.id ORDER BY job.station, job.id
"""  # noqa: S608 - constant


def note_stalled(work: Work) -> int:
    """Note the stations with labels left of which nothing was heard for too long (G64).

    For the watcher; how many are news.
    """
    now = work.clock()
    wait = work.limits.at(now).span("G64", "print_job_minutes_max")
    rows = ask(work.session, _LOOK, before=now - wait)
    news = 0
    for (station, site), group in groupby(rows, key=lambda row: (row[0], row[1])):
        jobs = list(group)
        changed = [row[2] for row in jobs if row[3] != row[4]]
        if changed:
            do(
                work.session,
                "UPDATE print_job SET stalled = NOT stalled WHERE id = ANY(%(ids)s)",
                ids=changed,
            )
        stalls = any(row[4] for row in jobs)
        if any(row[3] for row in jobs) != stalls:
            facts: Facts = {"device": PRINT_JOBS, "state": WAITING if stalls else WELL}
            tell(work, station=station, site=site, told=[(Kind.DEVICE_STATE, facts)])
            news += 1
    return news
