"""What is scanned where packages come in: handed to receiving."""

from collections.abc import Sequence
from dataclasses import replace

from app.accounts.queries import standing_of
from app.accounts.rights import demand
from app.custody.queries import entries_by_command
from app.kernel.work import Actor, Work
from app.receiving import service
from app.receiving.service import CheckIn
from app.scanning.outcomes import found_against, outcomes_of
from app.scanning.scan import Deed, Outcome, Say, Verdict

CODES_MOST = 20


def check_in(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """Boxes and tubes came out of a package; one without a label gets a new code."""
    plain = [deed for deed in deeds if deed.subject is not None]
    done = dict(zip((deed.scan.id for deed in plain), _check_in(work, plain), strict=True))
    return [done.get(deed.scan.id) or _unlabelled(work, deed) for deed in deeds]


def _check_in(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    arrivals = [
        CheckIn(
            subject=deed.subject,
            reading=deed.reading,
            box=deed.context.get("box"),
            position=deed.intent.position,
            codes=codes_of(deed),
        )
        for deed in deeds
        if deed.subject is not None
    ]
    if not arrivals:
        return []
    package = deeds[0].context.get("package")
    return outcomes_of(work, deeds, service.check_in(work, arrivals, package))


def _unlabelled(work: Work, deed: Deed) -> Outcome:
    tube = service.register_found(
        work, deed.reading, deed.context.get("package"), deed.context.get("box")
    )
    entries = entries_by_command(work.session, deed.scan.id)
    return Outcome(
        entries=tuple(entry.entry_id for entry in entries),
        findings=found_against(work, entries).get(deed.scan.id, ()),
        verdict=Verdict.LOOK,
        say=Say.NEW_CODE,
        values={"code": tube.code},
        subject=tube,
    )


def note_condition(work: Work, deeds: Sequence[Deed]) -> list[Outcome]:
    """The condition of things was noted."""
    noted = [(deed.subject, codes_of(deed), deed.reading) for deed in deeds if deed.subject]
    package = deeds[0].context.get("package")
    return outcomes_of(work, deeds, service.note_condition(work, noted, package))


def finish(work: Work, deed: Deed) -> Outcome:
    """A box was looked through to its end; or the whole package, and its receipt is closed."""
    package, box = deed.context["package"], deed.context.get("box")
    who = _whoever(work, deed)
    if box is not None:
        demand(who, "scan.check_in", site=deed.site)
        written = service.close_box(work, box, package, deed.reading)
        return outcomes_of(work, [deed], written, say=Say.BOX_CLOSED)[0]
    demand(who, "receipt.close", site=deed.site)
    written = service.close_receipt(work, package, deed.reading)
    return outcomes_of(work, [deed], written, say=Say.RECEIPT_CLOSED)[0]


def _whoever(work: Work, deed: Deed) -> Work:
    """The work of whoever stands at a station: their rights count, not the station's few."""
    person = deed.reading.actor
    if work.actor.station is None or person is None:
        return work
    standing = standing_of(work, person)
    grants = standing.grants if standing else frozenset[tuple[str, str, str]]()
    return replace(work, actor=Actor(person=person, site=deed.site, grants=grants))


def codes_of(deed: Deed) -> tuple[str, ...]:
    """The conditions that a page or a card says of a thing."""
    facts = deed.intent.facts
    listed = facts.get("codes")
    codes = [facts.get("condition"), *(listed if isinstance(listed, list) else [])]
    return tuple(code for code in codes[:CODES_MOST] if isinstance(code, str))
