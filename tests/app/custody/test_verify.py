"""Every kind of tampering is named; an untouched ledger is not objected to."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.custody import parties, seals, stamping, sweep
from app.custody.ledger import Kind, Sort, Subject
from app.custody.verify import Report, verify
from tests.app.custody.test_service import Bench
from tests.builders.work import the_limits
from tests.conftest import FreshDatabase, TestDatabase

UNIT = parties.unit("BRK", "collection")


@pytest.fixture(scope="module")
def place(database: TestDatabase) -> None:
    """The server must run before a database can be cloned."""


class House:
    """A small ledger with a gap raised, and the owner's hand to tamper with it."""

    def __init__(self, database: TestDatabase, *, swept: bool = True) -> None:
        self.runtime: Engine = create_engine(database.runtime_url)
        self.owner: Engine = create_engine(database.owner_url)
        with Session(self.runtime) as session:
            bench = Bench(session)
            self.clock = bench.clock
            self.tube = bench.register(Sort.TUBE, "TB", facts={"tube_type": "edta_4"})
            self.box = bench.register(Sort.BOX, "BX")
            self.last = bench.register(Sort.TUBE, "TB")
            bench.say(Kind.COLLECTED, self.tube, source="participant:PN1", target=UNIT)
            bench.say(Kind.PACKED, self.tube, target=UNIT, inside=self.box.id, position="A1")
            bench.say(Kind.COLLECTED, self.last, source="participant:PN1", target=UNIT)
            bench.clock.wait(hours=25)
            if swept:
                sweep.due(bench.work)
                sweep.raise_settled(bench.work)
            session.commit()

    def close(self) -> None:
        self.runtime.dispose()
        self.owner.dispose()

    def tamper(self, sql: str) -> None:
        with self.owner.begin() as connection:
            assert connection.execute(text(sql)).rowcount >= 1

    def report(self, seal: seals.Seal | None = None) -> Report:
        with Session(self.runtime) as session:
            return verify(session, limits=the_limits(), now=self.clock(), seal=seal)

    def seal(self) -> seals.Seal:
        with Session(self.runtime) as session:
            return seals.take(session, now=self.clock())


@pytest.fixture
def house(fresh_database: FreshDatabase) -> Iterator[House]:
    house = House(fresh_database())
    yield house
    house.close()


def test_an_untouched_ledger_is_whole(house: House) -> None:
    report = house.report(house.seal())

    assert report.findings == ()
    assert (report.subjects, report.entries) == (3, 8)


def test_what_no_sweep_has_looked_at_yet_is_no_fault(fresh_database: FreshDatabase) -> None:
    house = House(fresh_database(), swept=False)

    before = house.report()
    house.tamper("UPDATE expectation SET due_at = due_at - interval '1 hour'")
    after = house.report()
    house.close()

    assert before.findings == ()
    assert len(after.findings) > 0


EDITS = {
    "kind": "'PACKED'",
    "source": "'unit:RIV/collection'",
    "target": "'unit:RIV/collection'",
    "evidence": "'badge'",
    "actor": "2",
    "on_behalf_of": "2",
    "station": "'ST1'",
    "site": "'RIV'",
    "place": "7",
    "inside": "7",
    "position": "'A2'",
    "order_id": "gen_random_uuid()",
    "package": "7",
    "request": "gen_random_uuid()",
    "occurred_at": "occurred_at + interval '1 microsecond'",
    "recorded_at": "recorded_at + interval '1 microsecond'",
    "tz_minutes": "tz_minutes + 1",
    "uncertainty_ms": "uncertainty_ms + 1",
    "device_id": "'other'",
    "device_time": "occurred_at",
    "device_seq": "device_seq + 1",
    "mode": "'manual'",
    "corrects_command": "gen_random_uuid()",
    "sop_version": "'x'",
    "facts": "'{\"a\": 1}'",
    "facts_hash": "set_byte(facts_hash, 0, get_byte(facts_hash, 0) # 1)",
    "hash": "set_byte(hash, 0, get_byte(hash, 0) # 1)",
    "command": "gen_random_uuid()",
    "ordinal": "ordinal + 1",
}


@pytest.mark.slow
@pytest.mark.parametrize("column", EDITS)
def test_one_changed_bit_in_any_field_is_named(house: House, column: str) -> None:
    house.tamper(
        f"UPDATE custody_event SET {column} = {EDITS[column]}"  # noqa: S608 - a constant
        f" WHERE subject_id = {house.tube.id} AND seq = 2"
    )

    assert any(house.tube.code in finding for finding in house.report().findings)


def _names(report: Report, subject: Subject) -> bool:
    return any(subject.code in finding for finding in report.findings)


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_deleted_entry_is_named(house: House, seq: int) -> None:
    house.tamper(
        f"DELETE FROM custody_event WHERE subject_id = {house.tube.id} AND seq = {seq}"  # noqa: S608 - numbers
    )

    assert _names(house.report(), house.tube)


def test_two_exchanged_entries_are_named(house: House) -> None:
    where = f"WHERE subject_id = {house.tube.id} AND seq ="
    for old, new in ((2, 99), (3, 2), (99, 3)):
        house.tamper(f"UPDATE custody_event SET seq = {new} {where} {old}")  # noqa: S608 - numbers

    assert _names(house.report(), house.tube)


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("subject_state", "holder = 'unit:RIV/collection' WHERE holder IS NOT NULL"),
        ("subject_state", "position = 'B7' WHERE position IS NOT NULL"),
        ("subject_state", "phase = 'stored'"),
        ("expectation", "due_at = due_at + interval '1 hour'"),
        ("gap", "priority = 'P1'"),
        ("gap", "raised_at = NULL"),
        ("gap", "cured_at = now()"),
        ("slot", "occupant = 1000"),
        ("subject", "facts = '{}' WHERE sort = 'tube' AND facts <> '{}'"),
    ],
)
def test_an_edited_projection_is_named(house: House, table: str, change: str) -> None:
    house.tamper(f"UPDATE {table} SET {change}")  # noqa: S608 - constants

    assert not house.report().ok


def test_a_last_entry_deleted_with_its_state_is_named_by_the_seal(house: House) -> None:
    seal = house.seal()
    last = f"subject_id = {house.last.id}"
    house.tamper(f"DELETE FROM custody_event WHERE {last} AND seq >= 2")  # noqa: S608 - numbers
    house.tamper(
        "UPDATE subject_state SET seq = 1, phase = 'none', holder = 'nobody', site = NULL,"  # noqa: S608 - numbers
        " event_time = NULL, last_seen = NULL, last_seen_at = NULL, head = (SELECT hash"
        f" FROM custody_event e WHERE e.{last} AND seq = 1) WHERE {last}"
    )
    house.tamper(f"DELETE FROM gap WHERE {last}")  # noqa: S608 - numbers

    assert house.report().ok
    assert _names(house.report(seal), house.last)


def test_a_deleted_subject_is_named_by_the_seal(house: House) -> None:
    seal = house.seal()
    for table, column in (
        ("custody_event", "subject_id"),
        ("subject_state", "subject_id"),
        ("expectation", "subject_id"),
        ("gap", "subject_id"),
        ("subject", "id"),
    ):
        with house.owner.begin() as connection:
            connection.execute(text(f"DELETE FROM {table} WHERE {column} = {house.last.id}"))  # noqa: S608 - constants

    assert house.report().ok
    assert str(house.last.id) in " ".join(house.report(seal).findings)


def test_a_seal_is_read_back_as_it_was_written(house: House, tmp_path: Path) -> None:
    seal, file = house.seal(), tmp_path / "seal"
    seals.write(seal, file, key=seals.signing_key(tmp_path / "key"))

    assert seals.read(file) == seal


def test_a_changed_seal_is_refused(house: House, tmp_path: Path) -> None:
    file = tmp_path / "seal"
    seals.write(house.seal(), file, key=seals.signing_key(tmp_path / "key"))
    file.write_text(file.read_text().replace('"entries": 8', '"entries": 7'))

    with pytest.raises(seals.SealUnreadable):
        seals.read(file)


def test_the_runtime_role_cannot_change_the_ledger(house: House) -> None:
    for sql in (
        "UPDATE custody_event SET kind = 'READ'",
        "DELETE FROM custody_event",
        "TRUNCATE custody_event",
    ):
        with (
            pytest.raises(Exception, match="permission denied"),
            house.runtime.begin() as connection,
        ):
            connection.execute(text(sql))


def test_facts_that_would_not_come_back_as_they_were_are_refused(session: Session) -> None:
    bench = Bench(session)
    tube = bench.register(Sort.TUBE, "TB")
    for facts in ({"a": "\0"}, {"a": 2**53}, {"a": [1e300]}, {"a": float("nan")}, {"a": "\ud800"}):
        with pytest.raises(stamping.FactsUnfit):
            bench.say(Kind.CONDITION_NOTED, tube, facts=facts)
