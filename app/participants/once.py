"""Saying a thing twice at the same moment: the second waits until the first has been written."""

from uuid import UUID

from sqlalchemy import func, select

from app.kernel.work import Work

KEY_MOST = 2**63 - 1


def take_turn(work: Work, command: UUID | None) -> None:
    """Be alone with this command until the transaction ends, so that it is found if said before."""
    if command is not None:
        key = command.int & KEY_MOST
        work.session.execute(select(func.pg_advisory_xact_lock(key)))
