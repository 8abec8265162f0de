"""Production entry: settings in, application out. For any WSGI server: `wsgi:application`."""

import os

from app.factory import create_app, database_of
from app.kernel.clock import system_clock
from app.kernel.ids import uuid7_source
from app.web.logs import log_to
from config.settings import Settings

log_to()
_settings = Settings.from_env(os.environ)
_database = database_of(_settings)
_database.ensure_running()
application = create_app(
    _settings,
    clock=system_clock,
    ids=uuid7_source(system_clock),
    database=_database.runtime_url,
)
