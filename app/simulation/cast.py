"""Who and where: the sites, people, stations and freezers of the simulated programme."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from app.accounts import places, service
from app.accounts.people import Grant, NewPerson
from app.accounts.rights import ANY, ROLES
from app.custody.ledger import Subject
from app.kernel.work import Work
from app.storage import units
from app.storage.units import NewUnit

PROGRAMME = "cohort"
CLINICS, BIOBANK = "clinics", "biobank"
BB1 = "BB1"
# Four ways to meet a participant: a clinic, a health centre, a hospital, a bus.
COLLECTION: Mapping[str, str] = {
    "BRK": "clinic",
    "RIV": "enrolment_centre",
    "MTN": "clinic",
    "BUS": "direct_volunteer",
}
FREEZERS, RACKS = 4, 6
SHELVES, BOXES = 4, 5  # of a rack
# Where each role works; the couriers have no sign-in.
HOME: Mapping[str, str | None] = {
    "phlebotomist": "BRK",
    "technician": BB1,
    "manager": BB1,
    "site_coordinator": "BRK",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody to sign in as."""

    login: str
    password: str
    role: str
    person: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKey:
    """A station and the token its agent needs."""

    code: str
    site: str
    unit: str
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Everybody and everything that is there before the first participant comes."""

    logins: tuple[Login, ...]
    stations: tuple[StationKey, ...]
    freezers: tuple[str, ...]

    def who(self, role: str) -> Login:
        """The one who holds a role."""
        return next(login for login in self.logins if login.role == role)

    def station(self, site: str, unit: str | None = None) -> StationKey:
        """A station of a site, of one of its units if it matters."""
        return next(s for s in self.stations if s.site == site and unit in (None, s.unit))


def furnish(work: Work) -> Cast:
    """Sites, people, stations; then the technician sets up freezers with racks."""
    places.add_programme(work, code=PROGRAMME, title="The cohort")
    places.add_organisation(work, code=CLINICS, kind="health_provider", title="Clinics")
    places.add_organisation(work, code=BIOBANK, kind="biobank", title="Biobank")
    for code, kind in {**COLLECTION, BB1: "dock"}.items():
        told = work.catalogue.lanes.sites[code]
        places.add_site(
            work,
            code=code,
            organisation=BIOBANK if code == BB1 else CLINICS,
            kind=kind,
            title=told.name.en,
            time_zone=told.timezone.key,
        )
    logins, stations = tuple(_people(work)), tuple(_stations(work))
    technician = next(login for login in logins if login.role == "technician")
    # A person's deed: what the system says of itself moves nothing.
    actor = replace(work.actor, person=technician.person, site=BB1)
    return Cast(logins=logins, stations=stations, freezers=_freezers(replace(work, actor=actor)))


def _people(work: Work) -> Iterator[Login]:
    for role in ROLES:
        password = secrets.token_urlsafe(12)
        login = role.replace("site_", "")
        home = HOME.get(role)
        new = NewPerson(
            login=login,
            label=role.replace("_", " ").capitalize(),
            password=password,
            site=home,
            grants=tuple(Grant(role=role, site=site) for site in _where(role)),
        )
        person = service.add_person(work, new).id
        yield Login(login=login, password=password, role=role, person=person)


def _where(role: str) -> tuple[str, ...]:
    if role in ("phlebotomist", "site_coordinator"):
        return tuple(COLLECTION)
    return (BB1,) if role == "technician" else (ANY,)


def _stations(work: Work) -> Iterator[StationKey]:
    for site, unit, title in (
        *((site, "collection", "Chair 1") for site in COLLECTION),
        (BB1, "dock", "Dock 1"),
        (BB1, "store", "Freezer room"),
    ):
        code = places.add_station(work, site=site, unit=unit, title=title)
        token = places.give_token(work, station=code)
        yield StationKey(code=code, site=site, unit=unit, token=token)


def _freezers(work: Work) -> tuple[str, ...]:
    units.bench(work, BB1)
    return tuple(_freezer(work, number).code for number in range(1, FREEZERS + 1))


def _freezer(work: Work, number: int) -> Subject:
    freezer = units.add_unit(
        work,
        NewUnit(
            kind=units.FREEZER,
            site=BB1,
            title=f"Freezer {number}",
            rows=1,
            columns=RACKS,
            temperature="minus80",
        ),
    )
    for column in range(1, RACKS + 1):
        rack = NewUnit(
            kind=units.RACK,
            site=BB1,
            title=f"Freezer {number} rack {column}",
            rows=SHELVES,
            columns=BOXES,
            place=freezer.code,
            position=f"A{column}",
        )
        units.add_unit(work, rack)
    return freezer
