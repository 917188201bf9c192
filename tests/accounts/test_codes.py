"""统一社会信用代码: what people type is folded, what is wrong is said."""

import pytest

from accounts import codes
from tests import world

GOOD = world.uscc(7)


def full_width(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) for char in text)


@pytest.mark.parametrize(
    "typed",
    [
        GOOD,
        GOOD.lower(),
        full_width(GOOD),
        f"  {GOOD[:8]} {GOOD[8:12]}　{GOOD[12:]}\n",
        f"{GOOD[:8]}-{GOOD[8:]}",
        f"{GOOD[:4]}\u200b{GOOD[4:]}\ufeff",
    ],
)
def test_what_people_type_is_folded_to_one_form(typed):
    assert codes.folded(typed) == GOOD
    assert codes.problem(GOOD) == ""


def test_a_wrong_length_is_said_with_the_number_of_characters():
    assert "应为 18 位，您填了 17 位" in codes.problem(GOOD[:-1])


@pytest.mark.parametrize("char", "IOSVZ中")
def test_a_character_that_never_occurs_is_named(char):
    assert f"“{char}”" in codes.problem(GOOD[:10] + char + GOOD[11:])


def test_a_wrong_check_digit_is_said_to_be_that():
    wrong = GOOD[:-1] + ("1" if GOOD[-1] != "1" else "2")
    assert "校验位不对" in codes.problem(wrong)


def test_two_digits_exchanged_are_found():
    swapped = GOOD[:9] + GOOD[10] + GOOD[9] + GOOD[11:]
    assert GOOD[9] != GOOD[10]
    assert codes.problem(swapped) != ""


def test_letters_where_the_region_stands_are_refused():
    assert "前 8 位" in codes.problem("91A" + GOOD[3:])


def test_the_region_is_read_from_the_code():
    assert codes.region_of(world.uscc(3, region="420100")) == "420100"
