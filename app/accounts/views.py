"""The sign-in page, the choice of language, and who and where stands at the top of every page."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.accounts import service
from app.accounts.queries import logins, person_of, site_of
from app.accounts.rights import sites_where
from app.kernel.errors import Missing
from app.kernel.work import Actor, Work
from app.web import guard
from app.web.door import door
from app.web.language import LANGUAGES, remember
from app.web.shell import local
from app.web.work import work

blueprint = Blueprint("accounts", __name__)

# Page -> the action that brings somebody there; the overview is everybody's.
WAYS: Mapping[str, str] = {
    "collect": "scan.collect",
    "receive": "package.receive",
    "alarms": "alarm.read",
}


class LanguageMissing(Missing):
    """A language that this system does not speak."""

    message = "There is no such language here"


@blueprint.get("/sign-in")
@guard.anyone
def sign_in_page() -> ResponseReturnValue:
    """The form; who is signed in already is taken on at once."""
    then = local(request.args.get("then"))
    if work().actor.person is not None:
        return redirect(then, code=303)
    people = logins(work()) if door().demo else []
    return render_template("accounts/sign_in.html", then=then, station=None, demo_users=people)


@blueprint.get("/language/<language>")
@guard.anyone
def choose_language(language: str) -> ResponseReturnValue:
    """Read on in another language, on this browser and wherever this person signs in."""
    if language not in LANGUAGES:
        raise LanguageMissing
    if work().actor.person is not None:
        service.choose_language(work(), language)
    response = redirect(local(request.args.get("then")), code=303)
    remember(response, language)
    return response


def surroundings(unit: Work) -> Mapping[str, object]:
    """The person, the site, its time and the ways this person may go, for the top of a page."""
    actor = unit.actor
    person = person_of(unit, actor.person or 0)
    site = site_of(unit, actor.site) if actor.site else None
    return {
        "person": person.label,
        "site": site.title if site else "",
        "zone": _short(site.time_zone, unit) if site else "UTC",
        "nav": ways(actor),
    }


def _short(time_zone: str, unit: Work) -> str:
    return unit.clock().astimezone(ZoneInfo(time_zone)).tzname() or time_zone


def ways(actor: Actor) -> tuple[str, ...]:
    """The pages this person has something to do on."""
    return ("overview", *(page for page, action in WAYS.items() if sites_where(actor, action)))
