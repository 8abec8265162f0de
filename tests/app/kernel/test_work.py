"""A unit of work that met another one is run again; one that is wrong by itself is not."""

from collections.abc import Callable, Iterator
from threading import Barrier, Thread

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.kernel.errors import Refused
from app.kernel.postgres_roles import connect
from app.kernel.work import TRIES, run_tx
from tests.conftest import FreshDatabase

APPEND = text("INSERT INTO chain SELECT 1, coalesce(max(seq), 0) + 1 FROM chain")


@pytest.fixture
def engine(fresh_database: FreshDatabase) -> Iterator[Engine]:
    place = fresh_database(migrated=False)
    with connect(place.owner_url) as connection:
        connection.execute(
            "CREATE TABLE chain (subject int, seq int,"
            " CONSTRAINT custody_event_pk PRIMARY KEY (subject, seq))"
        )
        connection.execute("CREATE TABLE slot (name text CONSTRAINT slot_pk PRIMARY KEY, n int)")
        connection.execute("INSERT INTO slot VALUES ('A1', 0), ('A2', 0)")
    engine = create_engine(place.runtime_url)
    yield engine
    engine.dispose()


@pytest.fixture
def another(engine: Engine) -> Callable[[str], None]:
    """What another connection commits in between."""

    def commit(statement: str) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement))

    return commit


def values(engine: Engine, query: str) -> list[object]:
    with engine.connect() as connection:
        return list(connection.execute(text(query)).scalars())


def test_a_unit_that_meets_nobody_is_run_once_and_committed(engine: Engine) -> None:
    with Session(engine) as session:
        answer = run_tx(session, lambda: session.execute(APPEND).rowcount)

    assert answer == 1
    assert values(engine, "SELECT seq FROM chain") == [1]


def test_two_writers_on_one_ledger_place_both_get_in(
    engine: Engine, another: Callable[[str], None]
) -> None:
    tries = []

    def append() -> None:
        last = session.execute(text("SELECT coalesce(max(seq), 0) FROM chain")).scalar_one()
        tries.append(last)
        if len(tries) == 1:
            another("INSERT INTO chain VALUES (1, 1)")
        session.execute(text("INSERT INTO chain VALUES (1, :seq)"), {"seq": last + 1})

    with Session(engine) as session:
        run_tx(session, append)

    assert tries == [0, 1]
    assert values(engine, "SELECT seq FROM chain ORDER BY seq") == [1, 2]


def test_a_row_that_changed_since_it_was_read_is_read_again(
    engine: Engine, another: Callable[[str], None]
) -> None:
    tries = []

    def add() -> None:
        seen = session.execute(text("SELECT n FROM slot WHERE name = 'A1'")).scalar_one()
        tries.append(seen)
        if len(tries) == 1:
            another("UPDATE slot SET n = 10 WHERE name = 'A1'")
        session.execute(text("UPDATE slot SET n = :n WHERE name = 'A1'"), {"n": seen + 1})

    with Session(engine.execution_options(isolation_level="REPEATABLE READ")) as session:
        run_tx(session, add)

    assert tries == [0, 10]
    assert values(engine, "SELECT n FROM slot WHERE name = 'A1'") == [11]


def test_two_that_lock_each_other_out_both_finish(engine: Engine) -> None:
    met, tries = Barrier(2, timeout=20), []

    def lock(names: tuple[str, str]) -> None:
        with Session(engine) as session:

            def unit() -> None:
                tries.append(names)
                bump = text("UPDATE slot SET n = n + 1 WHERE name = :name")
                session.execute(bump, {"name": names[0]})
                if tries.count(names) == 1:
                    met.wait()
                session.execute(bump, {"name": names[1]})

            run_tx(session, unit)

    threads = [Thread(target=lock, args=[names]) for names in (("A1", "A2"), ("A2", "A1"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert len(tries) == 3
    assert values(engine, "SELECT n FROM slot") == [2, 2]


def test_any_other_key_taken_is_an_error_at_once(engine: Engine) -> None:
    tries = []

    def take() -> None:
        tries.append(1)
        session.execute(text("UPDATE slot SET n = 7"))
        session.execute(text("INSERT INTO slot VALUES ('A1', 1)"))

    with Session(engine) as session, pytest.raises(IntegrityError):
        run_tx(session, take)

    assert len(tries) == 1
    assert values(engine, "SELECT n FROM slot") == [0, 0]


def test_after_the_last_try_it_says_what_was_in_the_way(
    engine: Engine, another: Callable[[str], None]
) -> None:
    another("INSERT INTO chain VALUES (1, 1)")
    tries = []

    def append() -> None:
        tries.append(1)
        session.execute(text("INSERT INTO chain VALUES (1, 1)"))

    with Session(engine) as session, pytest.raises(DBAPIError, match="custody_event_pk"):
        run_tx(session, append)

    assert len(tries) == TRIES


def test_a_refusal_takes_back_what_was_done_and_is_not_repeated(engine: Engine) -> None:
    tries = []

    def refuse() -> None:
        tries.append(1)
        session.execute(text("UPDATE slot SET n = 7"))
        raise Refused

    with Session(engine) as session, pytest.raises(Refused):
        run_tx(session, refuse)

    assert len(tries) == 1
    assert values(engine, "SELECT n FROM slot") == [0, 0]
