"""Working days with 调休: the six checks of published periods, and what is refused."""

import datetime as dt

import pytest

from calls import calendar


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2022-08-05", 5, "2022-08-11"),
        ("2018-09-28", 5, "2018-10-09"),
        ("2021-09-30", 5, "2021-10-12"),
        ("2023-09-28", 5, "2023-10-10"),
        ("2024-02-08", 5, "2024-02-20"),
        ("2025-09-26", 7, "2025-10-11"),
    ],
)
def test_a_period_ends_on_its_last_working_day(start: str, count: int, end: str) -> None:
    assert calendar.add_working_days(day(start), count) == day(end)


def test_a_period_of_one_day_is_its_first_working_day() -> None:
    assert calendar.add_working_days(day("2022-08-05"), 1) == day("2022-08-05")
    assert calendar.add_working_days(day("2022-08-06"), 1) == day("2022-08-08")


def test_the_first_day_can_be_left_out() -> None:
    end = calendar.add_working_days(day("2022-08-05"), 5, first_day_counts=False)
    assert end == day("2022-08-12")


def test_a_start_on_a_rest_day_does_not_count_either_way() -> None:
    for counts in (True, False):
        end = calendar.add_working_days(day("2022-08-06"), 5, first_day_counts=counts)
        assert end == day("2022-08-12")


def test_a_period_of_no_days_is_a_defect() -> None:
    with pytest.raises(ValueError, match="at least one"):
        calendar.add_working_days(day("2022-08-05"), 0)


def test_an_override_wins_over_the_calendar_both_ways() -> None:
    rest = {day("2022-08-08"): False}
    work = {day("2022-08-06"): True}
    assert calendar.add_working_days(day("2022-08-05"), 5, overrides=rest) == day("2022-08-12")
    assert calendar.add_working_days(day("2022-08-05"), 5, overrides=work) == day("2022-08-10")


def test_a_saturday_that_is_worked_is_a_working_day() -> None:
    assert calendar.is_working_day(day("2018-09-29"))
    assert calendar.weekend_or_holiday(day("2018-09-29")) is None


@pytest.mark.parametrize(
    ("when", "why"),
    [
        ("2018-06-30", "星期六"),
        ("2021-11-28", "星期日"),
        ("2021-10-01", "国庆节假期"),
        ("2024-02-12", "春节假期"),
        ("2021-11-15", None),
    ],
)
def test_a_rest_day_says_why(when: str, why: str | None) -> None:
    assert calendar.weekend_or_holiday(day(when)) == why


def test_an_overridden_rest_day_says_where_that_comes_from() -> None:
    overrides = {day("2021-11-15"): False}
    assert (
        calendar.weekend_or_holiday(day("2021-11-15"), overrides=overrides) == "休息日（日历补录）"
    )


@pytest.mark.parametrize("when", ["2003-06-02", "2071-03-02"])
def test_a_year_without_data_is_refused_with_the_way_out(when: str) -> None:
    for ask in (calendar.is_working_day, calendar.weekend_or_holiday):
        with pytest.raises(calendar.UnknownYear) as refusal:
            ask(day(when))
        assert f"{day(when).year}年的放假调休安排尚未收录" in refusal.value.message
        assert "工作日历" in refusal.value.message


def _last_known_year() -> int:
    year = 2024
    while True:
        try:
            calendar.is_working_day(dt.date(year + 1, 6, 1))
        except calendar.UnknownYear:
            return year
        year += 1


def test_a_period_that_runs_into_an_unknown_year_is_refused() -> None:
    year = _last_known_year()
    with pytest.raises(calendar.UnknownYear) as refusal:
        calendar.add_working_days(dt.date(year, 12, 24), 10)
    assert refusal.value.year == year + 1


def test_the_days_before_an_unknown_new_year_are_not_guessed() -> None:
    year = _last_known_year()
    calendar.is_working_day(dt.date(year, 12, 28))
    with pytest.raises(calendar.UnknownYear):
        calendar.is_working_day(dt.date(year, 12, 29))


def test_overrides_alone_carry_a_period_through_an_unknown_year() -> None:
    days = {dt.date(2071, 3, 1) + dt.timedelta(days=n): n % 7 < 5 for n in range(14)}
    assert calendar.add_working_days(dt.date(2071, 3, 1), 6, overrides=days) == dt.date(2071, 3, 8)
