# ruff: noqa: E501 - a ledger text has one line to an entry
"""Small stories of several stations offline at once, each of something that orders may disagree on.

What each ends in is said beside it: the gaps the day after, and where the things named are. All of
it is recorded together, when the stations are back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.custody.history import Stand
from tests.builders.ledger_text import Told, moment, told
from tests.journeys.custody.teller import Journey

ARRIVED = "20:00"
NEXT_DAY = "+1d 09:00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`gaps` as `ledger_text` speaks of them; `where` as `holder in container position`."""

    text: str
    where: Mapping[str, str]
    gaps: tuple[str, ...] = ()

    def told(self) -> Told:
        """The story as it was written down once everything had arrived."""
        story = told(self.text)
        at = moment(ARRIVED)
        return replace(story, entries=tuple(e._replace(recorded_at=at) for e in story.entries))

    def whereabouts(self) -> dict[str, str]:
        """Where the things named in `where` are when everything has arrived."""
        story = self.told()
        names = {subject.id: code for code, subject in story.subjects.items()}
        projections = story.projections(ARRIVED)
        return {code: _spoken(projections[code].history.stand, names) for code in self.where}

    def journey(self) -> Journey:
        story = self.told()
        return Journey(subjects=tuple(story.subjects.values()), entries=story.entries)


def _spoken(stand: Stand, names: Mapping[int, str]) -> str:
    words = [stand.holder]
    if stand.within is not None:
        words += ["in", names[stand.within]]
    elif stand.place is not None:
        words += ["at", names[stand.place]]
    return " ".join([*words, stand.position] if stand.position else words)


STORIES: Mapping[str, Story] = {
    "equal times and equal sequences on two devices": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        09:00 TB1 PACKED -> unit:BRK/collection in BX2 A1 ~offline by D2/1
        09:00 TB2 PACKED -> unit:BRK/collection in BX2 A1 ~offline by D1/2
        09:00 TB2 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D2/2
        """,
        gaps=(
            "G18 TB1 09:00 P2",
            "G18 TB2 09:00 P2",
            "G29 BX1 09:00 P3",
            "G29 BX2 09:00 P3",
            "G46 TB1 09:00 P2",
            "G46 TB2 09:00 P2",
        ),
        where={"TB1": "unit:BRK/collection in BX2 A1", "TB2": "unit:BRK/collection in BX1 A1"},
    ),
    "a clock stepped back between two scans": Story(
        text="""
        10:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        08:30 TB1 UNPACKED @BRK ~offline by D1/2
        08:31 TB1 PACKED -> unit:BRK/collection in BX2 B1 ~offline by D1/3
        09:30 TB1 READ @BRK ~offline by D2/1
        """,
        gaps=(
            "G18 TB1 08:30 P2",
            "G46 TB1 10:00 P2",
        ),
        where={"TB1": "unit:BRK/collection in BX1 A1"},
    ),
    "a clock stepped forward past what another saw": Story(
        text="""
        09:00 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D1/1
        12:00 PK1 SEALED -> unit:BRK/collection ~offline by D1/2
        10:00 BX1 UNPACKED @BRK ~offline by D2/1
        10:05 BX1 PACKED -> unit:BRK/collection in PK2 ~offline by D2/2
        10:10 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines= ~offline by D3/1
        """,
        gaps=(
            "G18 PK1 10:10 P2",
            "G18 PK1 12:00 P2",
            "G34 PK1 12:00 P1",
            "G37 PK1 12:00 P2",
        ),
        where={"BX1": "unit:BRK/collection in PK2", "PK1": "unit:BRK/collection"},
    ),
    "two claims on one slot, and one of them moves on": Story(
        text="""
        09:00 BX1 STORED -> unit:BB1/store at FZ1 S1 ~offline by D1/1
        09:05 BX2 STORED -> unit:BB1/store at FZ1 S1 ~offline by D2/1
        09:10 BX3 STORED -> unit:BB1/store at FZ1 S1 ~offline by D3/1
        09:30 BX1 MOVED -> unit:BB1/store at FZ1 S2 ~offline by D2/2
        """,
        gaps=("G56 BX3 09:10 P2",),
        where={
            "BX1": "unit:BB1/store at FZ1 S2",
            "BX2": "unit:BB1/store at FZ1 S1",
            "BX3": "unit:BB1/store at FZ1 S1",
        },
    ),
    "two claims on one slot, and the first is counted there": Story(
        text="""
        09:00 BX1 STORED -> unit:BB1/store at FZ1 S1 ~offline by D1/1
        09:05 BX2 STORED -> unit:BB1/store at FZ1 S1 ~offline by D2/1
        09:30 BX1 INVENTORIED @BB1 ~offline by D3/1
        """,
        where={"BX1": "unit:BB1/store at FZ1 S1", "BX2": "unit:BB1/store at FZ1 S1"},
    ),
    "two claims on one slot, and the first of them was a slip": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #slip ~offline by D1/1
        09:05 TB2 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D2/1
        09:06 TB1 CORRECTION corrects #slip position=A2 reason=misread ~offline by D1/2
        """,
        gaps=(
            "G18 TB1 slip P2",
            "G18 TB2 09:05 P2",
            "G29 BX1 slip P3",
        ),
        where={
            "TB1": "unit:BRK/collection in BX1 A2",
            "TB2": "unit:BRK/collection in BX1 A1",
        },
    ),
    "a correction that may come before what it corrects": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #slip ~offline by D1/1
        09:10 TB1 CORRECTION corrects #slip inside=BX2 position=B2 reason=misread ~offline by D2/1
        09:20 TB2 PACKED -> unit:BRK/collection in BX2 B2 ~offline by D1/2
        09:30 BX2 PACKED -> unit:BRK/collection in PK1 ~offline by D3/1
        09:40 PK1 SEALED -> unit:BRK/collection ~offline by D3/2
        """,
        gaps=(
            "G18 TB1 slip P2",
            "G18 TB2 09:20 P2",
            "G56 TB2 09:20 P2",
        ),
        where={"TB1": "unit:BRK/collection in BX2 B2", "BX1": "nobody"},
    ),
    "a correction taken back": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #pack ~offline by D1/1
        09:10 TB1 CORRECTION corrects #pack inside=BX2 position=A1 reason=misread #slip ~offline by D2/1
        09:20 TB1 UNDO undoes #slip ~offline by D3/1
        """,
        gaps=(
            "G18 TB1 pack P2",
            "G29 BX1 pack P3",
        ),
        where={"TB1": "unit:BRK/collection in BX1 A1", "BX2": "nobody"},
    ),
    "of two corrections of one entry the last": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #pack ~offline by D1/1
        09:20 TB1 CORRECTION corrects #pack inside=BX2 position=A1 reason=misread ~offline by D2/1
        09:10 TB1 UNDO undoes #pack ~offline by D3/1
        """,
        gaps=(
            "G18 TB1 pack P2",
            "G29 BX2 pack P3",
        ),
        where={"TB1": "unit:BRK/collection in BX2 A1", "BX1": "nobody"},
    ),
    "corrections that name each other": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        09:10 TB1 UNDO undoes #two #one ~offline by D2/1
        09:20 TB1 UNDO undoes #one #two ~offline by D3/1
        """,
        gaps=(
            "G18 TB1 09:00 P2",
            "G18 TB1 one P2",
            "G18 TB1 two P2",
            "G29 BX1 09:00 P3",
        ),
        where={"TB1": "unit:BRK/collection in BX1 A1"},
    ),
    "a pack undone after its box has left": Story(
        text="""
        participant PN1
        tube TB1 of PN1
        08:00 PN1 CONSENT_RECORDED scope=primary status=yes ~offline by D1/1
        08:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes ~offline by D1/2
        08:50 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline by D1/3
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 #slip ~offline by D1/4
        09:01 TB2 PACKED -> unit:BRK/collection in BX1 A2 ~offline by D1/5
        09:10 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D2/1
        09:20 PK1 SEALED -> unit:BRK/collection ~offline by D2/2
        09:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1,TB2 ~offline by D2/3
        09:05 TB1 UNDO undoes #slip ~offline by D3/1
        """,
        gaps=(
            "G18 TB2 09:01 P2",
            "G28 TB1 08:50 P3",
        ),
        where={"TB1": "unit:BRK/collection", "TB2": "courier:FX in BX1 A2"},
    ),
    "a withdrawal before the deed and one after it": Story(
        text="""
        participant PN1
        participant PN2
        tube TB1 of PN1
        tube TB2 of PN2
        07:00 PN1 CONSENT_RECORDED scope=primary status=yes ~offline by D1/1
        07:00 PN1 CONSENT_RECORDED scope=biospecimen status=yes ~offline by D1/2
        07:00 PN2 CONSENT_RECORDED scope=primary status=yes ~offline by D1/3
        07:00 PN2 CONSENT_RECORDED scope=biospecimen status=yes ~offline by D1/4
        09:00 TB1 COLLECTED participant:PN1 -> unit:BRK/collection ~offline by D2/1
        09:01 TB2 COLLECTED participant:PN2 -> unit:BRK/collection ~offline by D2/2
        09:10 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D2/3
        09:11 TB2 PACKED -> unit:BRK/collection in BX1 A2 ~offline by D2/4
        08:30 PN1 WITHDRAWAL_SET ~offline by D3/1
        09:30 PN2 WITHDRAWAL_SET ~offline by D3/2
        """,
        gaps=("G11 TB1 09:00 P1",),
        where={"TB1": "unit:BRK/collection in BX1 A1"},
    ),
    "two first reads of one foreign code": Story(
        text="""
        09:00 TB1 BOUND participant=PN1 order=O1 ~offline by D2/1
        09:00 TB1 BOUND participant=PN2 order=O2 ~offline by D1/1
        09:10 TB1 COLLECTED participant:PN2 -> unit:BRK/collection ~offline by D1/2
        09:20 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D2/2
        """,
        gaps=("G08 TB1 09:00 P1",),
        where={"TB1": "unit:BRK/collection in BX1 A1"},
    ),
    "a receipt that comes in after its box is stored": Story(
        text="""
        08:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        08:10 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D1/2
        08:20 PK1 SEALED -> unit:BRK/collection ~offline by D1/3
        08:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1 ~offline by D1/4
        10:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline by D2/1
        10:10 BX1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 at FZ1 D1 ~offline by D3/1
        10:20 TB1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX1 A1 ~offline by D3/2
        10:30 BX1 STORED unit:BB1/dock -> unit:BB1/store at FZ1 S1 ~offline by D4/1
        """,
        gaps=("G18 TB1 08:00 P2",),
        where={"TB1": "unit:BB1/store in BX1 A1", "BX1": "unit:BB1/store at FZ1 S1"},
    ),
    "a tube found without its label, known later": Story(
        text="""
        08:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        08:10 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D1/2
        08:20 PK1 SEALED -> unit:BRK/collection ~offline by D1/3
        08:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines=TB1 ~offline by D1/4
        10:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline by D2/1
        10:10 FT1 CHECKED_IN unit:BB1/dock -> unit:BB1/dock pkg PK1 in BX2 A1 ~offline by D2/2
        10:30 BX2 STORED unit:BB1/dock -> unit:BB1/store at FZ1 S1 ~offline by D3/1
        11:00 FT1 IDENTIFIED real=TB1 ~offline by D4/1
        """,
        gaps=(
            "G18 TB1 08:00 P2",
            "G46 TB1 10:10 P2",
        ),
        where={"TB1": "unit:BB1/store in BX2 A1", "FT1": "nobody"},
    ),
    "a tube found twice, and once taken for another": Story(
        text="""
        08:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        08:00 TB2 PACKED -> unit:BRK/collection in BX1 A2 ~offline by D1/2
        09:00 FT1 PACKED -> unit:BRK/collection in BX2 B1 ~offline by D2/1
        09:30 FT2 PACKED -> unit:BRK/collection in BX3 C1 ~offline by D3/1
        10:00 FT1 IDENTIFIED real=TB2 #slip ~offline by D2/2
        10:10 FT1 UNDO undoes #slip ~offline by D4/1
        10:20 FT2 IDENTIFIED real=FT1 ~offline by D3/2
        10:30 FT1 IDENTIFIED real=TB1 ~offline by D4/2
        """,
        gaps=(
            "G18 TB1 08:00 P2",
            "G18 TB2 08:00 P2",
            "G29 BX1 08:00 P3",
            "G46 TB1 09:00 P2",
            "G46 TB1 09:30 P2",
        ),
        where={
            "TB1": "unit:BRK/collection in BX3 C1",
            "TB2": "unit:BRK/collection in BX1 A2",
        },
    ),
    "a box awaits its release from the first that is still of use in it": Story(
        text="""
        09:00 TB1 PACKED -> unit:BRK/collection in BX1 A1 ~offline by D1/1
        09:30 TB1 DESTROYED @BRK ~offline by D2/1
        08:30 TB2 PACKED -> unit:BRK/collection in BX1 A2 ~offline by D3/1
        08:45 TB2 CONSUMED @BRK ~offline by D4/1
        08:55 TB3 PACKED -> unit:BRK/collection in BX1 A3 ~offline by D3/2
        """,
        gaps=(
            "G18 TB1 09:00 P2",
            "G18 TB2 08:30 P2",
            "G18 TB2 08:45 P2",
            "G18 TB3 08:55 P2",
            "G29 BX1 08:55 P3",
        ),
        where={"TB1": "unit:BRK/collection in BX1 A1", "BX1": "unit:BRK/collection"},
    ),
    "a box is moved while the package it is in goes on": Story(
        text="""
        08:00 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D1/1
        08:10 PK1 SEALED -> unit:BRK/collection ~offline by D1/2
        08:20 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines= ~offline by D1/3
        12:00 PK1 RECEIVED courier:FX -> unit:BB1/dock ~offline by D2/1
        11:00 BX1 READ @RIV ~offline by D3/1
        11:30 TB1 READ @RIV in BX1 A1 ~offline by D3/2
        """,
        gaps=("G37 BX1 11:00 P2", "G46 BX1 11:00 P2"),
        where={"BX1": "unknown", "TB1": "unknown in BX1 A1", "PK1": "unit:BB1/dock"},
    ),
    "released after it was received, by two clocks": Story(
        text="""
        09:00 BX1 PACKED -> unit:BRK/collection in PK1 ~offline by D1/1
        09:10 PK1 SEALED -> unit:BRK/collection ~offline by D1/2
        09:30 PK1 RELEASED unit:BRK/collection -> courier:FX destination=BB1 lines= unc 120 ~offline by D1/3
        09:29 PK1 DELIVERED courier:FX -> unit:BB1/dock unc 120 ~offline by D2/1
        09:40 PK1 RECEIVED unit:BB1/dock -> unit:BB1/dock ~offline by D2/2
        """,
        where={"PK1": "unit:BB1/dock", "BX1": "unit:BB1/dock"},
    ),
}
