"""Participants: one for each command and pseudonym, and what they said, at any moment."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.people import ProgrammeMissing, SiteMissing
from app.accounts.rights import AnotherSite, NotYourTask
from app.custody.amending import correct
from app.custody.ledger import Origin, Sort
from app.custody.queries import entries_of
from app.custody.service import by_hand
from app.custody.stamping import TimeAhead
from app.kernel.work import Work
from app.participants import service
from app.participants.models import LinkRead
from app.participants.queries import UnknownParticipant, consent_at, link_of, participant_of
from app.participants.service import (
    CommandUsed,
    Consent,
    ExpiresTooEarly,
    NewParticipant,
    PseudonymTaken,
    Withdrawal,
)
from tests.app.participants.conftest import acting
from tests.builders.people import NORTH, PROGRAMME, SOUTH
from tests.fakes.clock import SetClock

NEW = NewParticipant(site=NORTH, programme=PROGRAMME)
YES = Consent(scope="primary", status="yes", version="1", language="en")


def test_a_participant_is_a_code_of_ours_and_nothing_more(work: Work) -> None:
    subject = service.create(work, replace(NEW, participant_id="P1", biobank_id="A1"))

    assert (subject.sort, subject.origin, subject.code[:2]) == (
        Sort.PARTICIPANT,
        Origin.MINTED,
        "PN",
    )
    assert subject.facts == {"programme": PROGRAMME, "site": NORTH}
    assert "P1" not in str(entries_of(work.session, subject.id))


def test_one_command_makes_one_participant(work: Work) -> None:
    wanted = replace(NEW, participant_id="P1", command=work.ids())

    assert service.create(work, wanted) == service.create(work, wanted)


def test_one_command_never_means_two_participants(work: Work) -> None:
    wanted = replace(NEW, participant_id="P1", command=work.ids())
    service.create(work, wanted)

    with pytest.raises(CommandUsed):
        service.create(work, replace(wanted, participant_id="P2"))


def test_the_command_of_another_deed_makes_no_participant(work: Work) -> None:
    code = service.create(work, NEW).code
    said = service.record_consent(work, code, replace(YES, command=work.ids()))
    used = said.entries[0].entry_id.command

    with pytest.raises(CommandUsed):
        service.withdraw(work, code, Withdrawal(command=used))
    with pytest.raises(CommandUsed):
        service.record_consent(work, service.create(work, NEW).code, replace(YES, command=used))


@pytest.mark.parametrize("name", ["participant_id", "biobank_id"])
def test_a_pseudonym_belongs_to_one_participant(work: Work, name: str) -> None:
    wanted = replace(NEW, **{name: "A123456789"})
    service.create(work, wanted)

    with pytest.raises(PseudonymTaken):
        service.create(work, wanted)


def test_participants_without_other_pseudonyms_are_many(work: Work) -> None:
    assert service.create(work, NEW).code != service.create(work, NEW).code


def test_nobody_comes_to_a_site_or_programme_that_is_not_there(work: Work) -> None:
    with pytest.raises(SiteMissing):
        service.create(work, replace(NEW, site="ZZZ"))
    with pytest.raises(ProgrammeMissing):
        service.create(work, replace(NEW, programme="none"))


def test_consent_counts_from_its_moment_until_it_expires(work: Work, clock: SetClock) -> None:
    subject = service.create(work, NEW)
    begins, ends = clock() - timedelta(hours=2), clock() + timedelta(days=1)
    service.record_consent(work, subject.code, replace(YES, effective_at=begins, expires_at=ends))

    def said(at: timedelta) -> str | None:
        return consent_at(work.session, subject, moment=begins + at).scopes.get("primary")

    assert said(timedelta(seconds=-1)) is None
    assert said(timedelta()) == "yes"
    assert said(ends - begins) == "expired"


def test_the_last_word_on_a_scope_counts_also_when_it_is_told_first(
    work: Work, clock: SetClock
) -> None:
    subject = service.create(work, NEW)
    late = replace(YES, status="no", effective_at=clock() - timedelta(hours=1))
    service.record_consent(work, subject.code, late)
    service.record_consent(
        work, subject.code, replace(YES, effective_at=clock() - timedelta(hours=2))
    )

    state = consent_at(work.session, subject, moment=clock())
    assert state.scopes == {"primary": "no"}
    assert not state.active(("primary",))


def test_active_asks_for_every_scope(work: Work, clock: SetClock) -> None:
    subject = service.create(work, NEW)
    service.record_consent(work, subject.code, YES)
    state = consent_at(work.session, subject, moment=clock())

    assert state.active(("primary",))
    assert not state.active(("primary", "biospecimen"))


def test_a_consent_that_is_corrected_away_was_never_given(work: Work, clock: SetClock) -> None:
    subject = service.create(work, NEW)
    (entry,) = service.record_consent(work, subject.code, YES).entries
    correct(
        work, reading=by_hand(work, site=NORTH), entry=entry.entry_id, reason="wrong participant"
    )

    assert consent_at(work.session, subject, moment=clock()).scopes == {}


def test_a_withdrawal_may_have_taken_effect_before_it_arrives(work: Work, clock: SetClock) -> None:
    subject = service.create(work, NEW)
    service.record_consent(work, subject.code, YES)
    then = clock() - timedelta(hours=1)
    (entry,) = service.withdraw(work, subject.code, Withdrawal(effective_at=then)).entries

    assert (entry.occurred_at, entry.recorded_at) == (then, clock())
    assert entry.facts["no_further_use"] is True
    assert consent_at(work.session, subject, moment=clock()).withdrawn_at == then
    assert consent_at(work.session, subject, moment=then - timedelta(1)).withdrawn_at is None


def test_consent_after_a_withdrawal_does_not_undo_it(work: Work, clock: SetClock) -> None:
    subject = service.create(work, NEW)
    service.withdraw(work, subject.code, Withdrawal())
    clock.wait(hours=1)
    service.record_consent(work, subject.code, YES)

    assert not consent_at(work.session, subject, moment=clock()).active(("primary",))


def test_times_that_cannot_be_are_refused(work: Work, clock: SetClock) -> None:
    nurse = acting(work, "phlebotomist", NORTH)
    code = service.create(nurse, NEW).code
    ahead = clock() + timedelta(minutes=6)

    with pytest.raises(TimeAhead):
        service.withdraw(nurse, code, Withdrawal(effective_at=ahead))
    with pytest.raises(ExpiresTooEarly):
        service.record_consent(nurse, code, replace(YES, expires_at=clock()))


def test_an_unknown_code_or_another_kind_of_code_is_no_participant(work: Work) -> None:
    for code in ("PN0000000000", "", "\u0000", "x" * 5000):
        with pytest.raises(UnknownParticipant):
            participant_of(work.session, code)


def test_reading_the_link_is_kept_with_who_and_when(work: Work, clock: SetClock) -> None:
    subject = service.create(work, replace(NEW, biobank_id="A1"))
    link = service.read_link(acting(work, "site_coordinator", NORTH), subject.code)

    (read,) = work.session.scalars(select(LinkRead).where(LinkRead.subject_id == subject.id))
    assert link.biobank_id == "A1"
    assert (read.person, read.at) == (7, clock())


@pytest.mark.parametrize(
    ("role", "site", "programme", "error"),
    [
        ("site_coordinator", NORTH, PROGRAMME, None),
        ("quality", "*", "*", None),
        ("site_coordinator", SOUTH, "*", AnotherSite),
        ("site_coordinator", NORTH, "another", NotYourTask),
        ("phlebotomist", NORTH, "*", NotYourTask),
        ("auditor", "*", "*", NotYourTask),
        ("administrator", "*", "*", NotYourTask),
    ],
)
def test_who_may_read_the_link(
    work: Work, role: str, site: str, programme: str, error: type[Exception] | None
) -> None:
    subject = service.create(work, NEW)
    asking = acting(work, role, site, programme)
    if error is None:
        assert service.read_link(asking, subject.code) is link_of(work.session, subject)
    else:
        with pytest.raises(error):
            service.read_link(asking, subject.code)


@pytest.mark.parametrize("role", ["auditor", "technician", "administrator", "quality"])
def test_who_does_not_take_consent(work: Work, role: str) -> None:
    code = service.create(work, NEW).code
    asking = acting(work, role, NORTH)

    with pytest.raises(NotYourTask):
        service.record_consent(asking, code, YES)
    with pytest.raises(NotYourTask):
        service.withdraw(asking, code, Withdrawal())
    with pytest.raises(NotYourTask):
        service.create(asking, NEW)


def test_rights_in_another_programme_take_no_consent(work: Work) -> None:
    code = service.create(work, NEW).code

    with pytest.raises(NotYourTask):
        service.record_consent(acting(work, "phlebotomist", NORTH, "another"), code, YES)
