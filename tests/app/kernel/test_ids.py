"""Ids: of version 7, unmistakable, and in the order of their time."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122

from app.kernel.ids import uuid7_source

MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_an_id_is_a_uuid_of_version_7() -> None:
    minted = uuid7_source(lambda: MORNING)()

    assert (minted.version, minted.variant) == (7, RFC_4122)


def test_the_millisecond_in_an_id_is_exact() -> None:
    for milliseconds in range(1000):
        moment = MORNING + timedelta(milliseconds=milliseconds)
        minted = uuid7_source(lambda moment=moment: moment)()

        assert minted.int >> 80 == int(MORNING.timestamp()) * 1000 + milliseconds


def test_ids_sort_by_their_time() -> None:
    moments = iter(MORNING + timedelta(milliseconds=n) for n in range(100))
    mint = uuid7_source(lambda: next(moments))
    minted = [mint() for _ in range(100)]

    assert minted == sorted(minted)


def test_ids_of_one_millisecond_differ() -> None:
    mint = uuid7_source(lambda: MORNING)

    assert len({mint() for _ in range(10_000)}) == 10_000
