"""Where the parts meet: settings in, application out. Nothing else here decides anything."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

from flask import Blueprint, Flask
from sqlalchemy import URL, create_engine
from sqlalchemy.orm import Session

from app.accounts import api as accounts_api
from app.accounts import views as accounts_views
from app.accounts.identify import identify
from app.accounts.queries import zone_of
from app.alarms import api as alarms_api
from app.alarms import overview as alarms_overview
from app.alarms import views as alarms_views
from app.alarms.of_gaps import of_gaps
from app.alarms.verified import verified
from app.collection import api as collection_api
from app.collection import views as collection_views
from app.kernel.clock import Clock
from app.kernel.db import db
from app.kernel.ids import IdSource
from app.kernel.limits import LimitsInForce
from app.kernel.postgres import Database, open_database
from app.kernel.work import Actor, Work
from app.limits import api as limits_api
from app.limits.versions import LimitsKnown
from app.participants import api as participants_api
from app.printing import api as printing_api
from app.printing import views as printing_views
from app.receiving import api as receiving_api
from app.receiving import views as receiving_views
from app.scanning import api as scanning_api
from app.scanning import (
    live_api,
    scanner_views,
    station_views,
    subject_api,
    subject_timeline,
    subject_views,
)
from app.shipping import api as shipping_api
from app.simulation import views as simulation_views
from app.storage import api as storage_api
from app.web import guard
from app.web.door import Door, Furnish, LimitsOf
from app.web.install import make_app
from app.web.secrets import keep_secret
from config import catalogue
from config.limits import load
from config.settings import Settings

STATEMENT_SECONDS = 30
LOCK_SECONDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """What a capability brings: its doors, and its part of what surrounds every page."""

    blueprints: tuple[Blueprint, ...]
    furnish: Furnish | None = None


CAPABILITIES: tuple[Capability, ...] = (
    Capability(
        blueprints=(accounts_api.blueprint, accounts_views.blueprint),
        furnish=accounts_views.surroundings,
    ),
    Capability(
        blueprints=(
            participants_api.blueprint,
            collection_api.blueprint,
            collection_views.blueprint,
        )
    ),
    Capability(blueprints=(storage_api.blueprint,)),
    Capability(blueprints=(shipping_api.blueprint,)),
    Capability(blueprints=(receiving_api.blueprint, receiving_views.blueprint)),
    Capability(
        blueprints=(
            scanning_api.blueprint,
            live_api.blueprint,
            subject_api.blueprint,
            subject_views.blueprint,
            station_views.blueprint,
            scanner_views.blueprint,
        )
    ),
    Capability(
        blueprints=(
            alarms_api.blueprint,
            alarms_api.files,
            alarms_views.blueprint,
            alarms_overview.blueprint,
        ),
        furnish=alarms_views.furnish,
    ),
    Capability(blueprints=(limits_api.blueprint,)),
    Capability(blueprints=(printing_api.blueprint, printing_views.blueprint)),
    Capability(blueprints=(simulation_views.blueprint,)),
)


def create_app(
    settings: Settings,
    *,
    clock: Clock,
    ids: IdSource,
    database: URL,
    limits: LimitsInForce | None = None,
) -> Flask:
    """The application over a database that runs, as the runtime role at `database`.

    `limits` stands in for the settings' own file and the versions in the database. Raises
    RouteUnguarded for a route that does not say who may call it, SecretUnsafe.
    """
    door = Door(
        clock=clock,
        ids=ids,
        identify=identify,
        secret=keep_secret(settings.secret_file),
        catalogue=_programme(),
        limits_of=_limits_of(settings, limits, clock),
        https=settings.https,
        language=settings.language,
        demo=settings.demo,
        devices=settings.data_dir / "stations" / "devices.json" if settings.demo else None,
        furnish=tuple(part.furnish for part in CAPABILITIES if part.furnish is not None),
        zone_of=zone_of,
    )
    app = make_app(door, translations=settings.data_dir / "translations")
    _connect(app, database, pool_size=settings.pool_size)
    for capability in CAPABILITIES:
        for blueprint in capability.blueprints:
            app.register_blueprint(blueprint)
    live_api.keep_numbers(app)
    subject_timeline.show_alarms(app, of_gaps)
    subject_views.show_verified(app, verified)
    guard.complete(app)
    return app


@contextmanager
def works(
    settings: Settings,
    *,
    clock: Clock,
    ids: IdSource,
    database: URL,
    limits: LimitsInForce | None = None,
) -> Iterator[Callable[[], Work]]:
    """Makes units of work of the system itself, each on a session of its own: no request's.

    For the watcher and the command line. Whoever takes one closes its session.
    """
    engine = create_engine(
        database,
        pool_pre_ping=True,  # the database may have been restarted since the last look
        connect_args={"application_name": "unbroken", "options": "-c timezone=UTC"},
    )
    limits_of = _limits_of(settings, limits, clock)

    def made() -> Work:
        session = Session(engine)
        return Work(
            session=session,
            clock=clock,
            ids=ids,
            actor=Actor(system=True, language=settings.language),
            catalogue=_programme(),
            limits=limits_of(session),
        )

    try:
        yield made
    finally:
        engine.dispose()


def _limits_of(settings: Settings, fixed: LimitsInForce | None, clock: Clock) -> LimitsOf:
    """The versions in the database after the one that the settings name, or the ones given."""
    if fixed is not None:
        return lambda session: fixed
    first = load(settings.limits_file) if settings.limits_file else _own_limits()
    return LimitsKnown(first, clock=clock)


# What comes with the program does not change while it runs.
_programme = cache(catalogue.load)
_own_limits = cache(load)


def database_of(settings: Settings) -> Database:
    """The database that the settings speak of; it need not run yet."""
    owner = settings.owner_database_url
    if owner is None:
        return open_database(data_folder=settings.data_dir, url=settings.database_url)
    return open_database(
        data_folder=settings.data_dir, url=owner, runtime_url=settings.database_url
    )


def _connect(app: Flask, database: URL, *, pool_size: int) -> None:
    """Let the application ask the database; what waits too long there is given up."""
    app.config["SQLALCHEMY_DATABASE_URI"] = database
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        "pool_size": pool_size,
        "max_overflow": 0,
        # The one used last has its statements prepared and its data at hand.
        "pool_use_lifo": True,
        "connect_args": {
            "application_name": "unbroken web",
            "options": f"-c timezone=UTC -c statement_timeout={STATEMENT_SECONDS}s"
            f" -c lock_timeout={LOCK_SECONDS}s",
        },
    }
    db.init_app(app)
