"""A unit of work as the edge would make it, with the programme's own catalogue and limits."""

from functools import cache

from sqlalchemy.orm import Session

from app.kernel.clock import Clock
from app.kernel.ids import uuid7_source
from app.kernel.limits import LimitsInForce, Versions
from app.kernel.work import Actor, Work
from config import catalogue, limits


@cache
def the_catalogue() -> catalogue.Catalogue:
    return catalogue.load()


@cache
def the_limits() -> LimitsInForce:
    return Versions(first=limits.load())


def make_work(
    session: Session, *, clock: Clock, actor: Actor, limits: LimitsInForce | None = None
) -> Work:
    """Work on this session, at this clock, for this actor; by the file's limits unless told."""
    return Work(
        session=session,
        clock=clock,
        ids=uuid7_source(clock),
        actor=actor,
        catalogue=the_catalogue(),
        limits=limits or the_limits(),
    )
