"""What the steps make is what the models say."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Column, Integer, MetaData, Table, create_engine

from app.kernel.db import db
from app.kernel.migrate import migrate
from tests.conftest import FreshDatabase

ROOT = Path(__file__).parents[2]


def models_on_disk() -> Iterator[str]:
    for path in sorted([*ROOT.glob("app/**/models.py"), *ROOT.glob("app/**/models/*.py")]):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts)


def differences(url: URL, metadata: MetaData) -> list[object]:
    """What would have to be done to the database for it to be as the models say."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            context = MigrationContext.configure(
                connection, opts={"compare_type": True, "compare_server_default": True}
            )
            return list(compare_metadata(context, metadata))
    finally:
        engine.dispose()


def test_the_steps_make_the_tables_of_the_models(fresh_database: FreshDatabase) -> None:
    for module in models_on_disk():
        import_module(module)
    url = fresh_database(migrated=False).owner_url
    migrate(url)

    assert differences(url, db.metadata) == []


def test_a_table_without_a_step_would_be_noticed(fresh_database: FreshDatabase) -> None:
    metadata = MetaData()
    Table("forgotten", metadata, Column("id", Integer, primary_key=True))
    found = differences(fresh_database(migrated=False).owner_url, metadata)

    assert [difference[0] for difference in found if isinstance(difference, tuple)] == ["add_table"]


def test_models_have_names_that_a_step_can_speak_of() -> None:
    assert db.metadata.naming_convention["pk"] == "%(table_name)s_pk"
