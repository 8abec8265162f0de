"""Ids that sort by time: UUID version 7, minted by whoever starts an action."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.kernel.clock import Clock

IdSource = Callable[[], UUID]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def uuid7_source(clock: Clock) -> IdSource:
    """An id source on `clock`: 48 bits of milliseconds, then 74 random bits (RFC 9562, 5.7)."""

    def mint() -> UUID:
        # Whole numbers: as a float some moments would fall into the millisecond before.
        milliseconds = (clock() - EPOCH) // timedelta(milliseconds=1)
        bits = milliseconds << 80 | secrets.randbits(80)
        bits = bits & ~(0xF << 76) | 0x7 << 76
        bits = bits & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=bits)

    return mint
