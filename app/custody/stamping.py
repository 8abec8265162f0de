"""From what somebody says to an entry: the time, the SOP in force, and facts that keep for ever."""

from datetime import datetime, timedelta

from app.custody import chain
from app.custody.drafts import Draft
from app.custody.ledger import Entry, Facts, Mode
from app.kernel.errors import Invalid

TYPED_AHEAD_MAX = timedelta(minutes=5)
FACTS_BYTES_MAX = 1_000_000
EXACT_MAX = 2**53 - 1


class TimeAhead(Invalid):
    """A typed time lies in the future."""

    message = "The time lies ahead of the clock"
    advice = "Correct the time"


class FactsUnfit(Invalid):
    """Facts that cannot be written down for ever."""

    message = "What was sent cannot be written down"
    advice = "Leave out what is not text, a number or a list"


def stamped(draft: Draft, *, now: datetime, sop: str) -> Entry:
    """The entry a draft becomes when it is written down now. Raises TimeAhead, FactsUnfit."""
    reading = draft.reading
    typed = reading.mode is Mode.MANUAL and reading.device_time is None
    if typed and reading.occurred_at > now + TYPED_AHEAD_MAX:
        raise TimeAhead
    return Entry(
        subject=draft.subject,
        entry_id=draft.entry_id,
        kind=draft.kind,
        occurred_at=reading.occurred_at,
        recorded_at=now,
        source=draft.source,
        target=draft.target,
        evidence=draft.evidence,
        actor=reading.actor,
        on_behalf_of=reading.on_behalf_of,
        station=reading.station,
        site=reading.site,
        place=draft.place,
        inside=draft.inside,
        position=draft.position,
        order=draft.order,
        package=draft.package,
        request=draft.request,
        tz_minutes=reading.tz_minutes,
        uncertainty_ms=reading.uncertainty_ms,
        device_id=reading.device_id,
        device_time=reading.device_time,
        device_seq=reading.device_seq,
        mode=reading.mode,
        corrects=draft.corrects,
        sop_version=sop,
        facts=fit(draft.facts),
    )


def fit(facts: Facts) -> Facts:
    """The same facts, if they can be kept for ever. Raises FactsUnfit."""
    if not facts:
        return facts
    try:
        chain.facts_hash(facts)
    except chain.NotCanonical as error:
        raise FactsUnfit from error
    if len(str(facts)) > FACTS_BYTES_MAX or not all(map(_keeps, facts.items())):
        raise FactsUnfit
    return facts


def _keeps(value: object) -> bool:
    """Whether the database gives it back as it was: no NUL, no number beyond exact ones."""
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, int | float):
        return abs(value) <= EXACT_MAX
    if isinstance(value, dict):
        return all(map(_keeps, value.items()))
    return not isinstance(value, list | tuple) or all(map(_keeps, value))
