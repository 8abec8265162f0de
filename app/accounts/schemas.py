"""What the doors of accounts take and give."""

from dataclasses import dataclass

from marshmallow import Schema, fields

from app.accounts.people import Grant, NewPerson
from app.accounts.rights import ANY, ROLES
from app.web.fields import Choice, Flag, OwnCode, Text, Whole, several
from app.web.language import LANGUAGES
from app.web.schema import ValueSchema

PASSWORD_MOST = 1000  # of what is typed; how long one may be is said by `passwords`


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """What is typed to sign in."""

    login: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordChange:
    """The present password and the next."""

    present: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """What an administrator changes about somebody."""

    password: str | None = None
    inactive: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStation:
    """A work place with its devices."""

    site: str
    unit: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """A typed code; `station`: whose reads the computer already holds."""

    code: str
    station: str | None = None


class SignInSchema(ValueSchema[SignIn]):
    login = Text(required=True)
    password = Text(required=True, most=PASSWORD_MOST, control=None)


class PasswordChangeSchema(ValueSchema[PasswordChange]):
    present = Text(required=True, most=PASSWORD_MOST, control=None)
    password = Text(required=True, most=PASSWORD_MOST, control=None)


class GrantSchema(ValueSchema[Grant]):
    role = Choice(ROLES, required=True)
    site = Text(required=True, most=16)
    programme = Text(most=32, load_default=ANY)


class NewPersonSchema(ValueSchema[NewPerson]):
    login = Text(required=True, most=64)
    label = Text(required=True, most=120)
    password = Text(required=True, most=PASSWORD_MOST, control=None)
    site = Text(most=16, allow_none=True)
    language = Choice(tuple(LANGUAGES), allow_none=True)
    grants = several(fields.Nested(GrantSchema), most=100)


class PersonChangeSchema(ValueSchema[PersonChange]):
    password = Text(most=PASSWORD_MOST, control=None)
    inactive = Flag()


class NewStationSchema(ValueSchema[NewStation]):
    site = Text(required=True, most=16)
    unit = Text(required=True, most=32)
    title = Text(required=True, most=120)


class PairingSchema(ValueSchema[Pairing]):
    code = Text(required=True, most=40)
    station = OwnCode("ST", allow_none=True)


class PersonSchema(Schema):
    id = Whole()
    login = Text()
    label = Text()
    language = Text()
    site = Text()
    inactive = Flag()
    grants = fields.List(fields.Nested(GrantSchema))


class StationSchema(Schema):
    code = Text()
    site = Text()
    unit = Text()
    title = Text()
    has_key = Flag()
    revoked = Flag()


class SiteSchema(Schema):
    code = Text()
    organisation = Text()
    kind = Text()
    title = Text()
    time_zone = Text()
    inactive = Flag()


SIGN_IN = SignInSchema()
PASSWORD_CHANGE = PasswordChangeSchema()
GRANT = GrantSchema()
NEW_PERSON = NewPersonSchema()
PERSON_CHANGE = PersonChangeSchema()
NEW_STATION = NewStationSchema()
PAIRING = PairingSchema()
PERSON = PersonSchema()
STATION = StationSchema()
SITE = SiteSchema()
