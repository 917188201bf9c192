"""Reminders before and after a report's or milestone's day: once each, none after it is done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from audit import services as audit
from audit.services import CLOCK
from fulfilment import letters
from fulfilment.models import Milestone, Reminder, Report, Task
from fulfilment.services import ground
from fulfilment.states import State

REPORTS = (-14, -3, 1, 8)
MILESTONES = (-7, 1)
"""Days from the last day: before it (negative) and after it."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something with a day that is not done."""

    what: str
    title: str
    due_on: date
    offsets: tuple[int, ...]


def fire_due(*, at: datetime) -> int:
    """Queue what is due now, for tasks that run. Returns the number of letters.

    After an outage only the latest of an occasion goes out, the others are noted as passed over.
    Running it twice sends nothing twice.
    """
    running = (
        Task.objects.filter(state=State.UNDER_WAY)
        .exclude(reports__isnull=True, milestones__isnull=True)
        .distinct()
        .values_list("pk", flat=True)
    )
    return sum(_of_task(pk, at=at) for pk in list(running))


@transaction.atomic
def _of_task(pk: int, *, at: datetime) -> int:
    task = (
        Task.objects.select_for_update(of=("self",))
        .select_related("application__call", "application__organisation")
        .filter(pk=pk, state=State.UNDER_WAY)
        .first()
    )
    if task is None:
        return 0
    today = ground.day(task, at)
    fired = {(one.what, one.due_on, one.offset) for one in Reminder.objects.filter(task=task)}
    return sum(_fire(task, one, fired, today=today, at=at) for one in _occasions(task))


def _occasions(task: Task) -> Iterable[Occasion]:
    for report in task.reports.filter(state__in=Report.WAITING).exclude(due_on=None):
        report.task = task
        assert report.due_on is not None
        yield Occasion(f"report:{report.pk}", report.title, report.due_on, REPORTS)
    for node in Milestone.objects.filter(task=task, done_on=None):
        yield Occasion(f"milestone:{node.pk}", f"节点“{node.title}”", node.due_on, MILESTONES)


def _fire(
    task: Task,
    one: Occasion,
    fired: set[tuple[str, date, int]],
    *,
    today: date,
    at: datetime,
) -> int:
    past = (today - one.due_on).days
    due = [
        offset
        for offset in one.offsets
        if offset <= past and (one.what, one.due_on, offset) not in fired
    ]
    if not due:
        return 0
    latest = max(due)
    count = letters.remind(
        task, what=one.what, title=one.title, due_on=one.due_on, offset=latest, past=past, at=at
    )
    Reminder.objects.bulk_create(
        Reminder(
            task=task,
            what=one.what,
            due_on=one.due_on,
            offset=offset,
            fired_at=at,
            skipped=offset != latest,
            letters=count if offset == latest else 0,
        )
        for offset in due
    )
    audit.record(
        actor=CLOCK,
        action="fulfilment.remind",
        subject=task,
        at=at,
        what=one.what,
        offset=latest,
        letters=count,
    )
    return count
