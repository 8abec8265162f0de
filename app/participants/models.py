"""Which pseudonyms belong to one participant, and who asked. Partners see only the biobank's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.db import Model


class ParticipantLink(Model):
    """The pseudonyms of a participant: the programme's own, and the biobank's."""

    __tablename__ = "participant_link"
    subject_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    programme: Mapped[str] = mapped_column(String(32))
    site: Mapped[str] = mapped_column(String(16))
    participant_id: Mapped[str | None] = mapped_column(String(64))
    biobank_id: Mapped[str | None] = mapped_column(String(64))
    __table_args__ = (
        Index("participant_link_participant_id_uq", "programme", "participant_id", unique=True),
        Index("participant_link_biobank_id_uq", "programme", "biobank_id", unique=True),
    )


class LinkRead(Model):
    """Who looked up the link between pseudonyms, and when."""

    __tablename__ = "participant_link_read"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    person: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
