"""The table of limits: versions later than the file's. It only grows."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model

MOMENT = DateTime(timezone=True)


class LimitsRow(Model):
    """A version of the limits later than the file's, in force from a moment on.

    `added_by` is a person, or None where the command line added it.
    """

    __tablename__ = "limits_version"
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    valid_from: Mapped[datetime] = mapped_column(MOMENT)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    added_at: Mapped[datetime] = mapped_column(MOMENT)
    added_by: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(500))
