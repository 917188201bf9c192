"""Half hours and half days: when a person is taken, and when the next visit can be. Pure.

A visit begins and ends on a half hour. A person holds each half hour once; the rows of
``models.HeldSlot`` keep that in the database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from calls.programme import CHINA
from core.errors import Refusal

SLOT = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
MORNING, AFTERNOON = time(9, 0), time(14, 0)


def check_span(starts_at: datetime, ends_at: datetime) -> None:
    """Raises ``Refusal`` (422) ``off-the-half-hour`` or ``bad-span``."""
    for instant in (starts_at, ends_at):
        if instant.minute % 30 or instant.second or instant.microsecond:
            raise Refusal("off-the-half-hour", "开始和结束时间须为整点或半点，请修改。", status=422)
    if not timedelta(0) < ends_at - starts_at <= LONGEST:
        raise Refusal("bad-span", "结束时间须晚于开始时间，且一次不超过 12 小时。", status=422)


def of_span(starts_at: datetime, ends_at: datetime) -> list[datetime]:
    """The beginnings of the half hours of ``[starts_at, ends_at)``."""
    count = (ends_at - starts_at) // SLOT
    return [starts_at + SLOT * n for n in range(count)]


def half_days(first: date, *, afternoon: bool, works: Callable[[date], bool]) -> Iterator[datetime]:
    """Mornings and afternoons of working days from a half day on, without end.

    ``first`` itself is taken as it was chosen, also when nobody works on it; what follows skips
    days on which nobody works.
    """
    day = first
    while True:
        if day == first or works(day):
            if not (day == first and afternoon):
                yield datetime.combine(day, MORNING, CHINA)
            yield datetime.combine(day, AFTERNOON, CHINA)
        day += timedelta(days=1)


def week_of(day: date) -> date:
    """The Monday of the week in which a day lies."""
    return day - timedelta(days=day.weekday())
