"""What the pages show in browser tests: a kit of eight tubes, a package, a tube's story, alarms."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.scanning.check_codes import CODES, pictures
from app.scanning.programming import sheet
from app.scanning.scanner_ways import WAYS
from app.web.device_words import device_words
from labels import layout, stock, template
from labels.code import make, next_mintable
from labels.layout import LabelText
from labels.raster import png

NOW = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
Values = dict[str, Any]


def code(namespace: str, number: int) -> str:
    """The first code of ours from this number on."""
    return make(namespace, next_mintable(namespace, number))


def several(namespace: str, first: int, count: int) -> list[str]:
    """So many codes in a row."""
    codes: list[str] = []
    number = first
    while len(codes) < count:
        number = next_mintable(namespace, number)
        codes.append(make(namespace, number))
        number += 1
    return codes


ORDER = "01980000-0000-7000-8000-000000000001"
KIT = code("KT", 4711)
OTHER_KIT = code("KT", 9000)
PARTICIPANT = code("PN", 104277)
KIT_TUBES = several("TB", 12345, 8)
OTHER_TUBE = code("TB", 777000)
PACKAGE = code("PK", 118)
BOXES = several("BX", 212, 2)
BOX_TUBES = several("TB", 22000, 30)

_DRAWN = (
    ("SST", 8.5, "red", "red"),
    ("PST", 8, "green", "green"),
    ("Heparin", 4, "green", "green"),
    ("EDTA", 4, "lavender", "lavender"),
    ("EDTA", 10, "lavender", "lavender"),
    ("cfDNA", 10, "blue", "blue"),
    ("RNA", 2.5, "red", "red"),
    ("Urine", 10, "yellow", "yellow"),
)
_SPANISH = {
    "red": "rojo",
    "green": "verde",
    "lavender": "lavanda",
    "blue": "azul",
    "yellow": "amarillo",
    "Heparin": "Heparina",
    "Urine": "Orina",
}


def labels(*, kit: bool = True) -> Values:
    """Everything that printing/kit.html asks for."""
    told = (
        (_("Printed"), "ok", "check", "", None),
        (_("Being printed"), "act", "wait", "", None),
        (_("Unknown: is it in your hand?"), "warn", "high", _("the lid is open"), ORDER),
        (_("Void"), "quiet", "cross", _("another was asked for"), None),
        (_("Waiting"), "quiet", "wait", "", None),
    )
    lines = [
        {
            "code": tube,
            "number": number,
            "generation": 1 + number % 2,
            "words": words,
            "tone": tone,
            "sign": sign,
            "why": why,
            "command": command,
        }
        for number, (tube, (words, tone, sign, why, command)) in enumerate(
            zip(KIT_TUBES, told, strict=False), start=1
        )
    ]
    job = {"id": ORDER, "station": code("ST", 1), "at": NOW, "labels": lines, "goes_on": True}
    return {
        "order": ORDER,
        "kit": KIT if kit else None,
        "may": kit,
        "command": ORDER,
        "stations": [(code("ST", 1), "Chair 1"), (code("ST", 2), "Chair 2")],
        "tubes": [(code, "EDTA tube 4 mL") for code in KIT_TUBES] if kit else [],
        "stocks": [("tube_roll", "Tube labels on a roll, 50.8 x 25.4 mm")],
        "jobs": [job] if kit else [],
        "live": 2,
    }


def labels_of_things(*, any_station: bool = True) -> Values:
    """Everything that printing/things.html asks for."""
    kits = labels()
    return {
        "codes": [code("BX", 1), code("BX", 3)],
        "command": ORDER,
        "stations": kits["stations"] if any_station else [],
        "stocks": kits["stocks"],
        "kinds": [("aliquot", _("Around a cryovial"))],
        "cards": [(code("CM", 1), "DONE", True), (code("CM", 2), "UNDO", False)],
        "jobs": kits["jobs"] if any_station else [],
        "live": 2,
    }


def stations() -> Values:
    """Everything that scanning/stations.html asks for."""
    told = (("Chair 1", _("Working"), "ok", "check"), ("Dock", _("Not heard of"), "stop", "cross"))
    lines = [
        {
            "code": code("ST", number),
            "title": title,
            "site": "BRK",
            "href": "/station",
            "words": words,
            "tone": tone,
            "sign": sign,
            "heard_at": NOW,
            "paired": True,
            "shut_out_at": None,
        }
        for number, (title, words, tone, sign) in enumerate(told, start=1)
    ]
    return {"stations": lines, "prints": True, "live": 2}


def station() -> Values:
    """Everything that scanning/station.html asks for."""
    devices = ("ready", "cannot print: paper_out, head_open", "not permitted", "something new")
    told = {"heard_at": NOW, "queue": 3, "oldest_at": NOW, "conflicts": 1}
    return {
        "station": stations()["stations"][0],
        "told": told,
        "devices": [
            {"name": f"device-{number}", "words": device_words(said), "waits": waits}
            for number, (said, waits) in enumerate(zip(devices, _waits(), strict=True))
        ],
        "reads": [
            {"device": "hand", "raw": tube, "at": NOW, "verdict": (_("Recorded"), "ok", "check")}
            for tube in KIT_TUBES[:3]
        ],
        "prints": True,
        "manages": True,
        "server": "http://127.0.0.1:8080",
        "live": 2,
    }


def _waits() -> list[tuple[str, str, str] | None]:
    slow = _("Kept in %(kept)s ms, no answer in time") % {"kept": 95}
    quick = _(
        "Kept in %(kept)s ms, answered in %(answered)s ms (95 of 100, of the last %(reads)s)"
    ) % {"kept": 9, "answered": 104, "reads": 200}
    return [(quick, "ok", "check"), (slow, "warn", "high"), None, None]


def station_shut_out() -> Values:
    """The same after its token was revoked."""
    values = station()
    values["station"] |= {"paired": False, "shut_out_at": NOW, "tone": "stop", "sign": "cross"}
    values["station"]["words"] = _("Shut out")
    values["told"] |= {"queue": 0}
    return values | {"reads": None}


def in_language(word: str, language: str) -> str:
    """A word of the sample as the server would give it."""
    return _SPANISH.get(word, word) if language == "es" else word


def kit(*, person: str, language: str) -> Values:
    """Everything that collection/kit.html asks for."""
    tubes = [
        {
            "code": tube,
            "type": name,
            "name": in_language(name, language),
            "cap": in_language(cap, language),
            "cap_class": cap_class,
            "volume_ml": volume,
            "position": place,
            "state": "wait",
            "at": "",
            "art": "cup" if name == "Urine" else "draw",
        }
        for place, (tube, (name, volume, cap, cap_class)) in enumerate(
            zip(KIT_TUBES, _DRAWN, strict=True), start=1
        )
    ]
    page = {
        "order": ORDER,
        "kit": KIT,
        "participant": PARTICIPANT,
        "participant_code": PARTICIPANT,
        "tubes": tubes,
        "finished": False,
        "made_at": NOW.isoformat(),
        "capture_token": f"token of {person}",
        "device": code("ST", 31),
        "language": language,
    }
    reasons = [
        {"code": "refused", "label": "participant refused", "comment_required": False},
        {"code": "other", "label": "other, say what", "comment_required": True},
    ]
    if language == "es":
        reasons[0]["label"], reasons[1]["label"] = "el participante se negó", "otro, especifique"
    consent = "Otorgado, versión 3" if language == "es" else "Given, version 3"
    protocol = "Kit completo de adulto" if language == "es" else "Adult full kit"
    return {
        "page": page,
        "kit": {
            "protocol": protocol,
            "consent": {"words": consent, "tone": "ok"},
            "last_collection": None,
        },
        "reasons": reasons,
        "stations": [(code("ST", 31), "Chair 1"), (code("ST", 32), "Chair 2")],
    }


def package(*, person: str, language: str) -> Values:
    """Everything that receiving/box.html asks for: two boxes of nine rows."""
    places = [f"{row}{column}" for row in "ABCDEFGHI" for column in range(1, 10)]
    boxes = [
        {
            "code": box,
            "rows": 9,
            "columns": 9,
            "state": "due",
            "closed": False,
            "tubes": [
                {"code": tube, "position": place, "state": "due"}
                for tube, place in zip(tubes, places, strict=False)
            ],
        }
        for box, tubes in zip(BOXES, (BOX_TUBES[:20], BOX_TUBES[20:]), strict=True)
    ]
    page = {
        "package": PACKAGE,
        "boxes": boxes,
        "made_at": NOW.isoformat(),
        "capture_token": f"token of {person}",
        "device": code("ST", 41),
        "language": language,
    }
    receipt = {
        "sender": "North clinic",
        "courier": "FleetMed",
        "temperature": "−80 °C",
        "since": NOW,
    }
    stations = [(code("ST", 41), "Dock")]
    return {"page": page, "receipt": receipt, "exceptions": [], "stations": stations}


def subject(*, language: str) -> Values:
    """Everything that custody/subject.html asks for, with a gap and something expected."""
    es = language == "es"
    tube, box, shipper = KIT_TUBES[4], BOXES[0], PACKAGE
    entries = [
        _entry(
            7, "Recolectado" if es else "Collected", f"participant:{PARTICIPANT}", "North clinic"
        ),
        _entry(6, "Empacado" if es else "Packed", None, None, inside=box),
        _entry(5, "Entregado" if es else "Released", "North clinic", "FleetMed", through=shipper),
    ]
    notes = [
        _note(9, _("Is the label of print %(number)s there? Unknown", number=1), "chair-printer"),
        _note(8, _("Label of print %(number)s void: printed again", number=1)),
        _note(8, _("Label printed (print %(number)s)", number=2), "chair-printer"),
    ]
    gap = {
        "kind": "gap",
        "at": NOW - timedelta(hours=4),
        "gap": {
            "id": "g1",
            "rule": "G31",
            "title": "Brecha: 7 h 10 min" if es else "Gap: 7 h 10 min",
            "message": "Nadie ha registrado este tubo" if es else "Nobody has recorded this tube",
            "seconds": 25_800,
            "ended": False,
            "holder": "FleetMed",
            "assignee": None,
            "explained": None,
            "alarm_href": "/alarms/a1",
        },
    }
    expected = "recibido en el biobanco" if es else "received at the biobank"
    due = NOW - timedelta(hours=3)
    return {
        "subject": {
            "code": tube,
            "kind_words": "Tubo" if es else "Tube",
            "lede": "EDTA 10 mL",
            "label_href": "/labels",
            "pills": [
                {"words": "Brecha" if es else "Gap", "tone": "stop", "sign": "gap", "full": True}
            ],
            "crumbs": [{"words": "Kit KT 0000", "href": f"/find?q={KIT}"}],
        },
        "now": {
            "place": "En camino" if es else "On the road",
            "holder": "FleetMed",
            "since": NOW - timedelta(hours=7),
            "seen": False,
            "last_seen": NOW - timedelta(hours=9),
            "inside": {"code": box, "position": "D3", "href": f"/find?q={box}"},
            "expected": {"words": expected, "due": due, "late": True},
        },
        "timeline": [*notes, *entries, gap, {"kind": "next", "due": due, "words": expected}],
        "facts": [
            ("Volumen" if es else "Volume", "10 mL"),
            (_("Valid label"), _("print %(number)s", number=2)),
            (_("Void labels"), _("print %(number)s", number=1)),
        ],
        "contents": [],
        "identity": {"real": None, "entry": None, "may": True},
        "contents_words": "Contenido" if es else "Inside",
        "proof": {"entries": 9, "head": "7f3a91c0b2e4aa", "verified": NOW, "ok": True},
    }


def _entry(
    hours_ago: int,
    words: str,
    source: str | None,
    target: str | None,
    *,
    inside: str | None = None,
    through: str | None = None,
) -> Values:
    return {
        "kind": "entry",
        "at": NOW - timedelta(hours=hours_ago),
        "words": words,
        "source": source,
        "target": target,
        "inside": {"code": inside, "position": "D3", "href": "/x"} if inside else None,
        "seen": through is None,
        "through": {"code": through, "href": "/x"} if through else None,
        "lines": ["North clinic", "scan", "entry 18"],
    }


def _note(hours_ago: int, words: str, *lines: str) -> Values:
    at = NOW - timedelta(hours=hours_ago)
    return {"kind": "note", "under": "", "at": at, "words": words, "lines": lines}


def alarm(number: int, priority: str, assignee: str | None = None) -> Values:
    """One alarm as a row needs it."""
    return {
        "id": f"a{number}",
        "href": f"/alarms/a{number}",
        "priority": priority,
        "title": _("Received") + f" G31 · {PACKAGE}",
        "meta": ["37 tubes", "FleetMed"],
        "since": NOW - timedelta(hours=number),
        "assignee": assignee,
        "acknowledged_at": NOW if assignee else None,
    }


def alarms() -> Values:
    """Everything that alarms/list.html asks for."""
    return {
        "person": [alarm(1, "P1"), alarm(2, "P2")],
        "hand": [alarm(3, "P2", "technician B")],
        "cleared": [alarm(4, "P3")],
        "filters": {
            "site": "",
            "sites": [("", "*"), ("NOR", "North clinic")],
            "rule": "",
            "rules": [("", "*"), ("G31", "G31")],
        },
    }


def one_alarm() -> Values:
    """Everything that alarms/detail.html asks for."""
    row = alarm(1, "P1")
    detail = {
        "rule": "G31",
        "message": "37 · FleetMed.",
        "steps": ["FleetMed +1 555 0100", "BB1"],
        "site": "North clinic",
        "missing": "9 / 81",
        "holder": "FleetMed",
        "last_seen": NOW - timedelta(hours=9),
        "active": True,
        "ended_words": None,
        "lines": [
            {"code": tube, "kind_words": "TB", "href": "/x", "words": "D3"}
            for tube in KIT_TUBES[:3]
        ],
        "history": [{"at": NOW - timedelta(hours=1), "words": "G31"}],
        "until_max": NOW + timedelta(hours=4),
    }
    return {
        "alarm": row | detail,
        "people": [("p1", "technician B"), ("p2", "manager A")],
        "reasons": [{"code": "verified_correct", "label": "OK"}],
        "may": {"acknowledge": True, "assign": True, "explain": True},
    }


def overview(*, calm: bool = False) -> Values:
    """Everything that overview.html asks for."""
    gaps = [
        {
            "title": f"G31 · {PACKAGE}",
            "href": "/t/x",
            "tubes": 37,
            "holder": "FleetMed",
            "seconds": 25_800,
            "assignee": None,
            "tone": "stop",
        },
        {
            "title": f"G34 · {KIT_TUBES[0]}",
            "href": "/t/x",
            "tubes": 1,
            "holder": "North clinic",
            "seconds": 11_100,
            "assignee": "technician B",
            "tone": "warn",
        },
    ]
    counts = [(7, "G"), (3, "TB"), (2, "PK"), (184, "BX"), (34_806_112, "FZ")]
    return {
        "urgent": [] if calm else [alarm(1, "P1")],
        "counts": [{"value": value, "label": label, "href": "/alarms"} for value, label in counts],
        "gaps": [] if calm else gaps,
        "packages": [
            {
                "code": PACKAGE,
                "href": "/x",
                "words": "North clinic",
                "state_words": "15 h",
                "tone": "warn",
                "sign": "high",
            }
        ],
        "sites": [
            {
                "name": "North clinic",
                "orders_done": 4,
                "orders": 9,
                "tubes": 27,
                "tone": "",
                "sent_words": "8 s",
            }
        ],
        "proof": {"ok": True, "verified": NOW, "entries": 41_882_904, "backup": NOW},
        "watcher": {"ok": True, "words": ""},
    }


def _a_printer() -> Values:
    one = layout.place(
        LabelText(code=KIT_TUBES[0], lines=("SST",)),
        template.load("tube"),
        stock.load("tube_roll"),
        dpi=203,
        language="en",
    )
    shown = base64.b64encode(png(one)).decode("ascii")
    paper = {"picture": shown, "width": one.width, "height": one.height}
    return {
        "station": code("ST", 1),
        "commands": [("end_roll", _("End the roll")), ("refill", _("Put in a new roll"))],
        "labels": [paper | {"code": KIT_TUBES[0]}, paper | {"code": None}],
    }


def scanner_check() -> Values:
    """The codes a scanner is checked with, and a station that was chosen to check one at."""
    at = station()
    chosen = at["station"]["code"]
    return {
        "pictures": pictures(),
        "ways": WAYS,
        "orders": sheet("000B0\nÑ"),
        "stations": [(chosen, "BRK · Chair 1"), (code("ST", 2), "BRK · Dock")],
        "page": {"codes": dict(CODES), "station": chosen},
        **{name: at[name] for name in ("station", "told", "devices", "live")},
    }


def scanner() -> Values:
    """Everything that virtual_scanner.html asks for."""
    tubes = [{"code": tube, "words": f"TB {place}"} for place, tube in enumerate(KIT_TUBES, 1)]
    return {
        "printers": [_a_printer()],
        "groups": [
            {"title": "KT", "codes": [{"code": KIT, "words": "KT"}, *tubes]},
            {
                "title": "CM",
                "codes": [{"code": code("CM", 1), "words": "DONE"}],
            },
        ],
    }


def orders() -> Values:
    """The list of the collection bench: one order to open, one being drawn, and the form."""
    row = {
        "href": f"/collect/{ORDER}",
        "participant": PARTICIPANT,
        "protocol": "Adult full kit v3.1",
        "at": NOW,
        "done": 3,
        "all": 8,
        "state_words": _("Being drawn"),
        "tone": "act",
        "sign": "draw",
        "kit": KIT,
        "open": None,
    }
    return {
        "orders": [row, row | {"kit": None, "open": f"/api/v1/orders/{ORDER}/kit"}],
        "protocols": [("adult_v3_1", "Adult full kit v3.1")],
        "kinds": [("card_scanned", "participant card scanned"), ("photo_id", "photo id")],
        "may": {"place": True},
        "page": {},
    }


def dock(*, opening: bool = False) -> Values:
    """The list of the dock, or the form that opens one package."""
    row = {
        "code": PACKAGE,
        "href": f"/receive/{PACKAGE}",
        "sender": "Site 03",
        "target": "Biobank",
        "words": _("On its way"),
        "tone": "quiet",
        "sign": "courier",
        "since": NOW,
        "due": NOW,
        "late": None,
    }
    overdue = row | {"late": 3 * 3600}
    choices = [("one", "one"), ("two", "two")]
    names = ("sources", "evidence", "verdicts", "conditions")
    asked = {"code": PACKAGE, "may": True} | dict.fromkeys(names, choices)
    return {"coming": [overdue, row], "opening": asked if opening else None}
