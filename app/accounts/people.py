"""What is said of people and places: plain values, and what a login must look like."""

import re
from dataclasses import dataclass

from app.kernel.errors import Invalid, Missing, Refused

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")

ORGANISATIONS = ("health_provider", "biobank", "coordination")
SITES = ("clinic", "enrolment_centre", "direct_volunteer", "dock", "lab")


class LoginWrong(Invalid):
    """A login that would be hard to type, or to tell from another."""

    message = "A user name has 2 to 64 of these: small letters, digits, dot, hyphen, underscore"


class LoginTaken(Refused):
    """Somebody has, or had, this login."""

    message = "This user name is taken"
    advice = "Choose another; a user name is never given to a second person"


class RoleUnknown(Invalid):
    """No such role."""

    message = "There is no role %(role)s"


class PersonMissing(Missing):
    """No such person."""

    message = "There is no such person"


class SiteMissing(Missing):
    """No such site."""

    message = "There is no site %(site)s"


class ProgrammeMissing(Missing):
    """No such programme."""

    message = "There is no programme %(programme)s"


class OwnRights(Refused):
    """Nobody changes what they themselves may do."""

    message = "You cannot change your own rights"
    advice = "Ask another administrator"


class PasswordNotRight(Refused):
    """The present password, asked for again before a change, was another one."""

    message = "The present password is not right"
    advice = "Type it again"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grant:
    """A role at a site for a programme; `*` is any."""

    role: str
    site: str
    programme: str = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who shall be able to sign in. The label says what they are, never who."""

    login: str
    label: str
    password: str
    site: str | None = None
    language: str | None = None
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSeen:
    """A person as others may see them."""

    id: int
    login: str
    label: str
    language: str | None
    site: str | None
    inactive: bool
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person whose password was right, and the version that a session must carry."""

    person: int
    session_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSeen:
    """A site as everybody may see it."""

    code: str
    organisation: str
    kind: str
    title: str
    time_zone: str
    inactive: bool
