"""Taking in reads: written down first, understood in order, done together, answered once."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from app.kernel.work import Work
from app.scanning import devices, journal, turns
from app.scanning.answers import answer_of, conflict, parked, unfit
from app.scanning.doing import do_together
from app.scanning.journal import Settled
from app.scanning.scan import Answer, Deed, Sent
from app.scanning.turns import Turn
from app.scanning.understanding import understand


def take(work: Work, sent: Sequence[Sent]) -> tuple[Answer, ...]:
    """Take in reads, each once, and answer them in the order in which they were sent.

    A read that is known already is answered as it was the first time; another read under its id,
    or its place in the device's order, is a conflict.
    """
    now = work.clock()
    new = journal.claim(work, sent, now=now)
    fresh: dict[tuple[UUID, bytes], Sent] = {}
    for one in sent:
        if (one.id, one.body_hash) in new:
            fresh.setdefault((one.id, one.body_hash), one)
    first = _settle(work, turns.in_turn(work, list(fresh.values()), now=now), now=now)
    again = [one for one in sent if first.get(one.id) is None or fresh_of(fresh, one) is not one]
    known = journal.replayed(work, again) if again else {}
    return tuple(
        first[one.id]
        if fresh_of(fresh, one) is one
        else known[one.id, one.body_hash] or conflict(one)
        for one in sent
    )


def fresh_of(fresh: dict[tuple[UUID, bytes], Sent], one: Sent) -> Sent | None:
    """The item of this request that was written down for this read."""
    return fresh.get((one.id, one.body_hash))


def unpark(work: Work) -> int:
    """Understand reads that have waited for a hole to be filled for long enough; how many.

    For the watcher, every few seconds.
    """
    now = work.clock()
    count = 0
    for device in journal.devices_waiting(work.session, since=now - turns.PATIENCE):
        count += len(_settle(work, turns.overdue(work, device, now=now), now=now))
    return count


def _settle(work: Work, line: turns.Line, *, now: datetime) -> dict[UUID, Answer]:
    """Do what the reads say whose turn it is, and write down what each came to."""
    ready, waiting, unreadable = line
    settled = [Settled(sent=one, answer=unfit(one), actor=one.made_by) for one in unreadable]
    settled += [Settled(sent=one, answer=parked(one), actor=None) for one in waiting]
    answers = _answers(work, ready, now=now)
    settled += [Settled(sent=t.sent, answer=answers[t.sent.id], actor=t.actor) for t in ready]
    journal.settle(work.session, settled)
    devices.note_failures(work, [one.answer for one in settled])
    return {one.sent.id: one.answer for one in settled}


def _answers(work: Work, ready: Sequence[Turn], *, now: datetime) -> dict[UUID, Answer]:
    """Neighbours that mean the same step with the same things are done in one go."""
    meant = list(zip(ready, understand(work, ready), strict=True))
    answers = {turn.sent.id: one for turn, one in meant if isinstance(one, Answer)}
    deeds = [(turn, one) for turn, one in meant if isinstance(one, Deed)]
    for _, group in groupby(deeds, key=lambda pair: _sameness(*pair)):
        members = list(group)
        doing = members[0][0].doing
        outcomes = do_together(doing, [deed for _, deed in members], now=now)
        for (turn, deed), outcome in zip(members, outcomes, strict=True):
            answers[turn.sent.id] = answer_of(deed, outcome)
    return answers


def _sameness(turn: Turn, deed: Deed) -> tuple[object, ...]:
    meant = deed.intent
    things = (meant.order, meant.kit, meant.box, meant.package, meant.rack, meant.place)
    how = (meant.source, meant.evidence, deed.late, turn.station)
    return (turn.doing.actor, meant.step, things, how)
