"""What was found without a readable label turns out to be a thing that is known (ledger.md 1)."""

from dataclasses import dataclass
from uuid import UUID

from app.accounts.rights import demand, may
from app.custody import amending, queries, service
from app.custody.effective import effective
from app.custody.ledger import Entry, Kind, Origin, Subject
from app.custody.service import Written
from app.kernel.errors import Invalid
from app.kernel.work import Work
from app.scanning.corrections import may_correct
from app.scanning.subjects import known_by_code
from labels.code import normalise

# Whoever may register a find at the site where it was made, or correct there what others wrote.
RIGHTS = ("found.register", "correction.make")


class NotFoundHere(Invalid):
    """Only what was found can turn out to be another; of everything else the code is its own."""

    message = "Only something that was found can turn out to be another"
    advice = "If an entry is wrong, correct that entry"


class NotThatOne(Invalid):
    """It cannot be a thing of another kind, nor another find."""

    message = "It cannot be %(code)s"
    advice = "Give the code of something of the same kind that was issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identification:
    """The code of what a found thing really is."""

    real: str
    command: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a found thing is known to be, and the entry that says so; None while nobody knows."""

    real: Subject
    said: Entry


def identify(work: Work, code: str, wanted: Identification) -> Written:
    """Say which one a found thing is: its entries count as that one's own from now on.

    Taken back by a correction of the entry. Raises SubjectMissing, NotFoundHere, NotThatOne, and
    what `demand` raises.
    """
    codes = normalise(code), normalise(wanted.real)
    known = known_by_code(work, codes)
    found, real = (known[one] for one in codes)
    site = _site(work, found)
    if not _may_identify(work, site):
        demand(work, RIGHTS[0], site=site)
    if found.origin is not Origin.FOUND:
        raise NotFoundHere
    if real.origin is Origin.FOUND or real.sort is not found.sort:
        raise NotThatOne(code=real.code)
    reading = service.by_hand(work, site=site or None, command=wanted.command)
    return amending.identify(work, reading=reading, found=found.id, real=real.id)


def may_identify(work: Work, found: Subject) -> bool:
    """Whether the caller may say which one this found thing is."""
    return _may_identify(work, _site(work, found))


def may_take_back(work: Work, identity: Identity) -> bool:
    """Whether the caller may say that it was not that one after all."""
    own = identity.said.actor is not None and identity.said.actor == work.actor.person
    return may_correct(work, identity.said.site or work.actor.site or "", own=own)


def identity_of(work: Work, found: Subject) -> Identity | None:
    """What this found thing is known to be by now."""
    chain = queries.entries_of(work.session, found.id)
    said = [e for _, e in effective(chain).entries if e.kind is Kind.IDENTIFIED]
    if not said or not isinstance(real := said[-1].facts.get("real"), int):
        return None
    return Identity(real=queries.subjects(work.session, [real])[real], said=said[-1])


def _may_identify(work: Work, site: str) -> bool:
    return any(may(work.actor, right, site=site) for right in RIGHTS)


def _site(work: Work, found: Subject) -> str:
    """Where it was found."""
    return queries.entries_of(work.session, found.id)[0].site or work.actor.site or ""
