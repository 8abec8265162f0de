"""Break a whole journey in one place, and a rule objects there, once."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.custody.effective import effective
from app.custody.ledger import BOOKKEEPING, Entry, EntryId, Kind, Sort
from app.custody.project import Gap
from app.custody.steps import REQUIRED
from tests.journeys.custody.counts import counted
from tests.journeys.custody.journeys import journeys
from tests.journeys.custody.judging import causes, gaps, last_due
from tests.journeys.custody.teller import Journey

pytestmark = pytest.mark.slow

SIX_HOURS = timedelta(hours=6)
PICK = st.integers(0, 10_000)


def _judged(journey: Journey) -> tuple[Gap, ...]:
    """Every gap a minute after the last thing that was due."""
    end = max(e.recorded_at for e in journey.entries)
    return gaps(journey.book, last_due(journey.book, end) + timedelta(minutes=1))


def _counting(journey: Journey) -> list[Entry]:
    return [entry for _, entry in effective(journey.entries).entries]


def _required(journey: Journey) -> list[Entry]:
    """Entries whose absence must be noticed: for every subject those its steps require."""
    subjects = journey.book.subjects
    boxed = {e.subject for e in journey.entries if e.kind is Kind.STORED}
    found = []
    for entry in _counting(journey):
        sort = subjects[entry.subject].sort
        if entry.kind not in REQUIRED.get(sort, ()):
            continue
        if sort is Sort.TUBE and entry.kind is Kind.STORED:
            continue  # its box is stored, and it in it: its own is a second word
        if sort is Sort.BOX and entry.subject not in boxed:
            continue
        found.append(entry)
    return found


def _near(broken: Journey, *entries: Entry) -> set[EntryId]:
    """The entries a rule may object to: these, and those of their subjects and containers."""
    story = [e for e in _counting(broken) if e.kind not in BOOKKEEPING]
    around = {e.subject for e in entries} | {e.inside for e in entries if e.inside}
    around |= {e.inside for e in story if e.subject in around and e.inside}
    around |= {e.subject for e in story if e.inside in {x.subject for x in entries}}
    return {e.entry_id for e in entries} | {e.entry_id for e in story if e.subject in around}


def _says_once(broken: Journey, *entries: Entry) -> None:
    found = _judged(broken)
    what = [(e.kind, e.subject, e.seq) for e in entries]
    assert found, f"nobody objects to {what}"
    assert len(causes(found)) == 1, f"{what}: {_told(broken, found)}"
    assert any(g.entry_id in _near(broken, *entries) for g in found), f"{what}: elsewhere"


def _told(journey: Journey, found: tuple[Gap, ...]) -> str:
    names = {e.entry_id: f"{e.kind}/{e.subject}/{e.seq}" for e in journey.entries}
    subjects = journey.book.subjects
    return "; ".join(
        f"{g.rule} {subjects[g.subject].code} at {names[g.entry_id]}"
        f" cause {names[g.cause]} site {g.site}"
        for g in found
    )


@given(journey=journeys, pick=PICK)
@counted(reduced=60, full=1_000)
def test_an_entry_left_out_is_noticed(journey: Journey, pick: int) -> None:
    required = _required(journey)
    gone = required[pick % len(required)]
    _says_once(
        journey.with_entries(e for e in journey.entries if e.entry_id != gone.entry_id), gone
    )


@given(journey=journeys, pick=PICK)
@counted(reduced=60, full=1_000)
def test_two_neighbours_exchanged_are_noticed(journey: Journey, pick: int) -> None:
    required = _required(journey)
    pairs: list[tuple[Entry, Entry]] = []
    for subject in {e.subject for e in required}:
        own = [e for e in required if e.subject == subject]
        pairs += [(a, b) for a, b in pairwise(own) if a.kind is not b.kind]
    earlier, later = pairs[pick % len(pairs)]
    assume(later.occurred_at - earlier.occurred_at > earlier.uncertainty + later.uncertainty)
    times = {earlier.entry_id: later.occurred_at, later.entry_id: earlier.occurred_at}
    broken = journey.with_entries(
        replace(e, occurred_at=times.get(e.entry_id, e.occurred_at)) for e in journey.entries
    )
    _says_once(broken, earlier, later)


def _changed(journey: Journey, entry: Entry, changed: Entry) -> Journey:
    return journey.with_entries(
        changed if e.entry_id == entry.entry_id else e for e in journey.entries
    )


def _plain(journey: Journey) -> list[Entry]:
    """Entries about specimens that nothing else names."""
    subjects = journey.book.subjects
    corrected = {e.corrects for e in journey.entries if e.corrects}
    paths = (Sort.TUBE, Sort.BOX, Sort.PACKAGE, Sort.RACK)
    return [
        e
        for e in _counting(journey)
        if e.kind not in BOOKKEEPING
        and e.entry_id not in corrected
        and e.kind is not Kind.COLLECTION_FAILED  # nothing ever came into anybody's hands
        and subjects[e.subject].sort in paths
    ]


@given(journey=journeys, pick=PICK, sign=st.sampled_from([-1, 1]))
@counted(reduced=60, full=1_000)
def test_a_shifted_time_is_noticed(journey: Journey, pick: int, sign: int) -> None:
    online = [e for e in _plain(journey) if e.online and "late_reason" not in e.facts]
    assume(online)
    entry = online[pick % len(online)]
    # Said to be before its release, it is two alarms: the sender's, and that of the boxes.
    assume(sign > 0 or entry.kind is not Kind.RECEIVED)
    shifted = replace(entry, occurred_at=entry.occurred_at + sign * SIX_HOURS)
    _says_once(_changed(journey, entry, shifted), entry)


@given(journey=journeys, pick=PICK)
@counted(reduced=60, full=1_000)
def test_another_site_is_noticed(journey: Journey, pick: int) -> None:
    entries = _plain(journey)
    entry = entries[pick % len(entries)]
    _says_once(_changed(journey, entry, replace(entry, site="RIV")), entry)


@given(journey=journeys, pick=PICK, other=st.sampled_from(["unit:RIV/collection", "unknown"]))
@counted(reduced=60, full=1_000)
def test_another_source_is_noticed(journey: Journey, pick: int, other: str) -> None:
    entries = [e for e in _plain(journey) if e.source is not None]
    entry = entries[pick % len(entries)]
    _says_once(_changed(journey, entry, replace(entry, source=other)), entry)
