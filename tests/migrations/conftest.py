"""A folder of steps written for one test."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.kernel.migrate import HEAD_FILE, MIGRATIONS

Write = Callable[..., None]

STEP = """
from alembic import op
from app.kernel.postgres_roles import append_only

revision = {revision!r}
down_revision = {after!r}

def upgrade():
    for statement in {statements!r}:
        op.execute(statement)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Without a step, and with the real environment."""
    (tmp_path / "versions").mkdir()
    (tmp_path / HEAD_FILE).write_text("\n")
    shutil.copy(MIGRATIONS / "env.py", tmp_path)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Write:
    """Writes a step, which from then on is the head."""

    def step(
        name: str, *statements: str, after: str | None = None, revision: str | None = None
    ) -> None:
        revision = revision or name
        text = STEP.format(revision=revision, after=after, statements=statements)
        (folder / "versions" / f"{name}.py").write_text(text)
        (folder / HEAD_FILE).write_text(f"{revision}\n")

    return step
