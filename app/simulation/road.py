"""What happens to a day's load between a site and a freezer, many scans at a time."""

from collections.abc import Callable, Sequence
from random import Random

from app.custody import parties
from app.custody.drafts import Draft, Reading
from app.custody.ledger import Evidence, Json, Kind, Subject
from app.custody.service import append
from app.kernel.work import Work
from app.shipping import service as shipping
from app.shipping.service import Delivery, NewPackage, Release
from app.simulation.cast import BB1
from app.simulation.deeds import Hands, Load
from app.storage import grid, units

GRID = tuple(grid.positions(9, 9))
COURIERS = {"BRK": "FedEx", "RIV": "UPS", "MTN": "FedEx", "BUS": "UPS"}
DOCK, STORE = parties.unit(BB1, "dock"), parties.unit(BB1, "store")


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
    facts: dict[str, Json] = {
        "seal": _seal(load.package),
        "seal_verdict": "intact",
        "condition": "good",
        "temperature_c": 4.0 + round(hands.random.random() * 3, 1),
    }
    draft = Draft(
        subject=load.package.id,
        kind=Kind.RECEIVED,
        reading=_at_dock(work, hands, 1)(0),
        source=DOCK,
        target=DOCK,
        package=load.package.id,
        facts=facts,
    )
    append(work, [draft])


def check_in(work: Work, hands: Hands, load: Load, *, missing: Sequence[int] = ()) -> None:
    """The box and every tube that is there are scanned, then the receipt is closed."""
    if load.package is None or load.box is None:
        return
    there = [
        (tube, position)
        for number, (tube, position) in enumerate(zip(load.tubes, GRID, strict=False))
        if number not in missing
    ]
    reading = _at_dock(work, hands, len(there) + 2)
    package, box = load.package, load.box
    bench = units.bench(work, BB1)
    seen = Draft(
        subject=box.id,
        kind=Kind.CHECKED_IN,
        reading=reading(0),
        source=DOCK,
        target=DOCK,
        package=package.id,
        place=bench.id,
    )
    tubes = [
        Draft(
            subject=tube.id,
            kind=Kind.CHECKED_IN,
            reading=reading(number),
            source=DOCK,
            target=DOCK,
            package=package.id,
            inside=box.id,
            position=position,
        )
        for number, (tube, position) in enumerate(there, start=1)
    ]
    count: dict[str, Json] = {"count_expected": len(load.tubes), "count_scanned": len(there)}
    closed = Draft(
        subject=package.id,
        kind=Kind.PACKAGE_CLOSED_OUT,
        reading=reading(len(there) + 1),
        facts=count,
    )
    append(work, [seen, *tubes, closed])


def store(work: Work, hands: Hands, load: Load, *, rack: Subject, position: str) -> None:
    """The box gets its place in a rack."""
    if load.box is None:
        return
    station = hands.cast.station(BB1, "store")
    draft = Draft(
        subject=load.box.id,
        kind=Kind.STORED,
        reading=hands.scans(work, station, 1, role="technician")(0),
        source=DOCK,
        target=STORE,
        inside=rack.id,
        position=position,
    )
    append(work, [draft])


def move(work: Work, hands: Hands, load: Load, tube: Subject, position: str) -> None:
    """One tube is put at another position of its box."""
    if load.box is None:
        return
    station = hands.cast.station(BB1, "store")
    draft = Draft(
        subject=tube.id,
        kind=Kind.MOVED,
        reading=hands.scans(work, station, 1, role="technician")(0),
        target=STORE,
        inside=load.box.id,
        position=position,
    )
    append(work, [draft])


def _at_dock(work: Work, hands: Hands, count: int) -> Callable[[int], Reading]:
    return hands.scans(work, hands.cast.station(BB1, "dock"), count, role="technician")
