"""Working days of the mainland calendar, with 调休. Pure: days in, days out.

The one place that asks the ``chinesecalendar`` data. What the office knows better is passed in
as ``overrides``: a day to true (works) or false (rests). A year whose arrangement is not
published is refused, never guessed.
"""

import datetime as dt
from collections.abc import Mapping

import chinese_calendar

from core.errors import Refusal

WEEKDAYS = ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日")
NEW_YEAR_SPILL = dt.timedelta(days=3)
"""The arrangement of a New Year moves days back to 29 December of the year before."""
NO_OVERRIDES: Mapping[dt.date, bool] = {}


class UnknownYear(Refusal):
    """The holiday arrangement of a year is not known here, so nothing is counted."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(
            "calendar_unknown_year",
            f"{year}年的放假调休安排尚未收录，无法计算工作日。"
            f"请主管部门先在工作日历中补录{year}年的安排，或直接填写截止日期。",
        )


def is_working_day(day: dt.date, *, overrides: Mapping[dt.date, bool] = NO_OVERRIDES) -> bool:
    """Whether people work on this day. Raises ``UnknownYear``."""
    if day in overrides:
        return overrides[day]
    for known in (day, day + NEW_YEAR_SPILL):
        try:
            chinese_calendar.is_workday(known)
        except NotImplementedError as error:
            raise UnknownYear(known.year) from error
    return bool(chinese_calendar.is_workday(day))


def add_working_days(
    start: dt.date,
    n: int,
    *,
    first_day_counts: bool = True,
    overrides: Mapping[dt.date, bool] = NO_OVERRIDES,
) -> dt.date:
    """The last day of a period of ``n`` working days that begins on ``start``.

    ``start`` is the first of them when it is a working day and ``first_day_counts``; otherwise
    counting begins with the next working day. Raises ``UnknownYear``, and ``ValueError`` for a
    period of no day.
    """
    if n < 1:
        raise ValueError(f"a period needs at least one working day, not {n}")
    day = start if first_day_counts else start + dt.timedelta(days=1)
    left = n
    while True:
        if is_working_day(day, overrides=overrides):
            left -= 1
            if left == 0:
                return day
        day += dt.timedelta(days=1)


def weekend_or_holiday(
    day: dt.date, *, overrides: Mapping[dt.date, bool] = NO_OVERRIDES
) -> str | None:
    """Why nobody works on this day (星期六, 国庆节假期 …), or None for a working day.

    For the warning when a deadline is set. Raises ``UnknownYear``.
    """
    if is_working_day(day, overrides=overrides):
        return None
    if day in overrides:
        return "休息日（日历补录）"
    _, name = chinese_calendar.get_holiday_detail(day)
    holidays = {holiday.value: holiday.chinese for holiday in chinese_calendar.Holiday}
    if name in holidays:
        return f"{holidays[name]}假期"
    return WEEKDAYS[day.weekday()]
