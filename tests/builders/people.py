"""A small fixed cast with known rights: one person per role at North clinic, and who is elsewhere.

Everybody's password is `PASSWORD`.
"""

from functools import cache

from sqlalchemy.orm import Session

from app.accounts import passwords, places, service
from app.accounts.models import Person, person_number
from app.accounts.people import Grant
from app.accounts.rights import ROLES
from app.kernel.clock import Clock
from app.kernel.work import Actor, Work
from tests.builders.work import make_work

NORTH, SOUTH, DOCK = "NOR", "SOU", "BB1"
PROGRAMME = "cohort"
PASSWORD = "velvet harbour ninety-one"
SITES = (
    (NORTH, "clinic", "North clinic", "America/Chicago"),
    (SOUTH, "enrolment_centre", "South centre", "America/New_York"),
    (DOCK, "dock", "Biobank", "America/Chicago"),
)


def system_work(session: Session, clock: Clock) -> Work:
    """The work of the system itself, which may do everything."""
    return make_work(session, clock=clock, actor=Actor(system=True))


def make_places(work: Work) -> None:
    """Three sites of two organisations, and a programme."""
    places.add_programme(work, code=PROGRAMME, title="The cohort")
    places.add_organisation(work, code="clinics", kind="health_provider", title="Clinics")
    places.add_organisation(work, code="biobank", kind="biobank", title="Biobank")
    for code, kind, title, zone in SITES:
        owner = "biobank" if kind == "dock" else "clinics"
        places.add_site(work, code=code, organisation=owner, kind=kind, title=title, time_zone=zone)


def make_person(
    work: Work, *, login: str, role: str, site: str = NORTH, language: str | None = None
) -> int:
    """Somebody who holds one role at one site (`*`: at all), with PASSWORD."""
    person = Person(
        id=work.session.scalar(person_number.next_value()),
        login=login,
        label=f"{role} {login[-1].upper()}",
        password_hash=_kept(),
        session_version=1,
        language=language,
        site=None if site == "*" else site,
        inactive=False,
    )
    work.session.add(person)
    work.session.flush()
    service.grant_role(work, person=person.id, grant=Grant(role=role, site=site))
    return person.id


@cache
def _kept() -> str:
    """The password as it is stored, made once: it is slow on purpose, and hundreds want it."""
    return passwords.keep(PASSWORD, login="")


def make_cast(work: Work, roles: tuple[str, ...] = ROLES) -> dict[str, int]:
    """One person per role at North clinic; the login is the role and -a."""
    return {role: make_person(work, login=f"{role}-a", role=role) for role in roles}
