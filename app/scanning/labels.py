"""The PRINT card: the labels of the kit at hand, at the printer that stands nearest."""

from collections.abc import Sequence
from dataclasses import replace

from app.accounts.queries import standing_of, stations_at
from app.accounts.rights import NotYourTask, demand
from app.collection import drawing
from app.kernel.errors import Refused
from app.kernel.work import Actor, Work
from app.printing import service as printing
from app.printing.queries import last_station
from app.scanning.scan import Deed, Outcome, Say, Verdict


class CardTooLate(Refused):
    """The card was read long ago: whoever waited for labels waits no longer."""

    message = "The labels were not printed: the card was scanned too long ago"
    advice = "Scan the card again if they are still wanted"


class PrinterNotKnown(Refused):
    """A card read in a browser, where no station or several could be meant."""

    message = "Nobody knows which printer is meant"
    advice = "Open the labels of the kit, choose the station, and press Print"


def print_kit(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Have the labels of kits printed; while a kit's labels come out, its card changes nothing."""
    return [_print(work, deed) for deed in deeds]


def _print(work: Work, deed: Deed) -> Outcome:
    if deed.late:
        raise CardTooLate
    doing = _as_person(work, deed)
    order = drawing.order_for(work, order=deed.intent.order, tube=None)
    demand(doing, "labels.print", site=order.site, programme=order.programme)
    titles = dict(stations_at(work, order.site))
    busy = printing.unfinished(doing, order)
    if busy is not None:
        where = titles.get(busy.station, busy.station)
        return Outcome(verdict=Verdict.LOOK, say=Say.BEING_PRINTED, values={"station": where})
    station = deed.reading.station or _nearest(doing, list(titles))
    wanted = printing.JobWanted(command=deed.scan.id, station=station)
    count = len(printing.print_kit(doing, order, wanted).labels)
    return Outcome(
        verdict=Verdict.ACCEPTED,
        say=Say.PRINTING,
        values={"count": count, "station": titles.get(station, station)},
    )


def _as_person(work: Work, deed: Deed) -> Work:
    """Of whoever is at work there: a station alone prints nothing. Raises NotYourTask."""
    person = deed.reading.actor
    if person is not None and person == work.actor.person:
        return work
    standing = standing_of(work, person) if person is not None else None
    if standing is None:
        raise NotYourTask
    actor = Actor(
        person=person, site=standing.site, language=work.actor.language, grants=standing.grants
    )
    return replace(work, actor=actor)


def _nearest(work: Work, stations: Sequence[str]) -> str:
    """Where this person printed last at the site, or the one station it has."""
    last = last_station(work.session, work.actor.person, among=stations)
    if last is not None:
        return last
    if len(stations) != 1:
        raise PrinterNotKnown
    return stations[0]
