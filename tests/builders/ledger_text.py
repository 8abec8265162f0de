"""A ledger written the way people say it, one line to an entry, read into a book.

    tube TB1 of PN1 kit KT1 spin
    09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:40 TB1 PACKED -> unit:BRK/collection in BX1 A1
    +2d 10:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline rec +3h condition=leaked
    11:00 TB1 CORRECTION corrects #slip occurred_at=09:10 reason=misread

What a code is follows from its first two letters (FT is a tube that was found); a line that begins
with a sort says what binds it for ever. An entry is recorded as it happens. After its kind come

    A -> B     source and target, either may be missing    in BX1 A1    inside, position
    @BRK       the site, else that of the parties          at FZ1 S1    place, position
    ~offline   the mode (scan is meant otherwise)          pkg PK1      the package it belongs to
    by D1/7    device and its sequence                     rec +3h      recorded so much later
    unc 60     uncertainty in seconds                      clock 09:00  what its device's clock said
    #slip      a name to refer to it by                    key=value    a fact, JSON or text
    for O1     the order it is for                         station ST1, who 7   read there, by them
    undoes #slip      it did not happen                    lines=TB1,TB2   a manifest
    corrects #slip    it was as said here instead
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import NAMESPACE_OID, uuid5

from app.custody import parties
from app.custody.effective import REPLACEABLE
from app.custody.history import Book
from app.custody.ledger import (
    Entry,
    EntryId,
    Json,
    Kind,
    Mode,
    Origin,
    Sort,
    Subject,
    parse_entry_id,
)
from app.custody.project import Gap, Projection, explained_hash, last_seen, project, speaking
from app.custody.replay import Replay
from tests.builders.work import the_limits

DAY = datetime(2026, 3, 2, tzinfo=UTC)
SORTS = {
    "TB": Sort.TUBE,
    "FT": Sort.TUBE,
    "BX": Sort.BOX,
    "RK": Sort.RACK,
    "PK": Sort.PACKAGE,
    "KT": Sort.KIT,
    "PN": Sort.PARTICIPANT,
    "FZ": Sort.PLACE,
    "ST": Sort.STATION,
}
_AGES = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_MOMENTS = frozenset({"eta", "due_by", "until", "expires_at", "occurred_at"})
_SUBJECTS = frozenset({"real", "inside", "participant_subject"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a text told: its subjects by code, its entries, and names to speak of entries by."""

    subjects: Mapping[str, Subject]
    entries: tuple[Entry, ...]
    names: Mapping[EntryId, str]

    def projections(self, at: str) -> dict[str, Projection]:
        """What follows for every subject from what was recorded by a time, by code."""
        now = moment(at)
        book = Book(
            subjects={s.id: s for s in self.subjects.values()},
            entries=tuple(e for e in self.entries if e.recorded_at <= now),
        )
        replay = Replay(book, limits=the_limits(), now=now)
        return {
            code: project(replay.history(subject.id), limits=the_limits(), now=now)
            for code, subject in self.subjects.items()
        }

    def gaps(self, at: str) -> list[str]:
        """Every gap of a time that nothing silences: `G34 TB1 10:00 P2`.

        Rule, subject, the time or name of the entry objected to, priority.
        """
        now = moment(at)
        return sorted(
            f"{gap.rule} {code} {self.names[gap.entry_id]} {gap.priority}"
            for code, projection in self.projections(at).items()
            for gap in projection.gaps
            if not gap.silent(now)
        )

    def speaking(self, code: str, *, at: str) -> list[str]:
        """The rules that speak for a subject; those listed under them follow in brackets."""
        gaps = self.projections(at)[code].gaps
        return [_with_listed(first, gaps) for first in speaking(gaps)]

    def gap(self, rule: str, code: str, *, at: str) -> Gap:
        """The one gap of a rule on a subject."""
        (gap,) = (g for g in self.projections(at)[code].gaps if g.rule == rule)
        return gap

    def due(self, code: str, *, at: str) -> dict[str, str]:
        """What will be due of a subject: the rule, and when it looks again."""
        return {rule: spoken(due) for rule, due in self.projections(at)[code].wake_ups}

    def last_known(self, code: str, *, at: str) -> str:
        """Who is named when a subject is missed: its holder, and when itself it was last seen."""
        history = self.projections(at)[code].history
        seen = last_seen(history)
        return (
            f"{history.stand.holder}, seen {self.names[seen.entry.entry_id] if seen else 'never'}"
        )


def _with_listed(first: Gap, gaps: Sequence[Gap]) -> str:
    listed = [gap.rule for gap in gaps if gap.cause == first.cause and gap.key != first.key]
    return f"{first.rule} ({', '.join(listed)})" if listed else first.rule


def moment(text: str) -> datetime:
    """`09:00`, `09:00:01` or `+2d 09:00`, counted from the day on which every story begins."""
    days, _, clock = text.rpartition(" ")
    hour, minute, second = [*clock.split(":"), "0"][:3]
    since = timedelta(hours=int(hour), minutes=int(minute), seconds=float(second))
    return DAY + (age(days) if days else timedelta()) + since


def spoken(at: datetime) -> str:
    """The same, from a moment."""
    days = (at - DAY).days
    clock = f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"
    return f"+{days}d {clock}" if days else clock


def age(text: str) -> timedelta:
    """`+3h`, `-15m`, `+2d`, `+30s` as a duration."""
    return timedelta(**{_AGES[text[-1]]: float(text[:-1])})


def told(text: str) -> Told:
    """Read a ledger text; raises ValueError for a line nobody would say."""
    reader = _Reader()
    for line in text.splitlines():
        words = line.split()
        if words:
            reader.read(words)
    return reader.told()


def _entry_id(name: str) -> EntryId:
    return EntryId(uuid5(NAMESPACE_OID, name), 0)


class _Reader:
    def __init__(self) -> None:
        self._subjects: dict[str, Subject] = {}
        self._entries: list[Entry] = []
        self._names: dict[EntryId, str] = {}
        self._referred: set[str] = set()

    def told(self) -> Told:
        for name in self._referred:
            if _entry_id(name) not in self._names:
                raise ValueError(f"nothing is called {name!r}")
        return Told(subjects=self._subjects, entries=tuple(self._entries), names=self._names)

    def read(self, words: Sequence[str]) -> None:
        if words[0] in set(Sort):
            self._bind(words[1], iter(words[2:]))
            return
        start = 2 if words[0].startswith("+") else 1
        code, kind, *rest = words[start:]
        self._enter(" ".join(words[:start]), code, Kind(kind), rest)

    def subject(self, code: str) -> Subject:
        """The subject of a code, known or new."""
        if code not in self._subjects:
            self._subjects[code] = Subject(
                id=len(self._subjects) + 1,
                sort=SORTS[code[:2]],
                code=code,
                namespace=code[:2],
                origin=Origin.FOUND if code.startswith("FT") else Origin.MINTED,
            )
        return self._subjects[code]

    def _bind(self, code: str, words: Iterator[str]) -> None:
        subject = self.subject(code)
        for word in words:
            if word == "of":
                subject = replace(subject, participant=self.subject(next(words)).id)
            elif word == "kit":
                subject = replace(subject, kit=self.subject(next(words)).id)
            else:
                subject = replace(subject, facts={**subject.facts, word: True})
        self._subjects[code] = subject

    def _enter(self, when: str, code: str, kind: Kind, words: Sequence[str]) -> None:
        number, at = len(self._entries) + 1, moment(when)
        subject = self.subject(code).id
        entry = Entry(
            subject=subject,
            entry_id=_entry_id(str(number)),
            kind=kind,
            occurred_at=at,
            recorded_at=at,
            seq=sum(e.subject == subject for e in self._entries) + 1,
            device_seq=number,
        )
        facts: dict[str, Json] = {}
        rest = iter(words)
        for word in rest:
            entry = self._with(entry, word, rest, facts)
        if entry.site is None:
            site = parties.site_of(entry.target) or parties.site_of(entry.source)
            entry = entry._replace(site=site)
        if kind is Kind.EXPLAINED:
            history = self.told().projections(when)[code].history
            facts["hash"] = explained_hash(history, parse_entry_id(str(facts["entry"])))
        self._names.setdefault(entry.entry_id, when)
        self._entries.append(entry._replace(facts=_replacing(entry, facts)))

    def _with(self, entry: Entry, word: str, rest: Iterator[str], facts: dict[str, Json]) -> Entry:
        if "=" in word:
            key, _, value = word.partition("=")
            facts[key] = self._fact(key, value)
            return entry
        if word in _NEXT:
            return _NEXT[word](self, entry, next(rest))
        if word[0] in _SIGNS:
            return _SIGNS[word[0]](self, entry, word[1:])
        if parties.well_formed(word):
            return entry._replace(source=word)
        if (entry.inside or entry.place) and entry.position is None:
            return entry._replace(position=word)
        raise ValueError(f"nobody says {word!r}")

    def _fact(self, key: str, value: str) -> Json:
        if key == "lines":
            return [[self.subject(c).id, c, None, None] for c in value.split(",") if c]
        if key in _SUBJECTS:
            return self.subject(value).id
        if key in _MOMENTS:
            return moment(value.replace("_", " ")).isoformat()
        if key == "entry":
            return str(self.referred(value))
        try:
            return cast(Json, json.loads(value))
        except ValueError:
            return value

    def referred(self, name: str) -> EntryId:
        """The entry that is called so, by `#name`, here or further down."""
        self._referred.add(name[1:])
        return _entry_id(name[1:])

    def called(self, entry: Entry, name: str) -> Entry:
        """The entry under the name it is given."""
        named = entry._replace(entry_id=_entry_id(name))
        self._names[named.entry_id] = name
        return named


def _replacing(entry: Entry, facts: dict[str, Json]) -> dict[str, Json]:
    """The facts of an entry; what a CORRECTION says was so instead is its replacement."""
    if entry.kind is not Kind.CORRECTION or entry.corrects is None:
        return facts
    replacement = {key: facts.pop(key) for key in REPLACEABLE & set(facts)}
    return {**facts, "replacement": replacement}


def _by(entry: Entry, device: str) -> Entry:
    name, _, sequence = device.partition("/")
    return entry._replace(device_id=name, device_seq=int(sequence or entry.device_seq))


_Word = Callable[[_Reader, Entry, str], Entry]
_SIGNS: Mapping[str, _Word] = {
    "@": lambda _, entry, word: entry._replace(site=word),
    "~": lambda _, entry, word: entry._replace(mode=Mode(word)),
    "#": _Reader.called,
}
_NEXT: Mapping[str, _Word] = {
    "->": lambda _, entry, word: entry._replace(target=word),
    "in": lambda reader, entry, word: entry._replace(inside=reader.subject(word).id),
    "at": lambda reader, entry, word: entry._replace(place=reader.subject(word).id),
    "pkg": lambda reader, entry, word: entry._replace(package=reader.subject(word).id),
    "rec": lambda _, entry, word: entry._replace(recorded_at=entry.occurred_at + age(word)),
    "unc": lambda _, entry, word: entry._replace(uncertainty_ms=int(float(word) * 1000)),
    "for": lambda _, entry, word: entry._replace(order=uuid5(NAMESPACE_OID, word)),
    "who": lambda _, entry, word: entry._replace(actor=int(word)),
    "station": lambda _, entry, word: entry._replace(station=word),
    "clock": lambda _, entry, word: entry._replace(device_time=moment(word)),
    "by": lambda _, entry, word: _by(entry, word),
    "undoes": lambda reader, entry, word: entry._replace(corrects=reader.referred(word)),
    "corrects": lambda reader, entry, word: entry._replace(corrects=reader.referred(word)),
}
