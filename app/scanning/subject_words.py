"""A thing and its story in words: who has it, where it is, what happened to it."""

from collections.abc import Mapping

from flask_babel import gettext

from app.custody.ledger import Kind, Sort, Subject
from app.custody.steps import Phase
from app.kernel.work import Work
from app.scanning.words import KINDS
from app.web.catalogue import N_
from labels.code import grouped

PHASES: Mapping[Phase, str] = {
    Phase.NONE: N_("not drawn yet"),
    Phase.FAILED: N_("not collected"),
    Phase.COLLECTED: N_("drawn"),
    Phase.LOADED: N_("being filled"),
    Phase.PACKED: N_("packed"),
    Phase.SEALED: N_("sealed"),
    Phase.IN_TRANSIT: N_("on the way"),
    Phase.DELIVERED: N_("delivered"),
    Phase.RECEIVED: N_("received"),
    Phase.CLOSED: N_("receipt closed"),
    Phase.CHECKED_IN: N_("checked in"),
    Phase.QUARANTINED: N_("in quarantine"),
    Phase.STORED: N_("stored"),
    Phase.OUT: N_("taken out of store"),
    Phase.LOST: N_("lost"),
    Phase.DISTRIBUTED: N_("handed to a requester"),
    Phase.CONSUMED: N_("used up"),
    Phase.DESTROYED: N_("destroyed"),
}
# Titles of entries that the programme's list of events has none for.
EVENTS: Mapping[Kind, str] = {
    Kind.READ: N_("read"),
    Kind.UNDO: N_("undone"),
    Kind.CORRECTION: N_("corrected"),
}
# What is waited for where a rule would speak of its absence; its own title says that it is late.
STEPS: Mapping[str, str] = {
    "G23": N_("the centrifuge"),
    "G28": N_("packing"),
    "G29": N_("dispatch"),
    "G31": N_("delivery"),
    "G32": N_("opening at the dock"),
    "G33": N_("putting away"),
    "G35": N_("the other half of the hand-over"),
    "G43": N_("the end of its receipt"),
    "close": N_("the end of its receipt"),
}
PAGES: Mapping[Sort, str] = {Sort.TUBE: "/t/", Sort.BOX: "/b/"}


def href(subject: Subject) -> str:
    """The address of its page."""
    return PAGES.get(subject.sort, "/s/") + subject.code


def sort_words(sort: Sort) -> str:
    """What sort of thing it is."""
    return str(gettext(KINDS[sort]))


def phase_words(sort: Sort, phase: str) -> str:
    """How far it has come."""
    if phase == Phase.NONE and sort is not Sort.TUBE:
        return str(gettext("empty"))
    return str(gettext(PHASES[Phase(phase)]))


def kind_words(work: Work, kind: Kind) -> str:
    """What an entry says happened."""
    found = work.catalogue.events.get(kind.value)
    if found is not None:
        words = found.said(work.actor.language)
        return words[:1].upper() + words[1:]
    words = str(gettext(EVENTS[kind])) if kind in EVENTS else kind.value.replace("_", " ").lower()
    return words[:1].upper() + words[1:]


def step_words(rule: str) -> str:
    """The step that is waited for by the time a rule speaks; empty where it waits for none."""
    words = str(gettext(STEPS[rule])) if rule in STEPS else ""
    return words[:1].upper() + words[1:]


def tube_words(work: Work, subject: Subject) -> str:
    """Which tube it is: EDTA 4 mL."""
    kind = work.catalogue.tubes.types.get(str(subject.facts.get("tube_type")))
    return kind.name.said(work.actor.language) if kind else ""


def reason_words(work: Work, reason: object) -> str:
    """A reason that a gap was explained with."""
    found = work.catalogue.reasons["resolution"].items.get(str(reason))
    return found.words.said(work.actor.language) if found else str(reason)


def inside(around: Subject, position: str | None) -> dict[str, str | None]:
    """What something is in, and at which position."""
    return {"code": around.code, "position": position, "href": href(around)}


def link(other: Subject | None) -> dict[str, str | None] | None:
    """Another thing, and where its page is."""
    return {"code": other.code, "href": href(other)} if other else None


def short(subject: Subject) -> str:
    """Its code in groups; a bench has a name instead."""
    ours = len(subject.code) == 13 and subject.code[:2] == subject.namespace
    return grouped(subject.code) if ours else subject.code
