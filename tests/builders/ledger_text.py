"""A ledger written the way people say it, one line to an entry, read into a book.

    tube TB1 of PN1 kit KT1 spin
    09:00 tube TB1 COLLECTED participant:PN1 -> unit:BRK/collection
    09:40 TB1 PACKED -> unit:BRK/collection in BX1 A1
    +2d 10:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline rec +3h condition=leaked

What a code is follows from its first two letters (FT is a tube that was found); a line that begins
with a sort says what binds it for ever. A word after the kind is one of

    A -> B     source and target, either may be missing      in BX1 A1    inside, position
    @BRK       the site, else that of the parties            at FZ1 S1    place, position
    ~offline   the mode (scan is meant otherwise)            pkg PK1      the package it belongs to
    by D1/7    device and its sequence                       rec +3h      recorded so much later
    unc 60     uncertainty in seconds                        #wrong       a name to refer to it by
    undoes #x  a correction without a replacement            key=value    a fact, JSON or text
    lines=TB1,TB2   a manifest
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import NAMESPACE_OID, uuid5

from app.custody import parties
from app.custody.history import Book, History
from app.custody.ledger import (
    CORRECTIONS,
    Entry,
    EntryId,
    Evidence,
    Facts,
    Json,
    Kind,
    Mode,
    Origin,
    Sort,
    Subject,
)
from app.custody.project import Gap, Projection, project
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
_AGES = {"m": "minutes", "h": "hours", "d": "days", "s": "seconds"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a text told: a book, and names to speak of its subjects and entries by."""

    book: Book
    codes: dict[str, int]
    names: dict[EntryId, str]

    def replay(self, at: str) -> Replay:
        return Replay(self.book, limits=the_limits(), now=moment(at))

    def history(self, code: str, *, at: str) -> History:
        """The history of one subject as it is read at a time."""
        return self.replay(at).history(self.codes[code])

    def projections(self, at: str) -> dict[str, Projection]:
        """What follows for every subject at a time, by code."""
        replay, now = self.replay(at), moment(at)
        return {
            code: project(replay.history(id_), limits=the_limits(), now=now)
            for code, id_ in self.codes.items()
        }

    def gaps(self, at: str) -> list[str]:
        """Every gap open at a time, as `G34 TB1 10:00 P2`: rule, subject, entry, priority."""
        return sorted(
            f"{gap.rule} {code} {self.names[gap.entry_id]} {gap.priority}"
            for code, projection in self.projections(at).items()
            for gap in projection.gaps
        )

    def gap(self, rule: str, code: str, *, at: str) -> Gap:
        """The one gap of a rule on a subject."""
        (gap,) = (g for g in self.projections(at)[code].gaps if g.rule == rule)
        return gap

    def wake_ups(self, code: str, *, at: str) -> dict[str, str]:
        """What is due of a subject, as rule and time of day."""
        projection = self.projections(at)[code]
        return {rule: spoken(due) for rule, due in projection.wake_ups}


def moment(text: str) -> datetime:
    """`09:00` or `+2d 09:00` on the day every story begins."""
    days, _, clock = text.rpartition(" ")
    hour, minute, *second = clock.split(":")
    shift = timedelta(days=int(days[1:-1])) if days else timedelta()
    return (
        DAY
        + shift
        + timedelta(hours=int(hour), minutes=int(minute), seconds=float(second[0]) if second else 0)
    )


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
        if words and not words[0].startswith("--"):
            reader.read(words)
    return reader.told()


class _Reader:
    def __init__(self) -> None:
        self._subjects: dict[str, Subject] = {}
        self._entries: list[Entry] = []
        self._names: dict[str, EntryId] = {}
        self._spoken: dict[EntryId, str] = {}

    def told(self) -> Told:
        codes = {code: subject.id for code, subject in self._subjects.items()}
        book = Book(
            subjects={s.id: s for s in self._subjects.values()}, entries=tuple(self._entries)
        )
        return Told(book=book, codes=codes, names=self._spoken)

    def read(self, words: Sequence[str]) -> None:
        if words[0] in set(Sort):
            self._bind(words)
            return
        when = f"{words[0]} {words[1]}" if words[0].startswith("+") else words[0]
        rest = list(words[2 if words[0].startswith("+") else 1 :])
        if rest[0] in set(Sort):
            rest.pop(0)
        self._enter(when, rest[0], Kind(rest[1]), rest[2:])

    def _subject(self, code: str) -> Subject:
        if code not in self._subjects:
            self._subjects[code] = Subject(
                id=len(self._subjects) + 1,
                sort=SORTS[code[:2]],
                code=code,
                namespace=code[:2],
                origin=Origin.FOUND if code.startswith("FT") else Origin.MINTED,
            )
        return self._subjects[code]

    def _bind(self, words: Sequence[str]) -> None:
        code, rest = words[1], iter(words[2:])
        subject, facts = self._subject(code), dict[str, Json]()
        for word in rest:
            if word == "of":
                subject = replace(subject, participant=self._subject(next(rest)).id)
            elif word == "kit":
                subject = replace(subject, kit=self._subject(next(rest)).id)
            else:
                facts[word] = True
        self._subjects[code] = replace(subject, facts=facts)

    def _enter(self, when: str, code: str, kind: Kind, words: Sequence[str]) -> None:
        number = len(self._entries) + 1
        entry_id = EntryId(uuid5(NAMESPACE_OID, str(number)), 0)
        at = moment(when)
        entry = Entry(
            subject=self._subject(code).id,
            entry_id=entry_id,
            kind=kind,
            occurred_at=at,
            recorded_at=at,
            seq=sum(e.subject == self._subject(code).id for e in self._entries) + 1,
            device_seq=number,
        )
        self._spoken[entry_id] = when
        entry = self._with(entry, iter(words))
        if entry.site is None:
            first, second = parties.site_of(entry.target), parties.site_of(entry.source)
            entry = replace(entry, site=first or second)
        self._entries.append(entry)

    def _with(self, entry: Entry, words: Iterator[str]) -> Entry:
        previous: str | None = None
        facts: dict[str, Json] = {}
        for word in words:
            entry = self._word(entry, word, words, previous, facts)
            previous = word
        return replace(entry, facts=facts)

    def _word(
        self,
        entry: Entry,
        word: str,
        words: Iterator[str],
        previous: str | None,
        facts: dict[str, Json],
    ) -> Entry:
        first, rest = word[0], word[1:]
        if "=" in word:
            key, _, value = word.partition("=")
            facts[key] = self._fact(key, value)
        elif first == "@":
            return replace(entry, site=rest)
        elif first == "~":
            return replace(entry, mode=Mode(rest))
        elif first == "#":
            self._names[rest] = entry.entry_id
            self._spoken[entry.entry_id] = rest
        elif word == "->":
            return replace(entry, target=next(words))
        elif parties.well_formed(word):
            return replace(entry, source=word)
        elif word in set(Evidence):
            return replace(entry, evidence=Evidence(word))
        elif word == "in":
            return replace(entry, inside=self._subject(next(words)).id)
        elif word == "at":
            return replace(entry, place=self._subject(next(words)).id)
        elif word == "pkg":
            return replace(entry, package=self._subject(next(words)).id)
        elif word == "rec":
            return replace(entry, recorded_at=entry.occurred_at + age(next(words)))
        elif word == "unc":
            return replace(entry, uncertainty_ms=int(float(next(words)) * 1000))
        elif word == "by":
            device, _, sequence = next(words).partition("/")
            return replace(entry, device_id=device, device_seq=int(sequence or entry.device_seq))
        elif word == "undoes" and entry.kind in CORRECTIONS:
            return replace(entry, corrects=self._names[next(words)[1:]])
        elif previous is not None and (entry.inside or entry.place) and entry.position is None:
            return replace(entry, position=word)
        else:
            raise ValueError(f"nobody says {word!r}")
        return entry

    def _fact(self, key: str, value: str) -> Json:
        if key == "lines":
            codes = [c for c in value.split(",") if c]
            return [[self._subject(c).id, c, None, None] for c in codes]
        if key == "real":
            return self._subject(value).id
        if key in ("eta", "due_by", "until", "expires_at"):
            return moment(value.replace("_", " ")).isoformat()
        if key == "entry":
            return str(self._names[value[1:]])
        try:
            return cast(Json, json.loads(value))
        except ValueError:
            return value


def facts_of(told_text: Told, name: str) -> Facts:
    """The facts of the entry called `name`."""
    (entry,) = (e for e in told_text.book.entries if told_text.names[e.entry_id] == name)
    return entry.facts
