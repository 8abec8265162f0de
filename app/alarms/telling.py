"""Alarms in words, for the pages: whose it is, what happened to it, how it ended."""

from collections.abc import Mapping
from datetime import datetime

from flask_babel import format_datetime, gettext, ngettext

from app.alarms.queries import EventSeen, LineSeen
from app.alarms.states import Happened, State
from app.custody.ledger import Sort
from app.kernel.work import Work
from app.web.catalogue import N_

OWNERS: Mapping[str, str] = {
    "phlebotomist": N_("phlebotomist"),
    "technician": N_("technician"),
    "manager": N_("manager"),
    "site_coordinator": N_("site coordinator"),
    "quality": N_("quality officer"),
    "auditor": N_("auditor"),
    "administrator": N_("administrator"),
    "actor": N_("whoever did it"),
    "sender": N_("the sending site"),
    "receiver": N_("the receiving site"),
    "releaser": N_("whoever handed it over"),
}
SORTS: Mapping[str, str] = {
    Sort.TUBE: N_("Tube"),
    Sort.BOX: N_("Box"),
    Sort.RACK: N_("Rack"),
    Sort.PACKAGE: N_("Package"),
    Sort.KIT: N_("Kit"),
    Sort.PARTICIPANT: N_("Participant"),
    Sort.PLACE: N_("Place"),
    Sort.STATION: N_("Station"),
}


def owners_words(owners: tuple[str, ...]) -> str:
    """Whose it is while no person has it."""
    return ", ".join(str(gettext(OWNERS.get(owner, owner))) for owner in owners)


def sort_words(sort: str) -> str:
    """What sort of thing it is."""
    return str(gettext(SORTS[sort])) if sort in SORTS else sort


def reason_words(work: Work, code: object) -> str:
    """A reason in the language of this answer."""
    found = work.catalogue.reasons["resolution"].items.get(str(code))
    return found.words.said(work.actor.language) if found else str(code)


def line_words(line: LineSeen, title: str) -> str:
    """How it stands with one gap of the alarm."""
    if line.cured_at is not None:
        return str(gettext("%(title)s, ended", title=title))
    if line.explained:
        return str(gettext("%(title)s, explained", title=title))
    return title


def event_words(work: Work, event: EventSeen) -> str:
    """One line of the history."""
    facts, person = event.facts, event.actor_label or str(gettext("The watcher"))
    match event.kind:
        case Happened.OPENED:
            words = gettext("Opened as %(priority)s", priority=facts.get("priority"))
        case Happened.REOPENED:
            words = gettext("It is so again")
        case Happened.JOINED:
            words = ngettext(
                "%(num)s more of the same cause", "%(num)s more of the same cause", _whole(facts)
            )
        case Happened.GRAVER:
            words = gettext("It became %(priority)s", priority=facts.get("priority"))
        case Happened.ACKNOWLEDGED:
            words = gettext("%(person)s acknowledged it", person=person)
        case Happened.ASSIGNED:
            words = gettext("%(person)s gave it to %(other)s", person=person, other=facts["label"])
        case Happened.EXPLAINED:
            return _explained(work, facts, person)
        case Happened.SPOKE_AGAIN:
            words = gettext("The silence is over")
        case Happened.CURED:
            words = ngettext(
                "%(num)s was ended by evidence", "%(num)s were ended by evidence", _whole(facts)
            )
        case _:
            words = gettext("Ended by evidence")
    return str(words)


def ended_words(work: Work, state: str, history: tuple[EventSeen, ...]) -> str | None:
    """How it ended, or None where it has not."""
    if state in (State.CLOSED, State.CLEARED):
        return str(gettext("It has ended: the evidence is complete."))
    if state != State.EXPLAINED:
        return None
    given = [event.facts for event in history if event.kind == Happened.EXPLAINED]
    reason = reason_words(work, given[-1].get("reason", "")) if given else ""
    return str(gettext("Explained: %(reason)s", reason=reason))


def silent_words(until: datetime) -> str:
    """Until when an explanation keeps it quiet."""
    return str(gettext("silent until %(time)s", time=format_datetime(until, "d MMM HH:mm")))


def _explained(work: Work, facts: Mapping[str, object], person: str) -> str:
    reason = reason_words(work, facts.get("reason", ""))
    words = [str(gettext("%(person)s explained it: %(reason)s", person=person, reason=reason))]
    if comment := facts.get("comment"):
        words.append(str(comment))
    if isinstance(until := facts.get("until"), str):
        words.append(silent_words(datetime.fromisoformat(until)))
    return " · ".join(words)


def _whole(facts: Mapping[str, object]) -> int:
    return int(str(facts.get("gaps", 0)))
