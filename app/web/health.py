"""Whether this server is up and reaches its database: for load balancers and for `doctor`."""

from importlib.metadata import version

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from app.web import guard
from app.web.work import work

blueprint = Blueprint("health", __name__)

VERSION = version("unbroken")


@blueprint.get("/health")
@guard.anyone
def health() -> ResponseReturnValue:
    """Version, server time and whether the database answers; 503 where it does not."""
    unit = work()
    unit.session.execute(text("SELECT 1"))
    return jsonify(status="ok", version=VERSION, server_time=unit.clock().isoformat())
