"""Labels of things by their codes: boxes, places, packages, kits, tubes, stations, command cards.

What stands on them beside the code: what it is called, and the site it belongs to. No names.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.accounts.models import Station
from app.accounts.queries import site_of
from app.accounts.rights import demand
from app.collection.labels import tube_lines
from app.collection.models import Order
from app.collection.queries import order_of_kit
from app.custody.ledger import Sort, Subject
from app.custody.queries import standings, subject_of, subjects
from app.custody.service import lock
from app.kernel.errors import Invalid, Missing, Refused
from app.kernel.work import Work
from app.participants.once import take_turn
from app.printing.beginning import CommandUsed, NewLabel, begin, job_at
from app.printing.laying import rolls_for
from app.printing.models import PrintJob
from app.printing.queries import JobSeen, job_seen
from app.printing.service import printed_as_document
from app.shipping.models import PackageRow
from app.storage.models import StorageUnit
from labels import template
from labels.cards import command_cards
from labels.layout import LabelText

# Which label each kind of code has, where no other is asked for.
USUAL: Mapping[str, str] = {
    "BX": "box",
    "RK": "box",
    "KT": "box",
    "SF": "place",
    "FZ": "place",
    "PK": "shipper",
    "TB": "tube",
    "ST": "card",
    "CM": "card",
}
# A dot on a cap goes with another label of the same print; it is none of its own.
TEMPLATES = tuple(name for name in template.names() if not template.load(name).round)
_LONGEST = 36  # characters that a line of the narrowest of these has room for


class UnknownThing(Missing):
    """Nothing that a label could be printed of has this code."""

    message = "There is nothing with the code %(code)s"
    advice = "Scan it again, or look it up first"


class NotHere(Refused):
    """A label asked for at a station of a site that has nothing to do with the thing."""

    message = "%(code)s is not at the site of this station"
    advice = "Choose a station of the site where it is"


class KindsMixed(Invalid):
    """Codes in one job that go on different labels."""

    message = "These go on different labels: %(kinds)s"
    advice = "Print those of one kind, then those of the next"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsWanted:
    """One label for each of these codes, at a station; `command` is the id of the job.

    Without a template or a roll: the usual ones for what the codes stand for.
    """

    command: UUID
    station: str
    codes: tuple[str, ...]
    template: str | None = None
    stock: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What a code stands for: its words, the sites that may print it, the order it is of."""

    lines: Sequence[str]
    sites: frozenset[str]
    subject: Subject | None = None
    order: Order | None = None


def print_labels(work: Work, wanted: LabelsWanted) -> JobSeen:
    """Have a label of each of these printed; the same command again: the job it made.

    Raises NoSuchStation, UnknownThing, NotHere, KindsMixed, LabelsUnfit, CommandUsed, and what
    `demand` raises.
    """
    take_turn(work, wanted.command)
    codes = tuple(dict.fromkeys(wanted.codes))
    kind = template.load(wanted.template or _usual(codes))
    stock = wanted.stock or rolls_for(kind)[0].id
    job = job_at(work, wanted.station, command=wanted.command, kind=kind, stock=stock,
                 language=wanted.language)  # fmt: skip
    if work.session.get(PrintJob, wanted.command) is not None:
        return _asked_before(work, wanted, codes)
    things = {code: _thing_at(work, code, job) for code in codes}
    # Two who press at once are one after the other: the second print voids the first.
    lock(work, [thing.subject.id for thing in things.values() if thing.subject])
    return begin(work, job, [_label(code, thing) for code, thing in things.items()])


def _usual(codes: Sequence[str]) -> str:
    kinds = {USUAL[code[:2]] for code in codes}
    if len(kinds) > 1:
        raise KindsMixed(kinds=", ".join(sorted(kinds)))
    return kinds.pop()


def _asked_before(work: Work, wanted: LabelsWanted, codes: Sequence[str]) -> JobSeen:
    seen = job_seen(work.session, wanted.command)
    same = seen.job.order_id is None and seen.job.station == wanted.station
    if not same or tuple(label.code for label in seen.labels) != tuple(codes):
        raise CommandUsed
    return seen


def _thing_at(work: Work, code: str, job: PrintJob) -> Thing:
    """What this code stands for, if it is the station's site that may print it."""
    thing = _thing(work, code, job.language)
    if thing is None:
        raise UnknownThing(code=code)
    if thing.sites and job.site not in thing.sites:
        raise NotHere(code=code)
    if thing.order is not None:
        demand(work, "labels.print", site=job.site, programme=thing.order.programme)
    return thing


def _thing(work: Work, code: str, language: str) -> Thing | None:
    if code.startswith("CM"):
        lines = next((card.lines for card in command_cards() if card.code == code), None)
        return None if lines is None else Thing(lines=lines, sites=frozenset())
    if code.startswith("ST"):
        return _station(work, code)
    subject = subject_of(work.session, code)
    return None if subject is None else _SORTS[subject.sort](work, subject, language)


def _station(work: Work, code: str) -> Thing | None:
    found = work.session.get(Station, code)
    if found is None:
        return None
    lines = (found.title, site_of(work, found.site).title)
    return Thing(lines=lines, sites=frozenset((found.site,)))


def _unit(work: Work, subject: Subject, language: str) -> Thing:
    """A box, rack, shelf or freezer; one that came from elsewhere has no name of ours."""
    unit = work.session.get(StorageUnit, subject.id)
    lines = () if unit is None else _titled(unit, site_of(work, unit.site).title)
    home = None if unit is None else unit.site
    return Thing(subject=subject, lines=lines, sites=_sites(work, subject, home))


def _titled(unit: StorageUnit, site: str) -> Sequence[str]:
    return (unit.title, site) if unit.title and unit.title[:2] not in USUAL else (site,)


def _package(work: Work, subject: Subject, language: str) -> Thing:
    """A package: where it goes, and where it comes from."""
    row = work.session.get(PackageRow, subject.id)
    ends = () if row is None else (row.destination, row.site)
    lines = [site_of(work, site).title for site in ends]
    return Thing(subject=subject, lines=lines, sites=_sites(work, subject, *ends))


def _kit(work: Work, subject: Subject, language: str) -> Thing:
    order = order_of_kit(work.session, subject.id)
    lines: Sequence[str] = ()
    if order is not None:
        protocol = work.catalogue.protocols[order.protocol]
        lines = (protocol.name.said(language), site_of(work, order.site).title)
    sites = _sites(work, subject, order.site if order else None)
    return Thing(subject=subject, lines=lines, sites=sites, order=order)


def _tube(work: Work, subject: Subject, language: str) -> Thing:
    """A tube says of what kind it is, and of which kit; one that was only found says nothing."""
    kit = None if subject.kit is None else subjects(work.session, [subject.kit])[subject.kit]
    order = None if kit is None else order_of_kit(work.session, kit.id)
    lines = () if kit is None else tube_lines(work, subject, kit, language)
    sites = _sites(work, subject, order.site if order else None)
    return Thing(subject=subject, lines=lines, sites=sites, order=order)


_SORTS: Mapping[Sort, Callable[[Work, Subject, str], Thing]] = {
    Sort.BOX: _unit,
    Sort.RACK: _unit,
    Sort.PLACE: _unit,
    Sort.PACKAGE: _package,
    Sort.KIT: _kit,
    Sort.TUBE: _tube,
}


def _sites(work: Work, subject: Subject, *homes: str | None) -> frozenset[str]:
    """The sites where a thing is at home, and the one where it is; none of what nobody knows."""
    here = standings(work.session, [subject.id]).get(subject.id)
    return frozenset(site for site in (*homes, here.site if here else None) if site)


def _label(code: str, thing: Thing) -> NewLabel:
    lines = tuple(_cut(line) for line in thing.lines)
    return NewLabel(
        subject=None if thing.subject is None else thing.subject.id,
        text=LabelText(code=code, lines=lines),
        printed=printed_as_document(thing.order),
    )


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
