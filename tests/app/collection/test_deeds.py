"""Orders, kits, draws and spins, as scans and doors ask for them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.people import SiteMissing
from app.accounts.rights import AnotherSite, NotYourTask
from app.collection import drawing, kits, ordering
from app.collection.drawing import AnotherKitsTube, ReasonUnfit
from app.collection.kits import NoKitYet, NotOfThisKit, TubesUnaccounted
from app.collection.ordering import IdentifiersUnfit, NoConsent, NoSuchProtocol, Withdrawn
from app.collection.queries import UnknownOrder, counts, progress, tubes_of
from app.custody.amending import undo
from app.custody.ledger import Evidence, Facts, Kind, Mode
from app.custody.queries import entries_of, standing
from app.custody.service import by_hand
from app.kernel.work import Actor, Work
from app.participants import service as participants
from app.participants.service import CommandUsed, Withdrawal
from tests.app.collection.visit import agreed, draw, reading, visit, wanted
from tests.builders.people import NORTH, SOUTH, make_places, system_work
from tests.builders.work import make_work
from tests.fakes.clock import SetClock

STOPPED: Facts = {"reason": "other", "comment": "felt unwell"}


@pytest.fixture
def work(session: Session, clock: SetClock) -> Work:
    make_places(system_work(session, clock))
    return make_work(session, clock=clock, actor=Actor(system=True, site=NORTH))


def test_an_order_is_told_on_the_participant_with_kinds_and_no_values(work: Work) -> None:
    participant = agreed(work)
    order = ordering.place_order(work, wanted(participant))

    confirmed, placed = entries_of(work.session, participant.id)[-2:]
    assert confirmed.kind is Kind.IDENTITY_CONFIRMED
    assert confirmed.facts == {"identifiers": ["card_scanned", "name"]}
    assert placed.kind is Kind.ORDER_PLACED
    assert confirmed.order == placed.order == order.id
    assert order.protocol_version == work.catalogue.protocols["adult_v3_1"].programme_version


def test_an_order_said_twice_is_one_also_after_a_withdrawal(work: Work, clock: SetClock) -> None:
    participant = agreed(work)
    asked = replace(wanted(participant), command=work.ids())
    order = ordering.place_order(work, asked)
    clock.wait(minutes=1)
    participants.withdraw(work, participant.code, Withdrawal())

    assert ordering.place_order(work, asked) is order
    kinds = [entry.kind for entry in entries_of(work.session, participant.id)]
    assert kinds.count(Kind.ORDER_PLACED) == 1


def test_the_id_of_an_order_gives_nobody_elses_order(work: Work) -> None:
    order = ordering.place_order(work, wanted(agreed(work)))

    with pytest.raises(CommandUsed):
        ordering.place_order(work, replace(wanted(agreed(work)), command=order.id))


def test_the_command_of_another_deed_places_no_order(work: Work) -> None:
    participant = agreed(work)
    used = entries_of(work.session, participant.id)[-1].entry_id.command

    with pytest.raises(CommandUsed):
        ordering.place_order(work, replace(wanted(participant), command=used))


@pytest.mark.parametrize(
    "kinds", [(), ("name",), ("name", "name"), ("name", "shoe size"), ("name", "birth_date", "x")]
)
def test_two_different_kinds_of_identifier_are_compared(work: Work, kinds: tuple[str, ...]) -> None:
    with pytest.raises(IdentifiersUnfit):
        ordering.place_order(work, replace(wanted(agreed(work)), identity=kinds))


@pytest.mark.parametrize("protocol", ["adult_v1", "none", ""])
def test_only_protocols_in_use_are_ordered(work: Work, protocol: str) -> None:
    with pytest.raises(NoSuchProtocol):
        ordering.place_order(work, replace(wanted(agreed(work)), protocol=protocol))


def test_no_order_is_placed_at_a_site_that_is_not_there(work: Work) -> None:
    with pytest.raises(SiteMissing):
        ordering.place_order(work, replace(wanted(agreed(work)), site="ZZZ"))


@pytest.mark.parametrize("scopes", [(), ("primary",), ("biospecimen",)])
def test_without_every_consent_no_order_is_placed(work: Work, scopes: tuple[str, ...]) -> None:
    with pytest.raises(NoConsent):
        ordering.place_order(work, wanted(agreed(work, scopes)))


def test_after_a_withdrawal_no_order_is_placed_whenever_it_took_effect(
    work: Work, clock: SetClock
) -> None:
    participant = agreed(work)
    then = clock() - timedelta(days=1)
    participants.withdraw(work, participant.code, Withdrawal(effective_at=then))

    with pytest.raises(Withdrawn):
        ordering.place_order(work, wanted(participant))


@pytest.mark.parametrize(
    ("role", "site", "error"),
    [
        ("phlebotomist", NORTH, None),
        ("site_coordinator", NORTH, None),
        ("phlebotomist", SOUTH, AnotherSite),
        ("technician", NORTH, NotYourTask),
        ("manager", "*", NotYourTask),
        ("auditor", NORTH, NotYourTask),
        ("administrator", "*", NotYourTask),
    ],
)
def test_who_places_orders_and_opens_kits(
    work: Work, role: str, site: str, error: type[Exception] | None
) -> None:
    participant, order = agreed(work), ordering.place_order(work, wanted(agreed(work)))
    actor = Actor(person=7, site=NORTH, grants=frozenset(((role, site, "*"),)))
    asking = make_work(work.session, clock=work.clock, actor=actor)
    if error is None:
        ordering.place_order(asking, wanted(participant))
        kits.open_kit(asking, order.id)
        return
    with pytest.raises(error):
        ordering.place_order(asking, wanted(participant))
    with pytest.raises(error):
        kits.open_kit(asking, order.id)


def test_every_tube_is_bound_to_participant_kit_and_order_from_its_first_entry(work: Work) -> None:
    made = visit(work)

    assert [tube.facts["position"] for tube in made.tubes] == list(range(1, 9))
    for tube in made.tubes:
        assert (tube.participant, tube.kit) == (made.participant.id, made.order.kit)
        assert tube.facts["order"] == str(made.order.id)


def test_labels_are_noted_once_with_their_copies(work: Work) -> None:
    made = visit(work)
    kits.note_labels(work, made.order, template="tube")
    kits.note_labels(work, made.order, template="tube")

    noted = [
        entry
        for tube in made.tubes
        for entry in entries_of(work.session, tube.id)
        if entry.kind is Kind.LABEL_PRINTED
    ]
    assert [entry.facts["copies"] for entry in noted] == [1, 1, 1, 1, 1, 1, 1, 2]


def test_a_draw_comes_from_the_participant_of_the_order_into_the_hands_of_the_site(
    work: Work,
) -> None:
    made = visit(work)
    other = visit(work)
    written = drawing.collect(work, made.order, [draw(work, other.tubes[0])], Evidence.STATED)

    entry, label = written.entries
    assert (label.kind, label.facts) == (
        Kind.TUBE_COMMISSIONED,
        {"generation": None, "scan_back": True},
    )
    assert entry.source == f"participant:{made.participant.code}"
    assert entry.target == f"unit:{NORTH}/collection"
    assert entry.order == made.order.id
    assert [gap.rule for gap in written.findings] == ["G08"]


def test_a_draw_keeps_the_consent_that_held_at_its_moment(work: Work, clock: SetClock) -> None:
    made = visit(work)
    begun = clock()
    clock.wait(minutes=10)
    participants.withdraw(work, made.participant.code, Withdrawal())
    clock.wait(minutes=10)
    before, after = (
        draw(work, made.tubes[0], begun + timedelta(minutes=5)),
        draw(work, made.tubes[1]),
    )
    written = drawing.collect(work, made.order, [before, after], None)

    told = [e.facts["consent"] for e in written.entries if e.kind is Kind.COLLECTED]
    assert told[0] == {"primary": "yes", "biospecimen": "yes"}
    assert isinstance(told[1], dict)
    assert "withdrawn_at" in told[1]


def test_a_draw_that_is_undone_waits_again(work: Work, clock: SetClock) -> None:
    made = visit(work)
    one = draw(work, made.tubes[0])
    drawing.collect(work, made.order, [one], None)
    assert progress(work, made.order)[0].state == "done"
    clock.wait(minutes=1)
    undo(work, reading=by_hand(work, site=NORTH), command=one.reading.command)

    assert progress(work, made.order)[0].state == "wait"
    assert counts(work.session, [made.order]) == {made.order.id: (0, 8)}


@pytest.mark.parametrize("why", [{}, {"reason": "no such"}, {"reason": "other"}])
def test_not_drawn_needs_a_reason_of_the_list(work: Work, why: dict[str, str]) -> None:
    made = visit(work)

    with pytest.raises(ReasonUnfit):
        drawing.not_collected(work, [draw(work, made.tubes[0], **why)], order=made.order)


def test_done_when_every_tube_is_drawn_or_given_up(work: Work) -> None:
    made = visit(work)
    drawing.collect(work, made.order, [draw(work, tube) for tube in made.tubes[:7]], None)
    with pytest.raises(TubesUnaccounted) as refused:
        kits.finish(work, made.order, reading(work))
    assert refused.value.values == {"tubes": made.tubes[7].code}

    said = reading(work)
    kits.finish(work, made.order, said, {made.tubes[7].code: STOPPED})
    again = kits.finish(work, made.order, said, {made.tubes[7].code: STOPPED})

    assert again.replayed
    assert counts(work.session, [made.order]) == {made.order.id: (8, 8)}
    assert made.order.kit is not None
    kinds = [entry.kind for entry in entries_of(work.session, made.order.kit)]
    assert kinds == [Kind.REGISTERED, Kind.ORDER_DONE]
    assert standing(work.session, made.tubes[7].id).phase == "failed"


def test_a_reason_for_a_tube_of_another_kit_is_refused(work: Work) -> None:
    made, other = visit(work), visit(work)

    with pytest.raises(NotOfThisKit):
        kits.finish(work, made.order, reading(work), {other.tubes[0].code: STOPPED})


def test_done_reported_later_is_written_with_tubes_unaccounted_for(work: Work) -> None:
    made = visit(work)
    written = kits.finish(work, made.order, reading(work, mode=Mode.OFFLINE))

    assert [entry.kind for entry in written.entries] == [Kind.ORDER_DONE]


def test_there_is_no_done_and_no_label_without_a_kit(work: Work) -> None:
    order = ordering.place_order(work, wanted(agreed(work)))

    with pytest.raises(NoKitYet):
        kits.finish(work, order, reading(work))
    with pytest.raises(NoKitYet):
        kits.note_labels(work, order, template="tube")
    assert tubes_of(work.session, order) == []


def test_the_serum_tube_rests_then_is_spun_in_time(work: Work, clock: SetClock) -> None:
    made = visit(work)
    serum = next(t for t in made.tubes if t.facts["spin"] and t.facts["clots"])
    place = made.tubes.index(serum)
    drawn = clock()
    drawing.collect(work, made.order, [draw(work, serum)], None)

    def seen() -> tuple[bool, bool]:
        tube = progress(work, made.order)[place]
        assert tube.spin_from == drawn + timedelta(minutes=30)
        assert tube.spin_due == drawn + timedelta(minutes=120)
        return tube.early, tube.late

    assert seen() == (False, False)
    clock.wait(minutes=121)
    assert seen() == (False, True)
    early = draw(work, serum, drawn + timedelta(minutes=29))
    drawing.spin(work, [early], started=True)
    assert seen() == (True, False)


def test_why_a_tube_must_not_be_drawn_into(work: Work, clock: SetClock) -> None:
    made, other = visit(work), visit(work)
    second = kits.open_kit(work, ordering.place_order(work, wanted(made.participant)).id)
    of_second = tubes_of(work.session, second)[0]

    def name(tube: int) -> str | None:
        stop = drawing.why_stop(work, tubes[tube], made.order)
        return stop.name if stop else None

    tubes = [made.tubes[0], other.tubes[0], of_second]
    assert [name(0), name(1), name(2)] == [None, "wrong_participant", "wrong_kit"]
    clock.wait(minutes=1)
    participants.withdraw(work, made.participant.code, Withdrawal())
    assert name(0) == "withdrawn"


def test_a_tube_without_a_kit_and_an_order_nobody_placed_name_no_order(work: Work) -> None:
    with pytest.raises(AnotherKitsTube):
        drawing.order_for(work, order=None, tube=None)
    with pytest.raises(AnotherKitsTube):
        drawing.order_for(work, order=None, tube=agreed(work))
    with pytest.raises(UnknownOrder):
        drawing.order_for(work, order=work.ids(), tube=None)
