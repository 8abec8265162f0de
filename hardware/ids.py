"""Ids that sort by time (UUID version 7), minted by the agent for every read it takes."""

import secrets
from collections.abc import Callable
from uuid import UUID

from hardware.clock import Clock

IdSource = Callable[[], UUID]


def uuid7_source(clock: Clock) -> IdSource:
    """An id source on the wall clock: 48 bits of milliseconds, the rest random (RFC 9562, 5.7)."""

    def mint() -> UUID:
        milliseconds = int(clock.wall().timestamp() * 1000) & (1 << 48) - 1
        bits = milliseconds << 80 | secrets.randbits(80)
        bits = bits & ~(0xF << 76) | 0x7 << 76
        bits = bits & ~(0x3 << 62) | 0x2 << 62
        return UUID(int=bits)

    return mint
