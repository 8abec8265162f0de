"""Undo by a scan: what an earlier read wrote is taken back, the one named or the device's last."""

from collections.abc import Sequence
from dataclasses import replace

from app.accounts.rights import demand
from app.custody import amending
from app.kernel.work import Work
from app.scanning import journal
from app.scanning.outcomes import outcomes_of
from app.scanning.scan import Deed, Outcome, Say, Verdict


def undo(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Take back what an earlier read of this device wrote."""
    return [_undo(work, deed) for deed in deeds]


def _undo(work: Work, deed: Deed) -> Outcome:
    target = _target(work, deed)
    if target is None or target.undone or not target.entries:
        return Outcome(verdict=Verdict.LOOK, say=Say.NOTHING_TO_UNDO)
    own = target.device_id == deed.scan.device_id or (
        target.actor is not None and target.actor == deed.reading.actor
    )
    right = "correction.make_own" if own else "correction.make"
    demand(work, right, site=target.site or deed.site)
    written = amending.undo(work, reading=deed.reading, command=target.id)
    journal.mark_undone(work.session, target.id, by=deed.scan.id)
    told = outcomes_of(work, [deed], written, say=Say.UNDONE)[0]
    return replace(told, facts={"undoes": str(target.id)})


def _target(work: Work, deed: Deed) -> journal.Undoable | None:
    named = deed.intent.facts.get("undoes")
    if named is None:
        scan = deed.scan
        return journal.last_of(work.session, device_id=scan.device_id, before=scan.device_seq)
    id_ = journal.id_of(named)
    return journal.undoable(work.session, id_) if id_ else None
