"""The step tables: which entry may follow which, for a tube, a box, a package.

A phase is how far a subject has come. `allowed` says from which phases an entry of a kind may be
made; `after` where it leads. A subject's own entry outside the table is G18's business; what
comes from a container moves the phase without being judged, for nobody looked.
Source: the state machine of events.toml, changed as ledger.md 3 and 6 ask.
"""

from collections.abc import Mapping
from enum import StrEnum

from app.custody.ledger import Kind, Sort


class Phase(StrEnum):
    """How far a subject has come."""

    NONE = "none"
    FAILED = "failed"
    COLLECTED = "collected"
    LOADED = "loaded"
    PACKED = "packed"
    SEALED = "sealed"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"
    RECEIVED = "received"
    CLOSED = "closed"
    CHECKED_IN = "checked_in"
    QUARANTINED = "quarantined"
    STORED = "stored"
    OUT = "out"
    LOST = "lost"
    DISTRIBUTED = "distributed"
    CONSUMED = "consumed"
    DESTROYED = "destroyed"


class Spin(StrEnum):
    """Where a tube stands with the centrifuge."""

    NEVER = "never"
    SPINNING = "spinning"
    SPUN = "spun"


P = Phase
AT_BENCH = frozenset({P.CHECKED_IN, P.QUARANTINED, P.STORED, P.OUT})
ENDED = frozenset({P.DISTRIBUTED, P.CONSUMED, P.DESTROYED})
ALIVE = frozenset(P) - ENDED - {P.LOST, P.FAILED}
KNOWN = ALIVE - {P.NONE}
ON_THE_WAY = frozenset({P.IN_TRANSIT, P.DELIVERED})

Row = tuple[frozenset[Phase], Phase | None]


def _row(*before: Phase, to: Phase | None = None) -> Row:
    return frozenset(before), to


_ENDS: Mapping[Kind, Row] = {
    Kind.QUARANTINED: (KNOWN, P.QUARANTINED),
    Kind.RELEASED_FROM_QUARANTINE: _row(P.QUARANTINED, to=P.CHECKED_IN),
    Kind.LOST_DECLARED: (ALIVE, P.LOST),
    Kind.FOUND: (frozenset(P), P.QUARANTINED),
    Kind.DISTRIBUTED: _row(P.PACKED, P.OUT, P.SEALED, to=P.DISTRIBUTED),
    Kind.CONSUMED: _row(P.COLLECTED, P.CHECKED_IN, P.OUT, to=P.CONSUMED),
    Kind.DESTROYED: (KNOWN - ON_THE_WAY, P.DESTROYED),
    Kind.CHECKED_OUT: _row(P.STORED, to=P.OUT),
    Kind.RETURNED: _row(P.OUT, to=P.STORED),
    Kind.INVENTORIED: (KNOWN | {P.LOST}, None),
    Kind.CONDITION_NOTED: (frozenset(P), None),
    Kind.TEMPERATURE: (frozenset(P), None),
    Kind.STAGED: (frozenset(P), None),
    Kind.CARRIER_SCAN: (frozenset(P), None),
    Kind.DESTRUCTION_AUTHORISED: (frozenset(P), None),
    Kind.MOVED: (KNOWN - ON_THE_WAY, None),
    Kind.STORED: _row(P.CHECKED_IN, P.QUARANTINED, P.COLLECTED, P.OUT, P.STORED, to=P.STORED),
    # A receipt without a release is G36's to speak of, not a wrong order of steps.
    Kind.DELIVERED: (ALIVE | {P.LOST}, P.DELIVERED),
    Kind.RECEIVED: (ALIVE | {P.LOST}, P.RECEIVED),
    # A check-in of something that was never released is G34's.
    Kind.CHECKED_IN: (
        (ALIVE - {P.NONE, P.DELIVERED, P.STORED, P.OUT}),
        P.CHECKED_IN,
    ),
}

TABLE: Mapping[Sort, Mapping[Kind, Row]] = {
    Sort.TUBE: {
        **_ENDS,
        Kind.COLLECTED: _row(P.NONE, P.FAILED, to=P.COLLECTED),
        Kind.COLLECTION_FAILED: _row(P.NONE, to=P.FAILED),
        Kind.SPIN_STARTED: _row(P.COLLECTED, P.CHECKED_IN),
        Kind.SPIN_ENDED: _row(P.COLLECTED, P.CHECKED_IN),
        Kind.PACKED: _row(P.COLLECTED, P.PACKED, P.CHECKED_IN, P.OUT, to=P.PACKED),
        Kind.UNPACKED: _row(P.PACKED, P.RECEIVED, P.CHECKED_IN, P.QUARANTINED, to=P.COLLECTED),
        Kind.RELEASED: _row(
            P.COLLECTED, P.PACKED, P.RECEIVED, P.CHECKED_IN, P.OUT, P.QUARANTINED, to=P.IN_TRANSIT
        ),
    },
    Sort.BOX: {
        **_ENDS,
        Kind.PACKED: _row(P.NONE, P.LOADED, P.CHECKED_IN, P.OUT, P.STORED, to=P.PACKED),
        Kind.UNPACKED: _row(P.PACKED, P.RECEIVED, P.CHECKED_IN, P.QUARANTINED, to=P.LOADED),
        Kind.RELEASED: _row(
            P.LOADED, P.PACKED, P.RECEIVED, P.CHECKED_IN, P.OUT, P.QUARANTINED, to=P.IN_TRANSIT
        ),
        Kind.STORED: _row(
            P.NONE, P.LOADED, P.CHECKED_IN, P.QUARANTINED, P.OUT, P.STORED, to=P.STORED
        ),
    },
    Sort.RACK: {
        **_ENDS,
        Kind.STORED: _row(P.NONE, P.LOADED, P.CHECKED_IN, P.QUARANTINED, P.STORED, to=P.STORED),
        Kind.MOVED: (ALIVE - ON_THE_WAY, None),
    },
    Sort.PACKAGE: {
        **_ENDS,
        Kind.SEALED: _row(P.NONE, P.LOADED, P.RECEIVED, P.CLOSED, to=P.SEALED),
        Kind.UNPACKED: _row(P.SEALED, to=P.LOADED),
        Kind.RELEASED: _row(P.SEALED, to=P.IN_TRANSIT),
        Kind.PACKAGE_CLOSED_OUT: _row(P.RECEIVED, to=P.CLOSED),
    },
}

# Entries whose absence a rule must notice (ledger.md 6, Steps); a spin only for types that need it.
REQUIRED: Mapping[Sort, tuple[Kind, ...]] = {
    Sort.TUBE: (
        Kind.COLLECTED,
        Kind.SPIN_STARTED,
        Kind.SPIN_ENDED,
        Kind.PACKED,
        Kind.CHECKED_IN,
        Kind.STORED,
    ),
    Sort.BOX: (Kind.PACKED, Kind.CHECKED_IN, Kind.STORED),
    Sort.PACKAGE: (Kind.SEALED, Kind.RELEASED, Kind.RECEIVED),
}

# What a container's entry does to the phase of what is inside it.
PRESUMED: Mapping[Kind, Phase] = {
    Kind.RELEASED: P.IN_TRANSIT,
    Kind.DELIVERED: P.DELIVERED,
    Kind.RECEIVED: P.RECEIVED,
    Kind.STORED: P.STORED,
    Kind.CHECKED_OUT: P.OUT,
    Kind.RETURNED: P.STORED,
    Kind.LOST_DECLARED: P.LOST,
    Kind.FOUND: P.QUARANTINED,
    Kind.DISTRIBUTED: P.DISTRIBUTED,
    Kind.CONSUMED: P.CONSUMED,
    Kind.DESTROYED: P.DESTROYED,
}
# A container's entries that are part of the story of what is inside: inside, place, holder, end.
FOLLOWED = frozenset(PRESUMED) | {
    Kind.PACKED,
    Kind.UNPACKED,
    Kind.CHECKED_IN,
    Kind.MOVED,
    Kind.QUARANTINED,
    Kind.RELEASED_FROM_QUARANTINE,
}


def allowed(sort: Sort, kind: Kind, phase: Phase, spin: Spin) -> bool:
    """Whether the step table lets this kind follow; kinds the table does not name always may."""
    row = TABLE.get(sort, {}).get(kind)
    if row is None:
        return True
    if phase not in row[0]:
        return False
    if kind is Kind.SPIN_STARTED:
        return spin is Spin.NEVER
    if kind is Kind.SPIN_ENDED:
        return spin is Spin.SPINNING
    return not (kind is Kind.PACKED and spin is Spin.SPINNING)


def after(sort: Sort, kind: Kind, phase: Phase) -> Phase:
    """The phase an own entry of this kind leads to; its word counts even if the step was wrong."""
    row = TABLE.get(sort, {}).get(kind)
    if row is None or row[1] is None:
        return phase
    if kind is Kind.UNPACKED and phase in AT_BENCH | {P.RECEIVED}:
        return P.CHECKED_IN
    if kind is Kind.PACKED and phase in AT_BENCH:
        return P.CHECKED_IN
    return row[1]


def presumed(kind: Kind, phase: Phase) -> Phase:
    """The phase that a container's entry of this kind leaves what is inside it in."""
    if kind is Kind.CHECKED_IN and phase in ON_THE_WAY:
        return P.RECEIVED  # it came out of its package: the hole is the package's, not each tube's
    if kind is Kind.STORED and phase in ON_THE_WAY | {P.RECEIVED}:
        return phase  # nobody has checked it in yet, and one that did not come is not in store
    return PRESUMED.get(kind, phase)


def spun(kind: Kind, spin: Spin) -> Spin:
    """Where the tube stands with the centrifuge after an entry of this kind."""
    if kind is Kind.SPIN_STARTED:
        return Spin.SPINNING
    if kind is Kind.SPIN_ENDED or (kind is Kind.PACKED and spin is Spin.SPINNING):
        return Spin.SPUN
    return spin
