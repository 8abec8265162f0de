"""The doors about participants: pseudonyms, consents, withdrawals."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.accounts.rights import demand
from app.custody.ledger import Subject
from app.custody.service import Written
from app.participants import service
from app.participants.queries import consent_at, link_of, participant_of
from app.participants.schemas import (
    CONSENT,
    LINK,
    NEW_PARTICIPANT,
    PARTICIPANT,
    WITHDRAWAL,
    WRITTEN,
)
from app.web import guard
from app.web.schema import answer, body_as
from app.web.work import work

blueprint = Blueprint("participants_api", __name__, url_prefix="/api/v1")


@blueprint.post("/participants")
@guard.signed_in
def create_participant() -> ResponseReturnValue:
    """Create a participant: a pseudonym of ours, never a name."""
    subject = service.create(work(), body_as(NEW_PARTICIPANT))
    return answer(PARTICIPANT, _seen(subject), status=201)


@blueprint.get("/participants/<code>")
@guard.signed_in
def participant(code: str) -> ResponseReturnValue:
    """A participant, and what they agreed to by now."""
    subject = participant_of(work().session, code)
    link = link_of(work().session, subject)
    demand(work(), "subject.read", site=link.site, programme=link.programme)
    return answer(PARTICIPANT, _seen(subject))


@blueprint.post("/participants/<code>/consents")
@guard.signed_in
def record_consent(code: str) -> ResponseReturnValue:
    """Record one answer of a participant."""
    return answer(
        WRITTEN, _written(service.record_consent(work(), code, body_as(CONSENT))), status=201
    )


@blueprint.post("/participants/<code>/withdrawals")
@guard.signed_in
def withdraw(code: str) -> ResponseReturnValue:
    """Record that a participant withdrew."""
    return answer(
        WRITTEN, _written(service.withdraw(work(), code, body_as(WITHDRAWAL))), status=201
    )


@blueprint.get("/participants/<code>/link")
@guard.signed_in
def read_link(code: str) -> ResponseReturnValue:
    """The participant's other pseudonyms; that you asked is kept."""
    link = service.read_link(work(), code)
    return answer(
        LINK,
        {"code": code, "participant_id": link.participant_id, "biobank_id": link.biobank_id},
    )


def _seen(subject: Subject) -> dict[str, object]:
    state = consent_at(work().session, subject, moment=work().clock())
    return {
        "code": subject.code,
        "programme": subject.facts.get("programme"),
        "site": subject.facts.get("site"),
        "consents": state.scopes,
        "withdrawn_at": state.withdrawn_at,
    }


def _written(written: Written) -> dict[str, object]:
    return {"entries": [str(e.entry_id) for e in written.entries], "replayed": written.replayed}
