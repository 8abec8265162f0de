"""The catalogue: every file that comes along loads, and a wrong one says which key."""

import re
import shutil
import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.carriers import normalise
from config.catalogue import FOLDER, Catalogue, load
from config.limits import load as load_limits
from config.reading import ConfigWrong

VECTORS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "data" / "carrier_vectors.toml").read_text(encoding="utf-8")
)
OUR_CODE = "TB0000000002P"


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the files that come along, to be damaged."""
    for path in FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    shutil.copytree(FOLDER / "protocols", tmp_path / "protocols")
    return tmp_path


def test_the_adult_full_kit_has_eight_tubes_in_order_of_draw(catalogue: Catalogue) -> None:
    kit = catalogue.protocols["adult_v3_1"]
    assert [tube.code for tube in kit.tubes] == [
        "1SS08",
        "1PS08",
        "1HEP4",
        "1ED04",
        "1ED10",
        "1CFD9",
        "1PXR2",
        "1UR10",
    ]
    assert (kit.tube_count, kit.label_count) == (8, 9)
    assert [tube.code for tube in kit.tubes if tube.processed_at_site] == ["1SS08", "1PS08"]
    assert kit.name.said("es") == "Kit completo de adulto v3.1"


def test_a_serum_tube_waits_and_is_spun(catalogue: Catalogue) -> None:
    serum = catalogue.tubes.types["sst_8"]
    assert serum.is_spun
    assert serum.spin_after_draw_min_minutes == 30
    assert serum.spin_after_draw_alarm_minutes == 240
    assert not serum.respin_allowed
    assert serum.cap.said("es") == "rojo y gris"
    assert not catalogue.tubes.types["urine_10"].is_spun
    assert not catalogue.tubes.types["cfdna"].freeze_allowed


def test_the_tube_windows_agree_with_the_limits_of_the_rules(catalogue: Catalogue) -> None:
    limits = load_limits()
    for rule in limits.rules.values():
        for name in rule.tube_types:
            assert name in catalogue.tubes.types, rule.id
    for name in limits.rule("G23").tube_types:
        tube = catalogue.tubes.types[name]
        assert tube.spin_after_draw_warn_minutes == limits.number("G23", "spin_warn_minutes")
        assert tube.spin_after_draw_alarm_minutes == limits.number("G23", "spin_alarm_minutes")
    spun = {tube.id for tube in catalogue.tubes.types.values() if tube.is_spun}
    assert spun == set(limits.rule("G23").tube_types)
    assert limits.rule("G22").tube_types == ("sst_8",)


def test_rules_close_with_reasons_and_conditions_that_exist(catalogue: Catalogue) -> None:
    limits = load_limits()
    resolutions = catalogue.reasons["resolution"].items
    deviations = catalogue.reasons["tube_deviation"].items
    for rule in limits.rules.values():
        assert set(rule.resolution_codes) <= set(resolutions), rule.id
    assert set(limits.words("G53", "p2_codes")) <= set(deviations)
    assert set(limits.words("G11", "allowed_after")) <= set(catalogue.events)
    assert set(limits.words("G09", "consents_required")) <= set(catalogue.consent.scopes)


@pytest.mark.parametrize(
    ("site_code", "centrifuge", "code"),
    [
        ("1SS08", "swinging_bucket", "1SST8"),
        ("1SS08", "fixed_angle", "2SST8"),
        ("PS04B", "fixed_angle", "2PS4B"),
        ("1HEP4", "fixed_angle", "1HEP4"),
    ],
)
def test_the_centrifuge_decides_the_biobanks_code(
    catalogue: Catalogue, site_code: str, centrifuge: str, code: str
) -> None:
    assert catalogue.tubes.biobank_code(site_code, centrifuge) == code


def test_every_text_for_people_is_there_in_both_languages(catalogue: Catalogue) -> None:
    assert catalogue.events["COLLECTED"].said("es") == "recolectado"
    assert catalogue.reasons["not_collected"].items["other"].comment_required
    assert catalogue.reasons["refrigerant"].items["dry_ice"].kg_required
    assert catalogue.reasons["tube_deviation"].items["broken"].ship is False
    assert catalogue.reasons["seal_verdict"].items["intact"].ok is True
    assert catalogue.reasons["condition_on_receipt"].items["good"].severity is None


def test_the_five_verdicts_of_a_scan_have_words(catalogue: Catalogue) -> None:
    verdicts = catalogue.reasons["scan_verdict"].items
    assert set(verdicts) == {"accepted", "look", "stop", "refused", "stored", "parked"}


def test_lanes_between_two_sites(catalogue: Catalogue) -> None:
    overnight, frozen = catalogue.lanes.between("BRK", "BB1")
    assert overnight.cut_off == time(17, 0)
    assert overnight.expected == timedelta(hours=24)
    assert (frozen.shortest, frozen.longest) == (timedelta(hours=12), timedelta(hours=36))
    assert catalogue.lanes.between("BB1", "BRK") == ()
    assert catalogue.lanes.sites["BRK"].timezone.key == "America/New_York"
    assert catalogue.lanes.sites["BRK"].opens == time(8, 0)


def test_consent_says_who_may_be_drawn(catalogue: Catalogue) -> None:
    may = {code for code, status in catalogue.consent.statuses.items() if status.collect}
    must_go = {code for code, status in catalogue.consent.statuses.items() if status.destroy}
    assert may == {"active"}
    assert must_go == {"withdrawn_no_use", "withdrawn_early_out"}


@pytest.mark.parametrize("form", VECTORS["form"])
def test_carriers_numbers_read_as_published(catalogue: Catalogue, form: str) -> None:
    def right(number: str) -> bool:
        readings = catalogue.carriers.recognise(number)
        return any(reading.form == form and reading.check_holds for reading in readings)

    assert [n for n in VECTORS["form"][form]["valid"] if not right(n)] == []
    assert [n for n in VECTORS["form"][form]["invalid"] if right(n)] == []


@pytest.mark.parametrize("form", VECTORS["foreign"])
def test_foreign_identifiers_fit_their_form_alone(catalogue: Catalogue, form: str) -> None:
    pattern = catalogue.carriers.foreign_patterns()[form]
    assert [n for n in VECTORS["foreign"][form]["valid"] if not pattern.fullmatch(n)] == []
    assert [n for n in VECTORS["foreign"][form]["invalid"] if pattern.fullmatch(n)] == []
    assert pattern.fullmatch(OUR_CODE) is None


def test_foreign_patterns_can_be_asked_by_kind(catalogue: Catalogue) -> None:
    assert set(catalogue.carriers.foreign_patterns({"participant"})) == {
        "participant_id",
        "biobank_id",
    }
    assert len(catalogue.carriers.foreign_patterns()) == 16


def test_a_long_barcode_gives_the_tracking_number_inside(catalogue: Catalogue) -> None:
    (reading,) = catalogue.carriers.recognise("1001921334250001000300779017972697")
    assert (reading.carrier, reading.number) == ("FedEx", "779017972697")


def test_a_wrong_check_digit_is_said_not_refused(catalogue: Catalogue) -> None:
    (reading,) = catalogue.carriers.recognise("1z5r8939 0357567128")
    assert (reading.form, reading.check_holds) == ("ups_1z", False)


@pytest.mark.parametrize("text", ["", "１２３４５６７８９０12", "9" * 10_000, "not a number"])
def test_what_is_no_number_has_no_reading(catalogue: Catalogue, text: str) -> None:
    assert catalogue.carriers.recognise(text) == ()
    assert normalise(text).isascii()


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("tubes.toml", 'cap_es = "rojo y gris"\n', "", "tubes.toml: type: sst_8: cap_es: is mis"),
        ("tubes.toml", 'additive = "k2_edta"', 'additive = "gin"', "edta_2: additive: 'gin' is"),
        ("tubes.toml", "draw_ml_max = 8.5", "draw_ml_max = 7.5", "sst_8: draw_ml_max: must not"),
        ("tubes.toml", "nominal_ml = 8.0", 'nominal_ml = "8"', "sst_8: nominal_ml: must be a nu"),
        ("tubes.toml", 'type = "sst_8"', 'type = "sst"', "code 1SS08: type: 'sst' is none of"),
        ("tubes.toml", 'code = "1SST8"', 'code = "1SS08"', "tubes.toml: 1SS08: is there twice"),
        ("reasons.toml", 'code = "crushed"', 'code = "wet"', "condition_on_receipt: wet: is the"),
        (
            "reasons.toml",
            "ship = false\n",
            "shipped = false\n",
            "broken: nobody knows the key ship",
        ),
        ("carriers.toml", "weights = [3, 1, 7]\n", "", "fedex_express_12: weights: this algo"),
        ("carriers.toml", "^[0-9]{12}$", "^[0-9{12}$", "fedex_express_12: regex: is no pattern"),
        ("carriers.toml", "^[0-9]{12}$", "[0-9]{12}", "fedex_express_12: regex: must begin"),
        ("lanes.toml", 'to = "BB1"', 'to = "BB9"', "to: 'BB9' is none of"),
        ("lanes.toml", "America/Denver", "America/Denvr", "site MTN: timezone: this machine kn"),
        ("lanes.toml", "08:00-17:00", "8-17", "site BRK: working_hours: '8' is no time"),
        ("lanes.toml", "expected_hours = 24.0", "expected_hours = 48.0", "must rise"),
        ("events.toml", 'title_es = "recolectado"\n', "", "event COLLECTED: title_es: is missing"),
        ("consent.toml", "destroy = false", "destroy = true", "status none: destroy: cannot"),
        ("protocols/adult_v3_1.toml", "position = 2", "position = 3", "adult_v3_1.toml: tube: the"),
        ("protocols/adult_v3_1.toml", "blood_ml = 46.5", "blood_ml = 40.0", "blood_ml: is not the"),
        ("protocols/adult_v3_1.toml", '"collect", ', '"bleed", ', "steps: nobody knows bleed"),
        (
            "protocols/adult_v3_1.toml",
            '"edta_4"',
            '"edta_2"',
            "tube 1ED04: type: 1ED04 is a ed",
        ),
        ("protocols/adult_v3_1.toml", '"adult_v3_2"', '"adult_v9"', "swap_with: no protocol 'adul"),
        ("protocols/saliva.toml", 'id = "saliva"', 'id = "urine_only"', "urine_only: is there tw"),
    ],
)
def test_a_wrong_file_says_which_key(
    folder: Path, file: str, old: str, new: str, says: str
) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigWrong, match=re.escape(says)):
        load(folder)


def test_tubes_out_of_order_of_draw_are_refused(folder: Path) -> None:
    path = folder / "protocols" / "adult_v3_1.toml"
    first, second = 'code = "1SS08"\ntype = "sst_8"', 'code = "1PS08"\ntype = "pst_8"'
    text = path.read_text(encoding="utf-8").replace(first, "@").replace(second, first)
    path.write_text(text.replace("@", second), encoding="utf-8")
    with pytest.raises(ConfigWrong, match="order of draw"):
        load(folder)


def test_a_folder_without_protocols_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "protocols")
    with pytest.raises(ConfigWrong, match="holds no protocol"):
        load(folder)
