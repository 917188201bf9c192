"""How long a task runs: spans of months, their last days, what a programme allows. Pure.

A term of months begins on the day the list is published and ends on the day of the same number
(民法典 第二百零一条, 第二百零二条: the first day is not counted; where a month has no such day, its
last one counts). That day is inclusive; ``until`` gives the exclusive end, its next midnight.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calls.programme import CHINA, Reports, Step, Task, closing
from core import days

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


@dataclass(frozen=True, slots=True)
class Span:
    """One report that is due: what it is about (both days included) and its last day."""

    number: int
    covers_from: date
    covers_to: date
    due_on: date


def report_spans(starts_on: date, due_on: date | None, reports: Reports | None) -> list[Span]:
    """The periodic reports of a term; none where no interval is stated or no end is known.

    What ends on the last day of the term or after it is told by the last report instead.
    """
    if reports is None or reports.every_months is None or due_on is None:
        return []
    found: list[Span] = []
    first = starts_on
    while True:
        number = len(found) + 1
        last = months_after(starts_on, number * reports.every_months)
        if last >= due_on:
            return found
        due = last + timedelta(days=reports.within_days)
        found.append(Span(number, first, last, due))
        first = last + timedelta(days=1)


def final_due(due_on: date | None, task: Task | None) -> date | None:
    """The last day for the last report: the end of the term, or of the months in which
    acceptance must be asked for."""
    if due_on is None:
        return None
    if task is not None and task.acceptance_within_months:
        return months_after(due_on, task.acceptance_within_months)
    return due_on


def day_of(instant: datetime) -> date:
    """The day of an instant in China."""
    return instant.astimezone(CHINA).date()


def words(day: date | str | None) -> str:
    """A day as people and official papers say it: 2021年11月15日."""
    if isinstance(day, str):
        day = date.fromisoformat(day) if day else None
    return days.in_words(day) if day else "未定"
