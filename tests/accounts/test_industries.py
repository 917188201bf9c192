"""GB/T 4754-2017: what the table holds, and finding in it."""

import re
from collections import Counter

import pytest

from accounts import industries, lookup


def test_the_table_has_every_entry_of_the_standard() -> None:
    counts = Counter(len(code) for code in industries.industries())
    assert counts == {1: 20, 2: 97, 3: 473, 4: 1381}
    parents = {one.parent for one in industries.industries().values()}
    assert all(code in parents for code in industries.industries() if len(code) < 4)


def test_every_entry_stands_below_its_parent() -> None:
    known = industries.industries()
    for code, one in known.items():
        assert re.fullmatch(r"[A-T]|\d{2,4}", code)
        assert one.name == one.name.strip() != ""
        if len(code) == 1:
            assert one.parent == ""
        else:
            assert one.parent in known
            assert len(code) == 2 or one.parent == code[:-1]
    assert [one.parent for one in known.values() if len(one.code) == 2] == sorted(
        one.parent for one in known.values() if len(one.code) == 2
    )


@pytest.mark.parametrize(
    ("code", "name", "path"),
    [
        ("39", "计算机、通信和其他电子设备制造业", ("制造业",)),
        ("652", "集成电路设计", ("信息传输、软件和信息技术服务业", "软件和信息技术服务业")),
        (
            "3983",
            "敏感元件及传感器制造",
            ("制造业", "计算机、通信和其他电子设备制造业", "电子元件及电子专用材料制造"),
        ),
        ("3491", "工业机器人制造", ("制造业", "通用设备制造业", "其他通用设备制造业")),
    ],
)
def test_a_code_has_its_name_and_its_path(code: str, name: str, path: tuple[str, ...]) -> None:
    assert industries.name_of(code) == name
    assert industries.path_of(code) == path
    assert industries.label_of(code) == f"{code} {name}"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("3983", "3983"),
        ("Ｃ３９８３", "3983"),
        ("3983 敏感元件及传感器制造", "3983"),
        ("集成电路设计", "6520"),
        ("应用软件开发", "6513"),
        ("39", "39"),
        ("9999", None),
        ("05199", None),
        ("3980", None),
        ("C", None),
        ("造梦业", None),
        ("", None),
    ],
)
def test_what_people_type_becomes_a_code(typed: str, code: str | None) -> None:
    assert industries.find(typed) == code


def test_an_entry_lies_in_what_stands_above_it() -> None:
    assert industries.lies_in("3983", "39")
    assert industries.lies_in("3983", "C")
    assert industries.lies_in("3983", "3983")
    assert not industries.lies_in("6513", "C")
    assert not industries.lies_in("39", "3983")
    assert not industries.lies_in("39", "")


def test_a_search_finds_by_name_code_letter_and_initials() -> None:
    assert [one.code for one in industries.search("传感器")] == ["3983"]
    assert [one.code for one in industries.search("C398")][:2] == ["398", "3981"]
    assert {one.code for one in industries.search("i")} == {"63", "64", "65"}
    assert "651" in [one.code for one in industries.search("rjkf")]
    assert [one.code for one in industries.search("")][:3] == ["01", "02", "03"]
    assert industries.search("没有这个行业") == ()
    assert len(industries.search("制造")) == lookup.LIMIT + 1
