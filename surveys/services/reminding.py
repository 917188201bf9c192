"""Reminders by the clock: so many days before the end, once each, never to who has answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from audit import services as audit
from audit.services import CLOCK
from surveys import queries
from surveys.models import Request, Survey
from surveys.services.asking import remind_all


def fire_due(*, at: datetime) -> int:
    """Queue what is due; how many units were written to. A second run finds nobody left.

    After an outage only the latest of several missed reminders goes out.
    """
    count = 0
    for survey in Survey.objects.filter(state=Survey.State.OPEN):
        count += _fire(survey, at=at)
    return count


@transaction.atomic
def _fire(survey: Survey, *, at: datetime) -> int:
    days = survey.spec.dates.remind_days
    if not days:
        return 0
    near = Request.objects.select_for_update().filter(
        survey=survey,
        state__in=queries.OPEN_STATES,
        until__gt=at,
        until__lte=at + timedelta(days=max(days)),
    )
    wanted = []
    for one in near:
        since = _fell_due(one, days, at)
        # Who was told, or reminded by hand, since it fell due has just heard.
        if (
            one.sent_at
            and one.sent_at < since
            and not (one.reminded_at and one.reminded_at >= since)
        ):
            wanted.append(one)
    count = remind_all(wanted, at=at)
    if count:
        audit.record(actor=CLOCK, action="surveys.remind", subject=survey, at=at, units=count)
    return count


def _fell_due(request: Request, days: Iterable[int], at: datetime) -> datetime:
    """The latest instant up to now at which a reminder of this request was due."""
    return max(
        moment for before in days if (moment := request.until - timedelta(days=before)) <= at
    )
