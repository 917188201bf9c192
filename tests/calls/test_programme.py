"""A programme file is read, or refused with every fault named by file and key."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest

from calls import programme as programmes
from calls.programme import Programme, ProgrammeError, Step
from tests import world

DATA = Path(__file__).parents[1] / "data" / "programmes"
UNLIKE = DATA / "unlike.toml"

SMALL = (DATA / "small.toml").read_text("utf-8")


def small(tmp_path: Path, text: str = SMALL) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_small_programme_is_read(tmp_path: Path) -> None:
    programme = programmes.read(small(tmp_path))
    assert programme.has("review")
    assert not programme.has(Step.PANEL)
    assert programme.step_title("announcement") == "公布名单"
    assert programme.directions[0].indicators[0].value == Decimal("2.50")


def test_a_day_in_the_file_ends_at_the_next_midnight_of_china() -> None:
    shown = programmes.closing(dt.date(2021, 11, 15))
    assert shown.isoformat() == "2021-11-16T00:00:00+08:00"
    assert programmes.Dates.exclusive(dt.date(2021, 12, 31)).isoformat() == (
        "2022-01-01T00:00:00+08:00"
    )
    assert programmes.opening(dt.date(2021, 11, 15)).isoformat() == "2021-11-15T00:00:00+08:00"


def test_every_direction_has_the_implicit_subfield(tmp_path: Path) -> None:
    programme = programmes.read(small(tmp_path))
    found = [(item.key, item.title) for item in programme.directions[0].all_subfields]
    assert found == [("all", "整个方向"), ("north", "东北")]


def test_most_faults_carry_a_chinese_hint(tmp_path: Path) -> None:
    path = small(tmp_path, SMALL.replace("soft = true", "sofd = true"))
    with pytest.raises(ProgrammeError, match="提示：没有这个键，请检查拼写"):
        programmes.read(path)


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    text = SMALL.replace("weight = 60", "weight = 61").replace(
        'class_key = "one"', 'class_key = "x"'
    )
    with pytest.raises(ProgrammeError) as refused:
        programmes.read(small(tmp_path, text))
    assert {p.where for p in refused.value.problems} == {
        "review.criteria",
        "directions.0.class_key",
    }


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="does not exist"):
        programmes.read(tmp_path / "none.toml")


def test_a_file_in_another_encoding_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_bytes(SMALL.encode("gb18030"))
    with pytest.raises(ProgrammeError, match="not UTF-8"):
        programmes.read(path)


INCLUDE = '\n[[sections]]\ninclude = "shared.toml"\n'
SHARED = """
[[sections]]
key = "first"
title = "一"
fields = [
    { key = "a", label = "甲", type = "integer" },
    { key = "b", label = "乙", type = "integer" },
]
rules = [{ rule = "not_greater", left = "a", right = "b", message = "甲不能大于乙" }]

[[sections]]
key = "second"
title = "二"
"""


def test_shared_sections_stand_where_they_are_included(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text(SHARED, "utf-8")
    programme = programmes.read(small(tmp_path, SMALL + INCLUDE))
    assert [section.key for section in programme.sections] == ["main", "first", "second"]


def test_only_and_without_choose_from_what_is_included(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text(SHARED, "utf-8")
    chosen = f'{INCLUDE}only = ["first"]\nwithout = ["first.b"]\n'
    programme = programmes.read(small(tmp_path, SMALL + chosen))
    assert [section.key for section in programme.sections] == ["main", "first"]
    first = programme.section("first")
    assert first is not None
    assert [field.key for field in first.fields] == ["a"]
    assert first.rules == ()


def test_a_fault_in_a_shared_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text(SHARED.replace('title = "二"', 'titel = "二"'), "utf-8")
    with pytest.raises(ProgrammeError) as refused:
        programmes.read(small(tmp_path, SMALL + INCLUDE))
    assert "shared.toml sections.1.titel" in str(refused.value)


def test_a_shared_file_holds_nothing_but_blocks(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text('title = "x"\n' + SHARED, "utf-8")
    with pytest.raises(ProgrammeError, match="only sections and attachments"):
        programmes.read(small(tmp_path, SMALL + INCLUDE))


def test_a_shared_file_does_not_include(tmp_path: Path) -> None:
    (tmp_path / "shared.toml").write_text(SHARED + INCLUDE, "utf-8")
    with pytest.raises(ProgrammeError, match="cannot include"):
        programmes.read(small(tmp_path, SMALL + INCLUDE))


def test_years_of_a_table_come_from_the_programme_unless_it_has_its_own(tmp_path: Path) -> None:
    table = (
        '\n[[sections]]\nkey = "money"\ntitle = "钱"\nfields = [\n'
        '  { key = "a", label = "表", type = "year_table", columns = [{ key = "x", label = "收", '
        'type = "money" }] },\n'
        '  { key = "b", label = "表", type = "year_table", years = [1999], columns = '
        '[{ key = "x", label = "收", type = "money" }] },\n]\n'
    )
    text = SMALL.replace('organiser = "示例局"', 'organiser = "示例局"\nyears = [2028, 2029]')
    programme = programmes.read(small(tmp_path, text + table))
    section = programme.section("money")
    assert section is not None
    assert [field.years for field in section.fields] == [(2028, 2029), (1999,)]


def test_the_copy_in_a_call_is_json_and_comes_back_the_same() -> None:
    programme = programmes.read(UNLIKE)
    copied = json.loads(json.dumps(programmes.to_rules(programme), ensure_ascii=False))
    assert programmes.from_rules(copied) == programme
    assert copied["directions"][1]["indicators"][0]["value"] == "1.5"


def test_a_damaged_copy_is_not_used() -> None:
    rules = programmes.to_rules(programmes.read(UNLIKE))
    rules["review"]["criteria"][0]["weight"] = 99
    with pytest.raises(ProgrammeError, match="add up to 139"):
        programmes.from_rules(rules)


def test_a_programme_is_frozen() -> None:
    programme = programmes.read(UNLIKE)
    with pytest.raises(ValueError, match="frozen"):
        programme.code = "other"  # type: ignore[misc]


def test_a_programme_unlike_any_shipped_is_read_and_answers() -> None:
    programme: Programme = programmes.read(UNLIKE)
    assert [quota.limit for quota in programme.quotas_for("city")] == [1, 1]
    assert programme.quotas_for("province") == ()
    assert programme.recommender_kinds == ("city", "industry_body")
    assert [tier.key for tier in programme.tiers_of("selection")] == ["winner_now", "potential"]
    assert [cap.limit for cap in programme.caps_for("winner_now")] == [1]
    assert programme.step_title(Step.PANEL) == "路演"
    assert programme.document("letter") is None
    assert programme.section("money").field("year").years == (2030,)  # type: ignore[union-attr]


def test_two_files_of_one_code_are_an_error(tmp_path: Path) -> None:
    for name in ("a.toml", "b.toml"):
        (tmp_path / name).write_text(SMALL, "utf-8")
    with pytest.raises(ProgrammeError, match="already used by"):
        programmes.catalogue(tmp_path)


def test_the_same_rules_are_read_once_and_changed_rules_anew():
    rules = programmes.to_rules(world.programme())
    first = programmes.kept(rules)
    assert programmes.kept(programmes.to_rules(world.programme())) is first
    changed = programmes.kept({**rules, "title": "另一项工作"})
    assert (changed.title, programmes.kept(rules).title) == ("另一项工作", first.title)


def test_damaged_rules_are_told_each_time():
    rules = {**programmes.to_rules(world.programme()), "title": 3}
    for _ in range(2):
        with pytest.raises(programmes.ProgrammeError):
            programmes.kept(rules)
