"""Adding a version of the limits: from a moment on, for a reason, never changing an older one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from app.accounts.rights import ANY, demand
from app.custody.sweep import last_sweep, look_again_from
from app.kernel.errors import Invalid, Refused
from app.kernel.work import Work
from app.limits import queries
from app.limits.models import LimitsRow
from app.limits.queries import VersionSeen
from app.limits.versions import LEAD
from config.limits import Limits, NoSuchLimit, as_dict
from config.reading import ConfigWrong
from config.rules import Value

SOP_MOST, REASON_MOST = 32, 500

Changes = Mapping[str, Mapping[str, Value]]


class TooEarly(Invalid):
    """It would judge what was already done, or begin before every program knows it."""

    message = "A version of the limits can begin at %(earliest)s at the earliest"
    advice = "Leave the time out to begin then"


class Overtaken(Refused):
    """It was made from a version that is no longer the last."""

    message = "The last version of the limits is %(version)s by now"
    advice = "Look at it, then decide again"


class UnknownLimit(Invalid):
    """A rule or a value that no rule has."""

    message = "There is no limit %(rule)s %(key)s"


class LimitUnfit(Invalid):
    """A value that this limit cannot have."""

    message = "The value of %(rule)s %(key)s cannot be used"
    advice = "A duration is a number from 0, a list keeps the kind of its members"


class WordsUnfit(Invalid):
    """No reason, or more words than there is room for."""

    message = (
        "A version needs a reason; it has room for %(reason)s characters, and %(sop)s for a name"
    )


class NothingChanged(Invalid):
    """A version like the one before it."""

    message = "It would change nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """What is to be added after the version `after`.

    Either `values` by rule and name, or a `whole` version as a file has it. `valid_from` None
    is as soon as possible.
    """

    after: int
    reason: str
    valid_from: datetime | None = None
    sop_version: str | None = None
    values: Changes = field(default_factory=dict)
    whole: Limits | None = None


def add(work: Work, new: NewVersion) -> VersionSeen:
    """Add a version; whoever waits for something is planned anew by the watcher.

    Raises NotYourTask, AnotherSite, WordsUnfit, TooEarly, Overtaken, UnknownLimit, LimitUnfit,
    NothingChanged; ConfigWrong for a `whole` one with other names.
    """
    demand(work, "limits.change", site=ANY)
    if not (_fits(new.reason, REASON_MOST) and _fits(new.sop_version or "-", SOP_MOST)):
        raise WordsUnfit(reason=REASON_MOST, sop=SOP_MOST)
    now = work.clock()
    earliest = now + LEAD
    since = new.valid_from or earliest
    if since < earliest:
        raise TooEarly(earliest=earliest.isoformat(timespec="seconds"))
    last = queries.last(work)
    if last.version != new.after:
        raise Overtaken(version=last.version)
    made = _made(last, new)
    if not made.changes_from(last):
        raise NothingChanged
    _write(work, made, since=since, reason=new.reason, now=now)
    look_again_from(work, since)
    return queries.version(work, made.version)


def _fits(words: str, most: int) -> bool:
    return bool(words.strip()) and len(words) <= most


def _made(last: Limits, new: NewVersion) -> Limits:
    whole = new.whole.following(last) if new.whole is not None else last
    for rule, values in new.values.items():
        for key in values:
            _known(whole, rule, key)
    sop = new.sop_version or f"limits-{last.version + 1}"
    try:
        made = whole.overridden(new.values, sop_version=sop)
    except (NoSuchLimit, ConfigWrong) as error:
        raise _unfit(whole, new.values) from error
    return replace(made, version=last.version + 1)


def _known(limits: Limits, rule: str, key: str) -> None:
    try:
        limits.value(rule, key)
    except NoSuchLimit as error:
        raise UnknownLimit(rule=rule, key=key) from error


def _unfit(limits: Limits, values: Changes) -> LimitUnfit:
    """The error about the first of these values that cannot be used."""
    for rule, key, value in [(r, k, v) for r, inner in values.items() for k, v in inner.items()]:
        try:
            limits.overridden({rule: {key: value}}, sop_version=limits.sop_version)
        except (NoSuchLimit, ConfigWrong):
            return LimitUnfit(rule=rule, key=key)
    raise AssertionError("one of them is unfit")


def _write(work: Work, made: Limits, *, since: datetime, reason: str, now: datetime) -> None:
    row = {
        "version": made.version,
        "valid_from": since,
        "content": as_dict(made),
        "added_at": now,
        "added_by": work.actor.person,
        "reason": reason,
    }
    statement = insert(LimitsRow).values(row).on_conflict_do_nothing().returning(LimitsRow.version)
    if work.session.scalar(statement) is None:
        raise Overtaken(version=made.version)


def begin(work: Work) -> int:
    """Plan anew what is dated after a version that took effect since the last sweep; how many
    versions that were.

    An entry may be dated ahead of its writing. Adding a version sees to those it finds; by the
    time it takes effect all that were written meanwhile can be found.
    """
    begun = queries.begun(work, since=last_sweep(work.session))
    for since in begun:
        look_again_from(work, since)
    return len(begun)
