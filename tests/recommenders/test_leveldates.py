"""Whose date binds."""

from datetime import datetime, timedelta, timezone

from recommenders.leveldates import LevelDate, effective, too_late

CHINA = timezone(timedelta(hours=8))
MINISTRY = LevelDate(datetime(2021, 12, 1, tzinfo=CHINA), "主管部门")
PROVINCE = LevelDate(datetime(2021, 11, 20, tzinfo=CHINA), "示例省")
CITY = LevelDate(datetime(2021, 11, 18, tzinfo=CHINA), "示例市")


def test_the_earliest_date_of_the_chain_is_in_force():
    assert effective(MINISTRY, [PROVINCE, CITY]) == CITY
    assert effective(MINISTRY, []) == MINISTRY


def test_a_later_date_of_a_level_never_extends_the_ministrys():
    late = LevelDate(datetime(2021, 12, 2, tzinfo=CHINA), "示例省")
    assert effective(MINISTRY, [late]) == MINISTRY
    assert "不能晚于" in too_late(MINISTRY, late.until)
    assert too_late(MINISTRY, PROVINCE.until) == ""


def test_at_equal_dates_the_ministrys_is_named():
    assert effective(MINISTRY, [LevelDate(MINISTRY.until, "示例省")]) == MINISTRY


def test_without_any_date_there_is_none():
    assert effective(None, []) is None
