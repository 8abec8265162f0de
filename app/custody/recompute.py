"""Compute again what follows for some subjects, and store it: one road for scans and sweeps."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.custody import store
from app.custody.history import Claim
from app.custody.ledger import CONTAINERS
from app.custody.project import Projection, project
from app.custody.replay import Replay
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

    Containers come last, since what is inside them is read from the states written first. Others
    with a claim on a position that changed hands are computed too.
    """
    if not ids:
        return {}
    book = store.load(session, ids, near=near)
    replay = Replay(book, limits=limits, now=now)
    known = [id_ for id_ in sorted(ids) if id_ in book.subjects]
    inner = [id_ for id_ in known if book.subjects[id_].sort not in CONTAINERS]
    outer = [id_ for id_ in known if book.subjects[id_].sort in CONTAINERS]
    claimed = {c.subject: (c.location, c.position) for c in replay.claims(known)}
    changed = _changed(claimed, [kept[i] for i in known if i in kept])
    store.hold_slots(session, changed)
    done: dict[int, Projection] = {}
    for group in (inner, outer):
        done |= _project(session, replay, group, limits=limits, now=now)
        store.write_states(session, [done[i] for i in group], kept, heads)
    claims = _claims(session, {*claimed.values(), *changed})
    if claimed:
        done |= _contested(replay, claimed, claims, limits=limits, now=now)
    store.write_wake_ups(session, list(done.values()))
    store.write_gaps(session, list(done.values()))
    store.write_slots(session, {at: claims[at] for at in changed})
    rivals = {claim.subject for at in changed for claim in claims[at]} - set(known)
    if rivals:
        _others(session, rivals, limits=limits, now=now)
    return done


def _project(
    session: Session,
    replay: Replay,
    group: Sequence[int],
    *,
    limits: LimitsInForce,
    now: datetime,
) -> dict[int, Projection]:
    if not group:
        return {}
    histories = list(replay.histories(group))
    holding = [h.subject.id for h in histories if h.subject.sort in CONTAINERS]
    if holding:
        replay.learn(contents=store.first_contents(session, holding))
        histories = list(replay.histories(group))
    return {h.subject.id: project(h, limits=limits, now=now) for h in histories}


def _contested(
    replay: Replay,
    claimed: Mapping[int, Position],
    claims: Mapping[Position, tuple[Claim, ...]],
    *,
    limits: LimitsInForce,
    now: datetime,
) -> dict[int, Projection]:
    """Once the states are written, those whose position others claim too are judged again."""
    contested = [id_ for id_, at in claimed.items() if len(claims[at]) > 1]
    if not contested:
        return {}
    replay.learn(rivals=claims)
    return {id_: project(replay.history(id_), limits=limits, now=now) for id_ in contested}


def _changed(claimed: Mapping[int, Position], kept: Sequence[store.Kept]) -> set[Position]:
    """Positions that somebody came to or left."""
    before = {
        row.subject: (row.location, row.position)
        for row in kept
        if row.claim is not None and row.location is not None and row.position is not None
    }
    return {
        at
        for id_ in {*claimed, *before}
        if claimed.get(id_) != before.get(id_)
        for at in (claimed.get(id_), before.get(id_))
        if at is not None
    }


def _claims(
    session: Session, positions: Collection[Position]
) -> Mapping[Position, tuple[Claim, ...]]:
    return store.claims_at(session, positions) if positions else {}


def _others(
    session: Session, ids: Collection[int], *, limits: LimitsInForce, now: datetime
) -> None:
    """Judge again those whose rival came or went."""
    kept = store.lock(session, ids)
    replay = Replay(store.load(session, ids), limits=limits, now=now)
    claims = replay.claims(list(kept))
    replay.learn(rivals=store.claims_at(session, {(c.location, c.position) for c in claims}))
    done = _project(session, replay, sorted(kept), limits=limits, now=now)
    store.write_wake_ups(session, list(done.values()))
    store.write_gaps(session, list(done.values()))
