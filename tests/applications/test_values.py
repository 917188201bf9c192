"""What people type and paste, and what is kept of it."""

import pytest

from applications.content import values
from applications.content.values import Unreadable
from calls.programme import Choice
from core.lengths import characters


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("１２，４８０．５", "12480.50"),
        (" 12 480.50 ", "12480.50"),
        ("12,480", "12480.00"),
        ("1,2480", "12480.00"),
        ("−218.6", "-218.60"),
        ("0012", "12.00"),
        ("-0", "0.00"),
        ("\u3000", None),
        ("", None),
    ],
)
def test_money_is_folded_and_kept_as_a_decimal_string(typed, kept):
    assert values.parse("money", typed, decimals=2) == kept


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("money", "12480万元", "万元"),
        ("integer", "一百", "一百"),
        ("integer", "12.5", "整数"),
        ("money", "12.345", "最多 2 位小数"),
        ("money", "12,5", "千位分隔"),
        ("money", "1.2.3", "小数点"),
        ("decimal", "1e5", "e"),
        ("integer", "9" * 40, "数字过大"),
        ("decimal", ".", "完整的数字"),
    ],
)
def test_what_is_no_number_is_refused_with_its_reason(kind, typed, told):
    with pytest.raises(Unreadable, match=told):
        values.parse(kind, typed)


@pytest.mark.parametrize(
    "typed", ["2021-11-15", "2021/11/15", "2021.11.15", "２０２１年１１月１５日", "20211115"]
)
def test_dates_are_read_as_people_write_them(typed):
    assert values.parse("date", typed) == "2021-11-15"


def test_a_day_that_does_not_exist_is_refused():
    with pytest.raises(Unreadable, match="没有这一天"):
        values.parse("date", "2021-02-30")


def test_a_month_may_come_with_or_without_a_day():
    assert values.parse("month", "2021年3月") == "2021-03"
    assert values.parse("month", "2021-03-01") == "2021-03"


def test_the_credit_code_is_folded_and_its_check_digit_tested():
    assert values.parse("uscc", " ９１４４0300 1922 0382 16 ") == "914403001922038216"
    with pytest.raises(Unreadable, match="现为 17 位"):
        values.parse("uscc", "91440300192203821")
    with pytest.raises(Unreadable, match="“O”"):
        values.parse("uscc", "91440300192203821O")
    with pytest.raises(Unreadable, match="校验"):
        values.parse("uscc", "914403001922038217")


def test_a_percentage_may_carry_its_sign():
    assert values.parse("percent", "17.15％") == "17.15"


def test_white_space_is_not_counted_in_characters():
    assert characters("面向 工业\n听诊　的") == 7


def test_text_keeps_rare_characters_and_loses_control_characters():
    assert values.parse("text", "陈\x00旻玥𠮷\u200b ") == "陈旻玥𠮷"


def test_nothing_typed_ever_breaks_the_reader():
    kinds = [
        "integer",
        "decimal",
        "money",
        "percent",
        "date",
        "month",
        "uscc",
        "phone",
        "email",
        "region",
        "industry",
        "choice",
        "boolean",
        "text",
        "longtext",
    ]
    nasty = [
        "\ud800",
        "\x00",
        "²",
        "٣",
        "½",
        "NaN",
        "Infinity",
        "-",
        "+",
        "9" * 5000,
        "<script>",
        "２０２１",
        "🀄",
        "\u202e12",
        "1" + "," * 50,
        "0x10",
        "--1",
        "1-",
        "Ⅷ",
    ]
    for kind in kinds:
        for text in nasty:
            try:
                values.parse(kind, text, choices=[Choice(key="a", title="甲")])
            except Unreadable as problem:
                assert str(problem)


@pytest.mark.parametrize("stored", ["9" * 400, "1e999999", "1e-999999", "NaN", "Infinity", "-", []])
def test_a_stored_number_of_no_sane_size_is_none(stored):
    assert values.number(stored) is None
    assert values.grouped(stored) == ""


def test_rounding_holds_for_the_largest_sane_numbers():
    assert values.rounded(values.number("9" * 60 + ".995"), 2) == int("9" * 60) + 1


def test_controls_and_turning_marks_are_dropped_and_tabs_and_lines_stay():
    assert values.tidy("甲\x00乙\x9f丙\u202e丁\ud800\t戊\r\n己") == "甲乙丙丁\t戊\n己"
    assert characters("甲 乙\u3000丙\n丁\tAB") == 6
    assert values.fold("１２ 3\u200b") == values.fold("12 3") == "123"
