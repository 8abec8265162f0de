"""When the chain of one thing was last verified: for the thing's own page."""

from datetime import datetime

from app.alarms.marks import VERIFY
from app.alarms.queries import mark_of
from app.custody.ledger import Subject
from app.kernel.work import Work


def verified(work: Work, subject: Subject) -> tuple[datetime, bool] | None:
    """When the whole ledger was last verified, and whether this chain held; None for never."""
    mark = mark_of(work, VERIFY)
    if mark is None:
        return None
    broken = mark.facts.get("broken")
    if mark.ok or not isinstance(broken, list):
        return mark.at, mark.ok
    return mark.at, subject.code not in broken
