"""The pulse: before a visit, after it when the report is due, when a second look is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from audit import services as audit
from audit.services import CLOCK
from calls import calendar
from calls import services as calls
from calls.programme import CHINA, closing
from visits import letters, queries, stages
from visits.models import Finding, Report, Visit
from visits.services import moving
from visits.stages import VisitState

BEFORE = timedelta(days=2)
AGAIN = timedelta(days=3)
"""How long after the last reminder of an overdue report or a second look the next one goes."""
REPORT_DAYS = 5
"""Working days until the report is due where the programme states none."""
ENDS = timedelta(days=30)
"""An overdue report is reminded of for so long."""


def report_due(visit: Visit) -> datetime:
    """The end of the day on which the signed report is due, in the call's own time."""
    rules = visit.call.programme.site_visit
    days = (rules.report_days if rules else None) or REPORT_DAYS
    ended = visit.ends_at.astimezone(CHINA).date()
    try:
        last = calendar.add_working_days(
            ended, days, first_day_counts=False, overrides=calls.overrides()
        )
    except calendar.UnknownYear:
        last = ended + timedelta(days=days + 2)
    return closing(last)


def remind(*, at: datetime) -> int:
    """Queue what is due; how many visits were reminded of. A second run finds none left."""
    count = 0
    for pk in _candidates():
        count += _remind(pk, at=at)
    return count


def _candidates() -> list[int]:
    waiting = Q(state__in=[VisitState.PLANNED, VisitState.CONFIRMED, VisitState.CONCLUDED])
    second = Q(
        state=VisitState.DONE,
        followed_by=None,
        reports__voided_at=None,
        reports__result=Report.Result.RECHECK,
    )
    found = Visit.objects.filter(waiting | second, call__state="open")
    return list(found.order_by("pk").values_list("pk", flat=True).distinct())


@transaction.atomic
def _remind(pk: int, *, at: datetime) -> int:
    visit = moving.lock(Visit(pk=pk))
    now = visit.call.time(at)
    if visit.is_done:
        return _second_look(visit, now, at=at)
    if visit.state in stages.AHEAD and now < visit.starts_at:
        return _before(visit, now, at=at)
    return _overdue(visit, now, at=at)


def _before(visit: Visit, now: datetime, *, at: datetime) -> int:
    """Two days before, once for each date that was set. Not when it was planned later than that."""
    if visit.reminded_at is not None or now < visit.starts_at - BEFORE:
        return 0
    visit.reminded_at = at
    visit.save(update_fields=["reminded_at"])
    occasion = visit.changes
    letters.to_applicant("remind", visit, occasion=occasion, at=at)
    seats = list(queries.counted_seats(visit))
    letters.to_team("team_remind", visit, seats, occasion=occasion, at=at)
    audit.record(actor=CLOCK, action="visits.remind", subject=visit, at=at, team=len(seats))
    return 1


def _overdue(visit: Visit, now: datetime, *, at: datetime) -> int:
    """To those whose part is missing: a finding, the conclusion, a signature."""
    due = report_due(visit)
    if now < due or now > due + ENDS:
        return 0
    if visit.overdue_at is not None and at - visit.overdue_at < AGAIN:
        return 0
    visit.overdue_at = at
    visit.save(update_fields=["overdue_at"])
    found = queries.report_in_force(visit)
    seats = list(queries.counted_seats(visit))
    if found is not None:
        behind = queries.unsigned(visit, found)
    else:
        handed = set(
            Finding.objects.filter(seat__in=seats, state=Finding.State.SUBMITTED).values_list(
                "seat", flat=True
            )
        )
        behind = [one for one in seats if one.pk not in handed] or [
            one for one in seats if one.lead
        ]
    entry = audit.record(
        actor=CLOCK, action="visits.overdue", subject=visit, at=at, behind=len(behind)
    )
    letters.to_team("overdue", visit, behind, occasion=entry.pk, at=at, due=due)
    return 1


def _second_look(visit: Visit, now: datetime, *, at: datetime) -> int:
    found = queries.report_in_force(visit)
    if found is None or found.due is None or now < closing(found.due):
        return 0
    if visit.due_at is not None and at - visit.due_at < AGAIN:
        return 0
    if now > closing(found.due) + ENDS:
        return 0
    visit.due_at = at
    visit.save(update_fields=["due_at"])
    entry = audit.record(actor=CLOCK, action="visits.recheck_due", subject=visit, at=at)
    letters.to_organiser("recheck_due", visit, occasion=entry.pk, at=at, report=found)
    return 1
