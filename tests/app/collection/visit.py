"""A visit on a session that is rolled back: a participant who agreed, an order, its kit."""

from dataclasses import dataclass
from datetime import datetime

from app.collection import kits, ordering
from app.collection.drawing import Draw
from app.collection.models import Order
from app.collection.ordering import NewOrder
from app.collection.queries import tubes_of
from app.custody.drafts import Reading
from app.custody.ledger import Facts, Mode, Subject
from app.kernel.work import Work
from app.participants import service as participants
from app.participants.service import Consent, NewParticipant
from tests.builders.people import NORTH, PROGRAMME

SCOPES = ("primary", "biospecimen")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One participant's order, and its tubes in order of draw."""

    participant: Subject
    order: Order
    tubes: tuple[Subject, ...]


def agreed(work: Work, scopes: tuple[str, ...] = SCOPES) -> Subject:
    """A participant who said yes to these."""
    subject = participants.create(work, NewParticipant(site=NORTH, programme=PROGRAMME))
    for scope in scopes:
        yes = Consent(scope=scope, status="yes", version="1", language="en")
        participants.record_consent(work, subject.code, yes)
    return subject


def wanted(participant: Subject) -> NewOrder:
    """An adult full kit, after comparing card and name."""
    return NewOrder(
        participant=participant.code,
        protocol="adult_v3_1",
        identity=("card_scanned", "name"),
        site=NORTH,
    )


def visit(work: Work) -> Visit:
    """A participant with a kit opened for them."""
    participant = agreed(work)
    order = kits.open_kit(work, ordering.place_order(work, wanted(participant)).id)
    return Visit(participant=participant, order=order, tubes=tuple(tubes_of(work.session, order)))


def reading(work: Work, at: datetime | None = None, mode: Mode = Mode.SCAN) -> Reading:
    """A read at North clinic, now or then."""
    return Reading(
        command=work.ids(), occurred_at=at or work.clock(), site=NORTH, actor=7, mode=mode
    )


def draw(work: Work, tube: Subject, at: datetime | None = None, **facts: str) -> Draw:
    """One tube and a read of it."""
    said: Facts = dict(facts)
    return Draw(tube=tube, reading=reading(work, at), facts=said)
