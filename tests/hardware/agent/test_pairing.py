"""A code is exchanged for a token, and the folder is left as it was when that does not work."""

import json
from pathlib import Path

import pytest

from hardware.__main__ import main
from hardware.agent.pairing import NotPaired, pair, paired_in, station_of
from hardware.agent.server import NoAnswer, NotReached, Reply

URL = "https://unbroken.example"
STATION = "ST0000000001X"
ANSWER: dict[str, object] = {
    "station": STATION,
    "token": "a-token-of-the-station",
    "title": "Chair 1",
    "site": "NOR",
}


class Scripted:
    """A server that answers what it is told to, and keeps what it was sent."""

    def __init__(self, answer: Reply | NoAnswer) -> None:
        self._answer = answer
        self.sent: list[dict[str, object]] = []

    def post(self, path: str, content: bytes) -> Reply:
        assert path == "/api/v1/pair"
        self.sent.append(json.loads(content))
        if isinstance(self._answer, NoAnswer):
            raise self._answer
        return self._answer


def test_what_was_told_is_kept_for_this_account_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    server = Scripted(Reply(status=201, content=ANSWER))

    paired = pair(server, url=URL, code="4N7K-2PQR", folder=folder)

    assert (paired.station, paired.title, paired.site) == (STATION, "Chair 1", "NOR")
    kept = paired_in(folder)
    assert (kept["server"], kept["station"]) == (URL, STATION)
    assert Path(str(kept["token_file"])).read_text() == "a-token-of-the-station\n"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert server.sent == [{"code": "4N7K-2PQR", "station": None}]


def test_a_folder_that_holds_reads_of_a_station_says_so(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text(json.dumps({"station": STATION}))
    server = Scripted(Reply(status=201, content=ANSWER))

    pair(server, url=URL, code="4N7K2PQR", folder=tmp_path)

    assert server.sent[0]["station"] == STATION
    assert station_of(tmp_path) == STATION


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (NotReached("refused"), "does not answer"),
        (NoAnswer("timed out"), "does not answer"),
        (Reply(status=200, content=None), "no Unbroken server"),
        (Reply(status=201, content={"token": 7, "station": STATION}), "not paired"),
        (Reply(status=409, content={"title": "The code is wrong", "advice": "Have one made"}),
         "The code is wrong: Have one made"),
        (Reply(status=429, content={"title": "Too many tries"}), "Too many tries"),
    ],
)  # fmt: skip
def test_what_does_not_work_is_said_and_leaves_the_folder_alone(
    tmp_path: Path, answer: Reply | NoAnswer, said: str
) -> None:
    pair(Scripted(Reply(status=201, content=ANSWER)), url=URL, code="1", folder=tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(NotPaired, match=said):
        pair(Scripted(answer), url="https://other.example", code="2", folder=tmp_path)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_cannot_be_written_does_not_use_the_code_up(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    server = Scripted(Reply(status=201, content=ANSWER))

    with pytest.raises(NotPaired, match="the code has not been used"):
        pair(server, url=URL, code="1", folder=tmp_path / "file")

    assert server.sent == []


def test_a_damaged_pairing_says_so_and_is_mended_by_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pairing.toml").write_text("server = ")

    assert main(["run", "--data", str(tmp_path), "--scanner", "hand=/dev/nothing"]) == 2
    assert "Pair this computer again" in capsys.readouterr().err
    pair(Scripted(Reply(status=201, content=ANSWER)), url=URL, code="1", folder=tmp_path)
    assert paired_in(tmp_path)["station"] == STATION


def test_the_token_of_one_station_is_not_used_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair(Scripted(Reply(status=201, content=ANSWER)), url=URL, code="1", folder=tmp_path)
    other = ["--server", URL, "--station", "ST0000000002V", "--scanner", "hand=/dev/nothing"]

    assert main(["run", "--data", str(tmp_path), *other]) == 2
    assert "token_file is missing" in capsys.readouterr().err


def test_an_agent_that_was_never_paired_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "--data", str(tmp_path), "--scanner", "hand=/dev/nothing"]) == 2

    assert "server is missing" in capsys.readouterr().err


def test_a_server_that_is_no_address_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = ["pair", "--server", "nonsense", "--code", "1", "--data", str(tmp_path)]

    assert main(told) == 2
    assert "is no address like https://host" in capsys.readouterr().err
