"""Tables of people and places. No names of people: a person is a login and a label."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, LargeBinary, Sequence, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Base, Model

person_number = Sequence("person_number", metadata=Base.metadata)
station_number = Sequence("station_number", metadata=Base.metadata)
attempt_number = Sequence("sign_in_attempt_number", metadata=Base.metadata)


class Programme(Model):
    """A study with its own protocols."""

    __tablename__ = "programme"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    title: Mapped[str] = mapped_column(String(120))


class Organisation(Model):
    """Whom a site belongs to."""

    __tablename__ = "organisation"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(120))


class Site(Model):
    """A place of work with its own time: a clinic, a dock, a laboratory."""

    __tablename__ = "site"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    organisation: Mapped[str] = mapped_column(ForeignKey("organisation.code"))
    kind: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(120))
    time_zone: Mapped[str] = mapped_column(String(64))
    inactive: Mapped[bool] = mapped_column(default=False)


class Station(Model):
    """A work place with its devices; its token is known only as a hash."""

    __tablename__ = "station"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    site: Mapped[str] = mapped_column(ForeignKey("site.code"), index=True)
    unit: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(120))
    key_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    key_made_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    # A code that is good for a token, once: known only as a keyed hash.
    pairing_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    pairing_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Person(Model):
    """Somebody who signs in. A login is never given to another person."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigInteger, person_number, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    # Counts the changes of the password; a session of an earlier count is over.
    session_version: Mapped[int] = mapped_column(default=1)
    language: Mapped[str | None] = mapped_column(String(8))
    site: Mapped[str | None] = mapped_column(ForeignKey("site.code"))
    inactive: Mapped[bool] = mapped_column(default=False)


class RoleGrant(Model):
    """A role held at a site for a programme; `*` means any, so these are no foreign keys."""

    __tablename__ = "role_grant"

    person: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(32), primary_key=True)
    site: Mapped[str] = mapped_column(String(16), primary_key=True)
    programme: Mapped[str] = mapped_column(String(32), primary_key=True)


class SignInAttempt(Model):
    """A sign-in that failed: whose and from where only as keyed hashes, and when."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(BigInteger, attempt_number, primary_key=True)
    login_hash: Mapped[bytes] = mapped_column(LargeBinary)
    address_hash: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)
