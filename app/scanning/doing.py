"""Doing together what several reads meant alike: stopped where still possible, else written.

What a capability cannot do with a read is no reason to lose it: it is written as a READ that says
what was meant. Only what the one who scanned may not do at all leaves nothing but the journal.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from sqlalchemy.exc import DataError

from app.custody import service
from app.custody.drafts import Draft
from app.custody.ledger import Facts, Kind
from app.custody.service import Written
from app.kernel.errors import Forbidden, HouseError, Invalid, Refused, Unavailable
from app.kernel.sql import whole_or_not_at_all
from app.kernel.work import Work
from app.scanning.answers import told_by
from app.scanning.outcomes import outcomes_of
from app.scanning.scan import Deed, Outcome, Say, Stop, Verdict
from app.scanning.verbs import STOPS, VERBS

# What a READ keeps of what a page said about it.
TOLD = ("meant", "stopped", "confirms", "card", "fault", "not_done")
WORD_MOST = 64


class NotStorable(Invalid):
    """A value that passed every check, and that the database has no room for."""

    message = "One of the values cannot be stored"
    advice = "Look for a number that is too large, or a character that cannot be printed"


def do_together(work: Work, deeds: Sequence[Deed], *, now: datetime) -> list[Outcome]:
    """What became of each deed; all of them are the same step with the same things."""
    stops = _stops(work, deeds)
    outcomes = {deed.scan.id: _stopped(work, deed, stop) for deed, stop in stops}
    going = [deed for deed in deeds if deed.scan.id not in outcomes]
    for deed, outcome in zip(going, _done(work, going), strict=True):
        outcomes[deed.scan.id] = outcome
    return [outcomes[deed.scan.id] for deed in deeds]


def _stops(work: Work, deeds: Sequence[Deed]) -> list[tuple[Deed, Stop]]:
    """Which of these deeds can and must still be stopped."""
    if deeds[0].late:
        return []
    stops: dict[UUID, Stop] = {}
    for step, ask in STOPS.items():
        asked = [deed for deed in deeds if _meant(deed) == step]
        if asked:
            stops |= ask(work, asked)
    return [(deed, stops[deed.scan.id]) for deed in deeds if deed.scan.id in stops]


def _meant(deed: Deed) -> str:
    """The step meant; a page that has stopped somebody reports a read, and what it was to be."""
    return str(deed.intent.facts.get("meant", deed.intent.step))


def _stopped(work: Work, deed: Deed, stop: Stop) -> Outcome:
    facts: Facts = {"meant": _meant(deed), "stopped": stop.say.value}
    written = _read(work, [deed], facts)
    return Outcome(
        entries=tuple(entry.entry_id for entry in written.entries),
        verdict=Verdict.STOP,
        say=stop.say,
        values=stop.values,
    )


def _done(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    if not deeds:
        return []
    try:
        # Whole or not at all: what a verb has begun when it gives up is taken back.
        with whole_or_not_at_all(work.session):
            return _did(work, deeds)
    except Unavailable:
        raise
    except HouseError as error:
        return _one_by_one(work, deeds, error)
    except (DataError, psycopg.DataError):
        return _one_by_one(work, deeds, NotStorable())


def _one_by_one(work: Work, deeds: Sequence[Deed], error: HouseError) -> list[Outcome]:
    """One of several that cannot be done holds up no other."""
    if len(deeds) > 1:
        return [outcome for deed in deeds for outcome in _done(work, [deed])]
    return [_given_up(work, deeds[0], error)]


def _did(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    step = deeds[0].intent.step
    if step == "read":
        return outcomes_of(work, deeds, _read(work, deeds, None))
    return VERBS[step](work, deeds)


def _given_up(work: Work, deed: Deed, error: HouseError) -> Outcome:
    told = told_by(error)
    if isinstance(error, Forbidden):
        return Outcome(verdict=Verdict.REFUSED, say=Say.ERROR, values=told)
    facts: Facts = {"meant": deed.intent.step, "not_done": type(error).__name__}
    entries = _read(work, [deed], facts).entries if deed.subject is not None else ()
    can_stop = isinstance(error, Refused) and not deed.late
    return Outcome(
        entries=tuple(entry.entry_id for entry in entries),
        verdict=Verdict.STOP if can_stop else Verdict.LOOK,
        say=Say.ERROR,
        values=told,
    )


def _read(work: Work, deeds: Sequence[Deed], facts: Facts | None) -> Written:
    return service.append(
        work,
        [
            Draft(
                subject=deed.subject.id,
                kind=Kind.READ,
                reading=deed.reading,
                facts=_told(deed.intent.facts) if facts is None else facts,
            )
            for deed in deeds
            if deed.subject is not None
        ],
    )


def _told(facts: Facts) -> Facts:
    words = {name: facts[name] for name in TOLD if isinstance(facts.get(name), str)}
    return {name: str(word)[:WORD_MOST] for name, word in words.items()}
