"""Compute again what follows for some subjects, and store it: one road for scans and sweeps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.custody import bearing, gap_rows, projected, store
from app.custody.history import Claim, History
from app.custody.ledger import CONTAINERS
from app.custody.project import Projection, project
from app.custody.replay import Replay
from app.custody.rows import claim_as_json
from app.kernel.limits import LimitsInForce

Position = tuple[int, str]


def recompute(
    session: Session,
    ids: Collection[int],
    *,
    kept: Mapping[int, store.Kept],
    heads: Mapping[int, tuple[int, bytes]],
    limits: LimitsInForce,
    now: datetime,
    near: Collection[int] = (),
) -> dict[int, Projection]:
    """Replay what bears on these subjects, whose state rows are locked, and store what follows.

    States come first, since what is inside a container and who claims a position are read from
    them. Others with a claim on a position that changed hands are computed too.
    """
    if not ids:
        return {}
    book = bearing.load(session, ids, near=near)
    replay = Replay(book, limits=limits, now=now)
    known = [id_ for id_ in ids if id_ in book.subjects]
    told = {h.subject.id: h for h in replay.histories(known)}
    live = replay.claims(told)
    changed = _changed(live, [kept[i] for i in told if i in kept])
    projected.hold_slots(session, changed)
    projected.write_states(session, told.values(), kept, heads)
    claims = _claims(session, {(c.location, c.position) for c in live} | changed, known=live)
    done = _judged(session, replay, told, claims, limits=limits, now=now)
    projected.write_slots(session, {at: claims[at] for at in changed})
    rivals = {claim.subject for at in changed for claim in claims[at]} - told.keys()
    if rivals:
        _others(session, rivals, limits=limits, now=now)
    return done


def _judged(
    session: Session,
    replay: Replay,
    told: Mapping[int, History],
    claims: Mapping[Position, tuple[Claim, ...]],
    *,
    limits: LimitsInForce,
    now: datetime,
) -> dict[int, Projection]:
    """What follows from these histories, once the states are written; stored."""
    holding = [id_ for id_, h in told.items() if h.subject.sort in CONTAINERS]
    contested = [claim.subject for live in claims.values() if len(live) > 1 for claim in live]
    if holding:
        replay.learn(contents=projected.first_contents(session, holding))
    if contested:
        replay.learn(rivals=claims)
    again = {*holding, *contested} & told.keys()
    histories = {**told, **{h.subject.id: h for h in replay.histories(again)}}
    done = {id_: project(history, limits=limits, now=now) for id_, history in histories.items()}
    projected.write_wake_ups(session, list(done.values()))
    gap_rows.write_gaps(session, list(done.values()))
    return done


def _changed(live: Sequence[Claim], kept: Sequence[store.Kept]) -> set[Position]:
    """Positions that somebody came to, left, or says otherwise to be at: since when, or counted."""
    claimed = {c.subject: ((c.location, c.position), claim_as_json(c)) for c in live}
    before = {
        row.subject: ((row.location, row.position), row.claim)
        for row in kept
        if row.claim is not None and row.location is not None and row.position is not None
    }
    return {
        claim[0]
        for id_ in {*claimed, *before}
        if claimed.get(id_) != before.get(id_)
        for claim in (claimed.get(id_), before.get(id_))
        if claim is not None
    }


def _claims(
    session: Session, positions: Collection[Position], *, known: Sequence[Claim]
) -> Mapping[Position, tuple[Claim, ...]]:
    return projected.claims_at(session, positions, known=known) if positions else {}


def _others(
    session: Session, ids: Collection[int], *, limits: LimitsInForce, now: datetime
) -> None:
    """Judge again those whose rival came or went."""
    kept = store.lock(session, ids)
    replay = Replay(bearing.load(session, kept), limits=limits, now=now)
    told = {h.subject.id: h for h in replay.histories(kept)}
    claims = projected.claims_at(session, {(c.location, c.position) for c in replay.claims(kept)})
    _judged(session, replay, told, claims, limits=limits, now=now)
