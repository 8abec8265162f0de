"""Limits: the file that comes along loads, lasts through JSON, and a wrong one says where."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.limits import Limits, NoSuchLimit, as_dict, from_dict, load
from config.reading import ConfigWrong
from config.rules import Value, unit_of


@pytest.fixture(scope="module")
def limits() -> Limits:
    return load()


def test_every_rule_is_there_once_in_order(limits: Limits) -> None:
    assert list(limits.rules) == [f"G{number:02d}" for number in range(1, 69)]
    assert (limits.version, limits.sop_version) == (1, "default-1")


def test_durations_come_in_their_unit(limits: Limits) -> None:
    assert limits.span("G28", "pack_hours_max") == timedelta(hours=12)
    assert limits.span("G31", "transit_p1_days") == timedelta(days=7)
    assert limits.span("G21", "skew_p3_seconds") == timedelta(minutes=1)
    assert limits.span("alarm", "settle_minutes") == timedelta(minutes=15)
    assert limits.spans("alarm", "p2_notify_minutes") == (
        timedelta(0),
        timedelta(hours=1),
        timedelta(hours=4),
    )


@pytest.mark.parametrize(
    ("key", "unit"),
    [
        ("pack_hours_max", "hours"),
        ("window_days", "days"),
        ("door_p2_minutes", "minutes"),
        ("urine_24h_aliquot_hours_max", "hours"),
        ("decide_business_days_max", None),
        ("loss_kg_per_day_max", None),
        ("age_of_majority_years", None),
        ("speed_kmh_max", None),
    ],
)
def test_the_name_tells_the_unit(key: str, unit: str | None) -> None:
    assert unit_of(key) == unit


def test_numbers_and_words(limits: Limits) -> None:
    assert limits.number("G43", "p1_fraction_min") == 0.1
    assert limits.words("G53", "p2_codes") == ("thawed", "leaked", "broken")
    assert limits.words("G32", "clock") == ("working",)
    assert limits.words("alarm", "settle_rules") == ("G18", "G34", "G35", "G36", "G37")


@pytest.mark.parametrize(
    "ask",
    [
        lambda limits: limits.rule("G69"),
        lambda limits: limits.span("G28", "unpack_hours_max"),
        lambda limits: limits.span("G43", "p1_fraction_min"),
        lambda limits: limits.span("alarm", "p2_notify_minutes"),
        lambda limits: limits.spans("alarm", "settle_minutes"),
        lambda limits: limits.spans("alarm", "settle_rules"),
        lambda limits: limits.number("G53", "p2_codes"),
        lambda limits: limits.words("G28", "pack_hours_max"),
        lambda limits: limits.words("alarm", "p2_notify_minutes"),
    ],
)
def test_asking_for_what_is_not_there_is_an_error(
    limits: Limits, ask: Callable[[Limits], object]
) -> None:
    with pytest.raises(NoSuchLimit):
        ask(limits)


def test_words_in_both_languages(limits: Limits) -> None:
    rule = limits.rule("G28")
    assert (rule.title("en"), rule.title("es")) == ("Not packed in time", "No empacado a tiempo")
    for rule in limits.rules.values():
        pairs = [(rule.title("en"), rule.title("es")), (rule.action("en"), rule.action("es"))]
        assert all(
            english and spanish and english != spanish
            for english, spanish in [*pairs, (rule.trigger("en"), rule.trigger("es"))]
        ), rule.id


def test_severities_stand_in_rising_order(limits: Limits) -> None:
    lines = limits.rule("G31").severity
    assert [line.priority for line in lines] == ["P3", "P2", "P1"]


def test_a_version_lasts_through_json(limits: Limits) -> None:
    for version in (limits, limits.shortened(0.001)):
        again = from_dict(json.loads(json.dumps(as_dict(version))))
        assert again == version
        assert json.dumps(as_dict(again)) == json.dumps(as_dict(version))


def test_a_version_cannot_be_changed(limits: Limits) -> None:
    with pytest.raises(TypeError):
        limits.rule("G28").limits["pack_hours_max"] = 1  # type: ignore[index]
    assert hash(limits) == hash(load())


def test_shortening_scales_every_duration_and_nothing_else(limits: Limits) -> None:
    short = limits.shortened(0.01)
    assert short.version == 2
    assert short.span("G28", "pack_hours_max") == timedelta(hours=0.12)
    assert short.span("alarm", "settle_minutes") == timedelta(minutes=0.15)
    assert short.number("G43", "p1_fraction_min") == limits.number("G43", "p1_fraction_min")
    assert short.number("G62", "decide_business_days_max") == 5
    assert "G28 pack_hours_max: 12 -> 0.12" in short.changed_from(limits)
    assert "G28 pack_hours_max: 12 -> 0.12" in limits.shortened(0.01, rules=["G28"]).changed_from(
        limits
    )
    assert len(limits.shortened(0.01, rules=["G28"]).changed_from(limits)) == 1


@pytest.mark.parametrize("factor", [0, -1, 1.5, float("nan")])
def test_shortening_by_nonsense_is_refused(limits: Limits, factor: float) -> None:
    with pytest.raises(ValueError, match="factor"):
        limits.shortened(factor)


def test_single_values_can_be_overridden(limits: Limits) -> None:
    changed = limits.overridden(
        {"G28": {"pack_hours_max": 0.5}, "alarm": {"settle_minutes": 0}}, sop_version="check"
    )
    assert changed.changed_from(limits) == (
        "alarm settle_minutes: 15 -> 0",
        "G28 pack_hours_max: 12 -> 0.5",
    )
    assert changed.sop_version == "check"
    assert changed.rule("G28").action_en == limits.rule("G28").action_en


@pytest.mark.parametrize(
    "changes",
    [{"G99": {"x": 1}}, {"G28": {"packing_hours_max": 1}}, {"G28": {"pack_hours_max": "long"}}],
)
def test_overriding_what_is_not_there_is_refused(
    limits: Limits, changes: dict[str, dict[str, float | str]]
) -> None:
    with pytest.raises(NoSuchLimit):
        limits.overridden(changes, sop_version="check")


@pytest.mark.parametrize(
    ("rule", "key", "value"),
    [
        ("G28", "pack_hours_max", -1),
        ("G28", "pack_hours_max", 1e9),
        ("alarm", "p1_notify_minutes", (0, -1)),
        ("alarm", "p1_notify_minutes", (0, 10**12)),
    ],
)
def test_a_duration_below_nothing_or_beyond_a_century_is_refused(
    limits: Limits, rule: str, key: str, value: Value
) -> None:
    with pytest.raises(ConfigWrong, match=f"{key}: must"):
        limits.overridden({rule: {key: value}}, sop_version="check")


def test_a_changed_file_follows_the_version_before_it(limits: Limits) -> None:
    content: Any = json.loads(json.dumps(as_dict(limits)))
    content["rule"][27]["owners"] = ["quality"]
    content["rule"][27]["limits"]["pack_hours_max"] = 8
    later = from_dict(content).following(limits)

    assert later.version == 2
    assert later.changed_from(limits) == (
        "G28 pack_hours_max: 12 -> 8",
        "G28 owners: ['phlebotomist'] -> ['quality']",
    )


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda rules: rules.pop(), "G68: changes_max: is missing, was number"),
        (
            lambda rules: rules.append({**rules[67], "id": "G99"}),
            "G99: changes_max: is number, was unknown",
        ),
        (
            lambda rules: rules[27]["limits"].pop("pack_hours_max"),
            "G28: pack_hours_max: is missing, was number",
        ),
        (
            lambda rules: rules[27]["limits"].update(packing_hours_max=1),
            "G28: packing_hours_max: is number, was unknown",
        ),
        (
            lambda rules: rules[8]["limits"].update(consents_required=3),
            "G09: consents_required: is number, was words",
        ),
    ],
)
def test_a_file_with_other_names_follows_no_version(
    limits: Limits, damage: Callable[[Any], Any], says: str
) -> None:
    content: Any = json.loads(json.dumps(as_dict(limits)))
    damage(content["rule"])
    with pytest.raises(ConfigWrong, match=says):
        from_dict(content).following(limits)


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda whole, rule: rule.pop("title_es"), "rule G28: title_es: is missing"),
        (lambda whole, rule: rule.update(title_es=" "), "rule G28: title_es: must not be empty"),
        (lambda whole, rule: rule.update(titel="x"), "rule G28: nobody knows the key titel"),
        (lambda whole, rule: rule.update(family="odd"), "rule G28: family: 'odd' is none of"),
        (lambda whole, rule: rule.update(blocking="no"), "rule G28: blocking: must be true"),
        (lambda whole, rule: rule.update(owners=[]), "rule G28: owners"),
        (lambda whole, rule: rule.update(owners=["a", "a"]), "rule G28: owners: names one"),
        (lambda whole, rule: rule.update(owners="manager"), "rule G28: owners: must be a list"),
        (lambda whole, rule: rule["severity"][0].update(priority="P9"), "priority: 'P9'"),
        (lambda whole, rule: rule.update(severity=[]), "rule G28: severity: must hold at least"),
        (lambda whole, rule: rule.update(limits=3), "rule G28: limits: must be a table"),
        (lambda whole, rule: rule["limits"].update(pack_hours_max="12"), "pack_hours_max: a dur"),
        (lambda whole, rule: rule["limits"].update(pack_hours_max=True), "pack_hours_max: must"),
        (lambda whole, rule: rule["limits"].update(wait_hours=float("inf")), "wait_hours: must"),
        (lambda whole, rule: rule["limits"].update(odd=[1, "x"]), "odd: must hold numbers only"),
        (lambda whole, rule: whole.update(version=0), "limits: version: must be 1 or more"),
        (lambda whole, rule: whole.update(version="1"), "limits: version: must be a whole"),
        (lambda whole, rule: whole["rule"].append(rule), "limits: G28: is there twice"),
        (lambda whole, rule: whole.update(extra=1), "limits: nobody knows the key extra"),
    ],
)
def test_a_wrong_file_says_which_key(
    limits: Limits, damage: Callable[[Any, Any], object], says: str
) -> None:
    content: Any = json.loads(json.dumps(as_dict(limits)))
    damage(content, content["rule"][27])
    with pytest.raises(ConfigWrong) as wrong:
        from_dict(content)
    assert says in str(wrong.value)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigWrong, match=r"nowhere\.toml"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "broken.toml").write_text("version = = 1", encoding="utf-8")
    with pytest.raises(ConfigWrong, match=r"broken\.toml"):
        load(tmp_path / "broken.toml")
    (tmp_path / "latin.toml").write_bytes(b'version = "\xe9"')
    with pytest.raises(ConfigWrong, match=r"latin\.toml"):
        load(tmp_path / "latin.toml")
