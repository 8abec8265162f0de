"""What the story of a tube says of its labels: each print in its place, and which one is valid."""

import re

import pytest

from app.scanning.label_words import Prints, label_entries, prints_of
from tests.app.printing.test_jobs import ask, lease, tell
from tests.app.scanning.bench import Bench
from tests.builders.ledger_text import told

UNKNOWN = "08:00 TB1 LABEL_PRINTED generation=1 status=unknown\n"
VOID = "08:01 TB1 LABEL_VOIDED generation=1 reason=reprinted #void\n"
SECOND = "08:02 TB1 LABEL_PRINTED generation=2 status=printed\n"


@pytest.mark.parametrize(
    ("text", "prints"),
    [
        (UNKNOWN, Prints(valid=1, sure=False, void=())),
        (UNKNOWN + VOID, Prints(valid=None, sure=False, void=(1,))),
        (UNKNOWN + VOID + SECOND, Prints(valid=2, sure=True, void=(1,))),
        (
            UNKNOWN + "09:00 TB1 TUBE_COMMISSIONED generation=1 scan_back=true",
            Prints(valid=1, sure=True, void=()),
        ),
        (
            UNKNOWN + "09:00 TB1 TUBE_COMMISSIONED generation=1 scan_back=false",
            Prints(valid=1, sure=False, void=()),
        ),
        (UNKNOWN + VOID + "09:00 TB1 UNDO undoes #void", Prints(valid=1, sure=False, void=())),
        ("08:00 TB1 LABEL_PRINTED status=printed", Prints(valid=None, sure=False, void=())),
    ],
)
def test_the_newest_print_that_is_not_void_is_valid(text: str, prints: Prints) -> None:
    history = told(text).projections("10:00")["TB1"].history
    assert prints_of(label_entries(history)) == prints


def test_the_page_and_the_answer_tell_what_each_label_did(bench: Bench) -> None:
    kit = bench.kit()
    tube = kit.tubes[0]
    ask(bench, kit)
    tell(bench, lease(bench), {"number": 1, "state": "unknown", "reasons": ["paper_out"]})
    bench.clock.wait(seconds=30)
    ask(bench, kit, 2, tube=tube.code)
    bench.clock.wait(seconds=30)
    tell(bench, lease(bench), {"number": 1, "state": "printed", "counted": [7, 8]})
    bench.clock.wait(seconds=30)
    bench.one(bench.nurse, bench.scan(tube.code, "collect", order=kit.order))

    answer = bench.nurse.get(f"/api/v1/subjects/{tube.code}/timeline").json
    page = _words(bench.nurse.get(f"/t/{tube.code}").text)
    bench.nurse.get("/language/es")
    spanish = _words(bench.nurse.get(f"/t/{tube.code}").text)

    titles = [label["title"] for label in answer["labels"]]
    assert titles == [
        "Is the label of print 1 there? Unknown",
        "Label of print 1 void: printed again",
        "Label printed (print 2)",
        "Label read: this tube carries print 2",
    ]
    assert answer["prints"] == {"valid": 2, "sure": True, "void": [1]}
    places = [page.index(words) for words in (*titles[:3], "Collected", titles[3])]
    assert places == sorted(places)
    assert "the printer is out of labels · zpl-1 · North clinic" in page
    assert "Valid label print 2 Void labels print 1" in page
    assert "Etiqueta leída: este tubo lleva la impresión 2" in spanish


def _words(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())
