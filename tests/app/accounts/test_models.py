"""The tables that the migrations make are the tables that the models speak of."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, MetaData

from app.accounts import models
from app.kernel.db import Base, Model

TABLES = tuple(
    found.__table__
    for found in vars(models).values()
    if isinstance(found, type) and issubclass(found, Model) and found is not Model
)
NAMES = {table.name for table in TABLES}


def test_models_and_migrations_say_the_same(engine: Engine) -> None:
    ours = MetaData(naming_convention=Base.metadata.naming_convention)
    for table in TABLES:
        table.to_metadata(ours)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: kind != "table" or name in NAMES,
            },
        )
        assert compare_metadata(context, ours) == []
    assert len(NAMES) == 7
