"""The uplink: in order, once, whatever the server does."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from hardware.agent.board import Board
from hardware.agent.outbox import Outbox, Read, ReadState
from hardware.agent.server import HttpServer, NoAnswer, NotReached, Reply, Server
from hardware.agent.server_clock import ServerClock
from hardware.agent.uplink import BATCH, Uplink, UplinkTrouble
from hardware.clock import moment
from hardware.scanner.protocol import Answer
from tests.hardware.fake_server import TOKEN, FakeServer
from tests.hardware.fakes import START, FakeClock, ScriptedServer, scan_of

DEVICE = "ST0000000001X/counter/0a0a"


@dataclass
class Bench:
    """An uplink with its outbox, and everything it told."""

    outbox: Outbox
    clock: FakeClock
    server: Server
    server_clock: ServerClock
    answers: list[tuple[str, Answer]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = Board(clock=self.clock)
        self.uplink = Uplink(
            outbox=self.outbox,
            server=self.server,
            clock=self.clock,
            server_clock=self.server_clock,
            board=self.board,
            on_answer=lambda _, read_id, answer: self.answers.append((read_id, answer)),
        )

    def keep(self, *texts: str) -> list[str]:
        return [
            self.outbox.keep(scan_of(text), device_id=DEVICE, at=moment(self.clock))
            for text in texts
        ]

    def deliver_all(self, *, tries: int = 20) -> None:
        for _ in range(tries):
            try:
                if not self.uplink.deliver():
                    return
            except UplinkTrouble as trouble:
                self.board.set_uplink(trouble.condition)
        raise AssertionError(f"still waiting: {self.board.uplink()}")

    def reads(self, state: ReadState) -> list[Read]:
        return self.outbox.listed([state], limit=1000)


def _http(server: FakeServer, clock: FakeClock, server_clock: ServerClock) -> HttpServer:
    return HttpServer(
        url=server.url, token=TOKEN, clock=clock, server_clock=server_clock, answer_seconds=1.0
    )


@pytest.fixture
def bench(outbox: Outbox, clock: FakeClock, server: FakeServer) -> Iterator[Bench]:
    server_clock = ServerClock()
    http = _http(server, clock, server_clock)
    yield Bench(outbox=outbox, clock=clock, server=http, server_clock=server_clock)
    http.close()


def _scripted(outbox: Outbox, clock: FakeClock, *script: Reply | NoAnswer) -> Bench:
    return Bench(
        outbox=outbox,
        clock=clock,
        server=ScriptedServer(*script),
        server_clock=ServerClock(),
    )


def _sent(bench: Bench) -> list[dict[str, object]]:
    assert isinstance(bench.server, ScriptedServer)
    return [scan for _, content in bench.server.posts for scan in json.loads(content)["scans"]]


def test_reads_arrive_as_the_protocol_says(bench: Bench, server: FakeServer) -> None:
    (read_id,) = bench.keep("TB1")
    assert bench.uplink.deliver() == 1
    assert server.journal[read_id] == {
        "id": read_id,
        "raw": "TB1",
        "symbology": "code128",
        "method": "agent",
        "device_id": DEVICE,
        "device_seq": 1,
        "device_time": START.isoformat(timespec="milliseconds"),
        "offset_ms": None,
        "uncertainty_ms": 60_000,
        "queued": False,
        "capture": None,
        "intent": None,
    }


def test_many_reads_go_in_batches_in_order(bench: Bench, server: FakeServer) -> None:
    bench.keep(*(f"TB{number}" for number in range(120)))
    bench.deliver_all()
    assert server.seqs() == list(range(1, 121))
    assert (server.requests, server.largest_batch) == (3, BATCH)
    assert bench.outbox.tally().waiting == 0


@pytest.mark.parametrize(
    ("verdict", "answer"),
    [
        ("accepted", Answer.ACCEPTED),
        ("look", Answer.LOOK),
        ("stop", Answer.STOP),
        ("refused", Answer.REFUSED),
        ("parked", Answer.STORED),
        ("something newer", Answer.LOOK),
    ],
)
def test_verdicts_are_passed_on(
    bench: Bench, server: FakeServer, verdict: str, answer: Answer
) -> None:
    server.mood.verdicts["TB1"] = verdict
    (read_id,) = bench.keep("TB1")
    bench.uplink.deliver()
    assert bench.answers == [(read_id, answer)]
    assert [read.verdict for read in bench.reads(ReadState.ANSWERED)] == [verdict]


def test_an_answer_lost_on_the_way_changes_nothing(bench: Bench, server: FakeServer) -> None:
    server.mood.die_after_taking = 2
    ids = bench.keep("TB1", "TB2")
    bench.deliver_all()
    assert list(server.journal) == ids
    assert bench.outbox.tally().conflicts == 0
    assert server.requests == 3


def test_what_may_have_arrived_is_sent_again_as_the_same_read(
    bench: Bench, server: FakeServer
) -> None:
    server.mood.die_after_taking = 1
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble):
        bench.uplink.deliver()
    bench.clock.advance(3600)
    bench.deliver_all()
    assert [scan["queued"] for scan in server.journal.values()] == [False]
    assert bench.outbox.tally().conflicts == 0


def test_what_was_lost_on_the_way_says_at_the_next_try_that_it_waited(
    outbox: Outbox, clock: FakeClock
) -> None:
    bench = _scripted(outbox, clock, NoAnswer("reset"), Reply(status=500, content={}))
    bench.keep("TB1")
    for wait in (3600, 0):
        with pytest.raises(UplinkTrouble):
            bench.uplink.deliver()
        bench.clock.advance(wait)
    first, second = _sent(bench)
    assert (first["queued"], second["queued"]) == (False, True)
    assert first | {"queued": True} == second


def test_what_certainly_did_not_arrive_is_marked_queued_later(
    bench: Bench, server: FakeServer
) -> None:
    server.stop()
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble, match="not reached"):
        bench.uplink.deliver()
    bench.clock.advance(3600)
    server.start()
    bench.deliver_all()
    assert [scan["queued"] for scan in server.journal.values()] == [True]


@pytest.mark.parametrize(("waited", "queued"), [(1.4, False), (1.6, True)])
def test_a_read_is_queued_once_its_person_has_stopped_waiting(
    bench: Bench, server: FakeServer, waited: float, queued: bool
) -> None:
    bench.keep("TB1")
    bench.clock.advance(waited)
    bench.deliver_all()
    assert [scan["queued"] for scan in server.journal.values()] == [queued]


def test_a_read_from_before_a_reboot_is_queued(bench: Bench, server: FakeServer) -> None:
    bench.keep("TB1")
    bench.clock.reboot()
    bench.deliver_all()
    assert [scan["queued"] for scan in server.journal.values()] == [True]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_keeps_the_reads_and_says_so(
    outbox: Outbox, clock: FakeClock, status: int
) -> None:
    bench = _scripted(outbox, clock, Reply(status=status, content={"title": "No"}))
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble, match="token refused") as caught:
        bench.uplink.deliver()
    assert "administrator" in caught.value.condition.remedy
    assert [read.body for read in bench.outbox.waiting(limit=9)] == [None]


def test_a_new_token_sends_all_that_was_kept(bench: Bench, server: FakeServer) -> None:
    server.mood.token = "another-token"
    ids = bench.keep("TB1", "TB2")
    with pytest.raises(UplinkTrouble):
        bench.uplink.deliver()
    assert server.journal == {}
    server.mood.token = TOKEN
    bench.deliver_all()
    assert list(server.journal) == ids


@pytest.mark.parametrize("place", [0, 24, 49])
def test_a_read_that_the_server_cannot_read_never_holds_up_the_others(
    bench: Bench, server: FakeServer, place: int
) -> None:
    ids = bench.keep(*(f"TB{number}" for number in range(50)))
    server.mood.cannot_read = {f"TB{place}"}
    bench.deliver_all()
    assert list(server.journal) == ids[:place] + ids[place + 1 :]
    (aside,) = bench.reads(ReadState.SET_ASIDE)
    assert aside.id == ids[place]
    assert "not a valid string" in str(aside.words)
    assert (ids[place], Answer.REFUSED) in bench.answers


def test_a_read_on_which_the_server_fails_is_set_aside_once_others_pass(
    bench: Bench, server: FakeServer
) -> None:
    ids = bench.keep(*(f"TB{number}" for number in range(10)))
    server.mood.fails_on = {"TB4"}
    bench.deliver_all()
    assert list(server.journal) == ids[:4] + ids[5:]
    assert [read.id for read in bench.reads(ReadState.SET_ASIDE)] == [ids[4]]


def test_a_server_that_fails_on_everything_loses_nothing(bench: Bench, server: FakeServer) -> None:
    server.mood.status = 500
    ids = bench.keep("TB1", "TB2", "TB3")
    for _ in range(10):
        with pytest.raises(UplinkTrouble, match="server in trouble"):
            bench.uplink.deliver()
    server.mood.status = 200
    bench.deliver_all()
    assert list(server.journal) == ids
    assert bench.outbox.tally().set_aside == 0


@pytest.mark.parametrize("status", [301, 404, 429, 502, 503])
def test_an_answer_that_says_nothing_of_the_reads_keeps_them(
    outbox: Outbox, clock: FakeClock, status: int
) -> None:
    bench = _scripted(outbox, clock, Reply(status=status, content=None))
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble):
        bench.uplink.deliver()
    assert bench.outbox.tally().waiting == 1


def test_a_page_of_somebody_else_is_not_taken_for_an_answer(
    outbox: Outbox, clock: FakeClock
) -> None:
    bench = _scripted(outbox, clock, Reply(status=200, content=None))
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble, match="not our server"):
        bench.uplink.deliver()
    assert bench.outbox.tally().waiting == 1


def test_a_read_left_out_of_the_answer_goes_on_waiting(outbox: Outbox, clock: FakeClock) -> None:
    bench = _scripted(outbox, clock)
    first, second = bench.keep("TB1", "TB2")
    result: dict[str, object] = {"id": first, "verdict": "accepted"}
    bench = _scripted(outbox, clock, Reply(status=200, content={"results": [result]}))
    with pytest.raises(UplinkTrouble, match="1 reads"):
        bench.uplink.deliver()
    assert [read.id for read in outbox.waiting(limit=9)] == [second]


@pytest.mark.parametrize("with_result", [True, False])
def test_a_conflict_is_kept_for_a_person(
    outbox: Outbox, clock: FakeClock, with_result: bool
) -> None:
    (read_id,) = _scripted(outbox, clock).keep("TB1")
    result: dict[str, object] = {"id": read_id, "verdict": "refused", "conflict": True}
    content: dict[str, object] = {"results": [result]} if with_result else {"title": "Conflict"}
    bench = _scripted(outbox, clock, Reply(status=409, content=content))
    bench.uplink.deliver()
    assert bench.outbox.tally().conflicts == 1
    assert bench.answers == [(read_id, Answer.REFUSED)]


def test_the_offset_is_told_afterwards_when_the_boot_is_the_same(
    outbox: Outbox, clock: FakeClock
) -> None:
    bench = _scripted(outbox, clock, NotReached("nobody there"), Reply(status=503, content=None))
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble):
        bench.uplink.deliver()
    clock.advance(600)
    now = clock.steady()
    ahead = clock.wall() + timedelta(seconds=2)
    bench.server_clock.learn(ahead, sent=now, received=now, boot=clock.boot())
    with pytest.raises(UplinkTrouble):
        bench.uplink.deliver()
    before, after = _sent(bench)
    assert (before["offset_ms"], before["uncertainty_ms"]) == (None, 60_000)
    assert (after["offset_ms"], after["uncertainty_ms"]) == (2000, 60)


def test_the_server_time_is_learned_from_every_answer(bench: Bench, server: FakeServer) -> None:
    bench.keep("TB1")
    bench.uplink.deliver()
    assert bench.server_clock.measure(moment(bench.clock)) is not None


def test_an_hour_offline_with_a_stepped_clock_keeps_order_and_both_times(
    bench: Bench, server: FakeServer
) -> None:
    now = bench.clock.steady()
    bench.server_clock.learn(START, sent=now, received=now, boot=bench.clock.boot())
    server.stop()
    count, texts = 300, []
    for number in range(count):
        if number == count // 2:
            bench.clock.set_wall(timedelta(days=3))
        measured = bench.server_clock.measure(moment(bench.clock))
        assert measured is not None
        texts.append(f"TB{number:010d}")
        bench.outbox.keep(
            scan_of(texts[-1]),
            device_id=DEVICE,
            at=moment(bench.clock),
            offset_ms=measured.offset_ms,
            uncertainty_ms=measured.uncertainty_ms,
        )
        bench.clock.advance(3600 / count)
    server.start()
    server.mood.die_after_taking = 2
    bench.deliver_all()
    scans = list(server.journal.values())
    assert [scan["raw"] for scan in scans] == texts
    assert server.seqs() == list(range(1, count + 1))
    assert {scan["offset_ms"] for scan in scans[: count // 2]} == {0}
    assert {scan["offset_ms"] for scan in scans[count // 2 :]} == {-3 * 86_400_000}
    assert all(scan["queued"] for scan in scans)
    assert max(int(str(scan["uncertainty_ms"])) for scan in scans) < 1000


def test_running_it_recovers_by_itself_and_a_new_read_wakes_it(
    bench: Bench, server: FakeServer
) -> None:
    server.stop()
    bench.keep("TB1")
    thread = threading.Thread(target=bench.uplink.run, daemon=True)
    thread.start()
    server.start()
    bench.keep("TB2")
    bench.uplink.notify()
    assert server.wait_for(lambda: server.raws() == ["TB1", "TB2"])
    bench.keep("TB3")
    bench.uplink.notify()
    assert server.wait_for(lambda: server.raws() == ["TB1", "TB2", "TB3"], seconds=2)
    bench.uplink.stop()
    thread.join(5)
    assert not thread.is_alive()


def test_a_slow_server_is_given_up_on_and_asked_again(bench: Bench, server: FakeServer) -> None:
    held = server.mood.answer_after = threading.Event()
    bench.keep("TB1")
    with pytest.raises(UplinkTrouble, match="does not answer"):
        bench.uplink.deliver()
    held.set()
    bench.deliver_all()
    assert server.seqs() == [1]
    assert bench.outbox.tally().conflicts == 0
