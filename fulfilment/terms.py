"""How long a task runs: spans of months, their last days, what a programme allows. Pure.

A term of months begins on the day the list is published and ends on the day of the same number
(民法典 第二百零一条, 第二百零二条: the first day is not counted; where a month has no such day, its
last one counts). That day is inclusive; ``until`` gives the exclusive end, its next midnight.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime

from calls.programme import Step, Task, closing

WORKING = (Step.CONTRACT, Step.TASK)
"""A programme with one of these has tasks."""


def has_tasks(steps: tuple[Step, ...]) -> bool:
    return any(step in steps for step in WORKING)


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or the last of that month."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day(starts_on: date, task: Task | None) -> date | None:
    """The last day of the term; None where the programme states no length."""
    if task is None or task.months is None:
        return None
    return months_after(starts_on, task.months)


def until(last: date) -> datetime:
    """The exclusive end of a last day: the next midnight, +08:00."""
    return closing(last)


def overdue(due_on: date | None, today: date) -> bool:
    """Whether the last day has gone by."""
    return due_on is not None and today > due_on


def limit(starts_on: date, task: Task | None) -> date | None:
    """The last day a term may reach by the programme; None where it states none, or a soft one.

    A hard length is the limit itself. A soft one (原则上) goes as far as ``longest_months``.
    """
    if task is None or task.months is None:
        return None
    if task.longest_months is not None:
        return months_after(starts_on, task.longest_months)
    return None if task.soft else months_after(starts_on, task.months)
