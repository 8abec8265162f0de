"""What happens to a day's load between a site and a freezer, many scans at a time."""

from collections.abc import Sequence
from random import Random

from app.custody import parties
from app.custody.ledger import Evidence, Subject
from app.kernel.work import Work
from app.receiving import service as receiving
from app.receiving.service import CheckIn, Opening
from app.shipping import service as shipping
from app.shipping.service import Delivery, NewPackage, Release
from app.simulation.cast import BB1
from app.simulation.deeds import Hands, Load
from app.storage import grid, units
from app.storage import service as storage
from app.storage.service import PutAway

GRID = tuple(grid.positions(9, 9))
COURIERS = {"BRK": "FedEx", "RIV": "UPS", "MTN": "FedEx", "BUS": "UPS"}
DOCK = parties.unit(BB1, "dock")


def pack(work: Work, hands: Hands, load: Load) -> None:
    """Every tube goes into a box, scanned one by one."""
    (load.box,) = units.add_boxes(work, site=load.site)
    tubes = load.tubes
    reading = hands.scans(work, hands.cast.station(load.site), len(tubes), role="phlebotomist")
    packed = [
        (tube, position, reading(number))
        for number, (tube, position) in enumerate(zip(tubes, GRID, strict=False))
    ]
    shipping.pack_tubes(work, packed, load.box)


def close(work: Work, hands: Hands, load: Load) -> None:
    """The box goes into a package, and the package is sealed."""
    if load.box is None:
        return
    load.package = shipping.add_package(work, NewPackage(site=load.site, destination=BB1))
    reading = hands.scans(work, hands.cast.station(load.site), 2, role="phlebotomist")
    shipping.pack_boxes(work, [(load.box, reading(0))], load.package)
    shipping.seal(work, [(load.package, _seal(load.package), reading(1))])


def _seal(package: Subject) -> str:
    return f"S{package.code[-7:]}"


def release(work: Work, hands: Hands, load: Load) -> None:
    """The courier signs for the package; its manifest is frozen."""
    if load.package is None:
        return
    said = Release(
        source=parties.unit(load.site, "collection"),
        courier=COURIERS[load.site],
        evidence=Evidence.SIGNATURE,
        carrier_number=_carrier_number(work, COURIERS[load.site], hands.random),
        logger=f"LOG-{load.package.code[-4:]}",
        seal=_seal(load.package),
        refrigerant="gel",
        site=load.site,
    )
    shipping.release(work, load.package.code, said)


def _carrier_number(work: Work, courier: str, random: Random) -> str:
    """A number of the courier's own form whose check digit holds."""
    digits = random.randrange(10**11)
    body = f"{digits:011}" if courier == "FedEx" else f"1Z{digits:015}"
    tries = (f"{body}{digit}" for digit in range(10))
    carriers = work.catalogue.carriers
    return next(n for n in tries if any(seen.check_holds for seen in carriers.recognise(n)))


def deliver(work: Work, hands: Hands, load: Load) -> None:
    """The courier puts the package on the dock."""
    if load.package is None:
        return
    said = Delivery(
        source=parties.courier(COURIERS[load.site]), evidence=Evidence.CARRIER_LABEL, site=BB1
    )
    shipping.deliver(work, load.package.code, said)


def receive(work: Work, hands: Hands, load: Load) -> None:
    """The package is opened; its seal and its state are looked at."""
    if load.package is None:
        return
    opening = Opening(
        source=DOCK,
        evidence=Evidence.STATED,
        seal_verdict="intact",
        seal=_seal(load.package),
        condition="good",
        temperature_c=4.0 + round(hands.random.random() * 3, 1),
        site=BB1,
    )
    receiving.receive(work, load.package.code, opening)


def check_in(work: Work, hands: Hands, load: Load, *, missing: Sequence[int] = ()) -> None:
    """The box and every tube that is there are scanned, then the receipt is closed."""
    if load.package is None or load.box is None:
        return
    there = [
        (tube, position)
        for number, (tube, position) in enumerate(zip(load.tubes, GRID, strict=False))
        if number not in missing
    ]
    station = hands.cast.station(BB1, "dock")
    reading = hands.scans(work, station, len(there) + 2, role="technician")
    tubes = [
        CheckIn(subject=tube, reading=reading(number), box=load.box, position=position)
        for number, (tube, position) in enumerate(there, start=1)
    ]
    arrivals = [CheckIn(subject=load.box, reading=reading(0)), *tubes]
    receiving.check_in(work, arrivals, load.package)
    receiving.close_receipt(work, load.package, reading(len(there) + 1))


def store(work: Work, hands: Hands, load: Load, *, rack: Subject, position: str) -> None:
    """The box gets its place in a rack."""
    if load.box is not None:
        storage.store(work, [_put(work, hands, load.box, rack, position)])


def move(work: Work, hands: Hands, load: Load, tube: Subject, position: str) -> None:
    """One tube is put at another position of its box."""
    if load.box is not None:
        storage.move(work, [_put(work, hands, tube, load.box, position)])


def _put(work: Work, hands: Hands, subject: Subject, location: Subject, position: str) -> PutAway:
    station = hands.cast.station(BB1, "store")
    reading = hands.scans(work, station, 1, role="technician")(0)
    return PutAway(subject=subject, location=location, position=position, reading=reading)
