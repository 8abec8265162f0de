"""From a read whose turn it is to a deed: the subject, the things it is done with, the right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from app.accounts.rights import AnotherSite, NotYourTask, may, sites_where
from app.custody import queries, registry
from app.custody.drafts import Reading
from app.custody.ledger import Origin, Sort, Subject
from app.custody.registry import New
from app.kernel.work import Actor, Work
from app.scanning.answers import card_read, denied, nowhere, refused, test_code, unknown
from app.scanning.reading import SORTS, sort_of
from app.scanning.scan import Answer, Deed, Intent, Read, Say, reading_of
from app.scanning.steps import STEPS, Step
from app.scanning.turns import Turn
from labels.code import CodeRefused, parse

# What may turn up without anybody having issued its code; people and stations do not.
FINDABLE = frozenset({Sort.TUBE, Sort.BOX, Sort.RACK, Sort.PACKAGE, Sort.KIT})
# An entry of the same scan as the deed; far from the ordinals that deeds count from 0.
FOUND_ORDINAL = 900
CONTEXT: Mapping[str, Sort] = {
    "kit": Sort.KIT,
    "box": Sort.BOX,
    "package": Sort.PACKAGE,
    "rack": Sort.RACK,
    "place": Sort.PLACE,
}
WITHOUT_SUBJECT = frozenset({"undo", "done", "print"})


@dataclass(slots=True, kw_only=True)
class _Meant:
    """A read on its way to becoming a deed."""

    turn: Turn
    read: Read
    intent: Intent
    site: str
    sort: Sort | None
    note: Say | None = None
    wanted: dict[str, Sort] = field(default_factory=dict)


def understand(work: Work, turns: Sequence[Turn]) -> list[Deed | Answer]:
    """A deed for each read, or its answer where there is nothing to do."""
    begun = [_begin(turn) for turn in turns]
    meant = [one for one in begun if isinstance(one, _Meant)]
    known, found = _subjects(work, meant)
    return [one if isinstance(one, Answer) else _deed(one, known, found) for one in begun]


def _begin(turn: Turn) -> _Meant | Answer:
    if turn.say is Say.TEST_CODE:
        return test_code(turn)
    if turn.read is None:
        return refused(turn, turn.say or Say.NOT_OURS)
    if turn.intent is None:
        return card_read(turn, turn.say or Say.CARD_NO_USE)
    intent, read = turn.intent, turn.read
    site = _site(turn.doing.actor, turn.site, STEPS[intent.step].right)
    if site is None:
        return nowhere(turn)
    missing = _right_missing(turn.doing.actor, STEPS[intent.step].right, site)
    if missing is not None:
        return denied(turn, missing)
    if read.command is not None:
        return _with_card(turn, read, intent, site)
    return _with_code(turn, read, intent, site)


def _with_card(turn: Turn, read: Read, intent: Intent, site: str) -> _Meant | Answer:
    unlabelled = intent.step == "check_in" and intent.facts.get("label") == "missing"
    if intent.step in WITHOUT_SUBJECT or unlabelled:
        wanted = dict(_context(intent))
        return _Meant(turn=turn, read=read, intent=intent, site=site, sort=None, wanted=wanted)
    return card_read(turn, Say.CARD if intent.step == "read" else Say.CARD_NO_USE)


def _with_code(turn: Turn, read: Read, intent: Intent, site: str) -> _Meant | Answer:
    sort, step = sort_of(read), STEPS[intent.step]
    note = None
    if intent.step not in WITHOUT_SUBJECT:
        if sort is None:
            return unknown(turn, read)
        if sort not in step.sorts:
            note = Say.NO_USE
        elif not _complete(intent, step):
            note = Say.CONTEXT_MISSING
    if note is not None:
        intent = Intent(step="read", facts={"meant": intent.step, "not_done": note.value})
    wanted = dict(_context(intent))
    if sort is not None and intent.step not in WITHOUT_SUBJECT:
        wanted[read.text] = sort
    return _Meant(
        turn=turn, read=read, intent=intent, site=site, sort=sort, note=note, wanted=wanted
    )


def _complete(intent: Intent, step: Step) -> bool:
    """Whether what the step is done with was said too."""
    said = {name for name in CONTEXT if getattr(intent, name) is not None}
    return said.issuperset(step.needs) and (not step.one_of or not said.isdisjoint(step.one_of))


def _context(intent: Intent) -> Iterator[tuple[str, Sort]]:
    for name, sort in CONTEXT.items():
        code = getattr(intent, name)
        if code is not None:
            yield code, sort


def _site(actor: Actor, site: str | None, right: str | None) -> str | None:
    """Where it was scanned: where the scanner stands or the person works, or may do this alone."""
    if site is not None or right is None:
        return site
    sites = sites_where(actor, right)
    return next(iter(sites)) if len(sites) == 1 and "*" not in sites else None


def _right_missing(
    actor: Actor, right: str | None, site: str
) -> type[AnotherSite | NotYourTask] | None:
    if right is None or may(actor, right, site=site):
        return None
    return AnotherSite if sites_where(actor, right) else NotYourTask


# Subjects, known and found


def _subjects(work: Work, meant: Sequence[_Meant]) -> tuple[dict[str, Subject], frozenset[str]]:
    wanted = {code for one in meant for code in one.wanted}
    known = queries.subjects_of(work.session, wanted)
    news: dict[str, New] = {}
    for one in meant:
        for code, sort in one.wanted.items():
            if code not in known and code not in news:
                new = _new(one, code, sort, ordinal=FOUND_ORDINAL + len(news))
                if new is not None:
                    news[code] = new
    if news:
        made = registry.register(work, list(news.values()))
        known |= dict(zip(news, made, strict=True))
    found = frozenset(c for c, n in news.items() if n.origin is Origin.FOUND)
    return known, found


def _new(one: _Meant, code: str, sort: Sort, *, ordinal: int) -> New | None:
    """What is registered for a code nobody knows here: found, or another's the first time seen."""
    if sort not in FINDABLE:
        return None
    foreign = one.read.foreign and code == one.read.text
    if not foreign and not _ours(code, sort):
        return None
    return New(
        sort=sort,
        reading=_reading(one),
        namespace=one.read.namespace if foreign else code[:2],
        code=code,
        origin=Origin.FOREIGN if foreign else Origin.FOUND,
        ordinal=ordinal,
    )


def _ours(code: str, sort: Sort) -> bool:
    try:
        return SORTS.get(parse(code).namespace) is sort
    except CodeRefused:
        return False


def _deed(one: _Meant, known: Mapping[str, Subject], found: frozenset[str]) -> Deed | Answer:
    with_ = {
        name: known[code]
        for name in CONTEXT
        if (code := getattr(one.intent, name)) is not None and code in known
    }
    subject = None if one.intent.step in WITHOUT_SUBJECT else known.get(one.read.text)
    if subject is None and one.sort is not None and one.intent.step not in WITHOUT_SUBJECT:
        return unknown(one.turn, one.read)
    intent, note = one.intent, one.note
    lost = [name for name in CONTEXT if getattr(intent, name) is not None and name not in with_]
    if lost and subject is not None:
        note = Say.CONTEXT_MISSING
        intent = Intent(step="read", facts={"meant": intent.step, "not_done": note.value})
    return Deed(
        scan=one.turn.scan,
        intent=intent,
        reading=_reading(one),
        site=one.site,
        late=one.turn.late,
        read=one.read,
        subject=subject,
        context=with_,
        found=one.read.text in found,
        note=note,
    )


def _reading(one: _Meant) -> Reading:
    turn = one.turn
    return reading_of(
        turn.scan,
        site=one.site,
        station=turn.station,
        actor=turn.actor,
        now=turn.doing.clock(),
    )
