"""Deeds about people: signing in, passwords, languages, rights. None of them commits."""

import unicodedata
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import attempts, passwords
from app.accounts.attempts import Try
from app.accounts.models import Person, Programme, RoleGrant, Site, person_number
from app.accounts.people import (
    LOGIN,
    Grant,
    LoginTaken,
    LoginWrong,
    NewPerson,
    OwnRights,
    PasswordNotRight,
    PersonMissing,
    PersonSeen,
    ProgrammeMissing,
    RoleUnknown,
    SignedIn,
    SiteMissing,
)
from app.accounts.queries import grants_of, person_of
from app.accounts.rights import ANY, ROLES, demand
from app.kernel.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class MustWait:
    """Too many sign-ins have failed; the next one waits this long."""

    seconds: int


def sign_in(work: Work, *, login: str, password: str, tried: Try) -> SignedIn | MustWait | None:
    """Who this is, or None for a wrong login or password: nobody is told which of the two.

    A failure is an answer and no error, so that it is counted and committed.
    """
    seconds = attempts.seconds_to_wait(work, tried)
    if seconds:
        return MustWait(seconds=seconds)
    person = work.session.scalar(select(Person).where(Person.login == known_as(login)))
    right = passwords.fits(password, person.password_hash if person else None)
    if person is None or person.inactive or not right:
        attempts.note_failure(work, tried)
        return None
    attempts.note_success(work, tried)
    if person.password_hash and passwords.outdated(person.password_hash):
        person.password_hash = passwords.rekept(password)
    return SignedIn(person=person.id, session_version=person.session_version)


def known_as(login: str) -> str:
    """The login as it is stored: small letters, however it was typed."""
    return unicodedata.normalize("NFKC", login).strip().lower()


def add_person(work: Work, new: NewPerson) -> PersonSeen:
    """Somebody who may sign in from now on. Raises what `demand` raises, and those of `people`."""
    demand(work, "account.manage", site=new.site or ANY)
    if not LOGIN.fullmatch(new.login):
        raise LoginWrong
    if work.session.scalar(select(Person.id).where(Person.login == new.login)) is not None:
        raise LoginTaken
    _known_site(work, new.site)
    person = Person(
        id=work.session.scalar(person_number.next_value()),
        login=new.login,
        label=new.label,
        password_hash=passwords.keep(new.password, login=new.login),
        session_version=1,
        language=new.language,
        site=new.site,
        inactive=False,
    )
    work.session.add(person)
    work.session.flush()
    for grant in new.grants:
        grant_role(work, person=person.id, grant=grant)
    return person_of(work, person.id)


def grant_role(work: Work, *, person: int, grant: Grant) -> None:
    """Let this person hold a role; holding it already is no fault.

    Raises OwnRights, RoleUnknown, PersonMissing, SiteMissing, ProgrammeMissing, and as `demand`.
    """
    demand(work, "account.manage", site=grant.site)
    _another(work, person)
    if grant.role not in ROLES:
        raise RoleUnknown(role=grant.role)
    _person(work, person)
    _known_site(work, None if grant.site == ANY else grant.site)
    if grant.programme != ANY and work.session.get(Programme, grant.programme) is None:
        raise ProgrammeMissing(programme=grant.programme)
    work.session.execute(
        insert(RoleGrant)
        .values(person=person, role=grant.role, site=grant.site, programme=grant.programme)
        .on_conflict_do_nothing()
    )


def revoke_role(work: Work, *, person: int, grant: Grant) -> None:
    """Let this person no longer hold a role. Raises OwnRights, and what `demand` raises."""
    demand(work, "account.manage", site=grant.site)
    _another(work, person)
    work.session.execute(
        delete(RoleGrant).where(
            RoleGrant.person == person,
            RoleGrant.role == grant.role,
            RoleGrant.site == grant.site,
            RoleGrant.programme == grant.programme,
        )
    )


def set_inactive(work: Work, *, person: int, inactive: bool) -> None:
    """Shut this person out, or let them in again; open sessions end at their next request."""
    found = _looked_after(work, person)
    _another(work, person)
    found.inactive = inactive
    found.session_version += 1


def reset_password(work: Work, *, person: int, password: str) -> None:
    """Give somebody a new password; every session of theirs is over. Raises as `passwords.keep`."""
    found = _looked_after(work, person)
    _another(work, person)
    _change_password(found, password)


def change_password(work: Work, *, present: str, password: str) -> SignedIn:
    """Change the actor's own password; every other session of theirs is over.

    Raises PasswordNotRight, and as `passwords.keep`.
    """
    found = _actor(work)
    if not passwords.fits(present, found.password_hash):
        raise PasswordNotRight
    _change_password(found, password)
    return SignedIn(person=found.id, session_version=found.session_version)


def choose_language(work: Work, language: str) -> None:
    """Remember the language the actor reads."""
    _actor(work).language = language


def _change_password(person: Person, password: str) -> None:
    person.password_hash = passwords.keep(password, login=person.login)
    person.session_version += 1


def _actor(work: Work) -> Person:
    return _person(work, work.actor.person or 0)


def _person(work: Work, person: int) -> Person:
    found = work.session.get(Person, person, with_for_update=True)
    if found is None:
        raise PersonMissing
    return found


def _looked_after(work: Work, person: int) -> Person:
    """A person, all of whose sites the actor looks after: a password opens everything they hold."""
    found = _person(work, person)
    held = {grant.site for grant in grants_of(work, (person,))[person]}
    for site in held | {found.site or ANY}:
        demand(work, "account.manage", site=site)
    return found


def _another(work: Work, person: int) -> None:
    if person == work.actor.person:
        raise OwnRights


def _known_site(work: Work, site: str | None) -> None:
    if site is not None and work.session.get(Site, site) is None:
        raise SiteMissing(site=site)
