"""The database handle, and the one seam that strict typing of flask-sqlalchemy needs."""

from typing import TYPE_CHECKING

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every table of the house; constraints have names that a migration can speak of."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s_ix",
            "uq": "%(table_name)s_%(column_0_N_name)s_uq",
            "ck": "%(table_name)s_%(constraint_name)s_ck",
            "fk": "%(table_name)s_%(column_0_N_name)s_fk",
            "pk": "%(table_name)s_pk",
        }
    )


db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
