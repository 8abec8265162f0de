"""Small worlds in which anything may be said of anything, for Hypothesis to make up and to shrink.

Unlike a journey (`journeys.py`) nothing here need make sense: boxes go into boxes that are in them,
clocks step, corrections name corrections, and what was found turns out to be something else.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from hypothesis import strategies as st

from app.custody.ledger import (
    CONTAINERS,
    CORRECTIONS,
    Entry,
    EntryId,
    Json,
    Kind,
    Mode,
    Origin,
    Sort,
    Subject,
)
from tests.journeys.custody.teller import COLLECTION, COURIER, DOCK, START, STORE, Journey

PARTICIPANT, KIT = 1, 2
TUBES, FOUND = (3, 4, 5), (6, 7)
BOXES, RACK, PACKAGES, FREEZERS, FOUND_BOX = (8, 9), 10, (11, 14), (12, 13), 15
THINGS = (*TUBES, *FOUND, *BOXES, FOUND_BOX, RACK, *PACKAGES)
CONTAINING = (*BOXES, FOUND_BOX, RACK, *PACKAGES)
_SORTS = {
    PARTICIPANT: (Sort.PARTICIPANT, "PN"),
    KIT: (Sort.KIT, "KT"),
    **dict.fromkeys((*TUBES, *FOUND), (Sort.TUBE, "TB")),
    **dict.fromkeys((*BOXES, FOUND_BOX), (Sort.BOX, "BX")),
    RACK: (Sort.RACK, "RK"),
    **dict.fromkeys(PACKAGES, (Sort.PACKAGE, "PK")),
    **dict.fromkeys(FREEZERS, (Sort.PLACE, "FZ")),
}
SUBJECTS = tuple(
    Subject(
        id=id_,
        sort=sort,
        code=f"{namespace}{id_}",
        namespace=namespace,
        origin=Origin.FOUND if id_ in (*FOUND, FOUND_BOX) else Origin.MINTED,
        participant=PARTICIPANT if id_ in TUBES[:2] else None,
        kit=KIT if id_ in TUBES[:2] else None,
    )
    for id_, (sort, namespace) in _SORTS.items()
)
_ABOUT_PACKAGES = {Kind.SEALED, Kind.RELEASED, Kind.DELIVERED, Kind.RECEIVED}
_ABOUT_PACKAGES |= {Kind.PACKAGE_CLOSED_OUT}
_WITHOUT_A_PLACE = _ABOUT_PACKAGES | {Kind.UNPACKED, Kind.CONSENT_RECORDED, Kind.WITHDRAWAL_SET}
_WITHOUT_A_PLACE |= {Kind.ORDER_DONE, Kind.IDENTIFIED, Kind.BOUND, *CORRECTIONS}
_TARGETS = {
    Kind.COLLECTED: COLLECTION,
    Kind.PACKED: COLLECTION,
    Kind.SEALED: COLLECTION,
    Kind.RELEASED: COURIER,
    Kind.DELIVERED: DOCK,
    Kind.RECEIVED: DOCK,
    Kind.CHECKED_IN: DOCK,
    Kind.STORED: STORE,
    Kind.MOVED: STORE,
}
_SITES = {COLLECTION: "BRK", COURIER: "BRK", DOCK: "BB1", STORE: "BB1"}
_KINDS = (
    *_TARGETS,
    *(Kind.PACKED, Kind.PACKED, Kind.RELEASED, Kind.RECEIVED),
    *(Kind.UNPACKED, Kind.READ, Kind.INVENTORIED, Kind.QUARANTINED, Kind.LOST_DECLARED),
    *(Kind.DESTROYED, Kind.PACKAGE_CLOSED_OUT, Kind.CORRECTION, Kind.UNDO, Kind.IDENTIFIED),
    *(Kind.BOUND, Kind.CONSENT_RECORDED, Kind.WITHDRAWAL_SET, Kind.ORDER_DONE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What one entry says; fields that its kind has no use for are left out of it."""

    kind: Kind
    thing: int
    into: int | None
    position: str | None
    half_hours: int
    device: str
    target: str | None  # other than usual
    site: str | None  # other than usual
    other: int  # which deed a correction names, what a found thing is, whether on a list


deeds = st.builds(
    Deed,
    kind=st.sampled_from(_KINDS),
    thing=st.sampled_from(THINGS),
    into=st.sampled_from((None, None, *BOXES, *BOXES, FOUND_BOX, RACK, *PACKAGES, *FREEZERS)),
    position=st.sampled_from((None, "A1", "A2")),
    half_hours=st.integers(0, 16),
    device=st.sampled_from(("D1", "D2", "D3")),
    target=st.sampled_from((None, None, None, DOCK, COLLECTION, "unknown")),
    site=st.sampled_from((None, None, None, "RIV")),
    other=st.integers(0, 30),
)


def world(said: list[Deed]) -> Journey:
    """The ledger of these deeds, said in this order and recorded together at the end."""
    entries = [_entry(number, deed, said) for number, deed in enumerate(said)]
    return Journey(subjects=SUBJECTS, entries=tuple(entries))


def _entry(number: int, deed: Deed, said: list[Deed]) -> Entry:
    kind, thing = deed.kind, _thing(deed)
    target = (deed.target or _TARGETS[kind]) if kind in _TARGETS else None
    into = deed.into if kind not in _WITHOUT_A_PLACE else None
    corrects = deed.other % len(said) if kind in CORRECTIONS else None
    container = into is not None and _SORTS[into][0] in CONTAINERS
    return Entry(
        subject=_thing(said[corrects]) if corrects is not None else thing,
        entry_id=_id(number),
        kind=kind,
        occurred_at=START + timedelta(minutes=30 * deed.half_hours),
        recorded_at=START + timedelta(hours=12),
        seq=number,
        target=target,
        site=deed.site or _SITES.get(target or "", "BRK"),
        inside=into if container else None,
        place=into if not container else None,
        position=deed.position if into is not None else None,
        package=_package(deed) if kind is Kind.CHECKED_IN and deed.other % 2 else None,
        corrects=None if corrects is None else _id(corrects),
        device_id=deed.device,
        device_seq=sum(one.device == deed.device for one in said[:number]),
        uncertainty_ms=400 if deed.other % 3 else 3_600_000,
        mode=Mode.OFFLINE,
        facts=_facts(deed),
    )


def _id(number: int) -> EntryId:
    return EntryId(uuid5(NAMESPACE_URL, f"world:{number}"), 0)


def _thing(deed: Deed) -> int:
    if deed.kind in (Kind.CONSENT_RECORDED, Kind.WITHDRAWAL_SET):
        return PARTICIPANT
    if deed.kind is Kind.ORDER_DONE:
        return KIT
    if deed.kind is Kind.IDENTIFIED and deed.thing in CONTAINING:
        return FOUND_BOX
    if deed.kind in (Kind.IDENTIFIED, Kind.BOUND):
        return FOUND[deed.other % 2]
    if deed.kind in _ABOUT_PACKAGES:
        return _package(deed)
    return deed.thing


def _package(deed: Deed) -> int:
    return PACKAGES[1] if deed.other % 4 == 3 else PACKAGES[0]


def _facts(deed: Deed) -> dict[str, Json]:
    if deed.kind is Kind.IDENTIFIED and deed.thing in CONTAINING:
        return {"real": BOXES[deed.other % 2]}
    if deed.kind is Kind.IDENTIFIED:
        return {"real": ((*TUBES, *FOUND)[deed.other % 5])}
    if deed.kind is Kind.BOUND:
        return {"participant": f"PN{deed.other % 3}"}
    if deed.kind is Kind.RELEASED:
        listed = [tube for tube in TUBES if deed.other >> (tube - TUBES[0]) & 1]
        return {"destination": "BB1", "lines": [[tube, f"TB{tube}", None, None] for tube in listed]}
    if deed.kind is Kind.CONSENT_RECORDED:
        scope = ("primary", "biospecimen")[deed.other % 2]
        return {"scope": scope, "status": "yes" if deed.other % 5 else "no"}
    if deed.kind is Kind.CORRECTION:
        return {"replacement": _replacement(deed), "reason": "misread"}
    return {}


def _replacement(deed: Deed) -> dict[str, Json]:
    if deed.other % 3 == 0:
        at = START + timedelta(minutes=30 * deed.half_hours + 15)
        return {"occurred_at": at.isoformat()}
    if deed.other % 4 == 1:
        return {"package": PACKAGES[deed.half_hours % 2]}
    if deed.into is None:
        return {"position": deed.position}
    container = _SORTS[deed.into][0] in CONTAINERS
    return {
        "inside": deed.into if container else None,
        "place": None if container else deed.into,
        "position": deed.position,
    }


worlds = st.lists(deeds, min_size=1, max_size=14).map(world)
