"""Clients as processes of their own, each with its connection, started once and told what to do."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection

from tests.bench.callers import Caller
from tests.bench.deeds import Deed

Plan = Sequence[Sequence[Deed]]  # units of work, one after the other
_FORK = get_context("fork")


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Of each unit how long it took, in seconds, and how long all of them took together."""

    each: list[float]
    whole: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a client is told: which plan, when to begin, and how long from one to the next."""

    plan: str
    begin: float
    every: float | None


class Crew:
    """Clients that wait for their plans."""

    def __init__(self, ends: Sequence[Connection]) -> None:
        self._ends = ends

    def run(self, plan: str, *, hands: int, rate: float | None = None) -> Took:
        """Have the first `hands` clients do this plan at once.

        With a rate (units a second, all hands together) each unit has its moment, and what it
        took is counted from then, also when it could only be begun later.
        """
        begin = time.monotonic() + 0.05
        every = None if rate is None else hands / rate
        for hand, end in enumerate(self._ends[:hands]):
            shift = 0.0 if every is None else every * hand / hands
            end.send(_Order(plan=plan, begin=begin + shift, every=every))
        parts = [_heard(end) for end in self._ends[:hands]]
        ended = max(done for _, done in parts)
        return Took(each=[took for each, _ in parts for took in each], whole=ended - begin)


@contextmanager
def crew(plans: Sequence[dict[str, Plan]], make: Callable[[], Caller]) -> Iterator[Crew]:
    """One client for each of `plans`, which name what it can be told to do."""
    ends, processes = [], []
    for mine in plans:
        here, there = _FORK.Pipe()
        process = _FORK.Process(target=_work, args=(there, mine, make), daemon=True)
        process.start()
        there.close()
        ends.append(here)
        processes.append(process)
    try:
        yield Crew(ends)
    finally:
        for end in ends:
            end.send(None)
        for process in processes:
            process.join()


def _heard(end: Connection) -> tuple[list[float], float]:
    told = end.recv()
    if isinstance(told, str):
        raise AssertionError(told)
    each, done = told
    return each, done


def _work(end: Connection, plans: dict[str, Plan], make: Callable[[], Caller]) -> None:
    call = make()
    gc.collect()
    gc.freeze()  # what was inherited is not this client's to look through
    while (order := end.recv()) is not None:
        try:
            end.send(_do(call, plans[order.plan], order))
        except Exception as error:
            end.send(f"{type(error).__name__}: {error}")


def _do(call: Caller, plan: Plan, order: _Order) -> tuple[list[float], float]:
    each = []
    time.sleep(max(0, order.begin - time.monotonic()))
    for number, deeds in enumerate(plan):
        due = time.monotonic()
        if order.every is not None:
            due = order.begin + number * order.every
            time.sleep(max(0, due - time.monotonic()))
        call(deeds)
        each.append(time.monotonic() - due)
    return each, time.monotonic()
