"""What the factory gives to the web floor, once for each application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from flask import Flask, Request, current_app
from sqlalchemy.orm import Session

from app.kernel.clock import Clock
from app.kernel.ids import IdSource
from app.kernel.limits import LimitsInForce
from app.kernel.work import Actor, Work
from config.catalogue import Catalogue

Identify = Callable[[Request], Actor | None]
"""Says who is asking: a person, a station, or None for nobody known. Raises nothing."""

Furnish = Callable[[Work], Mapping[str, object]]
"""One capability's part of what every page shows: the name, the site, the count of alarms."""

LimitsOf = Callable[[Session], LimitsInForce]
"""What a unit of work on this session asks for the limits."""

ZoneOf = Callable[[Work], str]
"""The time zone of the site whose times a page shows."""

_PLACE = "unbroken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Clock, ids, who asks, and what every page shows. The secret is never shown."""

    clock: Clock
    ids: IdSource
    identify: Identify
    secret: str
    catalogue: Catalogue
    limits_of: LimitsOf
    https: bool = False
    language: str = "en"
    demo: bool = False
    devices: Path | None = None  # where a demo says how its simulated devices are played with
    furnish: tuple[Furnish, ...] = ()
    zone_of: ZoneOf = lambda work: "UTC"

    def __repr__(self) -> str:
        return "Door()"


def hang(app: Flask, door: Door) -> None:
    """Give the application its door."""
    app.extensions[_PLACE] = door


def door() -> Door:
    """The door of the application that answers now."""
    return cast(Door, current_app.extensions[_PLACE])


def work_for(session: Session, actor: Actor) -> Work:
    """The unit of work of one request: what the factory gave, on this session, for this actor."""
    here = door()
    return Work(
        session=session,
        clock=here.clock,
        ids=here.ids,
        actor=actor,
        catalogue=here.catalogue,
        limits=here.limits_of(session),
    )
