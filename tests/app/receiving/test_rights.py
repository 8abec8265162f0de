"""Who may make, send, receive and put away: every role, at the own site and at another's."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy.orm import Session

from app.accounts.rights import RIGHTS, ROLES
from app.custody.ledger import Subject
from app.kernel.errors import Forbidden, HouseError
from app.kernel.work import Actor, Work
from app.receiving import service as receiving
from app.receiving.service import Closing, Found, Opening
from app.shipping import service as shipping
from app.shipping.service import Delivery, NewPackage, Release, Sealing
from app.storage import service as storage
from app.storage import units
from app.storage.service import NewReservation
from app.storage.units import NewUnit
from tests.builders.people import NORTH, SOUTH, make_places
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

Deed = Callable[[Work, Subject, Subject], object]
UNIT = "unit:NOR/collection"

# The right, and the deed that needs it; each is done at North clinic.
DEEDS: Mapping[str, tuple[str, Deed]] = {
    "boxes": ("scan.pack", lambda work, p, r: units.add_boxes(work, site=NORTH)),
    "package": (
        "scan.pack",
        lambda work, p, r: shipping.add_package(work, NewPackage(site=NORTH, destination=SOUTH)),
    ),
    "seal": (
        "package.seal",
        lambda work, p, r: shipping.seal_package(work, p.code, Sealing(site=NORTH)),
    ),
    "release": (
        "package.release",
        lambda work, p, r: shipping.release(
            work, p.code, Release(source=UNIT, courier="FX", evidence="badge", site=NORTH)
        ),
    ),
    "deliver": (
        "package.deliver",
        lambda work, p, r: shipping.deliver(
            work, p.code, Delivery(source="courier:FX", evidence="stated", site=NORTH)
        ),
    ),
    "receive": (
        "package.receive",
        lambda work, p, r: receiving.receive(
            work,
            p.code,
            Opening(source="courier:FX", evidence="stated", seal_verdict="intact", site=NORTH),
        ),
    ),
    "close": (
        "receipt.close",
        lambda work, p, r: receiving.close_by_hand(work, p.code, Closing(site=NORTH)),
    ),
    "found": (
        "found.register",
        lambda work, p, r: receiving.register_found_by_hand(work, Found(site=NORTH)),
    ),
    "unit": (
        "place.configure",
        lambda work, p, r: units.add_unit(work, NewUnit(kind="freezer", site=NORTH)),
    ),
    "reserve": (
        "place.reserve",
        lambda work, p, r: storage.reserve(work, NewReservation(location=r.code, position="A1")),
    ),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_does_what_is_its_own_where_it_is_held(session: Session, role: str) -> None:
    clock = SetClock()
    system = make_work(session, clock=clock, actor=Actor(system=True))
    make_places(system)
    package = shipping.add_package(system, NewPackage(site=NORTH, destination=SOUTH))
    opening = Opening(source="courier:FX", evidence="stated", seal_verdict="intact", site=NORTH)
    receiving.receive(system, package.code, opening)
    rack = units.add_unit(system, NewUnit(kind="rack", site=NORTH, rows=2, columns=2))

    done = {
        (name, site): _does(_at(session, clock, role, site), deed, package, rack)
        for name, (_, deed) in DEEDS.items()
        for site in (NORTH, SOUTH)
    }

    assert done == {
        (name, site): role in RIGHTS[right] and site == NORTH
        for name, (right, _) in DEEDS.items()
        for site in (NORTH, SOUTH)
    }


def _at(session: Session, clock: SetClock, role: str, site: str) -> Work:
    actor = Actor(person=1, site=site, grants=frozenset({(role, site, "*")}))
    return make_work(session, clock=clock, actor=actor)


def _does(work: Work, deed: Deed, package: Subject, rack: Subject) -> bool:
    """Whether the deed is done, or left undone only for what is so, not for who asks."""
    try:
        with work.session.begin_nested():
            deed(work, package, rack)
    except Forbidden:
        return False
    except HouseError:
        return True
    return True
