"""Doors for signing in and for who may do so: sessions, people, stations, sites."""

import logging
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.accounts import pairing, places, queries, service
from app.accounts.attempts import Try
from app.accounts.capture import capture_token
from app.accounts.people import PersonSeen, SignedIn
from app.accounts.schemas import (
    GRANT,
    NEW_PERSON,
    NEW_STATION,
    PAIRING,
    PASSWORD_CHANGE,
    PERSON,
    PERSON_CHANGE,
    SIGN_IN,
    SITE,
    STATION,
)
from app.kernel.errors import Refused
from app.web import guard
from app.web.door import door
from app.web.errors import NotSignedIn, TooOften
from app.web.language import remember
from app.web.paging import page_answer, page_wanted
from app.web.problems import refusal
from app.web.schema import answer, body_as
from app.web.session import begin_session, device_of, end_session, keep_device, new_device
from app.web.work import work

log = logging.getLogger(__name__)

blueprint = Blueprint("accounts_api", __name__, url_prefix="/api/v1")


class WrongSignIn(NotSignedIn):
    """No such login, or not its password, or somebody who may no longer sign in."""

    message = "The user name or the password is not right"
    advice = "Type both again"


class WrongPairingCode(Refused):
    """A code that was never given out, was used, or is too old: nobody is told which."""

    message = "The code is wrong, was used already, or is older than ten minutes"
    advice = "Have a new one made on the page of the station, and type it within ten minutes"


@blueprint.post("/session")
@guard.anyone
def sign_in() -> ResponseReturnValue:
    """Sign in with login and password."""
    given = body_as(SIGN_IN)
    tried = Try.of(
        login=service.known_as(given.login),
        address=request.remote_addr or "",
        secret=door().secret,
    )
    match service.sign_in(work(), login=given.login, password=given.password, tried=tried):
        case SignedIn() as who:
            log.info("accounts:signed_in person:%d", who.person)
            seen = queries.person_of(work(), who.person)
            response = _session(seen)
            remember(response, _language(seen))
            begin_session(response, person=who.person, version=who.session_version)
            return response
        case service.MustWait(seconds=seconds):
            log.warning("accounts:sign_in:must_wait %d s", seconds)
            raise TooOften(seconds=seconds)
        case None:
            log.warning("accounts:sign_in:refused")
            return refusal(WrongSignIn())


@blueprint.get("/session")
@guard.signed_in
def who_am_i() -> ResponseReturnValue:
    """Who is signed in here."""
    return _session(queries.person_of(work(), work().actor.person or 0))


@blueprint.delete("/session")
@guard.anyone
def sign_out() -> ResponseReturnValue:
    """Sign out on this browser. What it has not sent yet stays, and stays the person's own."""
    response = Response(status=204)
    end_session(response)
    return response


@blueprint.put("/session/password")
@guard.signed_in
def change_password() -> ResponseReturnValue:
    """Change the own password; every other browser is signed out."""
    given = body_as(PASSWORD_CHANGE)
    who = service.change_password(work(), present=given.present, password=given.password)
    log.info("accounts:password:changed person:%d", who.person)
    response = Response(status=204)
    begin_session(response, person=who.person, version=who.session_version)
    return response


@blueprint.get("/people")
@guard.signed_in
def list_people() -> ResponseReturnValue:
    """The people whom the caller looks after, a page at a time."""
    page = page_wanted(kinds=(str,))
    after = str(page.after[0]) if page.after else ""
    rows = queries.people(work(), after=after, limit=page.limit + 1)
    return page_answer(PERSON, rows, page, key=lambda person: (person.login,))


@blueprint.post("/people")
@guard.signed_in
def add_person() -> ResponseReturnValue:
    """Somebody new, who may sign in from now on."""
    return answer(PERSON, service.add_person(work(), body_as(NEW_PERSON)), status=201)


@blueprint.patch("/people/<int:person>")
@guard.signed_in
def change_person(person: int) -> ResponseReturnValue:
    """Give somebody a new password, shut them out, or let them in again."""
    change = body_as(PERSON_CHANGE)
    if change.password is not None:
        service.reset_password(work(), person=person, password=change.password)
    if change.inactive is not None:
        service.set_inactive(work(), person=person, inactive=change.inactive)
    return answer(PERSON, queries.person_of(work(), person))


@blueprint.post("/people/<int:person>/grants")
@guard.signed_in
def grant_role(person: int) -> ResponseReturnValue:
    """Let somebody hold a role at a site."""
    service.grant_role(work(), person=person, grant=body_as(GRANT))
    return answer(PERSON, queries.person_of(work(), person))


@blueprint.delete("/people/<int:person>/grants")
@guard.signed_in
def revoke_role(person: int) -> ResponseReturnValue:
    """Let somebody no longer hold a role at a site."""
    service.revoke_role(work(), person=person, grant=body_as(GRANT))
    return answer(PERSON, queries.person_of(work(), person))


@blueprint.get("/sites")
@guard.known
def list_sites() -> ResponseReturnValue:
    """Every site: code, kind, title and time zone."""
    return jsonify(items=SITE.dump(queries.sites(work()), many=True), next=None)


@blueprint.get("/stations")
@guard.signed_in
def list_stations() -> ResponseReturnValue:
    """The stations whom the caller looks after, a page at a time."""
    page = page_wanted(kinds=(str,))
    after = str(page.after[0]) if page.after else ""
    rows = queries.stations(work(), after=after, limit=page.limit + 1)
    return page_answer(STATION, rows, page, key=lambda station: (station.code,))


@blueprint.post("/stations")
@guard.signed_in
def add_station() -> ResponseReturnValue:
    """A new station, with its token: shown this once."""
    given = body_as(NEW_STATION)
    code = places.add_station(work(), site=given.site, unit=given.unit, title=given.title)
    return jsonify(station=code, token=places.give_token(work(), station=code)), 201


@blueprint.post("/stations/<station>/token")
@guard.signed_in
def give_token(station: str) -> ResponseReturnValue:
    """A new token, shown this once; the one before is worth nothing from now on."""
    return jsonify(station=station, token=places.give_token(work(), station=station)), 201


@blueprint.delete("/stations/<station>/token")
@guard.signed_in
def revoke_token(station: str) -> ResponseReturnValue:
    """Shut a station out at once."""
    places.revoke_token(work(), station=station)
    return Response(status=204)


@blueprint.post("/stations/<station>/pairing")
@guard.signed_in
def offer_pairing(station: str) -> ResponseReturnValue:
    """A code for the station's computer, shown this once; the one before is void."""
    offer = pairing.offer(work(), station=station, secret=door().secret)
    valid_until = offer.valid_until.isoformat()
    return jsonify(station=station, code=offer.code, valid_until=valid_until), 201


@blueprint.post("/pair")
@guard.anyone
def pair() -> ResponseReturnValue:
    """Use a code up for the token of its station; the token before is worth nothing from now on."""
    given = body_as(PAIRING)
    address, secret = request.remote_addr or "", door().secret
    match pairing.pair(work(), code=given.code, only=given.station, address=address, secret=secret):
        case pairing.Paired() as paired:
            log.info("accounts:station:paired %s", paired.station)
            return jsonify(asdict(paired)), 201
        case service.MustWait(seconds=seconds):
            log.warning("accounts:pairing:must_wait %d s", seconds)
            raise TooOften(seconds=seconds)
        case None:
            log.warning("accounts:pairing:refused")
            return refusal(WrongPairingCode())


def _session(seen: PersonSeen) -> Response:
    """What a browser is told about the person it belongs to."""
    standing = queries.standing_of(work(), seen.id)
    device = device_of(request) or new_device()
    response = jsonify(
        person=seen.id,
        login=seen.login,
        label=seen.label,
        language=_language(seen),
        roles=[[grant.role, grant.site, grant.programme] for grant in seen.grants],
        site=standing.site if standing else None,
        capture_token=capture_token(person=seen.id, device=device),
    )
    keep_device(response, device)
    return response


def _language(seen: PersonSeen) -> str:
    return seen.language or work().actor.language
